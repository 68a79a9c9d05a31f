// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/thread_cells.hpp>

#include "catch.hpp"

#include <cstdint>
#include <latch>
#include <set>
#include <thread>
#include <vector>

using backends::thread_cells;
namespace detail = backends::detail;

namespace {

/// All numbers but those of living threads, taken for as long as it lives.
class all_numbers_taken {
public:
    all_numbers_taken() {
        for (std::uint32_t n = detail::take_thread_number(); n != 0;) {
            taken_.push_back(n);
            n = detail::take_thread_number();
        }
    }
    all_numbers_taken(const all_numbers_taken&) = delete;
    ~all_numbers_taken() {
        for (const std::uint32_t n : taken_) {
            detail::give_back_thread_number(n);
        }
    }

private:
    std::vector<std::uint32_t> taken_;
};

std::size_t blocks_of(const thread_cells& cells) {
    std::size_t n = 0;
    cells.each([&](const std::uint64_t*) { ++n; });
    return n;
}

}  // namespace

TEST_CASE("threads one after the other go on in one block") {
    thread_cells cells{1};
    for (int n = 0; n < 100; ++n) {
        std::thread{[&] { cells.mine().add(0, 1); }}.join();
    }
    REQUIRE(cells.sum(0) == 100);
    REQUIRE(blocks_of(cells) == 2);  // theirs, and the one for all
}

TEST_CASE("no two blocks share a cache line") {
    for (const std::size_t words : {std::size_t{1}, std::size_t{8}, std::size_t{9}}) {
        thread_cells cells{words};
        cells.mine().add(0, 1);
        std::thread{[&] { cells.mine().add(0, 1); }}.join();
        const auto one = cells.hold();
        const auto other = cells.hold();
        std::set<std::uintptr_t> lines;
        std::size_t n = 0;
        cells.each([&](const std::uint64_t* block) {
            for (std::size_t i = 0; i < words; ++i) {
                lines.insert(reinterpret_cast<std::uintptr_t>(block + i) / 64);
            }
            ++n;
        });
        REQUIRE(n == 5);
        REQUIRE(lines.size() == n * ((words + 7) / 8));
    }
}

TEST_CASE("threads without a number add to the block for all, and nothing is lost") {
    thread_cells cells{1};
    const all_numbers_taken none_is_left;
    std::latch started{4};
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) {
        all.emplace_back([&] {
            started.arrive_and_wait();
            for (int n = 0; n < 100'000; ++n) {
                cells.mine().add(0, 1);
            }
        });
    }
    for (std::thread& one : all) {
        one.join();
    }
    REQUIRE(cells.sum(0) == 400'000);
    REQUIRE(blocks_of(cells) == 1);
}

TEST_CASE("a block that was held is held again, by one at a time") {
    thread_cells cells{1};
    for (int n = 0; n < 10; ++n) {
        const auto one = cells.hold();
        const auto other = cells.hold();
        one.get().add(0, 1);
        other.get().add(0, 1);
    }
    REQUIRE(cells.sum(0) == 20);
    REQUIRE(blocks_of(cells) == 3);
}

TEST_CASE("a holder may go to another thread") {
    thread_cells cells{1};
    auto held = cells.hold();
    held.get().add(0, 1);
    std::thread{[&cells, mine = std::move(held)] {
        mine.get().add(0, 1);
        cells.mine().add(0, 1);
    }}.join();
    REQUIRE(cells.sum(0) == 3);
}

TEST_CASE("threads that are born and die while a sampler sums lose nothing") {
    thread_cells cells{1};
    constexpr int lives = 200;
    constexpr std::uint64_t adds = 500;
    std::vector<std::thread> mothers;
    std::uint64_t done = 0;
    for (int m = 0; m < 3; ++m) {
        mothers.emplace_back([&] {
            for (int n = 0; n < lives; ++n) {
                std::thread{[&] {
                    for (std::uint64_t i = 0; i < adds; ++i) {
                        cells.mine().add(0, 1);
                    }
                    __atomic_fetch_add(&done, adds, __ATOMIC_RELEASE);
                }}.join();
            }
        });
    }
    constexpr std::uint64_t all = 3 * lives * adds;
    std::uint64_t last = 0;
    bool is_right = true;
    for (std::uint64_t before = 0; before != all;) {
        before = __atomic_load_n(&done, __ATOMIC_ACQUIRE);
        const std::uint64_t sum = cells.sum(0);
        is_right = is_right && sum >= before && sum >= last && sum <= all;
        last = sum;
    }
    for (std::thread& one : mothers) {
        one.join();
    }
    REQUIRE(is_right);
    REQUIRE(cells.sum(0) == all);
}
