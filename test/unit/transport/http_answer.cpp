// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/http_answer.hpp>

#include "catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using backends::http_answer_reader;
using backends::http_errc;

namespace {

/// What is heard of some bytes: an answer a line, and how it ends.
std::string heard(std::string_view bytes, std::size_t piece, bool ends = false) {
    http_answer_reader reader;
    std::string all;
    std::error_code error;
    const auto add = [&all](const backends::http_answer& one) {
        all += std::to_string(one.status) + (one.keep_alive ? " stays" : " closes");
        if (one.retry_after) {
            all += (one.retry_after->is_date ? " at " : " after ") +
                   std::to_string(one.retry_after->seconds);
        }
        all += one.body.empty() ? "" : " " + std::string{one.body};
        all += '\n';
    };
    while (!bytes.empty() && !error) {
        const auto room = reader.room();
        const std::size_t n = std::min({piece, bytes.size(), room.size()});
        std::copy_n(bytes.data(), n, room.data());
        reader.arrived(n);
        bytes.remove_prefix(n);
        while (const auto one = reader.next(error)) {
            add(*one);
        }
    }
    if (ends && !error) {
        if (const auto one = reader.ended(error)) {
            add(*one);
        }
    }
    return error ? all + error.message() : all;
}

struct example {
    std::string_view bytes;
    std::string_view heard;
    bool ends = false;
};

const std::vector<example> examples{
    {"HTTP/1.1 204 No Content\r\n\r\n", "204 stays\n"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 stays ok\n"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", "200 closes ok\n"},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 closes ok\n"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4;x=y\r\n two\r\n0\r\n"
     "Trailer: 1\r\n\r\nHTTP/1.1 204 \r\n\r\n",
     "200 stays one two\n204 stays\n"},
    {"HTTP/1.1 503 Service Unavailable\r\nretry-after: 120\r\nContent-Length: 0\r\n\r\n",
     "503 stays after 120\n"},
    {"HTTP/1.1 429 Slow\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: "
     "0\r\n\r\n",
     "429 stays at 784111777\n"},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
     "HTTP/1.1 204 No Content\r\n\r\n",
     "204 stays\n"},
    {"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nwhy",
     "204 stays\n400 stays why\n"},
    {"HTTP/1.1 500 Oops\r\n\r\nwords without a length", "500 closes words without a length\n",
     true},
    {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
     "the receiver does not speak HTTP/1.1"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", "the connection ended within an answer",
     true},
    {"HTTP/1.1 200 O", "the connection ended within an answer", true},
    {"SSH-2.0-OpenSSH_9.2\r\n", "the receiver does not speak HTTP/1.1"},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the receiver does not speak HTTP/1.1"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", "the receiver's answer is too long"},
    {"", "", true},
};

}  // namespace

TEST_CASE("answers are heard the same however their bytes are cut") {
    for (const example& one : examples) {
        for (std::size_t piece = 1; piece <= one.bytes.size() + 1; ++piece) {
            INFO(one.bytes << " in pieces of " << piece);
            REQUIRE(heard(one.bytes, piece, one.ends) == one.heard);
        }
    }
}

TEST_CASE("a head without an end is an error, and so is a body without one") {
    std::string head = "HTTP/1.1 200 OK\r\n";
    while (head.size() < 20'000) {
        head += "X-Padding: 0123456789\r\n";
    }
    CHECK(heard(head, 4096) == "the receiver's answer is too long");
    const std::string body = "HTTP/1.1 200 OK\r\n\r\n" + std::string(std::size_t{2} << 20U, 'x');
    CHECK(heard(body, 4096) == "the receiver's answer is too long");
}

TEST_CASE("of a long body the beginning is kept, and the next answer is read") {
    const std::string body(100'000, 'x');
    const std::string bytes = "HTTP/1.1 400 Bad\r\nContent-Length: 100000\r\n\r\n" + body +
                              "HTTP/1.1 204 No Content\r\n\r\n";
    CHECK(heard(bytes, 1000) == "400 stays " + std::string(512, 'x') + "\n204 stays\n");
}

TEST_CASE("Retry-After is a number of seconds or a date, and nothing else") {
    using backends::read_retry_after;
    using backends::seconds;
    const auto delay = [](std::string_view text, std::int64_t now) {
        const auto read = read_retry_after(text);
        return read ? read->delay(now).value / 1'000'000'000 : -1;
    };
    CHECK(delay("0", 0) == 0);
    CHECK(delay("120", 7) == 120);
    CHECK(delay("99999999999999999999", 7) == 86'400);
    CHECK(delay("Thu, 01 Jan 1970 00:01:40 GMT", 40) == 60);
    CHECK(delay("Thu, 01 Jan 1970 00:01:40 GMT", 101) == 0);
    CHECK(delay("Fri, 31 Dec 9999 23:59:59 GMT", 40) == 86'400);
    for (const std::string_view other :
         {"", "-1", "1.5", "soon", "Thu, 01 Jan 1970 00:01:40 UTC", "Thu, 01 Jxn 1970 00:01:40 GMT",
          "Thu, 41 Jan 1970 00:01:40 GMT", "Thu, 01 Jan 1970 24:01:40 GMT",
          "Thu, -1 Jan 1970 00:01:40 GMT", "Thursday, 01-Jan-70 00:01:40 GMT"}) {
        INFO(other);
        CHECK(delay(other, 0) == -1);
    }
}
