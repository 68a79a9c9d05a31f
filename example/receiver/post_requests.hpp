// SPDX-License-Identifier: BSL-1.0
//
// Cuts what a connection brings into the bodies of POST requests.
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

/// One connection, as its bytes come.
class post_requests {
public:
    /// Whether a connection that begins so brings requests; nothing while that is not known.
    static std::optional<bool> begin_with(std::string_view text) {
        constexpr std::string_view start = "POST /";
        const std::size_t n = std::min(text.size(), start.size());
        if (text.substr(0, n) != start.substr(0, n)) {
            return false;
        }
        return n == start.size() ? std::optional{true} : std::nullopt;
    }

    /// Calls on_body(body) for each request that is whole. False: what came is no request that it
    /// understands.
    template <class OnBody>
    bool take(std::string_view bytes, OnBody on_body) {
        begun_.append(bytes);
        for (;;) {
            const std::size_t end = begun_.find("\r\n\r\n");
            if (end == std::string::npos) {
                return begun_.size() < longest_head;
            }
            const auto size = size_of(std::string_view{begun_}.substr(0, end + 2));
            if (!size) {
                return false;
            }
            const std::size_t whole = end + 4 + static_cast<std::size_t>(*size);
            if (begun_.size() < whole) {
                return true;
            }
            on_body(std::string_view{begun_}.substr(end + 4, whole - end - 4));
            begun_.erase(0, whole);
        }
    }

    [[nodiscard]] bool inside_a_request() const noexcept { return !begun_.empty(); }

private:
    static constexpr std::size_t longest_head = 65'536;
    static constexpr std::uint64_t longest_body = std::uint64_t{1} << 30U;

    /// The length of the body; nothing if this is no head, or if the body is encoded.
    static std::optional<std::uint64_t> size_of(std::string_view head) {
        std::string lower{head};
        std::ranges::transform(lower, lower.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        constexpr std::string_view key = "\r\ncontent-length:";
        const std::size_t at = lower.find(key);
        if (!head.starts_with("POST /") || at == std::string::npos ||
            lower.find("\r\ncontent-encoding:") != std::string::npos) {
            return std::nullopt;
        }
        const char* const end = lower.data() + lower.find("\r\n", at + 2);
        const char* begin = lower.data() + at + key.size();
        while (begin != end && *begin == ' ') {
            ++begin;
        }
        std::uint64_t n = 0;
        const auto [stop, error] = std::from_chars(begin, end, n);
        return error == std::errc{} && stop == end && n <= longest_body ? std::optional{n}
                                                                        : std::nullopt;
    }

    std::string begun_;
};

}  // namespace receiver
