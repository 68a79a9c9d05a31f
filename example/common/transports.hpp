// SPDX-License-Identifier: BSL-1.0
//
// How the programs reach receivers: over everything that they were built with.
#pragma once

#if defined(PROGRAM_HAS_TLS)
#include <backends/select/all_transports.hpp>
#else
#include <backends/select/over_http.hpp>
#endif

namespace program {

#if defined(PROGRAM_HAS_TLS)
using transports = backends::select::all_transports;
#else
using transports = backends::select::over_http;
#endif

}  // namespace program
