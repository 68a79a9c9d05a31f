// SPDX-License-Identifier: BSL-1.0
//
// A chart against a naive model that keeps every row by its slot: bytes are operations, recording in
// step, with jumps, late, early, in part, not finite, and reading by window and by cursor, rows and
// their reductions. For each kind of cell and each recording policy, in rings of 1 to 17 rows.
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/float_cell.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/packed_cell.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace backends;
using fuzz::require;

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

int128 floor_of(int128 n, int128 by) { return n / by - (n % by < 0 ? 1 : 0); }

constexpr std::size_t widest = 30;
using row_values = std::array<double, widest>;

// What is kept, in the order of time; all that is known about slots is their time.
struct model {
    std::int64_t every;
    std::size_t capacity;
    std::size_t width;
    struct row {
        int128 time;
        row_values values;
    };
    std::vector<row> rows{};  // jumped-over rows are not there, and neither are overwritten ones
    std::optional<unix_seconds> first{};
    int128 newest = 0;
    chart_counters counters{};
    std::uint64_t samples = 0;

    bool record(unix_seconds at, const row_values& values) {
        // The time in step with the newest is taken without a look at the limit.
        const bool in_step = first && at == newest + every;
        if (!in_step && (at < -slot_grid::latest || at > slot_grid::latest)) {
            ++counters.refused;
            return false;
        }
        if (!first) {
            first = at;
            newest = int128{at} - every;
        }
        const int128 time = *first + floor_of(int128{at} - *first + every / 2, every) * every;
        if (time <= newest) {
            ++counters.refused;
            return false;
        }
        newest = time;
        for (std::size_t i = 0; i != width; ++i) {
            samples += std::isnan(values[i]) ? 0U : 1U;
        }
        rows.push_back({time, values});
        std::erase_if(rows, [oldest = oldest()](const row& r) { return r.time < oldest; });
        return true;
    }
    [[nodiscard]] int128 oldest() const {
        return std::max(int128{*first}, newest - (static_cast<int128>(capacity) - 1) * every);
    }
    /// The row of that time; gaps where none was recorded.
    [[nodiscard]] const row_values& at(int128 time) const {
        static const row_values gaps = [] {
            row_values all;
            all.fill(gap);
            return all;
        }();
        const auto found = std::ranges::lower_bound(rows, time, {}, &row::time);
        return found == rows.end() || found->time != time ? gaps : found->values;
    }
};

/// `Capacity` as of basic_chart.
template <class Cell, std::size_t Capacity, class Recording>
class trial {
    using chart_type = basic_chart<Cell, Capacity, Recording>;

public:
    explicit trial(fuzz::decisions& in)
        : in_{in},
          model_{1 + static_cast<std::int64_t>(in.up_to(11)),
                 Capacity == dynamic_capacity ? 1 + in.up_to(16) : Capacity,
                 1 + in.up_to(widest - 1)},
          width_{model_.width},
          input_(width_),
          chart_{"c", names(), value_kind::floating, options()} {}

    void run() {
        for (int n = 0; n != 200 && !in_.empty(); ++n) {
            take(in_.up_to(15));
            check_account();
        }
        read_window(INT64_MIN, INT64_MAX);
        read_unread();
    }

private:
    [[nodiscard]] std::vector<new_dimension> names() const {
        std::vector<new_dimension> all;
        for (std::size_t i = 0; i != width_; ++i) {
            all.emplace_back(std::to_string(i));
        }
        return all;
    }
    [[nodiscard]] chart_options options() const {
        return {
            .update_every = seconds{model_.every},
            .entries = Capacity == dynamic_capacity ? model_.capacity : chart_options{}.entries};
    }

    [[nodiscard]] unix_seconds near_newest(int128 slots, int128 seconds) const {
        const int128 base = model_.first ? model_.newest : 1'795'367'461;
        const int128 at = base + slots * model_.every + seconds;
        return at > INT64_MAX   ? INT64_MAX
               : at < INT64_MIN ? INT64_MIN
                                : static_cast<unix_seconds>(at);
    }

