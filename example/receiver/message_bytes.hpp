// SPDX-License-Identifier: BSL-1.0
//
// Writes messages of Protocol Buffers by hand, for tests.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace message_bytes {

inline std::string varint(std::uint64_t v) {
    std::string out;
    for (; v >= 0x80; v >>= 7U) {
        out += static_cast<char>((v & 0x7fU) | 0x80U);
    }
    out += static_cast<char>(v);
    return out;
}
inline std::string eight(std::uint64_t v) {
    std::string out;
    for (int i = 0; i < 8; ++i, v >>= 8U) {
        out += static_cast<char>(v & 0xffU);
    }
    return out;
}
inline std::string eight(double v) { return eight(std::bit_cast<std::uint64_t>(v)); }

inline std::string field(std::uint64_t number, std::string_view bytes) {
    std::string out = varint(number << 3U | 2U) + varint(bytes.size());
    return out.append(bytes);
}
inline std::string number(std::uint64_t field, std::uint64_t v) {
    return varint(field << 3U) + varint(v);
}
inline std::string fixed(std::uint64_t field, std::uint64_t v) {
    return varint(field << 3U | 1U) + eight(v);
}
inline std::string fixed(std::uint64_t field, double v) {
    return fixed(field, std::bit_cast<std::uint64_t>(v));
}

/// Fields of each wire type that no schema has, one of them a group with a group in it.
inline std::string unknown() {
    return number(77, 1) + fixed(78, 1.0) + field(79, "any") + varint(80U << 3U | 5U) + "four" +
           varint(81U << 3U | 3U) + number(1, 5) + varint(2U << 3U | 3U) + varint(2U << 3U | 4U) +
           varint(81U << 3U | 4U);
}

/// A block of snappy of literals of 60 bytes at most.
inline std::string snappy(std::string_view text) {
    std::string out = varint(text.size());
    while (!text.empty()) {
        const std::string_view some = text.substr(0, 60);
        out += static_cast<char>((some.size() - 1) << 2U);
        out += some;
        text.remove_prefix(some.size());
    }
    return out;
}

inline std::string label(std::string_view name, std::string_view value) {
    return field(1, field(1, name) + field(2, value));
}
/// An attribute of a resource, or of a point where the number of the field is said.
inline std::string attribute(std::string_view key, std::string_view text, std::uint64_t of = 1) {
    return field(of, field(1, key) + field(2, field(1, text)));
}

}  // namespace message_bytes
