// SPDX-License-Identifier: BSL-1.0
//
// Whether a type is a pack of reductions. Who exports a single reduction reads neither the pack nor
// <tuple>, which its state is made of.
#pragma once

#include <backends/source/reduction.hpp>

namespace backends::inline BACKENDS_ISA {

template <reduction... Reductions>
    requires(sizeof...(Reductions) > 0)
struct fused;

namespace detail {
template <class T>
inline constexpr bool is_fused = false;
template <class... Reductions>
inline constexpr bool is_fused<fused<Reductions...>> = true;
}  // namespace detail

}  // namespace backends
