// SPDX-License-Identifier: BSL-1.0
//
// Text for messages. Every message calls the same two functions: a chain of + is half a kilobyte of
// code, and a program that never shows the message compiles it all the same.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Adds the texts, one after another.
[[gnu::noinline]] inline void append(std::string& to, std::initializer_list<std::string_view> all) {
    for (const std::string_view one : all) {
        to += one;
    }
}

/// The text. std::string's own constructors are inlined too.
[[gnu::noinline]] inline std::string string_of(std::string_view text) { return std::string{text}; }

/// Adds a character. std::string's own is inlined: some hundred bytes for each call.
[[gnu::noinline]] inline void append(std::string& to, char one) { to += one; }

/// The texts, one after another.
[[gnu::noinline]] inline std::string joined(std::initializer_list<std::string_view> all) {
    std::string text;
    append(text, all);
    return text;
}

[[gnu::noinline]] inline std::string number_text(bool is_negative, std::uint64_t size) {
    return joined({is_negative ? "-" : "", std::to_string(size)});
}
/// The number in decimal digits.
template <class Integer>
std::string number_text(Integer n) {
    const bool is_negative = std::cmp_less(n, 0);
    const auto size = static_cast<std::uint64_t>(n);
    return number_text(is_negative, is_negative ? 0 - size : size);
}

}  // namespace backends::detail
