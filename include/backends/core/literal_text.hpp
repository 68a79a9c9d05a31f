// SPDX-License-Identifier: BSL-1.0
//
// A string literal as a template argument.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A string literal as a template argument.
template <std::size_t N>
struct literal_text {
    // NOLINTNEXTLINE(google-explicit-constructor): lit<"..."> is the point of it.
    /// Keeps the text with its terminating zero.
    consteval literal_text(const char (&text)[N]) {
        for (std::size_t i = 0; i < N; ++i) {
            chars[i] = text[i];
        }
    }
    /// Without the zero.
    [[nodiscard]] constexpr std::string_view text() const noexcept { return {chars, N - 1}; }

    char chars[N] = {};  ///< the zero included
};

}  // namespace backends
