// SPDX-License-Identifier: BSL-1.0
//
// Cuts what a connection brings into POST requests.
#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace receiver {

/// A request that is whole.
struct post_request {
    std::string encoding;  ///< its Content-Encoding in lower case; empty: none
    std::string type;      ///< its Content-Type in lower case, without parameters; empty: unsaid
    std::string message;   ///< the parameter `proto` of its Content-Type in lower case, or empty
    std::string version;   ///< its X-Prometheus-Remote-Write-Version, or empty
    std::string_view body;
};

/// One connection, as its bytes come.
class post_requests {
public:
    /// Lines are taken as they come; so many bytes of them may come in one body.
    static constexpr std::uint64_t longest_lines = std::uint64_t{1} << 30U;

    /// @param longest_body  that is taken, in bytes
    explicit post_requests(std::uint64_t longest_body = longest_lines)
        : longest_body_{longest_body} {}

    /// Whether a connection that begins so brings requests; nothing while that is not known.
    static std::optional<bool> begin_with(std::string_view text) {
        constexpr std::string_view start = "POST /";
        const std::size_t n = std::min(text.size(), start.size());
        if (text.substr(0, n) != start.substr(0, n)) {
            return false;
        }
        return n == start.size() ? std::optional{true} : std::nullopt;
    }

    /// Calls on_request(request) for each request that is whole. Returns a sentence when what came
    /// is no request that it understands: nobody knows where the next one begins.
    template <class OnRequest>
    std::string_view take(std::string_view bytes, OnRequest on_request) {
        begun_.append(bytes);
        for (;;) {
            const std::size_t end = begun_.find("\r\n\r\n");
            if (end == std::string::npos) {
                return begun_.size() < longest_head ? "" : "The head of the request is too long.";
            }
            std::string head = begun_.substr(0, end + 2);
            if (!head.starts_with("POST /")) {
                return "The request is no POST.";
            }
            std::ranges::transform(head, head.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            const auto size = number(field(head, "content-length"));
            if (!size) {
                return "The request has no Content-Length that this receiver takes.";
            }
            if (*size > longest_body_) {
                return "The body is longer than this receiver takes.";
            }
            const std::size_t whole = end + 4 + static_cast<std::size_t>(*size);
            if (begun_.size() < whole) {
                return "";
            }
            const std::string_view type = field(head, "content-type");
            on_request(post_request{std::string{field(head, "content-encoding")},
                                    std::string{trimmed(type.substr(0, type.find(';')))},
                                    std::string{parameter(type, "proto=")},
                                    std::string{field(head, "x-prometheus-remote-write-version")},
                                    std::string_view{begun_}.substr(end + 4, whole - end - 4)});
            begun_.erase(0, whole);
        }
    }

    [[nodiscard]] bool inside_a_request() const noexcept { return !begun_.empty(); }

private:
    static constexpr std::size_t longest_head = 65'536;

    static std::string_view trimmed(std::string_view text) {
        while (text.starts_with(' ') || text.starts_with('\t')) {
            text.remove_prefix(1);
        }
        while (text.ends_with(' ') || text.ends_with('\t')) {
            text.remove_suffix(1);
        }
        return text;
    }
    /// What the first line of this name says; empty: there is none.
    static std::string_view field(std::string_view head, std::string_view name) {
        for (std::size_t at = head.find("\r\n"); at + 2 < head.size();) {
            const std::size_t end = head.find("\r\n", at + 2);
            const std::string_view line = head.substr(at + 2, end - at - 2);
            if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
                return trimmed(line.substr(name.size() + 1));
            }
            at = end;
        }
        return {};
    }
    /// What a type says after `name`, without quotes; empty: nothing.
    static std::string_view parameter(std::string_view type, std::string_view name) {
        while (type.find(';') != type.npos) {
            type.remove_prefix(type.find(';') + 1);
            std::string_view one = trimmed(type.substr(0, type.find(';')));
            if (one.starts_with(name)) {
                one.remove_prefix(name.size());
                one.remove_prefix(one.starts_with('"') ? 1 : 0);
                one.remove_suffix(one.ends_with('"') ? 1 : 0);
                return one;
            }
        }
        return {};
    }
    static std::optional<std::uint64_t> number(std::string_view text) {
        std::uint64_t n = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), n);
        return error == std::errc{} && stop == text.data() + text.size() ? std::optional{n}
                                                                         : std::nullopt;
    }

    std::uint64_t longest_body_;
    std::string begun_;
};

}  // namespace receiver
