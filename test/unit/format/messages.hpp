// SPDX-License-Identifier: BSL-1.0
//
// A reader of Protocol Buffers for tests. It shares nothing with the library.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/format/renderer.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace messages {

/// A field of a message: a number, or bytes.
struct field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;      // of a varint, or of eight bytes
    std::string_view bytes = {};  // of a length and bytes
};

inline std::uint64_t varint(std::string_view& rest) {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        REQUIRE(!rest.empty());
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        v |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            return v;
        }
    }
    FAIL("a varint without an end");
    return 0;
}

/// All fields of a message.
inline std::vector<field> fields(std::string_view message) {
    std::vector<field> all;
    while (!message.empty()) {
        const std::uint64_t tag = varint(message);
        field one{tag >> 3U};
        switch (tag & 7U) {
            case 0: one.value = varint(message); break;
            case 1:
                REQUIRE(message.size() >= 8);
                for (std::size_t i = 8; i != 0; --i) {
                    one.value = one.value << 8U | static_cast<unsigned char>(message[i - 1]);
                }
                message.remove_prefix(8);
                break;
            case 2: {
                const std::uint64_t n = varint(message);
                REQUIRE(message.size() >= n);
                one.bytes = message.substr(0, n);
                message.remove_prefix(n);
                break;
            }
            default: FAIL("a wire type that nobody needs");
        }
        all.push_back(one);
    }
    return all;
}

/// The bytes of the only field, which has this number.
inline std::string_view only(std::string_view message, std::uint64_t number) {
    const std::vector<field> all = fields(message);
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].number == number);
    return all[0].bytes;
}

/// One record of a format.
template <class Format, class Value>
std::string record(const backends::identity& names, std::string_view chart,
                   std::string_view dimension, backends::unix_seconds at, Value v,
                   backends::label_list labels = {},
                   backends::quantity says = backends::quantity::level) {
    backends::renderer<Format> lines{names};
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add(chart, dimension, series, labels, says));
    std::string room(lines.max_line() + lines.line_slack, '\0');
    return {room.data(), lines.line(room.data(), series, at, v)};
}

/// Whether the laws of wire formats hold for any bytes in any name. `also(names, record)` checks
/// what else holds.
template <class Format, class Also>
void hold_for_any_bytes(Also also) {
    std::mt19937 random{5};
    const auto name = [&](std::size_t most) {
        std::string text;
        for (std::size_t n = random() % most; n != 0; --n) {
            constexpr std::string_view likely = "..:_/09\n\x0a\x12\xc3\xb6\xed\xa0\x80\xff";
            text +=
                random() % 2 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
        }
        return text;
    };
    for (int i = 0; i < 5'000; ++i) {
        const std::size_t most = i % 10 == 0 ? 300 : 12;
        const backends::identity names{name(most), name(most), {{"t" + name(most), name(most)}}};
        const std::string labels = backends::detail::pack({{"l" + name(most), name(most)}});
        const auto at = 1 + static_cast<backends::unix_seconds>(random());
        std::string record;
        REQUIRE(backends::testing::wire_format_laws<Format>::broken(
                    names, name(most), name(most), at, static_cast<double>(random()) / 7, &record,
                    backends::label_list{labels}) == "");
        also(names, record);
    }
}

}  // namespace messages
