// SPDX-License-Identifier: BSL-1.0
//
// What two threads do to a wait-free chart, step by step on one: at every single load of a reading
// the recorder gets a few rows in, and at every single store of a recording the reader reads.
#include <backends/storage/recording_policy.hpp>

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

/// Runs `interruption` once, instead of a second thread, before the load or store that `countdown`
/// reaches.
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

/// A chart, its recorder and its exporter. Every value tells its row, which tells its time. Where
/// `is_steady` is false the clock is set back at every third row.
struct scene {
    basic_chart<double_cell, 4, interrupted> chart{"c", {"a", "b", "c"}, value_kind::integer, {}};
    bool is_steady;
    int rows = 0;
    std::uint64_t recorded = 0;

    stored<sum>::cursor sums;
    as_collected::cursor values;
    std::uint64_t samples = 0;
    std::uint64_t overrun = 0;
    std::array<int, 3> newest{};
    bool is_right = true;

    scene(bool steady, int before) : is_steady{steady} { record(before); }

    /// Rows are numbered from 1, slots from 0: no row leaves a gap.
    [[nodiscard]] unix_seconds time_of(int row) const {
        return is_steady ? 5000 + row : 5000 + row - 100 * (row / 3);
    }
    void record(int n) {
        for (; n != 0; --n) {
            const int row = ++rows;
            bool was_taken = false;
            if (row % 4 == 0) {  // not every dimension
                chart.set(0, row);
                was_taken = chart.commit(time_of(row));
                recorded += 1;
            } else {
                was_taken = chart.record(time_of(row), {row, row, row});
                recorded += 3;
            }
            is_right = is_right && was_taken;
        }
    }
    void read() {
        double first = 0;
        const auto done = stored<sum>::read(
            chart, sums, 1, [&](std::size_t i, std::size_t, unix_seconds, double value) {
                first = i == 0 ? value : first;
            });
        is_right = is_right && is_sum_of_newest(first, sums.next);
        samples += done.samples;
        overrun += done.overrun;
        is_right = is_right && samples + overrun >= samples && done.overrun <= recorded;
        as_collected::read(chart, values, 1,
                           [&](std::size_t i, std::size_t, unix_seconds at, auto v) {
                               const auto row = static_cast<int>(v);
                               is_right = is_right && at == time_of(row) && row > newest[i];
                               newest[i] = row;
                           });
        look(chart.unread(0));
        for (const slot_range range : chart.window(INT64_MIN, INT64_MAX)) {
            look(range);
        }
    }
    /// The first dimension has a sample in every slot, its row. What was overwritten while it was
    /// read would be later than the newest slot of the reading, and give another sum.
    static bool is_sum_of_newest(double sum, slot_number next) {
        double expected = 0;
        for (slot_number n = 0; n <= 3 && sum != expected; ++n) {
            expected += static_cast<double>(next - n);
        }
        return sum == expected;
    }
    /// Every kept row is that of its slot: whole, or of the one dimension that was set. Its time is
    /// that of the row, or forgotten: there were several steps meanwhile.
    void look(slot_range range) {
        slot_number slot = range.end;
        chart.visit<3>(range, 0, [&](const auto& words) {
            const auto row = static_cast<int>(slot--);
            const double others = row % 4 == 0 ? double_cell::gap : row;
            is_right = is_right && words[0] == row && same_bits(words[1], others) &&
                       same_bits(words[2], others);
            const unix_seconds time = chart.time_of(row - 1);
            is_right = is_right && (time == time_of(row) || time == chart.no_time);
        });
    }
    /// With nothing going on any more, the account must be exact.
    void settle() {
        read();
        REQUIRE(is_right);
        REQUIRE(samples + overrun == recorded);
        REQUIRE(newest[0] == rows);
        REQUIRE(newest[1] == (rows % 4 == 0 && rows != 0 ? rows - 1 : rows));
        for (int row = rows; row > 0 && row > rows - 4; --row) {
            REQUIRE(chart.time_of(row - 1) == time_of(row));
        }
        REQUIRE(chart.window(INT64_MIN, INT64_MAX).size() ==
                static_cast<std::uint64_t>(rows < 4 ? rows : 4));
    }
};

}  // namespace

TEST_CASE("a reading that is interrupted at any load sees only whole rows and loses no count") {
    for (const bool is_steady : {true, false}) {
        for (int before = 0; before <= 9; ++before) {
            for (int rows = 1; rows <= 12; ++rows) {
                bool was_reached = true;
                for (int k = 1; was_reached; ++k) {
                    scene s{is_steady, before};
                    was_reached = interrupt(k, [&] { s.read(); }, [&] { s.record(rows); });
                    s.settle();
                }
            }
        }
    }
}

TEST_CASE("a recording that is interrupted at any store shows nothing half done") {
    for (const bool is_steady : {true, false}) {
        for (int before = 0; before <= 9; ++before) {
            bool was_reached = true;
            for (int k = 1; was_reached; ++k) {
                scene s{is_steady, before};
                was_reached = interrupt(k, [&] { s.record(3); }, [&] { s.read(); });
                s.settle();
            }
        }
    }
}
