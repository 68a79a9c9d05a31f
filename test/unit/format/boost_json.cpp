// SPDX-License-Identifier: BSL-1.0
//
// Boost.JSON itself, for the tests that need an independent parser.
#include <boost/json/src.hpp>
