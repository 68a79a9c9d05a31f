// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the largest sample.
#pragma once

#include <backends/source/reduction.hpp>
#include <backends/source/selected.hpp>

#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells.
struct maximum : selected<maximum> {
    static constexpr std::string_view name = "maximum";

    /// Whether `sample` takes the place of the newer one found so far.
    template <class Number>
    static constexpr bool replaces(Number sample, Number found) noexcept {
        return sample > found;
    }
};

static_assert(reduction<maximum>);

}  // namespace backends
