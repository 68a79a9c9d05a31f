// SPDX-License-Identifier: BSL-1.0
//
// The library's version, for the preprocessor and for the program. The build reads it from here.
#pragma once

#include <backends/isa.hpp>

#include <compare>

#define BACKENDS_VERSION_MAJOR 0
#define BACKENDS_VERSION_MINOR 1
#define BACKENDS_VERSION_PATCH 0

/// One number that orders versions: 1.2.3 is 10203.
#define BACKENDS_VERSION \
    (BACKENDS_VERSION_MAJOR * 10000 + BACKENDS_VERSION_MINOR * 100 + BACKENDS_VERSION_PATCH)

namespace backends::inline BACKENDS_ISA {

/// A version by its three parts; compares like the version does.
struct version_number {
    int major_version;  ///< grows when code that compiled may no longer do so
    int minor_version;  ///< grows with what is new
    int patch_version;  ///< grows with repairs

    friend constexpr auto operator<=>(const version_number&, const version_number&) = default;
};

/// The version of these headers.
inline constexpr version_number version{BACKENDS_VERSION_MAJOR, BACKENDS_VERSION_MINOR,
                                        BACKENDS_VERSION_PATCH};

}  // namespace backends
