// SPDX-License-Identifier: BSL-1.0
//
// The laws of counting cells that one thread can check; broken_between_threads() takes several.
#pragma once

#include <backends/instrument/counting_cells.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// What holds for every model:
/// 1. words begin at 0, and the sum over the blocks is what was added, modulo 2^64;
/// 2. what is added to one word changes no other;
/// 3. a block that was held stays in the sum, and is held again;
/// 4. between threads: nothing that was added is lost, also of threads that have ended.
template <counting_cells Cells>
struct counting_cells_laws {
    /// The first law that does not hold, or an empty text.
    static std::string broken() {
        Cells cells{3};
        for (std::size_t i = 0; i < 3; ++i) {
            if (cells.sum(i) != 0) {
                return "a word does not begin at 0";
            }
        }
        cells.mine().add(1, 5);
        cells.mine().add(1, (std::numeric_limits<std::uint64_t>::max)());
        cells.mine().add(2, 7);
        cells.mine().update(2, [](std::uint64_t n) noexcept { return 2 * n; });
        if (cells.sum(1) != 4 || cells.sum(2) != 14) {
            return "the sum is not what was added";
        }
        if (cells.sum(0) != 0) {
            return "one word's addition changes another";
        }
        for (int n = 0; n < 3; ++n) {
            auto one = cells.hold();
            auto other = cells.hold();
            one.get().add(0, 1);
            other.get().add(0, 10);
        }
        if (cells.sum(0) != 33) {
            return "what a holder added is not in the sum";
        }
        std::uint64_t folded = 0;
        cells.each([&](const std::uint64_t* block) noexcept { folded += block[2]; });
        return folded == 14 ? "" : "the blocks are not what the sum is of";
    }

    /// Fewer or more than the sum says. Starts threads one after the other and at once.
    static std::string broken_between_threads(std::uint64_t adds = 20'000) {
        constexpr std::uint64_t threads = 4;
        constexpr std::uint64_t rounds = 3;
        Cells cells{2};
        std::uint64_t seen = 0;
        bool has_gone_back = false;
        for (std::uint64_t round = 0; round < rounds; ++round) {
            std::vector<std::thread> all;
            std::atomic<std::uint64_t> started{0};
            for (std::uint64_t t = 0; t < threads; ++t) {
                all.emplace_back([&cells, &started, adds] {
                    ++started;
                    while (started != threads) {  // at once, or nothing comes between
                        std::this_thread::yield();
                    }
                    for (std::uint64_t n = 0; n < adds; ++n) {
                        cells.mine().add(0, 1);
                        cells.mine().update(1, [](std::uint64_t w) noexcept { return w + 3; });
                    }
                });
            }
            for (int n = 0; n < 100; ++n) {
                const std::uint64_t now = cells.sum(0);
                has_gone_back = has_gone_back || now < seen;
                seen = now;
            }
            for (std::thread& one : all) {
                one.join();
            }
        }
        const std::uint64_t expected = rounds * threads * adds;
        return has_gone_back                  ? "a sum goes back"
               : cells.sum(0) != expected     ? "an addition is lost, or counted twice"
               : cells.sum(1) != 3 * expected ? "an update is lost, or counted twice"
                                              : "";
    }
};

}  // namespace backends::testing
