// SPDX-License-Identifier: BSL-1.0
//
// How configuration and registration throw. Without exceptions the program defines
// boost::throw_exception, as for Boost's libraries.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/isa.hpp>

#include <string_view>

#if !defined(__cpp_exceptions)
#include <exception>

namespace boost {
/// The program defines it, as for Boost itself.
[[noreturn]] void throw_exception(const std::exception& e);
}  // namespace boost
#endif

namespace backends::inline BACKENDS_ISA::detail {

/// Throws `e`, or calls the program's boost::throw_exception, which must not return.
template <class Exception>
[[noreturn]] void raise(Exception e) {
#if defined(__cpp_exceptions)
    throw e;
#else
    boost::throw_exception(e);
#endif
}

/// Raises a config_error. Runs seldom, so it stays out of the code that checks.
[[noreturn, gnu::noinline]] inline void refuse(std::string_view key, std::string_view value,
                                               std::string_view why) {
    raise(config_error{key, value, why});
}

}  // namespace backends::detail
