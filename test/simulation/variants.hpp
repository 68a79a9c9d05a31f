// SPDX-License-Identifier: BSL-1.0
//
// The machines that the simulation tries: every confirmation level, both overflow policies, and
// transports that cannot count.
#pragma once

#include <backends/testing/run_schedule.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
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
    simulation_result (*run)(const schedule&);
};

template <class Confirmation, class Overflow = backends::drop_oldest, bool Counts = true,
          std::size_t Replays = 0, bool Window = false>
constexpr variant make(std::string_view name) {
    using chosen = policies<Confirmation, Overflow>;
    return {Confirmation::name, name, Confirmation::holds, Window, [](const schedule& what) {
                // A peer whose window is known, and can be replayed whole, loses nothing.
                constexpr promise level =
                    backends::testing::delivery_simulation<chosen, Counts>::default_level;
                return backends::testing::run_schedule<chosen, Counts>(
                    what, Window ? promise::read : level, Replays);
            }};
}

inline constexpr std::size_t window = backends::confirm::window_deficit;

inline constexpr std::array variants{
    make<backends::confirm::acked>("acked"),
    make<backends::confirm::epoch<300>>("epoch of 300 bytes or one batch"),
    make<backends::confirm::acked_replay<window, 700>, backends::drop_oldest, true, 0, true>(
        "acked, the window deficit replayed"),
    make<backends::confirm::written>("written"),
    make<backends::confirm::acked, backends::drop_newest>("acked, the newest dropped"),
    make<backends::confirm::epoch<100, 3>, backends::drop_newest>(
        "epoch of 100 bytes or three batches"),
    make<backends::confirm::acked_replay<200>, backends::drop_oldest, true, 200>(
        "acked, 200 bytes replayed"),
    make<backends::confirm::acked, backends::drop_oldest, false>(
        "acked, but the transport cannot count"),
};

/// Those of one level, or of all.
inline std::vector<variant> variants_of(std::string_view level) {
    std::vector<variant> found;
    for (const variant& v : variants) {
        if (level == "all" || level == v.level) {
            found.push_back(v);
        }
    }
    return found;
}

/// The schedule of a seed for a variant.
inline void draw(schedule& what, std::uint64_t seed, const variant& v) {
    what.draw(seed, v.holds);
    what.network.knows_window = what.network.knows_window || v.knows_window;
}

}  // namespace simulation
