// SPDX-License-Identifier: BSL-1.0
//
// Where records end in bytes that begin with one.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

template <record_end Ends>
struct record_ends;

template <>
struct record_ends<record_end::newline> {
    /// The end of the last whole record; 0: there is none.
    static std::size_t last(std::string_view text) noexcept { return text.rfind('\n') + 1; }
    /// The end of the first record; 0: it is not whole.
    static std::size_t first(std::string_view text) noexcept { return text.find('\n') + 1; }
    /// Where about the first half of these whole records ends; the end of all if there is one.
    static std::size_t half(std::string_view text) noexcept {
        const std::size_t before = last(text.substr(0, text.size() / 2 + 1));
        if (before != 0 && before != text.size()) {
            return before;
        }
        return text.size() / 2 + first(text.substr(text.size() / 2));
    }
};

}  // namespace backends::detail
