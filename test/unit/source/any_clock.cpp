// SPDX-License-Identifier: BSL-1.0
//
// One chart, a clock that steps, freezes, runs ahead and lags, and several readers that come when
// they like: whatever is recorded each of them emits exactly once, with the value and the time that
// it was recorded with, or counts it as overrun.
#include <backends/source/stored.hpp>

#include <backends/source/as_collected.hpp>
#include <backends/source/count.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>
#include <backends/testing/naive_slots.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

using namespace backends;

namespace {

constexpr std::size_t width = 2;

/// The machine's clock is what a test says.
template <class Base>
struct by_hand : Base {
    static inline unix_seconds now = 0;
    static wall_time wall_clock() noexcept { return {now}; }
};

struct collected {
    unix_seconds at = 0;
    double value = 0;
    std::uint64_t stretches = 0;
    bool is_new = false;
};
using samples = std::array<std::vector<double>, width>;

/// What one exporter should have had.
struct reader {
    std::int64_t period;
    std::int64_t next_slot = 0;
    stored<fused<sum, count>>::cursor stored_at{};
    as_collected::cursor collected_at{};
    std::array<collected, width> last{};
    std::uint64_t exported = 0;
    std::uint64_t overrun = 0;
};

template <class Recording>
class trial {
public:
    explicit trial(unsigned seed)
        : random_{seed},
          every_{pick(3) == 0 ? 1 + pick(12) : 1},
          slots_{seconds{every_}, capacity_},
          chart_{
              "c",
              {"a", "b"},
              value_kind::floating,
              {.update_every = seconds{every_}, .entries = static_cast<std::size_t>(capacity_)}} {
        for (auto& one : readers_) {
            one.period = 1 + pick(40);
        }
    }

    void run(int steps) {
        wall_ = 1'700'000'000;
        for (int n = 0; n < steps; ++n) {
            move_the_clock();
            record();
            for (reader& one : readers_) {
                if (n % one.period == 0) {
                    read(one);
                }
            }
        }
        for (reader& one : readers_) {
            read(one);
            REQUIRE(one.exported + one.overrun == recorded_);
        }
        REQUIRE(chart_.counters().refused == slots_.refused());
        REQUIRE(chart_.counters().clock_steps == slots_.clock_steps());
    }

private:
    /// From 0 to n - 1.
    std::int64_t pick(std::int64_t n) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
    }

    void move_the_clock() {
        switch (pick(40)) {
            case 0: wall_ -= pick(4000); break;  // set back
            case 1: wall_ -= pick(500'000'000); break;
            case 2: wall_ += pick(4000); break;  // set forward, or asleep
            case 3: wall_ += pick(40'000'000); break;
            case 4: wall_ += every_ * pick(30); break;
            case 5:
            case 6:
            case 7: break;  // it stands still
            default: wall_ += every_;
        }
        wall_ = std::max<unix_seconds>(wall_, 100'000'000);
        by_hand<Recording>::now = wall_;
    }
    unix_seconds stamp() {
        switch (pick(30)) {
            case 0: return wall_ * 1000;  // milliseconds
            case 1: return wall_ + 86'401 + pick(1'000'000'000);
            case 2: return wall_ + pick(86'400);       // runs ahead
            case 3: return wall_ - pick(every_ * 12);  // lags
            case 4: return wall_ + pick(every_ * 2) - every_;
            default: return wall_;
        }
    }

    void record() {
        const unix_seconds at = stamp();
        std::array<bool, width> is_set{};
        std::array<double, width> values{};
        for (std::size_t i = 0; i < width; ++i) {
            is_set[i] = pick(i == 0 ? 40 : 3) != 1;
            values[i] = static_cast<double>(++made_);
        }
        const std::int64_t before = slots_.size();
        const bool is_taken = slots_.take(at, wall_);
        if (is_set[0] && is_set[1]) {
            REQUIRE(chart_.record(at, values) == is_taken);
        } else {
            for (std::size_t i = 0; i < width; ++i) {
                if (is_set[i]) {
                    chart_.set(i, values[i]);
                }
            }
            REQUIRE(chart_.commit(at) == is_taken);
        }
        if (!is_taken) {
            return;
        }
        REQUIRE(slots_.size() > before);
        for (std::size_t i = 0; i < width; ++i) {
            if (is_set[i]) {
                rows_[slots_.size() - 1][i].push_back(values[i]);
                ++recorded_;
                for (reader& one : readers_) {
                    one.last[i] = {at, values[i], slots_.stretches(), true};
                }
            }
        }
        rows_.erase(rows_.begin(), rows_.lower_bound(slots_.oldest()));
    }

    /// Else nobody knows any more whether it was read before four settings of the clock, or since.
    [[nodiscard]] bool is_remembered(const collected& value) const {
        return slots_.stretches() - value.stretches < 4;
    }

    void read(reader& one) {
        std::array<double, width> sums{};
        std::array<std::uint64_t, width> counts{};
        for (auto row = rows_.lower_bound(one.next_slot); row != rows_.end(); ++row) {
            for (std::size_t i = 0; i < width; ++i) {
                for (const double value : row->second[i]) {
                    sums[i] += value;
                    ++counts[i];
                }
            }
        }
        one.next_slot = slots_.size();
        const read_result done = stored<fused<sum, count>>::read(
            chart_, one.stored_at, 1,
            [&](std::size_t i, std::size_t what, unix_seconds, auto value) {
                const auto found = static_cast<double>(value);
                REQUIRE(found == (what == 0 ? sums[i] : static_cast<double>(counts[i])));
            });
        REQUIRE(done.samples == counts[0] + counts[1]);
        one.exported += done.samples;
        one.overrun += done.overrun;
        REQUIRE(one.exported + one.overrun == recorded_);

        as_collected::read(chart_, one.collected_at, 1,
                           [&](std::size_t i, std::size_t, unix_seconds at, auto value) {
                               REQUIRE(static_cast<double>(value) == one.last[i].value);
                               if (is_remembered(one.last[i])) {
                                   REQUIRE(one.last[i].is_new);
                                   REQUIRE(at == one.last[i].at);
                               }
                               one.last[i].is_new = false;
                           });
        for (const collected& value : one.last) {
            REQUIRE_FALSE(value.is_new);
        }
    }

    std::mt19937_64 random_;
    std::int64_t every_;
    std::int64_t capacity_ = 1 + pick(20);
    testing::naive_slots slots_;
    basic_chart<double_cell, dynamic_capacity, by_hand<Recording>> chart_;
    std::array<reader, 3> readers_{};
    std::map<std::int64_t, samples> rows_;  // that are kept, by slot
    unix_seconds wall_ = 0;
    std::uint64_t recorded_ = 0;
    int made_ = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("under any clock each reader emits every sample once, or counts it as overrun",
                   "", unsynchronized, wait_free) {
    for (unsigned seed = 1; seed <= 450; ++seed) {
        INFO("seed " << seed);
        trial<TestType>{seed}.run(static_cast<int>(seed));
    }
}
