// SPDX-License-Identifier: BSL-1.0
//
// Bench: a measured system from call to call. Google Benchmark calls each benchmark several times
// to find its number of iterations, and a million series take seconds to build.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <memory>

namespace backends::inline BACKENDS_ISA::bench {

/// One address for each type; needs no type information of the compiler.
template <class T>
inline char type_mark = 0;

/// The last system that was asked for, of whatever type. Only one is kept: two may not fit the
/// memory together.
struct kept_system {
    const void* type = nullptr;    ///< the address of its type's mark
    std::size_t series = 0;        ///< how many it has
    std::shared_ptr<void> system;  ///< the system itself
};
inline kept_system the_kept_system;  ///< this program's

/// A system of `series` series: the kept one, or a new one in its place. Not thread-safe.
template <class System>
System& kept(std::size_t series) {
    kept_system& k = the_kept_system;
    if (k.type != &type_mark<System> || k.series != series) {
        k.system.reset();  // first, so that two never need memory at once
        k = {&type_mark<System>, series, std::make_shared<System>(series)};
    }
    return *static_cast<System*>(k.system.get());
}

}  // namespace backends::bench
