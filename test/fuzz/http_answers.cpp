// SPDX-License-Identifier: BSL-1.0
//
// What an HTTP receiver says, cut into any pieces. The first byte says how the pieces are cut, and
// what the others are: bytes as they are, which must be heard the same however they are cut; or
// decisions about a sequence of answers, which must be heard as they were decided.
#include <backends/transport/http_answer.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace {

using fuzz::require;

/// One answer, in text of our own.
std::string written(unsigned status, bool stays, std::int64_t after, std::string_view body) {
    return std::to_string(status) + (stays ? "+" : "-") + std::to_string(after) + ":" +
           std::string{body.substr(0, 512)} + "\n";
}

/// What is heard of `text` in pieces of up to `longest` bytes, all of them if that is 0. The words
/// of an error may depend on the pieces: a mistake in a head shows at once, or when the head ends.
std::string heard(std::string_view text, std::size_t longest) {
    backends::http_answer_reader reader;
    std::string all;
    std::error_code error;
    const auto add = [&all](const backends::http_answer& one) {
        all += written(one.status, one.keep_alive, one.retry_after ? one.retry_after->seconds : -1,
                       one.body);
    };
    std::size_t step = longest;
    while (!text.empty() && !error) {
        step = step * 5 % 257 % (longest + 1);
        const auto room = reader.room();
        require(!room.empty(), "there is room until there is an error");
        const std::size_t n =
            std::min({text.size(), longest == 0 ? text.size() : step + 1, room.size()});
        std::copy_n(text.data(), n, room.data());
        reader.arrived(n);
        text.remove_prefix(n);
        while (const auto one = reader.next(error)) {
            add(*one);
        }
    }
    if (!error) {
        if (const auto one = reader.ended(error)) {
            add(*one);
        }
    }
    return all + (error ? "error" : "end");
}

/// Makes answers by decisions, and what must be heard of them.
std::string made(fuzz::decisions& in, std::string& expected) {
    std::string text;
    bool goes_on = true;
    while (goes_on && !in.empty() && text.size() < 30'000) {
        const unsigned kind = in.up_to(5);
        const unsigned status = kind == 0 ? 204 : 200 + in.up_to(250) + in.up_to(250);
        const bool closes = in.up_to(7) == 0;
        const bool waits = in.up_to(3) == 0;
        const unsigned pause = waits ? in.take<std::uint8_t>() : 0;
        if (in.up_to(7) == 0) {
            text += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        text += "HTTP/1.1 " + std::to_string(status) + " Words\r\n";
        text += closes ? "Connection: close\r\n" : "";
        text += waits ? "Retry-After: " + std::to_string(pause) + "\r\n" : "";
        std::string body;
        const bool has_body = status != 204 && status != 304;
        if (has_body && kind < 4) {
            body = std::string(in.take<std::uint8_t>() * (kind == 3 ? 20U : 1U), 'b');
            text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        } else if (has_body && kind == 4) {
            text += "Transfer-Encoding: chunked\r\n\r\n";
            for (unsigned chunks = in.up_to(3); chunks != 0; --chunks) {
                const unsigned size = 1 + in.up_to(200);
                constexpr std::string_view digits = "0123456789ABCDEF";
                text += {digits[size / 16], digits[size % 16], '\r', '\n'};
                text += std::string(size, 'c') + "\r\n";
                body += std::string(size, 'c');
            }
            text += "0\r\n\r\n";
        } else if (has_body) {
            body = std::string(in.take<std::uint8_t>(), 'e');
            text += "\r\n" + body;
            goes_on = false;  // only the end of the stream ends it
        } else {
            text += "\r\n";
        }
        expected += written(status, !closes && goes_on, waits ? std::int64_t{pause} : -1, body);
    }
    expected += "end";
    return text;
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const unsigned first = in.take<std::uint8_t>();
    if (first % 2 == 0) {
        const std::string_view text = in.rest();
        require(heard(text, 0) == heard(text, 1 + first / 8), "the pieces do not matter", text);
        return 0;
    }
    std::string expected;
    const std::string text = made(in, expected);
    require(heard(text, first / 2) == expected, "answers are heard as they were written", text);
    return 0;
}
