// SPDX-License-Identifier: BSL-1.0
//
// A reduction that lacks a part, given to the data source.
//
// mistake 1: backends: a reduction needs name, state, add(state, value) noexcept
// mistake 2: backends: a reduction needs name, state, add(state, value) noexcept
// mistake 3: backends: a reduction needs name, state, add(state, value) noexcept
#include <backends/source/stored.hpp>

struct range {
#if MISTAKE != 3
    static constexpr std::string_view name = "range";
#endif
    struct state {
        double low = 0.0;
        double high = 0.0;
    };
#if MISTAKE == 2
    static void add(state& s, double v) { s.high = v; }  // may throw
#else
    static void add(state& s, double v) noexcept { s.high = v; }
#endif
#if MISTAKE == 1
    static const char* result(const state&, std::uint64_t) noexcept { return "no number"; }
#else
    static double result(const state& s, std::uint64_t) noexcept { return s.high - s.low; }
#endif
};

constexpr auto variants = backends::stored<range>::variants;
