// SPDX-License-Identifier: BSL-1.0
//
// Keeps the code of a thread that nobody waits for. When it belongs to a shared object, dlclose()
// would take it away from under the thread, which hangs in a name server's silence.
#pragma once

#include <backends/isa.hpp>

#include <dlfcn.h>

namespace backends::inline BACKENDS_ISA::detail {

/// The module that the calling code belongs to is never unloaded from now on. For the program
/// itself, which never is, it does nothing. Thread-safe.
[[gnu::noinline]] inline void keep_this_module() noexcept {
#if defined(RTLD_NODELETE) && defined(RTLD_NOLOAD)
    ::Dl_info module{};
    if (::dladdr(__builtin_return_address(0), &module) != 0) {
        // Fails for the program, which is no module that could be opened again.
        static_cast<void>(
            ::dlopen(module.dli_fname, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE));
    }
#endif
}

}  // namespace backends::detail
