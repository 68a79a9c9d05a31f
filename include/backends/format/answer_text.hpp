// SPDX-License-Identifier: BSL-1.0
//
// Counts in the answers of receivers.
#pragma once

#include <backends/isa.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

/// The number right after the last `key`, 0 if there is none. The beginning of an answer may
/// end within a number, so another byte follows.
inline std::uint64_t count_after(std::string_view answer, std::string_view key) noexcept {
    const std::size_t at = answer.rfind(key);
    if (at == std::string_view::npos) {
        return 0;
    }
    const std::string_view text = answer.substr(at + key.size());
    const char* const end = text.data() + text.size();
    std::uint64_t count = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    return error == std::errc{} && stop != end ? count : 0;
}

}  // namespace backends::detail
