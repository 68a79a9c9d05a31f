// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the newest sample.
#pragma once

#include <backends/source/reduction.hpp>
#include <backends/source/selected.hpp>

#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells. The first added sample is the newest.
struct last : selected<last> {
    static constexpr std::string_view name = "last";

    /// An older sample never takes the place of the newest.
    template <class Number>
    static constexpr bool replaces(Number /*older*/, Number /*found*/) noexcept {
        return false;
    }
};

static_assert(reduction<last>);

}  // namespace backends
