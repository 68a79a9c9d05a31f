// SPDX-License-Identifier: BSL-1.0
//
// The numbers of a block of lines, as text, before there is a place for them. What vectors can do for
// all of them at once is done here; write() then copies. Its bytes are those of write_number(), which
// is the scalar form and takes every value that is too large or too near a tie for the vectors.
#pragma once

#include <backends/core/vectors.hpp>
#include <backends/format/number.hpp>
#include <backends/format/text_maker.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends {

/// write() and write_plain() may write this many bytes behind the end that they return.
inline constexpr std::size_t number_block_slack = 16;

/// Up to `Most` values of one type, the first n of `values`, which must outlive it. Those up to the
/// next multiple of the vectors' lanes are looked at too. This form writes them one by one.
/// Precondition of all members: i < n.
template <class Value, std::size_t Most, class Vectors = detail::vectors::widest>
class number_block {
public:
    number_block(const std::array<Value, Most>& values, std::size_t n) noexcept : values_{values} {
        for (std::size_t i = 0; i < n; ++i) {
            is_plain_ = is_plain_ && is_printable(i);
        }
    }

    /// Whether write_plain() serves all of them.
    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }
    [[nodiscard]] bool is_printable(std::size_t i) const noexcept {
        return backends::is_printable(values_[i]);
    }
    char* write_plain(char* out, std::size_t i) const noexcept { return write(out, i); }
    /// Precondition: is_printable(i).
    char* write(char* out, std::size_t i) const noexcept { return write_number(out, values_[i]); }

private:
    const std::array<Value, Most>& values_;
    bool is_plain_ = true;
};

/// Doubles, split and printed some at a time: a plain block has numbers from 0 to 2^26, and their texts
/// serve below 99,999,999 and for negative ones too. What rounds to a whole number from below, which is
/// rare, is printed alone, as what is near a tie.
template <std::size_t Most, class Vectors>
    requires(Vectors::lanes != 0)
class number_block<double, Most, Vectors> : public detail::texts_of_block<Most> {
    using V = Vectors;
    static_assert(Most % V::lanes == 0);

public:
    [[gnu::always_inline]] number_block(const std::array<double, Most>& values,
                                        std::size_t n) noexcept
        : values_{values} {
        const detail::text_maker<V> store_texts{'.'};
        auto signs = V::all(0);
        auto most_rest = V::all(0);
        auto all_parts = V::all_32(0);
        for (std::size_t i = 0; i < n; i += V::lanes) {
            const auto v = V::load(values.data() + i);
            const split parts{V::magnitude(v)};
            store_texts(this->text_.data() + 16 * i, parts.numbers);
            signs = V::any(signs, v);
            most_rest = V::most(most_rest, parts.rest);
            all_parts = V::either(all_parts, parts.numbers);
        }
        // What is not a number or as much as 2^31 has a whole part with the top bit.
        constexpr unsigned every = (1U << V::lanes) - 1;
        const bool are_near = V::bits(V::less(most_rest, V::all(0.5))) == every;
        this->is_plain_ = are_near && V::bits(signs) == 0 && V::have_26_bits(all_parts);
    }

    [[nodiscard]] bool is_printable(std::size_t i) const noexcept {
        return backends::is_printable(values_[i]);
    }
    [[gnu::always_inline]] char* write(char* out, std::size_t i) const noexcept {
        if (!has_text(i)) [[unlikely]] {
            return write_number(out, values_[i]);
        }
        *out = '-';
        return this->write_plain(out + (values_[i] < has_sign ? 1 : 0), i);
    }

private:
    /// The whole part and the units of magnitudes, and how far the units are from the value: below a half
    /// they are the nearest.
    struct split {
        [[gnu::always_inline]] explicit split(typename V::doubles magnitude) noexcept {
            const auto whole = V::truncated(magnitude);
            // Exact, and below 1. The product may be rounded, but never across a half, which is a
            // double itself; so what is nearer than a half to the units after that was so before.
            const auto product = (magnitude - V::widened(whole)) * V::all(decimal::scale);
            const auto units = V::truncated(V::least(product + V::all(0.5), V::all(most_units)));
            numbers = V::alternating(whole, units);
            rest = V::magnitude(product - V::widened(units));
        }
        typename V::numbers numbers;
        typename V::doubles rest;
    };

    /// Whether the text is that of the value, if not all are plain.
    [[nodiscard]] bool has_text(std::size_t i) const noexcept {
        const std::size_t lane = i % V::lanes;
        const auto magnitude = V::magnitude(V::load(values_.data() + (i - lane)));
        const unsigned small = V::bits(V::less(magnitude, V::all(99'999'999)));
        const unsigned near = V::bits(V::less(split{magnitude}.rest, V::all(0.5)));
        return ((small & near) >> lane & 1) != 0;
    }

    // What rounds to more, to the next whole number, is too far from it to be near.
    static constexpr double most_units = decimal::scale - 1;

    static constexpr double has_sign = -5e-8;  // below this; what rounds to zero has none

    const std::array<double, Most>& values_;
};

/// Decimals of less than 10^8, split one by one and printed some at a time.
template <std::size_t Most, class Vectors>
    requires(Vectors::lanes != 0)
