// SPDX-License-Identifier: BSL-1.0
#include "baseline/packed.hpp"

#include <cmath>

namespace baseline {

namespace {
constexpr std::uint32_t negative = 1U << 31;
constexpr std::uint32_t multiply = 1U << 30;
constexpr std::uint32_t sample = 1U << 24;
constexpr std::uint32_t flags = 7U << 24;
constexpr std::uint32_t largest = 0xff'ffff;
constexpr long double limit = largest;
}  // namespace

std::uint32_t pack(long double value) noexcept {
    std::uint32_t word = sample;
    if (value < 0) {
        word |= negative;
        value = -value;
    }
    std::uint32_t power = 0;
    if (std::rint(value) > limit) {
        word |= multiply;
        while (power < 7 && std::rint(value) > limit) {
            value /= 10;
            ++power;
        }
        if (std::rint(value) > limit) {
            value = limit;
        }
    } else {
        while (power < 7 && std::rint(value * 10) <= limit) {
            value *= 10;
            ++power;
        }
    }
    const auto significand = static_cast<std::uint32_t>(std::rint(value));
    return significand == 0 ? sample : word | power << 27 | significand;
}

long double unpack(std::uint32_t word) noexcept {
    long double value = word & largest;
    std::uint32_t power = word >> 27 & 7;
    if ((word & multiply) != 0) {
        for (; power != 0; --power) {
            value *= 10;
        }
    } else {
        for (; power != 0; --power) {
            value /= 10;
        }
    }
    return (word & negative) != 0 ? -value : value;
}

bool exists(std::uint32_t word) noexcept { return (word & flags) != 0; }

}  // namespace baseline
