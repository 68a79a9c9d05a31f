// SPDX-License-Identifier: BSL-1.0
//
// What two threads do to a wait-free chart, step by step on one: at every single load of a reading
// the recorder gets a few rows in, and at every single store of a recording the reader reads.
#include <backends/storage/recording.hpp>

#include <backends/source/as_collected.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>

#include "catch.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <functional>

using namespace backends;

namespace {

/// Runs `interruption` once, instead of a second thread, before the load or store that `countdown` reaches.
struct interrupted {
    static constexpr bool is_read_while_recorded = true;
    static inline std::function<void()> interruption;
    static inline int countdown = 0;

    static void step() noexcept {
        if (countdown > 0 && --countdown == 0) {
            interruption();
        }
    }
    template <class Word>
    static Word load(const Word& word) noexcept {
        step();
        return word;
    }
    template <class Word>
    static void store(Word& word, Word value) noexcept {
        step();
        word = value;
    }
    [[nodiscard]] detail::no_guard recording() const noexcept { return {}; }
    [[nodiscard]] detail::no_guard reading() const noexcept { return {}; }
};

/// Runs `outer`, and `inner` in its k-th step; false when there is no such step.
template <class Outer, class Inner>
bool interrupt(int k, Outer outer, Inner inner) {
    interrupted::interruption = inner;
    interrupted::countdown = k;
    outer();
    const bool was_reached = interrupted::countdown == 0;
    interrupted::countdown = 0;
    return was_reached;
}

/// -0 is not 0 here.
bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// A chart, its recorder and its exporter. Every value tells its time.
struct scene {
    basic_chart<double_cell, 4, interrupted> chart{"c", {"a", "b", "c"}, value_kind::integer, {}};
    unix_seconds now = 0;
    std::uint64_t recorded = 0;

    stored<sum>::cursor sums;
    as_collected::cursor values;
    std::uint64_t samples = 0;
    std::uint64_t overrun = 0;
    std::array<unix_seconds, 3> newest{};
    bool is_right = true;

    explicit scene(int rows) { record(rows); }

    void record(int rows) {
        for (int n = 0; n < rows; ++n) {
            ++now;
            if (now % 3 == 0) {  // not every dimension, and a jump now and then
                chart.set(0, now);
                chart.commit(now);
                recorded += 1;
            } else {
                chart.record(now, {now, now, now});
                recorded += 3;
            }
        }
    }
    void read() {
        double first = 0;
        const auto done = stored<sum>::read(
            chart, sums, now, [&](std::size_t i, std::size_t, unix_seconds, double value) {
                first = i == 0 ? value : first;
            });
        is_right = is_right && is_sum_of_newest(first, sums.next);
        samples += done.samples;
        overrun += done.overrun;
        is_right = is_right && samples + overrun >= samples && done.overrun <= recorded;
        as_collected::read(
            chart, values, now, [&](std::size_t i, std::size_t, unix_seconds at, auto v) {
                is_right = is_right && static_cast<unix_seconds>(v) == at && at > newest[i];
                newest[i] = at;
            });
        look();
    }
    /// The first dimension has a sample in every slot, its time. What was overwritten while it was read
    /// would be later than the newest slot of the reading, and give another sum.
    static bool is_sum_of_newest(double sum, slot_number next) {
        double expected = 0;
        for (slot_number n = 1; n <= 4 && sum != expected; ++n) {
            expected += static_cast<double>(next - n);
        }
        return sum == expected;
    }
    /// Every kept row is that of its slot: whole, or of the one dimension that was set.
    void look() {
        const slot_range range = chart.window(INT64_MIN, INT64_MAX);
        slot_number slot = range.end;
        chart.visit<3>(range, 0, [&](const auto& row) {
            const auto at = static_cast<double>(chart.time_of(--slot));
            const bool is_partial = chart.time_of(slot) % 3 == 0;
            const double others = is_partial ? double_cell::gap : at;
            is_right =
                is_right && row[0] == at && same_bits(row[1], others) && same_bits(row[2], others);
        });
    }
    /// With nothing going on any more, the account must be exact.
    void settle() {
        read();
        REQUIRE(is_right);
        REQUIRE(samples + overrun == recorded);
        if (now == 0) {
            return;  // there never was a row
        }
        REQUIRE(newest[0] == now);
        REQUIRE(newest[1] == (now % 3 == 0 ? now - 1 : now));
    }
};

}  // namespace

TEST_CASE("a reading that is interrupted at any load sees only whole rows and loses no count") {
    for (int before = 0; before <= 9; ++before) {
        for (int rows = 1; rows <= 6; ++rows) {
            bool was_reached = true;
            for (int k = 1; was_reached; ++k) {
                scene s{before};
                was_reached = interrupt(k, [&] { s.read(); }, [&] { s.record(rows); });
                s.settle();
            }
        }
    }
}

TEST_CASE("a recording that is interrupted at any store shows nothing half done") {
    for (int before = 0; before <= 9; ++before) {
        bool was_reached = true;
        for (int k = 1; was_reached; ++k) {
            scene s{before};
            was_reached = interrupt(k, [&] { s.record(3); }, [&] { s.read(); });
            s.settle();
        }
    }
}
