// SPDX-License-Identifier: BSL-1.0
//
// After the first requests a connection over HTTP allocates nothing, refused ones included.
#include <backends/transport/http_post.hpp>

#include "catch.hpp"
#include "support/allocation_count.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace {

/// Answers each request, which comes in one write, and keeps nothing but whether it has a bad
/// record.
struct answering {
    static constexpr auto proves = backends::evidence::none;
    static constexpr std::string_view yes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    static constexpr std::string_view no = "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n";

    struct due {
        std::array<std::string_view, 64> answers;  // a ring
        std::size_t first = 0;
        std::size_t count = 0;
        std::size_t writes = 0;
    };
    due* to_say;

    void resolve(const backends::destination&) {}
    backends::io_result resolved() { return {1, {}}; }
    void connect(std::size_t) {}
    backends::io_result connected() { return {}; }
    backends::io_result write_some(std::span<const char> bytes) noexcept {
        const std::string_view text{bytes.data(), bytes.size()};
        to_say->answers[(to_say->first + to_say->count) % to_say->answers.size()] =
            text.starts_with("POST ") && text.ends_with('\n')
                ? text.find("\nbad") == text.npos ? yes : no
                : "no request";
        ++to_say->count;
        ++to_say->writes;
        return {bytes.size(), {}};
    }
    backends::io_result read_some(std::span<char> room) noexcept {
        if (to_say->count == 0) {
            return backends::io_result::pending();
        }
        std::string_view& text = to_say->answers[to_say->first];
        const std::size_t n = text.copy(room.data(), (std::min)(std::size_t{7}, room.size()));
        text.remove_prefix(n);
        if (text.empty()) {
            to_say->first = (to_say->first + 1) % to_say->answers.size();
            --to_say->count;
        }
        return {n, {}};
    }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept { return {}; }
    void half_close() noexcept {}
    void close() noexcept {}
    void abort() noexcept {}
};

}  // namespace

TEST_CASE("writing requests and reading answers allocates nothing") {
    answering::due said;
    backends::http_post<answering> t{{}, answering{&said}};
    t.resolve({.host = "db", .interface_name = "", .service = "80"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
    const std::string record = std::string(300, 'x') + "\n";
    std::string with_bad;
    for (int i = 0; i < 200; ++i) {
        with_bad += i % 5 == 3 ? "bad\n" : "good\n";
    }
    std::array<char, 512> room;
    std::size_t written = 0;
    std::size_t refused = 0;
    std::size_t failed = 0;
    const auto read_all = [&] {
        for (backends::io_result done = t.read_some(room); !done.would_block();
             done = t.read_some(room)) {
            refused += done.error == backends::errc::refused ? done.count : 0;
            failed += done.error && !(done.error == backends::errc::refused) ? 1U : 0U;
        }
    };
    t.write_some(record);
    read_all();
    const auto before = test::allocation_count();
    for (int i = 0; i < 10'000; ++i) {
        written += t.write_some(record).count;
        read_all();
    }
    CHECK(said.writes == 10'001);
    for (int i = 0; i < 100; ++i) {
        written += t.write_some(with_bad).count;
        read_all();
    }
    const auto after = test::allocation_count();
    CHECK(after == before);
    CHECK(written == 10'000 * record.size() + 100 * with_bad.size());
    CHECK(refused == 100 * 40 * 4);
    CHECK(failed == 0);
    CHECK(t.unacknowledged() == 0U);
}
