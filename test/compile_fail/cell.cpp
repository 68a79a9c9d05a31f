// SPDX-License-Identifier: BSL-1.0
//
// A cell that lacks a part, given to a chart.
//
// mistake 1: Cell::exists(word)
// mistake 1: backends: a chart's cell needs word
// mistake 2: Cell::store(v, was_reset)
// mistake 2: backends: a chart's cell needs word
// mistake 3: cell_word
// mistake 3: backends: a chart's cell needs word
// mistake 4: backends: a cell has both max_columns and sums<N>
// mistake 5: backends: a cell has both max_columns and sums<N>
#include <backends/storage/chart.hpp>

/// Without sums of many columns, and what makes them incomplete.
struct plain_cell {
    using word = double;
    using value = double;
    using number = double;
    using sum = backends::double_sum;
    static constexpr word gap = -0.0;
    static constexpr backends::stored_word<word> store(double v, bool) noexcept { return {v}; }
    static constexpr bool exists(word w) noexcept { return backends::double_cell::exists(w); }
    static constexpr value load(word w) noexcept { return w; }
#if MISTAKE == 4
    static constexpr std::size_t max_columns = 12;
    template <std::size_t N>
    using summs = backends::double_sums<plain_cell, N>;
#elif MISTAKE == 5
    template <std::size_t N>
    using sums = backends::double_sums<plain_cell, N>;
    static constexpr std::size_t max_sum = 12;
#endif
};
std::string_view use(backends::basic_chart<plain_cell>& c) { return c.id(); }

struct coarse_cell : backends::double_cell {
#if MISTAKE == 1
    static bool exists(word) = delete;
#elif MISTAKE == 2
    static backends::stored_word<word> store(double v, bool) { return {v}; }  // may throw
#elif MISTAKE == 3
    using word = unsigned char;
#endif
};

using chart = backends::basic_chart<coarse_cell>;
std::string_view use(chart& c) { return c.id(); }
