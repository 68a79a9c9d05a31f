// SPDX-License-Identifier: BSL-1.0
//
// What an acknowledgement proves. A transport says what it can prove, a confirmation level what it
// needs; a level that its transport cannot prove does not compile.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// From the weakest to the strongest.
enum class evidence : std::uint8_t {
    none,         ///< nothing: a byte counts as acknowledged when the transport took it
    kernel,       ///< the peer's kernel has the bytes; its program may never read them
    application,  ///< the receiver's program said yes
};

}  // namespace backends
