// SPDX-License-Identifier: BSL-1.0
//
// An exporter with a wrong policy in each place.
//
// mistake 1: backends: Source is neither a reduction nor a data source
// mistake 2: backends: Format is no wire format
// mistake 3: backends: Transport is no transport
// mistake 4: backends: a clock needs static steady_now and system_now
// mistake 5: backends: Policies::names is no name rule
// mistake 6: backends: a confirmation level needs name, holds, confirmed and remaining
// mistake 7: backends: an overflow policy needs name, make_room and trim
// mistake 8: backends: a back-off policy needs next(random) and reset()
// mistake 9: backends: a random source gives a std::uint64_t when called
// mistake 10: backends: an observer's on_tick must be noexcept
// mistake 11: backends: Policies::spool is no spool
// mistake 12: backends: an observer's on_failure must be noexcept and take (const destination&, std
// mistake 13: backends: this observer has no hook, so it sees nothing; is a name misspelt?
// mistake 14: backends: on_error, on_failed and on_disconnected are no hooks, on_failure is;
// mistake 15: backends: Policies::quantiles is backends::quantiles<50, 95, 99> or other ones
// mistake 12: rewrite(name_field, std::string&) that is noexcept
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/memory.hpp>

struct nothing {};

template <int Mistake, class Right, class Wrong = nothing>
using wrong_if = std::conditional_t<MISTAKE == Mistake, Wrong, Right>;

struct loud_observer {
    void on_tick(const backends::counters&) {}
};

struct throwing_rule : backends::replace {
    static void rewrite(backends::name_field, std::string&) { throw "not in our scheme"; }
};

struct hasty_observer {
    void on_failure(std::error_code) noexcept {}
};
struct misspelt_observer {
    void on_failuer(const backends::destination&, std::error_code) noexcept {}
};
struct wishful_observer {
    void on_tick(const backends::counters&) noexcept {}
    void on_error(std::error_code) noexcept {}
};

struct policies : backends::default_policies {
    using clock = wrong_if<4, backends::system_clock>;
    using names = wrong_if<5, wrong_if<12, backends::replace, throwing_rule>>;
    using confirmation = wrong_if<6, backends::confirm::acked>;
    using overflow = wrong_if<7, backends::drop_oldest>;
    using backoff = wrong_if<8, backends::full_jitter>;
    using random = wrong_if<9, backends::split_mix>;
    using observer =
        wrong_if<10,
                 wrong_if<12,
                          wrong_if<13, wrong_if<14, backends::no_observer, wishful_observer>,
                                   misspelt_observer>,
                          hasty_observer>,
                 loud_observer>;
    using spool = wrong_if<11, backends::no_spool>;
    using quantiles = wrong_if<15, backends::quantiles<50>>;
};

using exporter =
    backends::exporter<wrong_if<1, backends::average>, wrong_if<2, backends::graphite_plaintext>,
                       wrong_if<3, backends::memory>, backends::host, policies>;

void use(backends::host& h) { exporter e{h}; }
