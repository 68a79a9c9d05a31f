// SPDX-License-Identifier: BSL-1.0
//
// Keeps the code of a thread that nobody joins. If a shared object holds it, dlclose() would unmap
// it under the thread, which still waits for a silent name server.
#pragma once

#include <backends/isa.hpp>

#include <dlfcn.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Keeps the calling code's module loaded for ever. Does nothing for the program itself, which is
/// never unloaded. Thread-safe.
[[gnu::noinline]] inline void keep_this_module() noexcept {
#if defined(RTLD_NODELETE) && defined(RTLD_NOLOAD)
    ::Dl_info module{};
    if (::dladdr(__builtin_return_address(0), &module) != 0) {
        // Fails for the program, which dlopen() cannot open again.
        static_cast<void>(
            ::dlopen(module.dli_fname, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE));
    }
#endif
}

}  // namespace backends::detail
