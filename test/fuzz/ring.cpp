// SPDX-License-Identifier: BSL-1.0
//
// A chart against a naive model that keeps every row in a list: bytes are operations, recording in
// step, with jumps, late, early, by a clock that is set, in part, not finite, and reading by window
// and by cursor, rows and their reductions. For each kind of cell and each recording policy, in
// rings of 1 to 17 rows.
#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <deque>
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

constexpr unix_seconds today = 1'795'367'461;

// Believes that it is today for ever; the same for whoever shares a chart.
template <class Recording>
struct of_today : Recording {
    static wall_time wall_clock() noexcept { return {today}; }
};

// What was recorded, slot by slot.
struct model {
    std::int64_t every;
    std::size_t capacity;
    std::size_t width;
    std::int64_t lateness;
    struct row {
        int128 time;
        unsigned settings;  // of the clock, before it
        row_values values;
    };
    std::deque<row> rows{};  // those that are kept, gaps too
    std::int64_t slots = 0;  // that there were
    chart_counters counters{};
    std::uint64_t samples = 0;

    [[nodiscard]] bool any() const { return !rows.empty(); }
    [[nodiscard]] int128 newest() const { return rows.back().time; }
    [[nodiscard]] slot_number first() const {
        return slots - static_cast<slot_number>(rows.size());
    }

    bool record(unix_seconds at, const row_values& values) {
        // A row in step with the newest is taken without a look at any limit.
        const int128 slots_on = any() ? floor_of(at - newest() + every / 2, every) : 0;
        const bool is_in_step = any() && at == newest() + every;
        const bool is_late =
            any() && slots_on < 1 && (1 - slots_on) * every <= std::max(lateness, every);
        if (!is_in_step && (at < -latest_time || at > latest_time || is_late ||
                            (slots_on != 1 && at > today + 86'400))) {
            ++counters.refused;
            return false;
        }
        unsigned settings = any() ? rows.back().settings : 0;
        int128 time = at;
        if (any() && slots_on >= 1 && slots_on - 1 <= static_cast<int128>(capacity / 2)) {
            time = newest() + slots_on * every;
            while (newest() + every < time) {
                push({newest() + every, settings, gaps()});
            }
        } else if (any()) {
            ++settings;
            counters.clock_steps += slots_on < 1 ? 1 : 0;
        }
        for (std::size_t i = 0; i != width; ++i) {
            samples += std::isnan(values[i]) ? 0U : 1U;
        }
        push({time, settings, values});
        return true;
    }
    /// Of a slot that is kept.
    [[nodiscard]] const row& at(slot_number slot) const {
        return rows[static_cast<std::size_t>(slot - first())];
    }
    /// The newest four stretches of time are known.
    [[nodiscard]] bool is_known(const row& r) const {
        return rows.back().settings - r.settings < 4;
    }

private:
    void push(const row& r) {
        rows.push_back(r);
        ++slots;
        if (rows.size() > capacity) {
            rows.pop_front();
        }
    }
    static row_values gaps() {
        row_values all;
        all.fill(gap);
        return all;
    }
};

/// `Capacity` as of basic_chart.
template <class Cell, std::size_t Capacity, class Recording>
class trial {
    using chart_type = basic_chart<Cell, Capacity, of_today<Recording>>;

public:
    explicit trial(fuzz::decisions& in)
        : in_{in},
          model_{1 + static_cast<std::int64_t>(in.up_to(11)),
                 Capacity == dynamic_capacity ? 1 + in.up_to(16) : Capacity,
                 1 + in.up_to(widest - 1), in.up_to(40)},
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
            .entries = Capacity == dynamic_capacity ? std::optional{model_.capacity} : std::nullopt,
            .allowed_lateness = seconds{model_.lateness}};
    }

