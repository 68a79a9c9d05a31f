// SPDX-License-Identifier: BSL-1.0
//
// A recording policy that lacks a part, given to a chart.
//
// mistake 1: Policy::load(read_only)
// mistake 1: backends: a recording policy needs load
// mistake 2: Policy::is_read_while_recorded
// mistake 2: backends: a recording policy needs load
#include <backends/storage/chart.hpp>

struct nightly {
#if MISTAKE != 1
    template <class Word>
    static Word load(const Word& word) noexcept {
        return word;
    }
#endif
#if MISTAKE != 2
    static constexpr bool is_read_while_recorded = false;
#endif
    template <class Word>
    static void store(Word& word, Word value) noexcept {
        word = value;
    }
    backends::detail::no_guard recording() const noexcept { return {}; }
    backends::detail::no_guard reading() const noexcept { return {}; }
};

using chart = backends::basic_chart<backends::double_cell, 60, nightly>;
std::string_view use(chart& c) { return c.id(); }
