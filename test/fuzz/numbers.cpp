// SPDX-License-Identifier: BSL-1.0
//
// The text of numbers, against snprintf: doubles with seven decimals, integers, and decimals, whose
// 128 bits snprintf does not know. Nothing is written behind the room that is asked for. Decimals
// also come from packed cells, their sums and averages, worked out here from the layout of a word.
// A block of numbers, which vectors print, has the texts that its numbers have one by one.
#include <backends/cell/packed_cell.hpp>
#include <backends/core/decimal.hpp>
#include <backends/number/number.hpp>
#include <backends/number/number_block.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace backends;

// Of exactly the promised size, so that the address sanitizer sees a byte too many.
template <class T>
std::string_view text_of(T value) {
    constexpr std::size_t room = max_number_chars<T> + number_slack;
    static const auto out = std::make_unique<char[]>(room);
    const std::string_view text{
        out.get(), static_cast<std::size_t>(write_number(out.get(), value) - out.get())};
    fuzz::require(text.size() <= max_number_chars<T>, "no longer than promised", text);
    return text;
}

template <class T>
std::string_view printed(const char* form, T value) {
    static std::array<char, 400> room;
    const int n = std::snprintf(room.data(), room.size(), form, value);
    return {room.data(), static_cast<std::size_t>(n)};
}

void check(double value) {
    fuzz::require(is_printable(value) == std::isfinite(value), "only finite values have a text");
    if (std::isfinite(value)) {
        std::string_view expected = printed("%.7f", value);
        if (expected == "-0.0000000") {
            expected.remove_prefix(1);
        }
        fuzz::require(text_of(value) == expected, "as snprintf", expected);
    }
}

void check(decimal value) {
    const bool negative = value.units < 0;
    auto rest = static_cast<uint128>(value.units);
    rest = negative ? 0 - rest : rest;
    std::string expected;
    for (std::size_t digits = 0; digits < 8 || rest != 0; ++digits) {
        if (digits == 7) {
            expected += '.';
        }
        expected += static_cast<char>('0' + static_cast<int>(rest % 10));
        rest /= 10;
    }
    expected += negative ? "-" : "";
    std::reverse(expected.begin(), expected.end());
    fuzz::require(text_of(value) == expected, "as digit by digit", expected);
}

int128 power_of_ten(unsigned n) { return n == 0 ? int128{1} : 10 * power_of_ten(n - 1); }

/// A word of the packed cell: sign, direction and size of its power, significand.
struct packed_word {
    bool negative;
    bool scaled_up;
    unsigned power;
    std::int64_t significand;

    explicit packed_word(std::uint32_t bits)
        : negative{(bits >> 31) != 0},
          scaled_up{(bits >> 30 & 1) != 0},
          power{bits >> 27 & 7},
          significand{bits & 0xff'ffff} {}

    /// In 1e-7.
    [[nodiscard]] int128 units() const {
        const int128 size = significand * power_of_ten(scaled_up ? 7 + power : 7 - power);
        return negative ? -size : size;
    }
};

// Some samples of a window, as the source stage adds them up.
class window {
public:
    void add(std::uint32_t bits) {
        constexpr std::uint32_t flags = 7U << 24;
        const std::uint32_t kind = (bits & flags) % 2 == 0 ? 1U << 24 : 2U << 24;
        const std::uint32_t word = (bits & ~flags) | kind;
        const packed_value value = packed_cell::load(word);
        const packed_word known{word};
        fuzz::require(packed_cell::exists(word) && value.units() == known.units(),
                      "a packed cell is what its bits say");
        check(static_cast<decimal>(value));
        sum_ += value;
        exact_ += known.units();
        ++samples_;
        fuzz::require(sum_.total().units == exact_, "the sum of packed cells is exact");
        check(sum_.total());
        check(mean_of(samples_));
        check(mean_of(1 + (bits & 0xffff)));  // as if gaps had been samples of 0
    }

private:
    /// Rounded once, half to even, from the quotient below.
    [[nodiscard]] decimal mean_of(std::uint64_t n) const {
        const auto by = static_cast<int128>(n);
        int128 below = exact_ / by - (exact_ % by < 0 ? 1 : 0);
        const int128 twice = 2 * (exact_ - below * by);
        below += twice > by || (twice == by && below % 2 != 0) ? 1 : 0;
        const decimal mean = sum_.mean(n);
        fuzz::require(mean.units == below, "the mean of packed cells is rounded half to even");
        return mean;
    }

