// SPDX-License-Identifier: BSL-1.0
//
// After the first request a connection over HTTP allocates nothing.
#include <backends/transport/http_post.hpp>

#include "catch.hpp"
#include "support/allocation_count.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace {

/// Answers each request that ends in a write, and keeps nothing.
struct answering {
    static constexpr auto proves = backends::evidence::none;
    static constexpr std::string_view yes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    std::size_t unsaid = 0;

    void resolve(const backends::destination&) {}
    backends::io_result resolved() { return {1, {}}; }
    void connect(std::size_t) {}
    backends::io_result connected() { return {}; }
    backends::io_result write_some(std::span<const char> bytes) noexcept {
        unsaid += yes.size();
        return {bytes.size(), {}};
    }
    backends::io_result read_some(std::span<char> room) noexcept {
        const std::size_t said = (yes.size() - unsaid % yes.size()) % yes.size();
        const std::size_t n = std::min({unsaid, std::size_t{7}, yes.size() - said, room.size()});
        yes.copy(room.data(), n, said);
        unsaid -= n;
        return n == 0 ? backends::io_result::pending() : backends::io_result{n, {}};
    }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept { return {}; }
    void half_close() noexcept {}
    void close() noexcept {}
    void abort() noexcept {}
};

}  // namespace

TEST_CASE("writing requests and reading answers allocates nothing") {
    backends::http_post<answering> t;
    t.resolve({.host = "db", .interface_name = "", .service = "80"});
    t.connect(0);
    REQUIRE_FALSE(t.connected().error);
    const std::string record = std::string(300, 'x') + "\n";
    std::array<char, 512> room;
    std::size_t written = 0;
    const auto before = test::allocation_count();
    for (int i = 0; i < 10'000; ++i) {
        written += t.write_some(record).count;
        static_cast<void>(t.read_some(room));
    }
    const auto after = test::allocation_count();
    CHECK(after == before);
    CHECK(written == 10'000 * record.size());
    CHECK(t.unacknowledged() == 0U);
}
