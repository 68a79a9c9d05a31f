// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/gzip.hpp>

#include <backends/format/otlp_http.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"

#include <array>
#include <random>
#include <string>
#include <string_view>

#include <zlib.h>

namespace {

/// What gzip(1) would print.
std::string inflated(std::string_view bytes) {
    z_stream s{};
    REQUIRE(::inflateInit2(&s, 15 + 16) == Z_OK);
    std::string input{bytes};
    s.next_in = reinterpret_cast<Bytef*>(input.data());
    s.avail_in = static_cast<uInt>(input.size());
    std::string all;
    int result = Z_OK;
    while (result == Z_OK) {
        std::array<char, 4096> room;
        s.next_out = reinterpret_cast<Bytef*>(room.data());
        s.avail_out = room.size();
        result = ::inflate(&s, Z_NO_FLUSH);
        all.append(room.data(), room.size() - s.avail_out);
    }
    REQUIRE(result == Z_STREAM_END);
    REQUIRE(s.avail_in == 0);
    ::inflateEnd(&s);
    return all;
}

}  // namespace

TEST_CASE("what gzip makes, zlib reads back, within the bound") {
    std::minstd_rand random{3};
    backends::gzip policy;
    for (const std::size_t size : {1U, 2U, 100U, 16'384U, 1'000'000U}) {
        for (const unsigned letters : {1U, 4U, 256U}) {
            std::string body(size, ' ');
            for (char& c : body) {
                c = static_cast<char>(random() % letters);
            }
            std::string room(policy.bound(size), ' ');
            const std::size_t n = policy.encode(body, room);
            REQUIRE(n != 0);
            CHECK(inflated(std::string_view{room}.substr(0, n)) == body);
        }
    }
    std::string none(10, ' ');
    CHECK(policy.encode(std::string(1'000, 'x'), std::span{none}.first(5)) == 0);
}

TEST_CASE("a compressed request says so, and its plain bytes are what is acknowledged") {
    backends::http_post<backends::memory, backends::gzip> t;
    t.resolve({.host = "db", .interface_name = "", .service = "80"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
    const std::string records = std::string(5'000, 'x') + "\n";
    CHECK(t.write_some(records).count == records.size());
    CHECK(t.unacknowledged() == records.size());
    const std::string request = t.peer().received();
    CHECK(request.size() < 1'000);
    CHECK(request.find("\r\nContent-Encoding: gzip\r\n") != std::string::npos);
    const std::size_t body = request.find("\r\n\r\n") + 4;
    CHECK(request.find("\r\nContent-Length: " + std::to_string(request.size() - body) + "\r\n") !=
          std::string::npos);
    CHECK(inflated(std::string_view{request}.substr(body)) == records);
    t.peer().with([](auto& p) { p.replies = "HTTP/1.1 204 No Content\r\n\r\n"; });
    std::array<char, 100> room;
    CHECK(t.read_some(room).would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("a compressed body begins with what the format says of its exporter") {
    backends::http_post_for<backends::otlp_http, backends::memory, backends::gzip> t;
    t.resource(std::string(3'000, 'r'));
    t.resolve({.host = "db", .interface_name = "", .service = "4318"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
    CHECK(t.write_some(std::string_view{"\x12\x02xy"}).count == 4);
    const std::string request = t.peer().received();
    const std::string body =
        inflated(std::string_view{request}.substr(request.find("\r\n\r\n") + 4));
    CHECK(body.find(std::string(3'000, 'r')) == 3);
    CHECK(body.ends_with("backends\x12\x02xy"));
}
