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

/// The number between the last `key` and one of `ends`, 0 if there is none. What is kept of an
/// answer may end within the number, or before the one that is meant.
inline std::uint64_t count_after(std::string_view answer, std::string_view key,
                                 std::string_view ends) noexcept {
    const std::size_t at = answer.rfind(key);
    if (at == std::string_view::npos) {
        return 0;
    }
    const std::string_view text = answer.substr(at + key.size());
    const char* const end = text.data() + text.size();
    std::uint64_t count = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    return error == std::errc{} && stop != end && ends.find(*stop) != ends.npos ? count : 0;
}

}  // namespace backends::detail