class number_block<decimal, Most, Vectors> : public detail::texts_of_block<Most> {
    using V = Vectors;
    static_assert(Most % V::lanes == 0);

public:
    [[gnu::always_inline]] number_block(const std::array<decimal, Most>& values,
                                        std::size_t n) noexcept
        : values_{values} {
        alignas(32) std::array<std::uint32_t, 2 * Most> parts;
        std::uint64_t negative = 0;  // what counts is the top bit
        std::uint64_t wide = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const auto units = static_cast<std::int64_t>(values[i].units);
            const std::uint64_t magnitude = magnitude_of(units);
            const std::uint64_t whole = magnitude / detail::units_in_one;
            parts[2 * i] = static_cast<std::uint32_t>(whole);
            parts[2 * i + 1] = static_cast<std::uint32_t>(magnitude - whole * detail::units_in_one);
            negative |= static_cast<std::uint64_t>(units) | (limit - 1 - magnitude);
            wide |= static_cast<std::uint64_t>(values[i].units >> 64);
        }
        this->is_plain_ = negative >> 63 == 0 && wide == 0;
        for (std::size_t i = n; i % V::lanes != 0; ++i) {
            parts[2 * i] = parts[2 * i + 1] = 0;
        }
        const detail::text_maker<V> store_texts{'.'};
        for (std::size_t i = 0; i < n; i += V::lanes) {
            store_texts(this->text_.data() + 16 * i, V::load_numbers(parts.data() + 2 * i));
        }
    }

    [[nodiscard]] static bool is_printable(std::size_t /*i*/) noexcept { return true; }
    [[gnu::always_inline]] char* write(char* out, std::size_t i) const noexcept {
        const int128 units = values_[i].units;
        const auto low = static_cast<std::int64_t>(units);
        if (low != units || magnitude_of(low) >= limit) [[unlikely]] {
            return write_number(out, values_[i]);
        }
        *out = '-';
        return this->write_plain(out + (low < 0 ? 1 : 0), i);
    }

private:
    static constexpr std::uint64_t limit = detail::ten_to_8 * detail::units_in_one;

    static std::uint64_t magnitude_of(std::int64_t units) noexcept {
        const auto sign = static_cast<std::uint64_t>(units >> 63);
        return (static_cast<std::uint64_t>(units) ^ sign) - sign;
    }

    const std::array<decimal, Most>& values_;
};

/// Integers of at most 16 digits. Those of a block in which none has more than 26 bits are printed
/// twice as many at a time, with eight characters each.
template <std::integral Int, std::size_t Most, class Vectors>
    requires(Vectors::lanes != 0)
class number_block<Int, Most, Vectors> {
    using V = Vectors;
    using short_vectors =
        typename V::of_16_bytes;  // four numbers, which every block can be read in
    static_assert(Most % 4 == 0 && Most % V::lanes == 0 && sizeof(Int) == 8);

public:
    [[gnu::always_inline]] number_block(const std::array<Int, Most>& values, std::size_t n) noexcept
        : values_{values} {
        const detail::text_maker<short_vectors> store_short{'0'};
        std::uint64_t all_bits = 0;
        for (std::size_t i = 0; i < n; ++i) {
            all_bits |= static_cast<std::uint64_t>(values[i]);
        }
        is_short_ = all_bits >> 26 == 0;
        if (is_short_) {
            is_plain_ = true;
            for (std::size_t i = 0; i < n; i += 4) {
                store_short(text_.data() + 8 * i,
                            short_vectors::load_low_halves(values.data() + i));
            }
            return;
        }
        alignas(32) std::array<std::uint32_t, 2 * Most> parts;
        std::uint64_t unusual = 0;  // what counts is the top bit
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint64_t magnitude = magnitude_of(values[i]);
            const std::uint64_t high = magnitude / detail::ten_to_8;
            parts[2 * i] = static_cast<std::uint32_t>(high);
            parts[2 * i + 1] = static_cast<std::uint32_t>(magnitude - high * detail::ten_to_8);
            unusual |= static_cast<std::uint64_t>(values[i]) | (detail::ten_to_16 - 1 - magnitude);
        }
        is_plain_ = unusual >> 63 == 0;
        for (std::size_t i = n; i % V::lanes != 0; ++i) {
            parts[2 * i] = parts[2 * i + 1] = 0;
        }
        const detail::text_maker<V> store_texts{'0'};
        for (std::size_t i = 0; i < n; i += V::lanes) {
            store_texts(text_.data() + 16 * i, V::load_numbers(parts.data() + 2 * i));
        }
    }

    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }
    [[nodiscard]] static bool is_printable(std::size_t /*i*/) noexcept { return true; }
    [[gnu::always_inline]] char* write_plain(char* out, std::size_t i) const noexcept {
        if (is_short_) {
            const char* const text = text_.data() + 8 * i;
            std::uint64_t digits = 0;
            std::memcpy(&digits, text, sizeof digits);
            const std::size_t skipped = detail::leading_zeros(digits);
            std::memcpy(out, text + skipped, sizeof digits);
            return out + (sizeof digits - skipped);
        }
        const char* const text = text_.data() + 16 * i;
        const std::size_t skipped = V::leading_zeros(text);
        std::memcpy(out, text + skipped, 16);
        return out + (16 - skipped);
    }
    [[gnu::always_inline]] char* write(char* out, std::size_t i) const noexcept {
        if (magnitude_of(values_[i]) >= detail::ten_to_16) [[unlikely]] {
            return write_number(out, values_[i]);
        }
        *out = '-';
        return write_plain(out + (values_[i] < 0 ? 1 : 0), i);
    }

private:
    static std::uint64_t magnitude_of(Int v) noexcept {
        const auto magnitude = static_cast<std::uint64_t>(v);
        return v < 0 ? 0 - magnitude : magnitude;
    }

    const std::array<Int, Most>& values_;
    bool is_short_;
    bool is_plain_;
    alignas(32) std::array<char, 16 * (Most + 1)> text_;  // room for reading behind the last
};

}  // namespace backends
