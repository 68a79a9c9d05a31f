// SPDX-License-Identifier: BSL-1.0
#include <backends/version.hpp>

namespace {

static_assert(backends::version.major_version == BACKENDS_VERSION_MAJOR);
static_assert(backends::version.minor_version == BACKENDS_VERSION_MINOR);
static_assert(backends::version.patch_version == BACKENDS_VERSION_PATCH);
static_assert(backends::version < backends::version_number{1, 0, 0});
static_assert(backends::version_number{0, 9, 9} < backends::version_number{0, 10, 0});

}  // namespace