    void take(unsigned what) {
        switch (what) {
            case 0:
            case 1:
            case 2:
            case 3: record(near_newest(1, 0)); return;
            case 4:  // steadily, past the ring's end
                for (unsigned n = in_.up_to(40); n != 0; --n) {
                    record(near_newest(1, 0));
                }
                return;
            case 5: record(near_newest(1 + in_.up_to(40), 0)); return;
            case 6: record(near_newest(1, int128{in_.take<std::int8_t>()})); return;
            case 7: record(near_newest(-int128{in_.take<std::uint8_t>()}, 0)); return;
            case 8: record(near_newest(1, in_.take<std::int32_t>())); return;
            case 9: record(in_.take<unix_seconds>()); return;
            case 10: record_part(near_newest(1 + in_.up_to(2), 0)); return;
            case 11:
                read_window(near_newest(-int128{in_.up_to(20)}, in_.take<std::int8_t>()),
                            near_newest(0, in_.take<std::int8_t>()));
                return;
            case 12: {
                const auto after = in_.take<unix_seconds>();
                read_window(after, in_.take<unix_seconds>());
                return;
            }
            case 13: read_window(INT64_MIN, near_newest(0, in_.take<std::int8_t>())); return;
            default: read_unread(); return;
        }
    }

    // Whole numbers up to 255 are exact in every cell. Four bytes are enough for a wide row, so that
    // a short input has many.
    const std::vector<double>& row() {
        std::vector<double>& values = input_;
        std::array<std::uint8_t, 4> bytes{};
        for (std::size_t i = 0; i != width_; ++i) {
            std::uint8_t& byte = bytes[i % bytes.size()];
            byte = i < bytes.size() ? in_.take<std::uint8_t>() : byte;
            values[i] = byte == 254   ? gap
                        : byte == 255 ? std::numeric_limits<double>::infinity()
                                      : static_cast<double>(byte) + static_cast<double>(i) - 130;
        }
        return values;
    }

    void expect(bool taken, unix_seconds at, std::bitset<widest> given) {
        std::uint64_t not_finite = 0;
        row_values values;
        for (std::size_t i = 0; i != width_; ++i) {
            not_finite += given[i] && !std::isfinite(input_[i]) ? 1U : 0U;
            values[i] = given[i] && std::isfinite(input_[i]) ? input_[i] : gap;
        }
        const bool expected = model_.record(at, values);
        require(taken == expected, "taken or refused, as it should be");
        model_.counters.non_finite += expected ? not_finite : 0;
    }

    void record(unix_seconds at) {
        expect(chart_.record(at, row()), at, std::bitset<widest>{}.set());
    }

    void record_part(unix_seconds at) {
        row();
        const unsigned which = in_.up_to(255);
        std::bitset<widest> given;
        for (std::size_t i = 0; i != width_; ++i) {
            given[i] = (which >> i & 1U) != 0;
            if (given[i]) {
                chart_.set(i, input_[i]);
            }
        }
        expect(chart_.commit(at), at, given);
    }

    void read_window(unix_seconds after, unix_seconds before) {
        const slot_range range = chart_.window(after, before);
        if (!model_.first) {
            require(range.empty(), "nothing is kept yet");
            return;
        }
        times_.clear();
        for (int128 t = model_.oldest(); t <= model_.newest; t += model_.every) {
            if (t > after && t <= before) {
                times_.push_back(t);
            }
        }
        compare(range);
    }

    // Reading with a cursor: everything that is kept and was not read yet, and what was lost.
    void read_unread() {
        const slot_range range = chart_.unread(cursor_);
        if (!model_.first) {
            require(range.empty(), "nothing is kept yet");
            return;
        }
        times_.clear();
        for (int128 t = std::max(model_.oldest(), read_until_); t <= model_.newest;
             t += model_.every) {
            times_.push_back(t);
        }
        compare(range);
        require(chart_.unread(INT64_MAX).empty(), "nothing behind the last slot");
        if (!range.empty()) {
            cursor_ = range.end;
            read_until_ = model_.newest + model_.every;
        }
        require(chart_.unread(cursor_).empty(), "nothing is read twice");
    }

    void compare(slot_range range) {
        const std::vector<int128>& times = times_;
        require(range.size() == times.size(), "as many rows");
        if (times.empty()) {
            return;
        }
        require(chart_.time_of(range.first) == times.front() &&
                    chart_.time_of(range.end - 1) == times.back() &&
                    chart_.slot_of(chart_.time_of(range.first)) == range.first,
                "slots and times belong together");
        compare_reductions();
        std::size_t column = 0;
        for (; column + 2 <= width_; column += 2) {
            visit<2>(range, column);
        }
        if (column != width_) {
            visit<1>(range, column);
        }
    }

