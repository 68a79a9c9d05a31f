// SPDX-License-Identifier: BSL-1.0
//
// Calls with the elements of a Hana tuple whose types say all there is: parts of a grammar. The
// library's layouts make some thirty such calls for each format.
#pragma once

#include <backends/isa.hpp>

#include <boost/hana/tuple.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// As boost::hana::unpack(), which is four functions to the compiler where this is one.
template <class... Elements, class F>
constexpr decltype(auto) unpack_stateless(const boost::hana::tuple<Elements...>&, const F& f) {
    static_assert((std::is_empty_v<Elements> && ...), "backends: the elements have no state");
    return f(Elements{}...);
}

/// As boost::hana::for_each().
template <class... Elements, class F>
constexpr void each_stateless(const boost::hana::tuple<Elements...>&, const F& f) {
    static_assert((std::is_empty_v<Elements> && ...), "backends: the elements have no state");
    (f(Elements{}), ...);
}

}  // namespace backends::detail
