// SPDX-License-Identifier: BSL-1.0
//
// The settings of an HTTP connection, their checks, and the head of its requests.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/request_body.hpp>
#include <backends/core/same_word.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/http_status.hpp>
#include <backends/transport/http_token.hpp>
#include <backends/transport/needed_query.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/version.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// A header of every request.
struct http_header {
    std::string name;   ///< a token, such as `X-Scope-OrgID`
    std::string value;  ///< one line of text
};

/// How http_post speaks to its receiver. Every member has a value that works.
struct http_options {
    /// The path and the query, for destinations that have none: `http://HOST:PORT/PATH?QUERY`.
    /// Empty: the format's, `/` for lines.
    std::string target = {};
    /// The type of the bodies. Empty: the format's, `text/plain; charset=utf-8` for lines.
    std::string content_type = {};
    /// Further headers of every request.
    std::vector<http_header> headers = {};
    /// With `password`: basic authorisation. Empty: none.
    std::string user = {};
    std::string password = {};  ///< the user's
    /// A file with a bearer token, read again at each connection. Empty: none.
    std::string bearer_token_file = {};
    /// Which answers mean "later". Empty: as the format's protocol has it, `overload` for lines.
    std::optional<http_retry> retry = {};
    /// The maximum number of bytes of a request's body; 16,384 to 2^30. A longer record ends the
    /// connection.
    std::size_t request_bytes = std::size_t{128} << 10U;
    /// How many requests are on their way at most; 1 to 64. Memory for their bodies is allocated at
    /// the first connection.
    std::size_t requests = 4;
    /// Whether the records of a refused request are sent again in parts, down to the single ones
    /// that the receiver refuses. For receivers that refuse a body as a whole; those that keep its
    /// good records get them twice. Otherwise all of its records count as refused.
    bool divide_refused = true;
};

namespace detail {

/// What the text begins with of a token's characters (RFC 9110, 5.6.2).
inline std::string_view token_of(std::string_view text) noexcept {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    const auto is_good = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               others.find(c) != std::string_view::npos;
    };
    std::size_t n = 0;
    while (n != text.size() && is_good(text[n])) {
        ++n;
    }
    return text.substr(0, n);
}