    template <std::size_t N>
    void visit(slot_range range, std::size_t column) {
        const std::vector<int128>& times = times_;
        std::size_t left = times.size();
        const auto look = [&](const auto& words) {
            require(left != 0, "no row more");
            const row_values& expected = model_.at(times[--left]);
            for (std::size_t i = 0; i != N; ++i) {
                const bool exists = Cell::exists(words[i]);
                const double found = exists ? static_cast<double>(Cell::load(words[i])) : gap;
                require(same(found, expected[column + i]), "each row as recorded");
            }
        };
        const std::uint64_t seen = chart_.template visit<N>(range, column, look);
        require(left == 0 && seen == times.size(), "all rows are visited");
    }

    // The times are in a row, so that they are a window.
    void compare_reductions() {
        const std::vector<int128>& times = times_;
        const int128 after = times.front() - 1;
        if (after < INT64_MIN || times.back() > INT64_MAX) {
            return;
        }
        row_values sums;
        sums.fill(gap);
        row_values least = sums;
        row_values most = sums;
        for (const int128 time : times) {
            const row_values& row = model_.at(time);
            for (std::size_t i = 0; i != width_; ++i) {
                if (const double v = row[i]; !std::isnan(v)) {
                    sums[i] = std::isnan(sums[i]) ? v : sums[i] + v;
                    least[i] = std::fmin(least[i], v);
                    most[i] = std::fmax(most[i], v);
                }
            }
        }
        const auto from = static_cast<unix_seconds>(after);
        const auto until = static_cast<unix_seconds>(times.back());
        const auto match = [](row_values& expected) {
            return [&expected](std::size_t i, std::size_t, unix_seconds, auto value) noexcept {
                require(same(number(value), expected[i]), "a reduction of the window");
                expected[i] = gap;  // each once
            };
        };
        const auto all_came = [](const row_values& expected) {
            for (const double v : expected) {
                require(std::isnan(v), "every dimension with samples");
            }
        };
        stored<sum>::read_window(chart_, from, until, match(sums));
        all_came(sums);
        stored<fused<minimum, maximum>>::read_window(
            chart_, from, until,
            [&](std::size_t i, std::size_t which, unix_seconds at, auto value) noexcept {
                match(which == 0 ? least : most)(i, which, at, value);
            });
        all_came(least);
        all_came(most);
    }
    static double number(double v) { return v; }
    static double number(decimal v) { return static_cast<double>(v.units) / decimal::scale; }

    void check_account() const {
        const chart_counters c = chart_.counters();
        require(c.refused == model_.counters.refused && c.saturated == 0 &&
                    c.non_finite == model_.counters.non_finite,
                "the account");
        const recorded_samples r = chart_.recorded();
        require(!model_.first || (r.is_settled && r.samples == model_.samples &&
                                  chart_.time_of(r.kept.end - 1) == model_.newest),
                "samples are counted");
    }

    fuzz::decisions& in_;
    model model_;
    std::size_t width_;
    std::vector<double> input_;    // the row that was given last; a byte too many is noticed
    std::vector<int128> times_{};  // of the rows that should be read
    chart_type chart_;
    slot_number cursor_ = INT64_MIN;
    int128 read_until_ = INT64_MIN;
};

template <class Cell>
void run_with(unsigned recording, fuzz::decisions& in) {
    switch (recording) {
        case 0: trial<Cell, dynamic_capacity, unsynchronized>{in}.run(); return;
        case 1: trial<Cell, dynamic_capacity, locked>{in}.run(); return;
        default: trial<Cell, dynamic_capacity, wait_free>{in}.run(); return;
    }
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const unsigned kind = in.up_to(11);
    switch (kind) {
        case 9: trial<double_cell, 1, wait_free>{in}.run(); return 0;
        case 10: trial<packed_cell, 6, wait_free>{in}.run(); return 0;
        case 11: trial<float_cell, 8, locked>{in}.run(); return 0;
        default: break;
    }
    switch (kind / 3) {
        case 0: run_with<double_cell>(kind % 3, in); return 0;
        case 1: run_with<float_cell>(kind % 3, in); return 0;
        default: run_with<packed_cell>(kind % 3, in); return 0;
    }
}
