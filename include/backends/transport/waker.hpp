// SPDX-License-Identifier: BSL-1.0
//
// Whom to tell that something has happened: a function and the object it is for, so that whoever
// calls it, a resolver's thread say, needs to know no type and nothing is allocated.
#pragma once

#include <backends/isa.hpp>

namespace backends::inline BACKENDS_ISA {

/// Calls `call(object)`; does nothing by default.
struct waker {
    void (*call)(void* object) noexcept = nullptr;
    void* object = nullptr;

    void operator()() const noexcept {
        if (call != nullptr) {
            call(object);
        }
    }
};

}  // namespace backends
