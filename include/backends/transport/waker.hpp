// SPDX-License-Identifier: BSL-1.0
//
// A callback for events: a function and its object. The caller, for example a resolver's thread,
// needs no type and allocates nothing.
#pragma once

#include <backends/isa.hpp>

namespace backends::inline BACKENDS_ISA {

/// Calls `call(object)`; does nothing by default.
struct waker {
    void (*call)(void* object) noexcept = nullptr;  ///< what to call; nullptr: nothing
    void* object = nullptr;                         ///< the argument of the call

    /// Calls it, if there is something to call.
    void operator()() const noexcept {
        if (call != nullptr) {
            call(object);
        }
    }
};

}  // namespace backends