    [[nodiscard]] unix_seconds near_newest(int128 slots, int128 seconds) const {
        const int128 base = model_.any() ? model_.newest() : today;
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
            case 7: record(near_newest(1 - int128{in_.take<std::uint8_t>()}, 0)); return;
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

    // Whole numbers up to 255 are exact in every cell. Four bytes are enough for a wide row, so
    // that a short input has many.
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
        slots_.clear();
        for (slot_number slot = model_.slots; slot-- > model_.first();) {
            const auto& row = model_.at(slot);
            if (model_.is_known(row) && row.time > after && row.time <= before) {
                slots_.push_back(slot);
            }
        }
        const slot_window window = chart_.window(after, before);
        slot_number later = INT64_MAX;
        for (const slot_range range : window) {
            require(!range.empty() && range.end < later, "ranges with something between them");
            later = range.first;
        }
        compare(window);
        compare_reductions(after, before);
    }

    // Reading with a cursor: everything that is kept and was not read yet, and what was lost.
    void read_unread() {
        const slot_range range = chart_.unread(cursor_);
        slots_.clear();
        for (slot_number slot = model_.slots; slot-- > std::max(model_.first(), cursor_);) {
            slots_.push_back(slot);
        }
        compare(range);
        require(chart_.unread(INT64_MAX).empty(), "nothing behind the last slot");
        if (!range.empty()) {
            cursor_ = range.end;
        }
        require(chart_.unread(cursor_).empty(), "nothing is read twice");
    }

    template <class Slots>
    void compare(const Slots& slots) {
        require(slots.size() == slots_.size() && slots.empty() == slots_.empty(), "as many rows");
        for (const slot_number slot : slots_) {
            const auto& row = model_.at(slot);
            require(chart_.time_of(slot) == (model_.is_known(row) ? row.time : chart_.no_time),
                    "slots and times belong together");
        }
        std::size_t column = 0;
        for (; column + 2 <= width_; column += 2) {
            visit<2>(slots, column);
        }
        if (column != width_) {
            visit<1>(slots, column);
        }
    }

    template <std::size_t N, class Slots>
    void visit(const Slots& slots, std::size_t column) {
        auto next = slots_.begin();
        const auto look = [&](const auto& words) {
            require(next != slots_.end(), "no row more");
            const row_values& expected = model_.at(*next++).values;
            for (std::size_t i = 0; i != N; ++i) {
                const bool exists = Cell::exists(words[i]);
                const double found = exists ? static_cast<double>(Cell::load(words[i])) : gap;
                require(same(found, expected[column + i]), "each row as recorded");
            }
        };
        const std::uint64_t seen = chart_.template visit<N>(slots, column, look);
        require(next == slots_.end() && seen == slots_.size(), "all rows are visited");
    }

    void compare_reductions(unix_seconds after, unix_seconds before) {
        row_values sums;
        sums.fill(gap);
        row_values least = sums;
        row_values most = sums;
        for (const slot_number slot : slots_) {
            const row_values& row = model_.at(slot).values;
            for (std::size_t i = 0; i != width_; ++i) {
                if (const double v = row[i]; !std::isnan(v)) {
                    sums[i] = std::isnan(sums[i]) ? v : sums[i] + v;
                    least[i] = std::fmin(least[i], v);
                    most[i] = std::fmax(most[i], v);
                }
            }
        }
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
        stored<sum>::read_window(chart_, after, before, match(sums));
        all_came(sums);
        stored<fused<minimum, maximum>>::read_window(
            chart_, after, before,
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
                    c.non_finite == model_.counters.non_finite &&
                    c.clock_steps == model_.counters.clock_steps,
                "the account");
        const recorded_samples r = chart_.recorded();
        require(!model_.any() || (r.is_consistent && r.samples == model_.samples &&
                                  r.kept == slot_range{model_.first(), model_.slots}),
                "samples are counted");
    }

    fuzz::decisions& in_;
    model model_;
    std::size_t width_;
    std::vector<double> input_;         // the row that was given last; a byte too many is noticed
    std::vector<slot_number> slots_{};  // that should be read, the newest first
    chart_type chart_;
    slot_number cursor_ = 0;
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
