// SPDX-License-Identifier: BSL-1.0
//
// Source: the data sources that an exporter accepts: a model of the concept, or a bare reduction,
// short for its stored samples.
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

/// Maps average to stored<average>, fused<...> to stored<fused<...>>, a data source to itself.
template <class T>
using as_source = typename detail::source_for<T>::type;

/// An exporter's argument: a data source, a reduction, or a fused pack of reductions.
template <class T>
concept source_or_reduction = data_source<as_source<T>>;

}  // namespace backends
