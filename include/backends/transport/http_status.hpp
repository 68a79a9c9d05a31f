// SPDX-License-Identifier: BSL-1.0
//
// What the status of an HTTP answer means for the records of its request, and its error in words.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Failures of an HTTP connection that are no status. In http_category().
enum class http_errc {
    not_http = 1,  ///< the bytes are no answer of HTTP/1.1
    too_long,      ///< the answer's head or body is longer than its bound
    cut_off,       ///< the connection ended within an answer
    unasked,       ///< an answer to no request
    too_early,     ///< an answer to a request that is still being written
    not_encoded,   ///< the body could not be encoded
};

namespace detail {
class http_category_type final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "http"; }
    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<http_errc>(code)) {
            case http_errc::not_http: return "the receiver does not speak HTTP/1.1";
            case http_errc::too_long: return "the receiver's answer is too long";
            case http_errc::cut_off: return "the connection ended within an answer";
            case http_errc::unasked: return "the receiver answered without a request";
            case http_errc::too_early: return "the receiver answered before it had the request";
            case http_errc::not_encoded: return "the request's body could not be encoded";
        }
        return joined({"the receiver answered ", number_text(code), reason(code)});
    }

private:
    static std::string_view reason(int status) noexcept {
        constexpr std::array<std::pair<int, std::string_view>, 17> reasons{
            {{400, " Bad Request"},
             {401, " Unauthorized: it does not know this user or token"},
             {403, " Forbidden: this user or token may not write here"},
             {404, " Not Found: the target is not one of its paths"},
             {405, " Method Not Allowed: the target takes no POST"},
             {407, " Proxy Authentication Required"},
             {408, " Request Timeout"},
             {411, " Length Required"},
             {413, " Content Too Large: request_bytes is more than it takes"},
             {415, " Unsupported Media Type"},
             {422, " Unprocessable Content"},
             {429, " Too Many Requests"},
             {500, " Internal Server Error"},
             {501, " Not Implemented"},
             {502, " Bad Gateway"},
             {503, " Service Unavailable"},
             {504, " Gateway Timeout"}}};
        for (const auto& [known, text] : reasons) {
            if (status == known) {
                return text;
            }
        }
        return status / 100 == 3 ? ": it has moved, and redirects are not followed" : "";
    }
};
}  // namespace detail

/// Values of 100 and more are statuses; smaller ones are an http_errc. Thread-safe.
[[gnu::noinline]] inline const std::error_category& http_category() noexcept {
    static const detail::http_category_type category;
    return category;
}

/// Lets an http_errc stand where a std::error_code does.
inline std::error_code make_error_code(http_errc e) noexcept {
    return {static_cast<int>(e), http_category()};
}

/// What an answer means for the records of its request.
enum class http_outcome : std::uint8_t {
    accepted,  ///< the receiver has them
    later,     ///< it takes them another time: errc::not_now
    refused,   ///< it never takes them: errc::refused
    failed,    ///< something else than the records is wrong
};

/// Which statuses of the server's side mean "later", as protocols differ.
enum class http_retry : std::uint8_t {
    overload,       ///< 429, 502, 503 and 504, as OTLP has it
    server_errors,  ///< 429 and every 5xx, as remote write has it
};

/// A refusal is about the records (400, 413, 422, ...). Where the credentials or the target are
/// wrong, the records are not, so they wait: a token may be renewed, a path corrected.
constexpr http_outcome outcome_of(unsigned status, http_retry retry) noexcept {
    if (status / 100 == 2) {
        return http_outcome::accepted;
    }
    if (status == 429 || (status >= 502 && status <= 504) ||
        (retry == http_retry::server_errors && status / 100 == 5)) {
        return http_outcome::later;
    }
    const bool elsewhere = status == 401 || (status >= 403 && status <= 405) || status == 407 ||
                           status == 408 || status == 411;
    return status / 100 == 4 && !elsewhere ? http_outcome::refused : http_outcome::failed;
}

}  // namespace backends

template <>
struct std::is_error_code_enum<backends::http_errc> : std::true_type {};
