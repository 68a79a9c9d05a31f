// SPDX-License-Identifier: BSL-1.0
//
// A line is block copies and one number: no allocation, no locale, nothing from outside. Only
// doubles beyond 64 bits go through std::to_chars, and only decimals are divided in 128 bits.
// std::terminate is what clang makes of noexcept.
//
// integer_line reaches: nothing
// integer_line lacks: lock
// decimal_line reaches: __udivti3 __umodti3 __udivmodti4 std::terminate __cxa_begin_catch
// double_line reaches: std::to_chars std::terminate __cxa_begin_catch
// double_line lacks: lock
#include <backends/core/decimal.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/renderer.hpp>

using namespace backends;
using lines = renderer<graphite_plaintext>;

extern "C" char* integer_line(lines& l, char* out, std::uint32_t series, unix_seconds at,
                              std::int64_t value) {
    return l.line(out, series, at, value);
}
extern "C" char* decimal_line(lines& l, char* out, std::uint32_t series, unix_seconds at,
                              decimal value) {
    return l.line(out, series, at, value);
}
extern "C" char* double_line(lines& l, char* out, std::uint32_t series, unix_seconds at,
                             double value) {
    return l.line(out, series, at, value);
}
