// SPDX-License-Identifier: BSL-1.0
//
// What ends a record, which is the format's to say.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA {

/// What ends a record.
enum class record_end : std::uint8_t {
    newline,  ///< its only newline, which is its last byte
    length,   ///< its length, which follows its first byte: a field of Protocol Buffers
};

}  // namespace backends
