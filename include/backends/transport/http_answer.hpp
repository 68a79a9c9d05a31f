// SPDX-License-Identifier: BSL-1.0
//
// Reads HTTP/1.1 answers, cut anywhere, with the parser of Boost.Beast; this header alone includes
// it. Sans-I/O: bytes in, answers out.
#pragma once

#include <backends/core/time.hpp>
#include <backends/transport/http_status.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <time.h>

namespace backends::inline BACKENDS_ISA {

/// The header Retry-After: a pause, or a date to wait for.
struct http_retry_after {
    std::int64_t seconds = 0;  ///< a pause, or seconds since 1970
    bool is_date = false;      ///< what `seconds` are

    /// The pause from `now` on, which the system's clock says; a day at the most.
    [[nodiscard]] constexpr nanoseconds delay(unix_seconds now) const noexcept {
        constexpr std::int64_t a_day = 86'400;
        const std::int64_t left = is_date ? seconds - (std::min)(seconds, now) : seconds;
        return backends::seconds{std::clamp<std::int64_t>(left, 0, a_day)};
    }
};

/// Reads `120` or `Sun, 06 Nov 1994 08:49:37 GMT`; of anything else, and of the two obsolete forms
/// of a date, nothing.
inline std::optional<http_retry_after> read_retry_after(std::string_view text) noexcept {
    constexpr std::int64_t longest = 1'000'000'000'000;
    const auto number = [&](std::size_t at, std::size_t digits, int& out) {
        const char* const first = text.data() + at;
        const auto [end, error] = std::from_chars(first, first + digits, out);
        return error == std::errc{} && end == first + digits && *first != '-';
    };
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
        std::int64_t n = longest;
        std::from_chars(text.data(), text.data() + text.size(), n);  // out of range: the longest
        return http_retry_after{(std::min)(n, longest), false};
    }
    constexpr std::string_view form = "???, ?? ??? ???? ??:??:?? GMT";
    if (text.size() != form.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != '?' && form[i] != text[i]) {
            return std::nullopt;
        }
    }
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::size_t month = months.find(text.substr(8, 3));
    tm date{};
    if (month % 3 != 0 || month >= months.size() || !number(5, 2, date.tm_mday) ||
        !number(12, 4, date.tm_year) || !number(17, 2, date.tm_hour) ||
        !number(20, 2, date.tm_min) || !number(23, 2, date.tm_sec) || date.tm_mday < 1 ||
        date.tm_mday > 31 || date.tm_hour > 23 || date.tm_min > 59 || date.tm_sec > 60) {
        return std::nullopt;
    }
    date.tm_mon = static_cast<int>(month / 3);
    date.tm_year -= 1900;
    return http_retry_after{std::int64_t{::timegm(&date)}, true};
}

/// A final answer.
struct http_answer {
    unsigned status = 0;                          ///< 200 to 999
    bool keep_alive = false;                      ///< whether another one can follow it
    std::optional<http_retry_after> retry_after;  ///< what the receiver asks for
    std::string_view body;                        ///< its beginning, until the next call
};

namespace detail {

/// The parser calls its members through Beast's table, some times an answer: no record passes here.
class http_answer_parser final : public boost::beast::http::basic_parser<false> {
public:
    static constexpr std::size_t longest_head = 8'000;
    static constexpr std::size_t longest_body = std::size_t{1} << 20U;

    http_answer_parser() {
        eager(true);
        header_limit(longest_head);
        body_limit(std::uint64_t{longest_body});
    }

    std::optional<http_retry_after> retry_after;
    unsigned status = 0;

    [[nodiscard]] std::string_view body() const noexcept { return {body_.data(), kept_}; }

private:
    using text = boost::beast::string_view;
    using failure = boost::beast::error_code;
    using length = boost::optional<std::uint64_t>;
    using verb = boost::beast::http::verb;
    using field = boost::beast::http::field;

    void on_request_impl(verb, text, text, int, failure&) override {}
    void on_response_impl(int code, text, int, failure&) override {
        status = static_cast<unsigned>(code);
    }
    void on_field_impl(field name, text, text value, failure&) override {
        if (name == field::retry_after) {
            retry_after = read_retry_after({value.data(), value.size()});
        }
    }
    void on_header_impl(failure&) override {}
    void on_body_init_impl(const length&, failure&) override {}
    std::size_t on_body_impl(text bytes, failure&) override { return keep(bytes); }
    void on_chunk_header_impl(std::uint64_t, text, failure&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, text bytes, failure&) override {
        return keep(bytes);
    }
    void on_finish_impl(failure&) override {}

