// SPDX-License-Identifier: BSL-1.0
//
// A reduction of one's own, held to the laws of every reduction.
#include <backends/cell/double_cell.hpp>
#include <backends/source/reduction.hpp>
#include <backends/testing/reduction_laws.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

//! [policy]
/// The root of the mean square.
struct root_mean_square {
    static constexpr std::string_view name = "rms";
    using state = double;
    static void add(state& squares, double sample) noexcept { squares += sample * sample; }
    static double result(const state& squares, std::uint64_t samples) noexcept {
        return std::sqrt(squares / static_cast<double>(samples));
    }
};
static_assert(backends::reduction<root_mean_square>);
//! [policy]

int main() {
    //! [laws]
    using laws = backends::testing::reduction_laws<root_mean_square, backends::double_cell>;
    const std::array<double, 3> samples{3.0, -4.0, 0.5};
    const std::string broken = laws::broken(samples);  // a sentence, or nothing
    //! [laws]
    std::printf("%s", broken.c_str());

    double squares = 0;
    root_mean_square::add(squares, 3.0);
    root_mean_square::add(squares, -3.0);
    return broken.empty() && root_mean_square::result(squares, 2) == 3.0 ? 0 : 1;
}
