// SPDX-License-Identifier: BSL-1.0
//
// A recording policy that lacks a part, given to a chart.
//
// mistake 1: Policy::load(read_only)
// mistake 1: backends: a recording policy needs load
// mistake 2: Policy::is_read_while_recorded
// mistake 2: backends: a recording policy needs load
// mistake 3: backends: a recording policy's load_vector<Vector>(words) is static, noexcept
// mistake 4: backends: a recording policy's load_top_byte(word) is static, noexcept
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
#if MISTAKE == 3
    template <class Vector, class Word>
    Vector load_vector(const Word* words) const noexcept;
#elif MISTAKE == 4
    static unsigned load_top_byte(const std::uint32_t& word) noexcept;
#endif
    backends::detail::no_guard recording() const noexcept { return {}; }
    backends::detail::no_guard reading() const noexcept { return {}; }
};

using chart = backends::basic_chart<backends::double_cell, 60, nightly>;
std::string_view use(chart& c) { return c.id(); }
