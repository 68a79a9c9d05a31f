// SPDX-License-Identifier: BSL-1.0
//
// Counts that a length of 32 bits does not hold, in the record of a histogram. Exits with 1 where
// one is cut off. on_armv7.py compiles it.
#include <backends/format/otlp_histogram.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>

int main() {
    constexpr std::array counts{std::uint64_t{1} << 32U, (std::uint64_t{1} << 32U) + 5, UINT64_MAX};
    // Offset 0 is left out: field 2 of the buckets has these, seven bits a byte.
    constexpr std::string_view wanted =
        "\x42\x16\x12\x14"
        "\x80\x80\x80\x80\x10"
        "\x85\x80\x80\x80\x10"
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    std::array<char, backends::otlp_histogram::longest(0, counts.size())> room{};
    backends::histogram_point point;
    point.end = 1;
    point.count = counts[1];
    point.buckets = counts;
    char* const end = room.data() + room.size();
    const char* const begin = backends::otlp_histogram::write_before(end, {}, {}, point);
    const std::string_view record{begin, static_cast<std::size_t>(end - begin)};
    if (record.find(wanted) == record.npos) {
        std::puts("a count is cut off");
        return 1;
    }
    return 0;
}
