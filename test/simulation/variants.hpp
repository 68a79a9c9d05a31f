// SPDX-License-Identifier: BSL-1.0
//
// The machines that the simulation tries: every confirmation level, both overflow policies,
// transports whose acknowledgements prove nothing, the kernel's word, or the program's, and records
// that end by newline or by length.
#pragma once

#include <backends/testing/run_schedule.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace simulation {

using backends::testing::promise;
using backends::testing::schedule;
using backends::testing::simulation_result;

template <class Confirmation, class Overflow>
struct policies : backends::default_policies {
    using confirmation = Confirmation;
    using overflow = Overflow;
};

struct variant {
    std::string_view level;
    std::string_view name;
    std::size_t holds;
    bool knows_window;
    bool refuses;
    bool answers;
    simulation_result (*run)(const schedule&);
};

using backends::evidence;
using backends::record_end;

template <class Confirmation, class Overflow = backends::drop_oldest,
          evidence Proves = evidence::kernel, std::size_t Replays = 0, bool Window = false,
          record_end Ends = record_end::newline>
constexpr variant make(std::string_view name) {
    using chosen = policies<Confirmation, Overflow>;
    return {Confirmation::name,
            name,
            Confirmation::holds,
            Window,
            Confirmation::name == "acked",
            Proves == evidence::application,
            [](const schedule& what) {
                // A peer whose window is known, and can be replayed whole, loses nothing.
                constexpr promise level =
                    backends::testing::delivery_simulation<chosen, Proves, Ends>::default_level;
                return backends::testing::run_schedule<chosen, Proves, Ends>(
                    what, Window ? promise::read : level, Replays);
            }};
}

inline constexpr std::size_t window = backends::confirm::window_deficit;

inline constexpr std::array variants{
    make<backends::confirm::acked>("acked"),
    make<backends::confirm::epoch<300>>("epoch of 300 bytes or one batch"),
    make<backends::confirm::acked_replay<window, 700>, backends::drop_oldest, evidence::kernel, 0,
         true>("acked, the window deficit replayed"),
    make<backends::confirm::written>("written"),
    make<backends::confirm::acked, backends::drop_newest>("acked, the newest dropped"),
    make<backends::confirm::epoch<100, 3>, backends::drop_newest>(
        "epoch of 100 bytes or three batches"),
    make<backends::confirm::acked_replay<200>, backends::drop_oldest, evidence::kernel, 200>(
        "acked, 200 bytes replayed"),
    make<backends::confirm::written, backends::drop_oldest, evidence::none>(
        "written, and nothing is proved"),
    make<backends::confirm::acked, backends::drop_oldest, evidence::application>(
        "acked by the program"),
    make<backends::confirm::acked, backends::drop_newest, evidence::application>(
        "acked by the program, the newest dropped"),
    make<backends::confirm::epoch<300>, backends::drop_oldest, evidence::application>(
        "epoch, acked by the program"),
    make<backends::confirm::written, backends::drop_oldest, evidence::application>(
        "written, the program answers"),
};

template <class Confirmation, class Overflow, evidence Proves, std::size_t Replays = 0,
          bool Window = false>
constexpr variant make_by_length(std::string_view name) {
    return make<Confirmation, Overflow, Proves, Replays, Window, record_end::length>(name);
}

/// Those whose records end by length.
inline constexpr std::array variants_by_length{
    make_by_length<backends::confirm::acked, backends::drop_oldest, evidence::application>(
        "acked by the program"),
    make_by_length<backends::confirm::acked, backends::drop_newest, evidence::kernel>(
        "acked, the newest dropped"),
    make_by_length<backends::confirm::epoch<300>, backends::drop_oldest, evidence::application>(
        "epoch, acked by the program"),
    make_by_length<backends::confirm::acked_replay<window, 700>, backends::drop_oldest,
                   evidence::kernel, 0, true>("acked, the window deficit replayed"),
    make_by_length<backends::confirm::written, backends::drop_oldest, evidence::none>(
        "written, and nothing is proved"),
};

/// Those of one level, or of all.
inline std::vector<variant> variants_of(std::string_view level,
                                        record_end ends = record_end::newline) {
    std::vector<variant> found;
    for (const variant& v :
         ends == record_end::newline ? std::span<const variant>{variants} : variants_by_length) {
        if (level == "all" || level == v.level) {
            found.push_back(v);
        }
    }
    return found;
}

/// Makes of drawn settings some that a variant can keep its promises with.
inline void fit(schedule& what, const variant& v) {
    if (v.answers) {  // half a line has no answer
        what.options.max_in_flight =
            std::max(what.options.max_in_flight, 2 * (what.longest_line + 16));
    }
    what.network.refuse_every = v.refuses ? what.network.refuse_every : 0;
    what.network.knows_window = what.network.knows_window || v.knows_window;
}

/// The schedule of a seed for a variant.
inline void draw(schedule& what, std::uint64_t seed, const variant& v) {
    what.draw(seed, v.holds);
    fit(what, v);
}

}  // namespace simulation