    std::size_t keep(text bytes) noexcept {
        const std::size_t n = (std::min)(bytes.size(), body_.size() - kept_);
        std::copy_n(bytes.data(), n, body_.data() + kept_);
        kept_ += n;
        return bytes.size();
    }

    std::array<char, 512> body_{};
    std::size_t kept_ = 0;
};

}  // namespace detail

/// Reads the answers of one connection, in order. Interim answers (1xx) are skipped. An answer's
/// head has 8,000 bytes at most, its body 2^20, of which the first 512 are kept. Allocates nothing.
///
/// Not thread-safe.
class http_answer_reader {
public:
    http_answer_reader() = default;
    http_answer_reader(const http_answer_reader&) = delete;
    http_answer_reader& operator=(const http_answer_reader&) = delete;

    /// Where the next bytes go. Not empty after next() gave nothing.
    [[nodiscard]] std::span<char> room() noexcept {
        if (begin_ != 0) {
            std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
            end_ -= std::exchange(begin_, 0);
        }
        return std::span{bytes_}.subspan(end_);
    }
    /// So many bytes are there. Precondition: room() had them.
    void arrived(std::size_t n) noexcept { end_ += n; }

    /// The next answer; nothing: more bytes are needed, or `error` says what is wrong. After an
    /// error the rest cannot be read.
    std::optional<http_answer> next(std::error_code& error) {
        while (begin_ != end_) {
            if (!parser_ || parser_->is_done()) {
                parser_.emplace();
                begun_ = false;
            }
            if (!is_http()) {
                error = http_errc::not_http;
                return std::nullopt;
            }
            // An end of chunks has five bytes. Beast asserts that it is asked about no fewer.
            if (begun_ && parser_->is_header_done() && parser_->chunked() && end_ - begin_ < 5) {
                return std::nullopt;
            }
            boost::beast::error_code failure;
            const std::size_t read =
                parser_->put(boost::asio::buffer(bytes_.data() + begin_, end_ - begin_), failure);
            begin_ += read;
            begun_ = begun_ || read != 0;
            if (parser_->is_done()) {
                if (parser_->status >= 200) {
                    return answer();
                }
                if (parser_->status == 101) {
                    error = http_errc::not_http;  // it speaks something else from here on
                    return std::nullopt;
                }
            } else if (failure == boost::beast::http::error::need_more || (!failure && read == 0)) {
                if (end_ - begin_ == bytes_.size()) {
                    error = http_errc::too_long;
                }
                return std::nullopt;
            } else if (failure) {
                error = words_for(failure);
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

    /// The connection has ended. That may end an answer whose length nobody said. Otherwise nothing
    /// comes back, and `error` is http_errc::cut_off if an answer had begun.
    std::optional<http_answer> ended(std::error_code& error) {
        const bool begun = parser_ && !parser_->is_done() && parser_->got_some();
        if (!begun && begin_ == end_) {
            return std::nullopt;
        }
        boost::beast::error_code failure;
        if (begun) {
            parser_->put_eof(failure);
        }
        if (!begun || failure || !parser_->is_done()) {
            error = http_errc::cut_off;
            return std::nullopt;
        }
        return answer();
    }

private:
    /// The parser may wait for the end of a head that never comes.
    [[nodiscard]] bool is_http() const noexcept {
        constexpr std::string_view begins = "HTTP/1.";
        const std::size_t n = (std::min)(begins.size(), end_ - begin_);
        return begun_ || std::string_view{bytes_.data() + begin_, n} == begins.substr(0, n);
    }
    [[nodiscard]] http_answer answer() const {
        return {parser_->status, parser_->keep_alive(), parser_->retry_after, parser_->body()};
    }
    static std::error_code words_for(const boost::beast::error_code& failure) noexcept {
        using boost::beast::http::error;
        const bool bound = failure == error::header_limit || failure == error::body_limit;
        return bound ? http_errc::too_long : http_errc::not_http;
    }

    std::array<char, 8'192> bytes_{};
    std::size_t begin_ = 0;  // of what the parser has not taken
    std::size_t end_ = 0;
    bool begun_ = false;  // the parser has taken bytes of this answer
    std::optional<detail::http_answer_parser> parser_;
};

}  // namespace backends
