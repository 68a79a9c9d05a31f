// SPDX-License-Identifier: BSL-1.0
//
// How a format has its numbers and times: as text, or as the bytes of binary records.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/format/grammar.hpp>
#include <backends/number/number.hpp>
#include <backends/number/number_block.hpp>

#include <cstddef>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// Text. A specialisation for binary records is in message.hpp.
template <class Grammar>
struct number_form {
    template <class Value, std::size_t Most>
    using block = number_block<Value, Most>;

    /// Bytes of the longest number, if the longest text has so many characters.
    static constexpr std::size_t longest(std::size_t chars) noexcept { return chars; }
    template <class Value>
    BACKENDS_INLINE static char* write(char* out, Value v) noexcept {
        return write_number(out, v);
    }
    /// Whether a record can have this time.
    static constexpr bool has_time(unix_seconds at) noexcept { return at > 0; }
};

/// The time in a record: its bytes at most, and how to write it.
template <class Element>
struct time_form {
    static constexpr bool is_time = false;
};
template <>
struct time_form<time_element> {
    static constexpr bool is_time = true;
    static constexpr std::size_t longest = max_number_chars<unix_seconds>;
    /// The digits may overwrite what follows, which is written next.
    static char* write(char* out, unix_seconds at) noexcept { return write_number(out, at); }
};

}  // namespace backends::detail
