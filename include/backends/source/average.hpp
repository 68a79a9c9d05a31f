// SPDX-License-Identifier: BSL-1.0
//
// Source, reduction: the sum of the samples divided by their number, without gaps.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/hardware/registers.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/summed.hpp>

#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Exact with packed cells, rounded once.
struct average : summed {
    static constexpr std::string_view name = "average";

    template <class Sum>
    BACKENDS_INLINE static constexpr auto result(const Sum& sum, std::uint64_t n) noexcept {
        return sum.mean(n);
    }
    /// For two columns in a vector.
    template <class Sum>
    BACKENDS_INLINE static auto result(const Sum& sums, detail::f64x2 n) noexcept {
        return sums.mean(n);
    }
};

static_assert(reduction<average>);

}  // namespace backends