    packed_sum sum_;
    int128 exact_ = 0;
    std::uint64_t samples_ = 0;
};

// The packed decimal nearest to a double, which has all digits that fit.
void check_packing(double value) {
    const auto stored = packed_cell::store(value);
    if (!std::isfinite(value)) {
        fuzz::require(
            stored.outcome == store_outcome::not_finite && stored.word == packed_cell::gap,
            "what is not finite is a gap");
        return;
    }
    const packed_word word{stored.word};
    const double largest = 1.6777215e14;
    if (stored.outcome == store_outcome::saturated) {
        fuzz::require(std::abs(value) > largest && word.scaled_up && word.power == 7 &&
                          word.significand == 0xff'ffff && word.negative == (value < 0),
                      "beyond the range is the end of the range");
        return;
    }
    if (word.significand == 0) {
        fuzz::require(std::abs(value) <= 0.5e-7 && !word.negative, "what rounds to zero is +0");
        return;
    }
    const auto power = static_cast<int>(word.power);
    const double step = std::pow(10.0, word.scaled_up ? power : -power);
    const double kept = packed_cell::load(stored.word);
    const double error = std::abs(kept - value);
    fuzz::require(error <= step / 2 * (1 + 1e-6), "the nearest packed decimal");
    const bool has_last_digit = !word.scaled_up && word.power == 7;
    fuzz::require(has_last_digit || word.significand > 0xff'ffff / 10, "as many digits as fit");
    fuzz::require(packed_cell::store(kept).word == stored.word, "packed twice is packed once");
}

// Numbers as they come, a few at a time.
template <class Value>
class blocks {
public:
    /// Precondition: 0 < size <= most.
    explicit blocks(std::size_t size) : wanted_{size} {}

    void add(Value v) {
        values_[size_++] = v;
        if (size_ == wanted_) {
            compare();
        }
    }
    void compare() {
        value_array<Value, most> values;
        for (std::size_t i = 0; i != most; ++i) {
            values.set(i, values_[i]);
        }
        const number_block<Value, most> block{values, size_};
        for (std::size_t i = 0; i != size_; ++i) {
            const bool has_text = is_printable(values_[i]);
            fuzz::require(block.is_printable(i) == has_text && (has_text || !block.is_plain()),
                          "a block knows what has a text");
            if (has_text) {
                const std::string_view expected = text_of(values_[i]);
                const auto write = [&](char* out) { return block.write(out, i); };
                const auto write_plain = [&](char* out) { return block.write_plain(out, i); };
                fuzz::require(is_written(write, expected), "the text in a block", expected);
                fuzz::require(!block.is_plain() || is_written(write_plain, expected),
                              "the text in a plain block", expected);
            }
        }
        size_ = 0;
    }

private:
    static constexpr std::size_t most = 12;

    /// At the end of the memory, so that a byte behind the slack is seen.
    template <class Write>
    static bool is_written(Write write, std::string_view expected) {
        constexpr std::size_t slack = std::max(number_slack, number_block_slack);
        constexpr std::size_t room = max_number_chars<Value> + slack;
        static const auto memory = std::make_unique<char[]>(room);
        char* const out = memory.get() + room - slack - expected.size();
        return std::string_view{out, static_cast<std::size_t>(write(out) - out)} == expected;
    }

    std::array<Value, most> values_{};
    std::size_t size_ = 0;
    std::size_t wanted_;
};

// -2^127 units belong to no sum of cells, but are a decimal.
decimal decimal_of(std::uint64_t high, std::uint64_t low) {
    const auto bits = (static_cast<uint128>(high) << 64) | low;
    return decimal{static_cast<int128>(bits)};
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    std::uint64_t before = 0;
    window packed;
    // The length of an input says how large the blocks are, so that all numbers are free.
    blocks<double> doubles{1 + size % 12};
    blocks<decimal> decimals{1 + size % 12};
    for (int n = 0; n != 16 && !in.empty(); ++n) {
        const auto bits = in.take<std::uint64_t>();
        const auto integer = static_cast<std::int64_t>(bits);
        double value;
        std::memcpy(&value, &bits, sizeof value);
        check(value);
        // Near the ties: a whole number of half units, and its neighbours.
        const double tie = static_cast<double>(integer) / 2e7;
        check(tie);
        check(std::nextafter(tie, 0));
        const double scaled =
            std::ldexp(static_cast<double>(integer), -static_cast<int>(bits & 63));
        check(scaled);
        fuzz::require(text_of(bits) == printed("%" PRIu64, bits), "as snprintf");
        fuzz::require(text_of(integer) == printed("%" PRId64, integer), "as snprintf");
        const auto narrow = static_cast<std::int32_t>(integer);
        fuzz::require(text_of(narrow) == printed("%" PRId32, narrow), "as snprintf");
        check(decimal_of(0, bits));
        check(decimal_of(UINT64_MAX, bits));
        check(decimal_of(before, bits));
        packed.add(static_cast<std::uint32_t>(bits));
        check_packing(value);
        check_packing(tie);
        check_packing(scaled);
        for (const double v : {value, tie, std::nextafter(tie, 0), scaled}) {
            doubles.add(v);
        }
        for (const decimal v : {decimal_of(0, bits), decimal_of(UINT64_MAX, bits),
                                decimal_of(before, bits), decimal_of(0, bits >> 16)}) {
            decimals.add(v);
        }
        before = bits;
    }
    doubles.compare();
    decimals.compare();
    return 0;
}