/// Whether the text may stand in a head: a line break would begin a header of its own.
inline bool is_one_line(std::string_view text) noexcept {
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/// Throws config_error, which shows no value: it may be a secret.
inline void check_header(const http_header& one) {
    const std::string_view name = token_of(one.name);
    if (name.empty() || name != one.name) {
        refuse("headers", name, "a header's name is a word of letters, digits and -");
    }
    for (const std::string_view own :
         {"host", "user-agent", "content-type", "content-encoding", "content-length",
          "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"}) {
        if (same_word(one.name, own)) {
            refuse("headers", one.name, "this header is made here, from other options if at all");
        }
    }
    if (!is_one_line(one.value)) {
        refuse("headers", one.name,
               "a header's value has no line break nor other control characters");
    }
}

/// Throws config_error for a setting that cannot work.
[[gnu::noinline]] inline void refuse_mistakes(const http_options& o) {
    if (!o.target.starts_with('/')) {
        refuse("target", o.target, "a path begins with /");
    }
    for (const char c : o.target) {
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
            refuse("target", o.target,
                   "blanks, control characters and other bytes than ASCII are "
                   "spelled %XX");
        }
        if (c == '#') {
            refuse("target", o.target, "a path and a query have no #");
        }
    }
    if (o.content_type.empty() || !is_one_line(o.content_type)) {
        refuse("content_type", o.content_type, "a type such as text/plain is one line");
    }
    for (const http_header& one : o.headers) {
        check_header(one);
        if (same_word(one.name, "authorization") &&
            !(o.user.empty() && o.password.empty() && o.bearer_token_file.empty())) {
            refuse("headers", "Authorization", "the user or the token makes it already");
        }
    }
    if (!is_one_line(o.user) || o.user.find(':') != std::string::npos) {
        refuse("user", o.user, "a user's name has no colon and no control characters");
    }
    if (!is_one_line(o.password)) {
        refuse("password", "***", "a password has no control characters");
    }
    if (o.user.empty() && !o.password.empty()) {
        refuse("password", "***", "a password needs a user");
    }
    if (!o.user.empty() && !o.bearer_token_file.empty()) {
        refuse("bearer_token_file", o.bearer_token_file, "user and password stand there already");
    }
    const auto within = [](std::string_view key, std::size_t n, std::size_t least,
                           std::size_t most) {
        if (n < least || n > most) {
            refuse(key, number_text(n),
                   joined({"must be ", number_text(least), " to ", number_text(most)}));
        }
    };
    within("request_bytes", o.request_bytes, 16'384, std::size_t{1} << 30U);
    within("requests", o.requests, 1, 64);
}

/// Whether the bodies are encoded already.
template <request_body Body>
consteval bool encodes() {
    for (const auto& [name, value] : Body::headers) {
        if (name == "Content-Encoding") {
            return true;
        }
    }
    return false;
}

/// The checked options, with what a body says where they say nothing. Throws as refuse_mistakes(),
/// and for a target that lacks the body's query.
template <request_body Body>
http_options options_of(http_options o) {
    const auto fill = [](std::string& text, std::string_view by) {
        text += text.empty() ? by : "";
    };
    fill(o.target, Body::target);
    fill(o.content_type, Body::content_type);
    refuse_mistakes(o);
    if (const std::string why = lack_of(query_of<Body>(), o.target); !why.empty()) {
        refuse("target", o.target, why);
    }
    for (const auto& [name, value] : Body::headers) {
        o.headers.push_back({string_of(name), string_of(value)});
    }
    o.retry = o.retry.value_or(Body::retries_server_errors ? http_retry::server_errors
                                                           : http_retry::overload);
    return o;
}

/// RFC 4648.
inline std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            const auto byte = i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U;
            three = three << 8U | byte;
        }
        for (std::size_t j = 0; j < 4; ++j) {
            const bool filled = i + j <= bytes.size();
            out += filled ? digits[three >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return out;
}

inline constexpr std::array<scheme, 1> http_schemes{{{"http", 80, &path_after_port}}};
inline constexpr std::array<scheme, 1> https_schemes{{{"https", 443, &path_after_port}}};

/// The schemes of HTTP over a transport: the one below may have some of its own, or encrypt.
template <class Next>
constexpr std::span<const scheme> schemes_over() noexcept {
    if constexpr (requires { Next::schemes; }) {
        return Next::schemes;
    } else if constexpr (requires { requires Next::encrypts; }) {
        return https_schemes;
    } else {
        return http_schemes;
    }
}

/// What stands in the header Host: a port is left out if it is the scheme's, or a service's name. A
/// socket's path is no host.
inline std::string authority(const destination& to) {
    if (to.host.starts_with('/')) {
        return "localhost";
    }
    const bool is_number = to.service.find_first_not_of("0123456789") == std::string::npos;
    const bool is_default = !is_number || to.service == (to.scheme == "https" ? "443" : "80");
    return joined({to.bracketed ? "[" : "", to.host, to.bracketed ? "]" : "", is_default ? "" : ":",
                   is_default ? "" : std::string_view{to.service}});
}

/// A request's head up to its length: `Content-Length: `.
///
/// @param encoding  the bodies' encoding; empty: none
[[gnu::noinline]] inline std::string head_of(const http_options& o, std::string_view host,
                                             std::string_view target, std::string_view encoding,
                                             std::string_view token) {
    std::string head =
        joined({"POST ", target.empty() ? std::string_view{o.target} : target,
                " HTTP/1.1\r\nHost: ", host, "\r\nUser-Agent: backends/",
                number_text(version.major_version), ".", number_text(version.minor_version), ".",
                number_text(version.patch_version), "\r\nContent-Type: ", o.content_type, "\r\n"});
    if (!encoding.empty()) {
        append(head, {"Content-Encoding: ", encoding, "\r\n"});
    }
    if (!o.user.empty()) {
        append(head, {"Authorization: Basic ", base64(joined({o.user, ":", o.password})), "\r\n"});
    } else if (!token.empty()) {
        append(head, {"Authorization: Bearer ", token, "\r\n"});
    }
    for (const http_header& one : o.headers) {
        append(head, {one.name, ": ", one.value, "\r\n"});
    }
    append(head, {"Content-Length: "});
    return head;
}

}  // namespace detail
}  // namespace backends
