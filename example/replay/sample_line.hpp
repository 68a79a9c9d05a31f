// SPDX-License-Identifier: BSL-1.0
//
// One line of replay's input: `chart dimension unix_seconds value`.
#pragma once

#include <backends/core/time.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

namespace replay {

/// An integer stays one, up to 64 bits with or without a sign; everything else is a double.
using sample_value = std::variant<std::int64_t, std::uint64_t, double>;

/// The views live as long as the line.
struct sample {
    std::string_view chart;
    std::string_view dimension;
    backends::unix_seconds at = 0;
    sample_value value;
};

/// The line is not of the form; what() says why.
class malformed_sample : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

namespace detail {

inline std::string_view next_word(std::string_view& rest) {
    const auto begin = rest.find_first_not_of(" \t");
    if (begin == rest.npos) {
        return rest = {};
    }
    rest.remove_prefix(begin);
    const auto word = rest.substr(0, rest.find_first_of(" \t"));
    rest.remove_prefix(word.size());
    return word;
}

template <class Number>
bool whole(std::string_view word, Number& out) {
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, out);
    return error == std::errc{} && stop == end;
}

}  // namespace detail

/// Reads a line without its newline. Throws malformed_sample.
inline sample parse_sample(std::string_view line) {
    std::string_view rest = line;
    if (rest.ends_with('\r')) {
        rest.remove_suffix(1);
    }
    sample out;
    out.chart = detail::next_word(rest);
    out.dimension = detail::next_word(rest);
    const std::string_view at = detail::next_word(rest);
    const std::string_view value = detail::next_word(rest);
    if (value.empty() || !detail::next_word(rest).empty()) {
        throw malformed_sample{"not of the form `chart dimension unix_seconds value`"};
    }
    if (!detail::whole(at, out.at) || out.at <= 0) {
        throw malformed_sample{"not a time in whole seconds after 1970: " + std::string{at}};
    }
    std::int64_t integer = 0;
    std::uint64_t unsigned_integer = 0;
    double number = 0;
    if (detail::whole(value, integer)) {
        out.value = integer;
    } else if (detail::whole(value, unsigned_integer)) {
        out.value = unsigned_integer;
    } else if (detail::whole(value, number) && std::isfinite(number)) {
        out.value = number;
    } else {
        throw malformed_sample{"not a finite number: " + std::string{value}};
    }
    return out;
}

}  // namespace replay
