// SPDX-License-Identifier: BSL-1.0
//
// A position in a line being parsed, and the lexical rules of numbers and times. Only the parser
// uses it.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/number/number.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

struct line_cursor {
    std::string_view text;
    std::size_t position = 0;
    errc problem = errc::malformed_line;

    [[nodiscard]] std::string_view rest() const noexcept {
        return text.substr(position < text.size() ? position : text.size());
    }

    std::string_view take(std::size_t n) noexcept {
        const std::string_view taken = rest().substr(0, n);
        position += taken.size();
        return taken;
    }

    /// Skips exactly these bytes. The line has no newline, so the grammar's newline matches only
    /// the end of the text.
    bool skip(std::string_view expected) noexcept {
        for (const char c : expected) {
            const bool end = position == text.size();
            if (c == '\n' ? !end : (position >= text.size() || text[position] != c)) {
                return false;
            }
            ++position;
        }
        return true;
    }

    /// Skips these bytes if present. An empty `expected` never matches.
    bool optional(std::string_view expected) noexcept {
        if (expected.empty() || !rest().starts_with(expected)) {
            return false;
        }
        position += expected.size();
        return true;
    }

    /// Reads a 64-bit integer, or a number with seven decimals. Refuses leading zeros and -0.
    bool number(std::string_view& out) noexcept {
        const std::size_t start = position;
        const bool negative = optional("-");
        const std::string_view whole = digits();
        bool good = !whole.empty() && (whole.size() == 1 || whole.front() != '0');
        bool zero = whole == "0";
        if (good && optional(".")) {
            const std::string_view decimals = digits();
            constexpr std::size_t longest = 309;  // DBL_MAX has 309 digits
            good = decimals.size() == 7 && whole.size() <= longest;
            zero = zero && decimals == "0000000";
        } else if (good) {
            good = negative ? fits<std::int64_t>(start) : fits<std::uint64_t>(start);
        }
        if (!good || (negative && zero)) {
            position = start;
            return false;
        }
        out = text.substr(start, position - start);
        return true;
    }

    /// Reads a positive number of seconds.
    bool unix_time(unix_seconds& out) noexcept {
        const std::size_t start = position;
        const std::string_view all = digits();
        if (all.empty() || all.front() == '0' || !fits<unix_seconds>(start)) {
            position = start;
            return false;
        }
        std::from_chars(all.data(), all.data() + all.size(), out);
        return true;
    }

private:
    std::string_view digits() noexcept {
        const std::string_view from = rest();
        std::size_t n = 0;
        while (n < from.size() && from[n] >= '0' && from[n] <= '9') {
            ++n;
        }
        return take(n);
    }

    template <class Int>
    [[nodiscard]] bool fits(std::size_t start) const noexcept {
        Int ignored{};
        const char* const end = text.data() + position;
        return std::from_chars(text.data() + start, end, ignored).ec == std::errc{};
    }
};

}  // namespace backends::detail
