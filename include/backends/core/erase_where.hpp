// SPDX-License-Identifier: BSL-1.0
//
// Erases elements of a list. std::erase_if would unroll its search four times, predicate and all: a
// kilobyte of code for each list of things that are seldom removed.
#pragma once

#include <backends/core/list.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Erases every element for which gone(element) is true; the others keep their order. Calls it once
/// for each. Returns how many are erased.
template <class T, class Gone>
std::size_t erase_where(list<T>& all, Gone gone) {
    std::size_t kept = 0;
    for (T& one : all) {
        if (!gone(one)) {
            if (&one != &all[kept]) {
                all[kept] = std::move(one);
            }
            ++kept;
        }
    }
    const std::size_t erased = all.size() - kept;
    all.truncate(kept);
    return erased;
}

}  // namespace backends::detail
