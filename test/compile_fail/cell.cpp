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
#include <backends/storage/chart.hpp>

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
