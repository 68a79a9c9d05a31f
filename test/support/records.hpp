// SPDX-License-Identifier: BSL-1.0
//
// Records of both kinds, so that one test says what holds for either: lines of text, and fields of
// Protocol Buffers, which are full of newlines here.
#pragma once

#include <backends/core/record_end.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>

namespace test {

using text_records = std::integral_constant<backends::record_end, backends::record_end::newline>;
using field_records = std::integral_constant<backends::record_end, backends::record_end::length>;

/// A record with these bytes in it.
template <class Kind>
std::string record(std::string_view body) {
    std::string out;
    if constexpr (Kind::value == backends::record_end::newline) {
        out += body;
        std::replace(out.begin(), out.end(), '\n', '.');
        out += '\n';
    } else {
        out += '\n';  // the tag of a first field
        std::size_t n = body.size();
        for (; n >= 128; n /= 128) {
            out += static_cast<char>(128 + n % 128);
        }
        out += static_cast<char>(n);
        out += body;
    }
    return out;
}

/// Records in the place of lines of text, each with as many bytes, and so at the same places; a
/// line has at least one byte and its newline.
template <class Kind>
std::string like(std::string_view lines) {
    if (Kind::value == backends::record_end::newline) {
        return std::string{lines};
    }
    std::string out;
    while (!lines.empty()) {
        const std::size_t size = lines.find('\n') + 1;
        std::string body{lines.substr(0, size - (size < 130 ? 2 : 3))};
        std::fill(body.begin() + std::min<std::ptrdiff_t>(2, std::ssize(body)), body.end(), '\n');
        out += record<Kind>(body);
        lines.remove_prefix(size);
    }
    return out;
}

}  // namespace test
