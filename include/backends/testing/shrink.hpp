// SPDX-License-Identifier: BSL-1.0
//
// Testing. Shortens a failing schedule: leaves steps out as long as the rest still fails.
#pragma once

#include <backends/testing/schedule.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// The indices of enough steps of `failing` to make it fail. Leaves out halves first, then
/// quarters, down to single steps, until it needs every single one.
///
/// @param fails  tells whether a schedule still shows the same mistake
template <class Fails>
std::vector<std::size_t> shrink(const schedule& failing, Fails fails) {
    std::vector<std::size_t> kept(failing.steps.size());
    std::iota(kept.begin(), kept.end(), std::size_t{0});
    schedule candidate = failing;
    const auto still_fails = [&](const std::vector<std::size_t>& indices) {
        candidate.steps.clear();
        for (const std::size_t i : indices) {
            candidate.steps.push_back(failing.steps[i]);
        }
        return fails(candidate);
    };
    for (std::size_t piece = (std::max<std::size_t>)(kept.size() / 2, 1);;) {
        bool shorter = false;
        for (std::size_t at = 0; at < kept.size();) {
            std::vector<std::size_t> without = kept;
            const auto first = without.begin() + static_cast<std::ptrdiff_t>(at);
            const auto last =
                without.begin() + static_cast<std::ptrdiff_t>((std::min)(at + piece, kept.size()));
            without.erase(first, last);
            if (still_fails(without)) {
                kept = without;
                shorter = true;
            } else {
                at += piece;
            }
        }
        if (piece > 1) {
            piece /= 2;
        } else if (!shorter) {
            return kept;
        }
    }
}

/// The same schedule with these steps only.
inline schedule only(const schedule& whole, const std::vector<std::size_t>& indices) {
    schedule part = whole;
    part.steps.clear();
    for (const std::size_t i : indices) {
        part.steps.push_back(whole.steps.at(i));
    }
    return part;
}

}  // namespace backends::testing
