// SPDX-License-Identifier: BSL-1.0
//
// What policies of your own cost, beside the library's: their times, their instructions, and which
// fast forms they have. Needs Google Benchmark.
#include <backends/bench/bench.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

//! [cell]
/// A temperature in half degrees, in four bytes.
struct half_degree_cell {
    using word = std::int32_t;
    using value = double;
    using number = double;
    using sum = backends::double_sum;

    static constexpr word gap = std::numeric_limits<word>::min();
    static backends::stored_word<word> store(double v, bool /*was_reset*/) noexcept {
        constexpr double limit = 1e9;
        if (!std::isfinite(v)) {
            return {gap, backends::store_outcome::not_finite};
        }
        const double inside = std::clamp(v, -limit, limit);
        return {static_cast<word>(std::lround(inside * 2)),
                inside == v ? backends::store_outcome::kept : backends::store_outcome::saturated};
    }
    static bool exists(word w) noexcept { return w != gap; }
    static value load(word w) noexcept { return w / 2.0; }
};
//! [cell]

struct range {
    static constexpr std::string_view name = "range";
    struct state {
        double lowest = std::numeric_limits<double>::infinity();
        double highest = -std::numeric_limits<double>::infinity();
    };
    static void add(state& seen, double sample) noexcept {
        seen.lowest = std::min(seen.lowest, sample);
        seen.highest = std::max(seen.highest, sample);
    }
    static double result(const state& seen, std::uint64_t /*samples*/) noexcept {
        return seen.highest - seen.lowest;
    }
};

//! [main]
int main(int argc, char** argv) {
    backends::bench::cell<half_degree_cell>("half_degree");
    backends::bench::reduction<range>();
    return backends::bench::run(argc, argv);
}
//! [main]
