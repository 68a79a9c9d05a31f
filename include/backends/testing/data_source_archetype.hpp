// SPDX-License-Identifier: BSL-1.0
//
// The minimal model of the data source concept.
#pragma once

#include <backends/core/time.hpp>
#include <backends/source/data_source.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA::testing {

/// Never emits anything.
struct data_source_archetype {
    static constexpr const char* name = "archetype";
    static constexpr std::size_t variants = 1;
    static const char* variant_name(std::size_t) noexcept { return ""; }

    struct cursor {};

    template <class Chart, class Emit>
    static read_result read(const Chart&, cursor&, unix_seconds, Emit&&) noexcept {
        return {};
    }
    template <class Chart, class Emit>
    static read_result read_window(const Chart&, unix_seconds, unix_seconds, Emit&&) noexcept {
        return {};
    }
};

static_assert(data_source<data_source_archetype>);

}  // namespace backends::testing
