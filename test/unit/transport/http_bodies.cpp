// SPDX-License-Identifier: BSL-1.0
//
// Bodies with something around their records.
#include <backends/core/wall_clock.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/parser.hpp>
#include <backends/source/average.hpp>
#include <backends/testing/record_cutter.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/records.hpp"
#include "support/run_to_end.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;

namespace {

using array_post = http_post_for<opentsdb_http, memory>;

/// The bodies of what a peer received, found by their lengths.
std::vector<std::string> bodies(std::string_view text) {
    std::vector<std::string> all;
    constexpr std::string_view key = "Content-Length: ";
    while (!text.empty()) {
        const std::size_t at = text.find(key);
        const std::size_t begin = text.find("\r\n\r\n") + 4;
        std::size_t size = 0;
        std::from_chars(text.data() + at + key.size(), text.data() + begin, size);
        REQUIRE(text.size() >= begin + size);
        all.emplace_back(text.substr(begin, size));
        text.remove_prefix(begin + size);
    }
    return all;
}

/// The lines of a JSON array of one element a line, read without the library; "no array" where it
/// is none.
std::vector<std::string> elements(std::string_view body) {
    if (!body.starts_with('[') || !body.ends_with("]\n")) {
        return {"no array: " + std::string{body}};
    }
    body.remove_prefix(1);
    body.remove_suffix(2);
    std::vector<std::string> all;
    for (std::size_t end = body.find(",\n"); end != std::string_view::npos;
         end = body.find(",\n")) {
        all.emplace_back(body.substr(0, end));
        body.remove_prefix(end + 2);
    }
    all.emplace_back(body);
    return all;
}

template <class Post>
void open(Post& t) {
    t.resolve({.host = "db", .interface_name = "", .service = "4242"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
}
template <class Post>
io_result hear(Post& t, std::string_view answer) {
    t.peer().with([&](auto& p) { p.replies += answer; });
    std::array<char, 300> room;
    io_result done = t.read_some(room);
    while (!done.error) {
        done = t.read_some(room);
    }
    return done;
}

constexpr std::string_view yes = "HTTP/1.1 204 No Content\r\n\r\n";
constexpr std::string_view no = "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n";
using texts = std::vector<std::string>;

/// Fields of Protocol Buffers, with nothing around them.
struct field_body : line_body {
    static constexpr record_end ends = record_end::length;
    static constexpr std::string_view content_type = "application/x-protobuf";
};
using field_post = http_post<memory, not_encoded, field_body>;

/// The records of a body that end by length; "half a record" at its end where there is one.
texts fields(std::string_view body) {
    testing::record_cutter cutter{record_end::length};
    texts all{""};
    for (const char c : body) {
        all.back() += c;
        if (cutter.ends_with(c)) {
            all.emplace_back();
        }
    }
    if (all.back().empty()) {
        all.pop_back();
    } else {
        all.back() = "half a record";
    }
    return all;
}

/// Different records, full of newlines, with lengths of one, two and three bytes.
texts some_fields(std::minstd_rand& random, std::size_t n) {
    texts all;
    for (std::size_t i = 0; i != n; ++i) {
        const std::size_t near = std::array{128U, 16'384U, 0U, 0U}[random() % 4];
        const std::size_t size = near == 0 ? random() % 300 : near - 9 + random() % 4;
        all.push_back(test::record<test::field_records>(std::to_string(100'000 + i) +
                                                        std::string(size, '\n')));
    }
    return all;
}
std::string joined(const texts& all) {
    std::string out;
    for (const std::string& one : all) {
        out += one;
    }
    return out;
}

}  // namespace

TEST_CASE("records become an array, posted where OpenTSDB takes it") {
    array_post t;
    open(t);
    CHECK(t.write_some(std::string_view{"{1},\n{2},\n"}).count == 10);
    const std::string request = t.peer().received();
    CHECK(request.starts_with("POST /api/put?summary HTTP/1.1\r\n"));
    CHECK(request.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
    CHECK(bodies(request) == texts{"[{1},\n{2}]\n"});
    CHECK(t.unacknowledged() == 10U);
    CHECK(hear(t, yes).would_block());
    CHECK(t.unacknowledged() == 0U);
    t.write_some(std::string_view{"{3},\n"});
    CHECK(bodies(t.peer().received())[1] == "[{3}]\n");
}

TEST_CASE("each part of a refused array is an array") {
    array_post t;
    open(t);
    std::string records;
    texts all;
    for (int i = 0; i < 13; ++i) {
        all.push_back("{" + std::string(static_cast<std::size_t>(i * i), 'x') + "}");
        records += all.back() + ",\n";
    }
    const std::string bad = all[6];
    CHECK(t.write_some(records).count == records.size());
    texts accepted;
    std::size_t refused = 0;
    for (std::size_t answered = 0; t.unacknowledged() != 0U;) {
        const texts sent = bodies(t.peer().received());
        REQUIRE(sent.size() > answered);
        const texts parts = elements(sent[answered++]);
        const bool has_bad = std::find(parts.begin(), parts.end(), bad) != parts.end();
        io_result done = hear(t, has_bad ? no : yes);
        for (; done.error == errc::refused; done = hear(t, "")) {
            refused += done.count;
        }
        if (!has_bad) {
            accepted.insert(accepted.end(), parts.begin(), parts.end());
        }
    }
    CHECK(refused == bad.size() + 2);
    texts wanted = all;
    wanted.erase(wanted.begin() + 6);
    std::sort(accepted.begin(), accepted.end());  // some parts overtake others
    std::sort(wanted.begin(), wanted.end());
    CHECK(accepted == wanted);
}

TEST_CASE("records cut anywhere make whole arrays, and none is lost or twice") {
    std::minstd_rand random{7};
    for (int round = 0; round < 200; ++round) {
        array_post t{{.request_bytes = 16'384}};
        open(t);
        std::string records;
        texts all;
        for (int i = 0; i < 300; ++i) {
            all.push_back("{\"" + std::to_string(i) + std::string(random() % 400, 'x') + "\"}");
            records += all.back() + ",\n";
        }
        texts got;
        std::size_t at = 0;
        std::size_t answered = 0;
        for (int step = 0; step < 10'000 && got.size() < all.size(); ++step) {
            const std::size_t n = std::min<std::size_t>(random() % 9'000, records.size() - at);
            at += t.write_some(std::string_view{records}.substr(at, n)).count;
            const texts sent = bodies(t.peer().received());
            for (; answered < sent.size(); ++answered) {
                CHECK(sent[answered].size() <= 16'384 + 1);
                const texts parts = elements(sent[answered]);
                got.insert(got.end(), parts.begin(), parts.end());
                REQUIRE(hear(t, yes).would_block());
            }
        }
        REQUIRE(got == all);
    }
}

TEST_CASE("a record that comes in parts and does not fit begins the next request") {
    array_post t{{.request_bytes = 16'384}};
    open(t);
    const std::string small = "{1},\n";
    REQUIRE(t.write_some(small).count == small.size());
    REQUIRE(hear(t, yes).would_block());  // several may be on their way
    REQUIRE(t.write_some(small).count == small.size());
    const std::string large = "{\"" + std::string(16'300, 'x') + "\"},\n";
    REQUIRE(t.write_some(large).count == large.size());  // waits for more
    const std::string last = "{\"" + std::string(150, 'y') + "\"},\n";
    std::size_t taken = t.write_some(std::string_view{last}.substr(0, 50)).count;
    const io_result rest = t.write_some(std::string_view{last}.substr(taken));
    CHECK_FALSE(rest.error);
    taken += rest.count;
    CHECK(taken == last.size());
    for (std::size_t answered = 1; answered < 4; ++answered) {
        REQUIRE(bodies(t.peer().received()).size() > answered);
        REQUIRE(hear(t, yes).would_block());
    }
    CHECK(bodies(t.peer().received())[3] == "[" + last.substr(0, last.size() - 2) + "]\n");
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("an exporter's objects are an array, confirmed by the receiver's yes") {
    host from{"web-1"};
    test::record_queue(from);
    const auto peer = std::make_shared<memory_peer>();
    exporter<average, opentsdb_http, array_post> e{
        from,
        {.destination = "db", .prefix = "shop", .tags = {{"dc", "fra"}}, .self_monitoring = false},
        array_post{{}, memory{peer}}};
    test::run_to_end(e, *peer, [](auto& p) {
        if (p.received.ends_with("]\n") && p.replies.empty() && !p.half_closed) {
            p.replies = yes;
            p.received += "answered";
        }
    });
    CHECK(e.counters().confirmed.lines == 2);
    CHECK(e.counters().lost().lines == 0);
    const std::string request = peer->received();
    const texts parts = elements(std::string_view{request}.substr(
        request.find("\r\n\r\n") + 4, request.rfind("answered") - request.find("\r\n\r\n") - 4));
    REQUIRE(parts.size() == 2);
    for (const std::string& one : parts) {
        const std::string object = one + ",";
        const auto parsed = parse<opentsdb_http>(object);
        CHECK_FALSE(parsed.error);
        CHECK(parsed.line.hostname == "web-1");
        CHECK(parsed.line.tags == ",\"dc\":\"fra\"");
    }
    CHECK(parts[0].starts_with("{\"metric\":\"shop.app.queue.depth\",\"timestamp\":"));
    CHECK(parts[0].find(",\"value\":1.5000000,") != std::string::npos);
    CHECK(parts[1].find(",\"value\":-2.0000000,") != std::string::npos);
}

TEST_CASE("records that end by length go in whole, cut anywhere, none lost or twice") {
    std::minstd_rand random{9};
    for (int round = 0; round < 100; ++round) {
        field_post t{{.request_bytes = 32'768}};
        open(t);
        const texts all = some_fields(random, 60);
        const std::string records = joined(all);
        texts got;
        std::size_t at = 0;
        std::size_t answered = 0;
        for (int step = 0; step < 10'000 && got.size() < all.size(); ++step) {
            const std::size_t n = std::min<std::size_t>(random() % 40'000, records.size() - at);
            at += t.write_some(std::string_view{records}.substr(at, n)).count;
            const texts sent = bodies(t.peer().received());
            for (; answered < sent.size(); ++answered) {
                CHECK(sent[answered].size() <= 32'768);
                const texts parts = fields(sent[answered]);
                got.insert(got.end(), parts.begin(), parts.end());
                REQUIRE(hear(t, yes).would_block());
            }
        }
        REQUIRE((got == all));
    }
}

TEST_CASE("only the records that a receiver refuses are refused, also where they end by length") {
    std::minstd_rand random{11};
    for (int round = 0; round < 50; ++round) {
        field_post t{{.request_bytes = 1'000'000}};
        open(t);
        const texts all = some_fields(random, 1 + random() % 13);
        const std::string bad = all[random() % all.size()];
        const std::string records = joined(all);
        REQUIRE(t.write_some(records).count == records.size());
        texts accepted;
        std::size_t refused = 0;
        for (std::size_t answered = 0; t.unacknowledged() != 0U;) {
            const texts sent = bodies(t.peer().received());
            REQUIRE(sent.size() > answered);
            const texts parts = fields(sent[answered++]);
            const bool has_bad = std::find(parts.begin(), parts.end(), bad) != parts.end();
            io_result done = hear(t, has_bad ? no : yes);
            for (; done.error == errc::refused; done = hear(t, "")) {
                refused += done.count;
            }
            if (!has_bad) {
                accepted.insert(accepted.end(), parts.begin(), parts.end());
            }
        }
        texts wanted = all;
        wanted.erase(std::find(wanted.begin(), wanted.end(), bad));
        std::sort(accepted.begin(), accepted.end());
        std::sort(wanted.begin(), wanted.end());
        CHECK((accepted == wanted));
        CHECK(refused == bad.size());
    }
}

TEST_CASE("a machine delivers records that end by length, and counts the refused one") {
    const auto peer = std::make_shared<memory_peer>();
    shipping<field_post, default_policies> shell{
        field_post{{.request_bytes = 32'768}, memory{peer}}, parse_destinations("db", 80), {}};
    std::minstd_rand random{13};
    const texts all = some_fields(random, 100);
    for (const std::string& one : all) {
        char* const room = shell.lines().reserve(one.size());
        REQUIRE(room != nullptr);
        std::copy(one.begin(), one.end(), room);
        shell.lines().commit(one.size(), 1);
    }
    texts got;
    std::size_t answered = 0;
    instant at = system_clock::steady_now();
    for (int i = 0; i < 10'000 && !shell.lines().queue().empty(); ++i) {
        at = at + milliseconds(100);
        shell.step(at);
        const texts sent = bodies(peer->received());
        for (; answered < sent.size(); ++answered) {
            const texts parts = fields(sent[answered]);
            const bool has_bad = std::find(parts.begin(), parts.end(), all[42]) != parts.end();
            peer->with([&](auto& p) { p.replies += has_bad ? no : yes; });
            if (!has_bad) {
                got.insert(got.end(), parts.begin(), parts.end());
            }
        }
    }
    texts wanted = all;
    wanted.erase(wanted.begin() + 42);
    std::sort(got.begin(), got.end());  // parts come after what was on its way behind them
    std::sort(wanted.begin(), wanted.end());
    CHECK((got == wanted));
    CHECK(shell.lines().counters().confirmed == amount{99, joined(wanted).size()});
    CHECK(shell.lines().counters().dropped_for(drop_reason::rejected) == amount{1, all[42].size()});
    CHECK(shell.lines().counters().balanced());
}
