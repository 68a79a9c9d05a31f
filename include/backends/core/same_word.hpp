// SPDX-License-Identifier: BSL-1.0
//
// Words as people write them: in any case.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// Whether two words are equal, but for the case of ASCII letters.
[[gnu::noinline]] constexpr bool same_word(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    bool same = a.size() == b.size();
    for (std::size_t i = 0; same && i < a.size(); ++i) {
        same = lower(a[i]) == lower(b[i]);
    }
    return same;
}

}  // namespace backends::detail
