// SPDX-License-Identifier: BSL-1.0
//
// Bytes as a schedule of one simulated run: the machine, eight bytes that draw the settings, then
// three bytes for each step. A broken promise aborts. docs/simulation.md lists the promises.
#include <backends/testing/run_schedule.hpp>

#include "fuzz/harness.hpp"
#include "simulation/variants.hpp"

#include <cstdint>
#include <string>

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t max_steps = 200;
    decisions in{data, size};
    const simulation::variant& machine =
        simulation::variants[in.up_to(simulation::variants.size() - 1)];
    simulation::schedule what;
    what.draw(in.take<std::uint64_t>(), machine.holds, 0);
    what.network.knows_window = machine.knows_window;
    simulation::fit(what, machine);
    while (!in.empty() && what.steps.size() != max_steps) {
        // The kind, and an amount that is stretched: its low bits choose, its high bits say how
        // much.
        const auto kind = in.take<std::uint8_t>();
        const auto amount = in.take<std::uint16_t>();
        what.steps.push_back(backends::testing::step_of(kind | std::uint64_t{amount} << 8U |
                                                        std::uint64_t{amount} * 0x9e37U << 24U));
    }
    if (const char* const broken = machine.run(what).broken) {
        require(false, broken, std::string{machine.name} + ", " + what.text());
    }
    return 0;
}
