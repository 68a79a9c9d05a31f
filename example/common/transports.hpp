// SPDX-License-Identifier: BSL-1.0
//
// How the programs reach receivers: over everything that they were built with.
#pragma once

#if defined(PROGRAM_HAS_TLS)
#include <backends/select/all_transports.hpp>
#else
#include <backends/select/datagrams.hpp>
#include <backends/select/over_http.hpp>

#include <boost/hana/concat.hpp>
#endif

namespace program {

#if defined(PROGRAM_HAS_TLS)
using transports = backends::select::all_transports;
#else
using transports =
    decltype(boost::hana::concat(backends::select::over_http{}, backends::select::datagrams{}));
#endif

}  // namespace program
