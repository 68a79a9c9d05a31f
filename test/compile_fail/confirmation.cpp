// SPDX-License-Identifier: BSL-1.0
//
// Confirmation and overflow policies that lack a part, given to the delivery machine.
//
// mistake 1: Policy::remaining(p)
// mistake 1: backends: a confirmation level needs
// mistake 2: Policy::confirmed(p)
// mistake 2: backends: a confirmation level needs
// mistake 3: Policy::trim(queue, n)
// mistake 3: backends: an overflow policy needs
#include <backends/delivery/machine.hpp>

struct hopeful : backends::confirm::written {
#if MISTAKE == 1
    static std::uint64_t remaining(const backends::progress&) = delete;
#elif MISTAKE == 2
    static std::uint64_t confirmed(const backends::progress& p) { return p.written; }  // may throw
#endif
};

struct drop_nothing {
    static constexpr std::string_view name = "drop_nothing";
    static backends::amount make_room(backends::line_queue&, std::size_t) noexcept { return {}; }
#if MISTAKE != 3
    static backends::amount trim(backends::line_queue&, std::size_t) noexcept { return {}; }
#endif
};

using machine = backends::delivery<hopeful, drop_nothing>;
bool use(const machine& m) { return m.fits(1); }
