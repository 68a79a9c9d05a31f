// SPDX-License-Identifier: BSL-1.0
//
// Text for messages. Every message calls the same two functions: a chain of + is half a kilobyte of
// code, and a program that never shows the message compiles it all the same.
#pragma once

#include <backends/isa.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// Adds the texts, one after another.
[[gnu::noinline]] inline void append(std::string& to, std::initializer_list<std::string_view> all) {
    for (const std::string_view one : all) {
        to += one;
    }
}

/// The texts, one after another.
[[gnu::noinline]] inline std::string joined(std::initializer_list<std::string_view> all) {
    std::string text;
    append(text, all);
    return text;
}

/// The number's decimal digits.
template <class Integer>
[[gnu::noinline]] std::string number_text(Integer n) {
    return std::to_string(n);
}

}  // namespace backends::detail
