// SPDX-License-Identifier: BSL-1.0
//
// Source: what an exporter accepts as a data source: one of the models of the concept, or a bare
// reduction, which stands for its stored samples.
#pragma once

#include <backends/source/as_collected.hpp>
#include <backends/source/data_source.hpp>
#include <backends/source/stored.hpp>

namespace backends::inline BACKENDS_ISA {

namespace detail {
template <class T>
struct source_for {
    using type = T;
};
template <class T>
    requires(reduction<T> || is_fused<T>)
struct source_for<T> {
    using type = stored<T>;
};
}  // namespace detail

/// average -> stored<average>, fused<...> -> stored<fused<...>>, a data source -> itself.
template <class T>
using as_source = typename detail::source_for<T>::type;

/// What an exporter can be given: a data source, a reduction, a fused pack of reductions.
template <class T>
concept source_or_reduction = data_source<as_source<T>>;

}  // namespace backends
