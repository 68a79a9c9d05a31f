// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/confirmation.hpp>

#include <backends/delivery/machine.hpp>
#include <backends/testing/delivery_laws.hpp>

#include "catch.hpp"
#include "unit/delivery/script.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

namespace confirm = backends::confirm;

//! [own_confirmation]
/// Delivered when the peer's program has read it, judging by its window, however late it reads.
/// As confirm::acked_replay<>, but without a bound of its own: the queue's is enough.
struct seen {
    static constexpr std::string_view name = "seen";
    static constexpr std::size_t holds = std::size_t{8} << 20;

    static constexpr std::uint64_t confirmed(const backends::progress& p) noexcept {
        return p.ended ? p.written : p.acknowledged() - p.unread;
    }
    static constexpr std::uint64_t remaining(const backends::progress&) noexcept {
        return backends::unbounded;
    }
};
static_assert(backends::confirmation<seen>);
//! [own_confirmation]

template <class Policy>
void check_laws() {
    for (std::uint64_t written = 0; written <= 400; written += 13) {
        for (std::uint64_t acknowledged = 0; acknowledged <= written; acknowledged += 7) {
            for (std::uint64_t unread = 0; unread <= acknowledged; unread += 11) {
                for (const std::uint64_t batches : {0U, 1U, 5U}) {
                    REQUIRE(backends::testing::confirmation_laws<Policy>::broken(
                                written, acknowledged, unread, batches) == "");
                }
            }
        }
    }
}

}  // namespace

TEST_CASE("the confirmation levels keep their laws") {
    check_laws<confirm::written>();
    check_laws<confirm::acked>();
    check_laws<confirm::acked_replay<100>>();
    check_laws<confirm::acked_replay<>>();
    check_laws<confirm::acked_replay<confirm::window_deficit, 50>>();
    check_laws<confirm::epoch<>>();
    check_laws<confirm::epoch<100, 3>>();
    check_laws<seen>();
}

TEST_CASE("each level confirms less than the weaker one") {
    const backends::progress p{.written = 100, .unacknowledged = 20, .unread = 30, .batches = 0};
    CHECK(confirm::written::confirmed(p) == 100);
    CHECK(confirm::acked::confirmed(p) == 80);
    CHECK(confirm::acked_replay<10>::confirmed(p) == 70);
    CHECK(confirm::acked_replay<90>::confirmed(p) == 0);
    CHECK(confirm::acked_replay<>::confirmed(p) == 50);
    CHECK(confirm::acked_replay<confirm::window_deficit, 5>::confirmed(p) == 75);
    CHECK(confirm::epoch<>::confirmed(p) == 0);
}

TEST_CASE("a level of one's own drives the machine") {
    script<backends::delivery<seen>> s{{.queue_bytes = std::size_t{16} << 20}};
    s.put("one\ntwo\n");
    s.connect();
    s.expect_write();
    s.wrote(8, backends::ack_report{std::size_t{0}, 3});
    CHECK(s.counters().confirmed == backends::amount{1, 4});
}

TEST_CASE("an epoch leaves room for what is missing to its end") {
    using epoch = confirm::epoch<100, 2>;
    CHECK(epoch::remaining({.written = 0}) == 100);
    CHECK(epoch::remaining({.written = 99}) == 1);
    CHECK(epoch::remaining({.written = 250}) == 0);
    CHECK(epoch::remaining({.written = 10, .batches = 2}) == 0);
}
