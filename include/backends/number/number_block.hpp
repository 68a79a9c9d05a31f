// SPDX-License-Identifier: BSL-1.0
//
// The numbers of a block of lines as text, prepared before their place is known. Vectors prepare
// all of them at once; write() copies. The bytes equal those of write_number(), the scalar form,
// which also takes every value too large or too near a tie for the vectors.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/hardware/value_array.hpp>
#include <backends/hardware/vectors.hpp>
#include <backends/number/digit_writer.hpp>
#include <backends/number/number.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backends::inline BACKENDS_ISA {

/// write() and write_plain() may write this many bytes past the returned end.
inline constexpr std::size_t number_block_slack = 16;

/// The first n of `values`, which must outlive the block. Reads `values` up to the next multiple of
/// the vectors' lanes. This form writes values one by one. Precondition of all members: i < n.
template <class Value, std::size_t Most, class Vectors = detail::vectors::widest>
class number_block {
public:
    /// Prepares the first n values of `values`, at most Most.
    number_block(const value_array<Value, Most>& values, std::size_t n) noexcept : values_{values} {
        for (std::size_t i = 0; i < n; ++i) {
            is_plain_ = is_plain_ && is_printable(i);
        }
    }

    /// The most that write_plain() writes.
    static constexpr std::size_t plain_chars = max_number_chars<Value>;
    /// True if write_plain() may write all of them.
    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }
    /// Whether value i is finite. Precondition: i < n.
    [[nodiscard]] bool is_printable(std::size_t i) const noexcept {
        return backends::is_printable(values_[i]);
    }
    /// As write(), for a block whose is_plain() is true.
    char* write_plain(char* out, std::size_t i) const noexcept { return write(out, i); }
    /// Calls f(write), where write(out, i) is write_plain(). Selects the form once.
    template <class F>
    BACKENDS_INLINE void all_plain(F f) const noexcept {
        f([this](char* out, std::size_t i) { return write(out, i); });
    }
    /// Precondition: is_printable(i).
    char* write(char* out, std::size_t i) const noexcept { return write_number(out, values_[i]); }

private:
    const value_array<Value, Most>& values_;
    bool is_plain_ = true;
};

namespace detail {
/// Splits magnitudes into an integer part and units of 1e-7, and tells whether these are exact.
template <class Value, class V>
class split_block;

/// For doubles. Leaves values near a tie, and values whose fraction rounds up to 1, to the scalar
/// path.
template <class V>
class split_block<double, V> {
public:
    static constexpr double limit = 99'999'999;  // for magnitudes below
    static constexpr double has_sign = -5e-8;    // values below print a sign; zeros do not

    template <std::size_t Most>
    static const double* doubles_of(const value_array<double, Most>& values) noexcept {
        return values.data();
    }

    BACKENDS_INLINE typename V::numbers operator()(typename V::doubles magnitude) noexcept {
        const auto whole = V::to_i32(magnitude);
        // The difference is exact and below 1. Rounding the product cannot cross a tie: k + 1/2 is
        // a double. So a rounded product nearer than a half to the units was so before.
        const auto product = (magnitude - V::to_f64(whole)) * V::broadcast(decimal::scale);
        const auto units =
            V::to_i32(V::min_of(product + V::broadcast(0.5), V::broadcast(max_units)));
        max_rest_ = V::max_of(max_rest_, V::abs_of(product - V::to_f64(units)));
        return V::interleave_low(whole, units);
    }
    /// One bit per lane: all of its magnitudes so far are nearer than a half to their units.
    [[nodiscard]] unsigned are_near() const noexcept {
        return V::movemask(V::less(max_rest_, V::broadcast(0.5)));
    }

private:
    // Clamped, so that a fraction that rounds up to 1 fails are_near() and goes the scalar path.
    static constexpr double max_units = decimal::scale - 1;

    typename V::doubles max_rest_ = V::broadcast(0);
};

/// For decimals, whose units are integers.
template <class V>
class split_block<decimal, V> {
public:
    static constexpr double limit = 1e15;
    static constexpr double has_sign = 0;

    template <std::size_t Most>
    static const double* doubles_of(const value_array<decimal, Most>& values) noexcept {
        return values.units();
    }

    BACKENDS_INLINE typename V::numbers operator()(typename V::doubles magnitude) noexcept {
        // Rounding cannot change the truncated quotient, which is half a unit away from an integer:
        // its error is 3.4e-8 at 10^8, in any rounding mode.
        const auto whole = V::to_i32((magnitude + V::broadcast(0.5)) * V::broadcast(1e-7));
        const auto units = magnitude - V::to_f64(whole) * V::broadcast(decimal::scale);
        return V::interleave_low(whole, V::to_i32(units));
    }
    [[nodiscard]] static unsigned are_near() noexcept { return (1U << V::lanes) - 1; }
};
}  // namespace detail

/// Doubles and decimals, prepared by vectors. In a plain block every value is in [0, 2^26) and not
/// near a tie. In other blocks a prepared text still serves for |v| < 10^8, unless near a tie.
template <class Value, std::size_t Most, class Vectors>
    requires(Vectors::lanes != 0 && (std::same_as<Value, double> || std::same_as<Value, decimal>))
class number_block<Value, Most, Vectors> : public detail::texts_of_block<Most> {
    using V = Vectors;
    using split_block = detail::split_block<Value, V>;
    static_assert(Most % V::lanes == 0);

public:
    static constexpr std::size_t plain_chars = 16;

    BACKENDS_INLINE number_block(const value_array<Value, Most>& values, std::size_t n) noexcept
        : values_{values} {
        const detail::digit_writer<V> store_texts{'.'};
        split_block split;
        auto signs = V::broadcast(0);
        auto all_parts = V::broadcast_32(0);
        for (std::size_t i = 0; i < n; i += V::lanes) {
            const auto v = V::load(split_block::doubles_of(values) + i);
            const auto parts = split(V::abs_of(v));
            store_texts(this->text_.data() + 16 * i, parts);
            signs = V::bit_or(signs, v);
            all_parts = V::bit_or(all_parts, parts);
        }
        // NaN and values from 2^31 on have an integer part with the top bit.
        constexpr unsigned every = (1U << V::lanes) - 1;
        this->is_plain_ =
            split.are_near() == every && V::movemask(signs) == 0 && V::all_below_2_26(all_parts);
    }

    [[nodiscard]] bool is_printable(std::size_t i) const noexcept {
        return backends::is_printable(split_block::doubles_of(values_)[i]);
    }
    BACKENDS_INLINE char* write(char* out, std::size_t i) const noexcept {
        if (!has_text(i)) [[unlikely]] {
            return write_number(out, values_[i]);
        }
        *out = '-';
        const bool has_sign = split_block::doubles_of(values_)[i] < split_block::has_sign;
        return this->write_plain(out + (has_sign ? 1 : 0), i);
    }

private:
    /// True if the prepared text is the value's, in a block that is not plain.
    [[nodiscard]] bool has_text(std::size_t i) const noexcept {
        const std::size_t lane = i % V::lanes;
        const auto magnitude = V::abs_of(V::load(split_block::doubles_of(values_) + (i - lane)));
        const unsigned in_range = V::movemask(V::less(magnitude, V::broadcast(split_block::limit)));
        split_block split;
        split(magnitude);
        return ((in_range & split.are_near()) >> lane & 1) != 0;
    }

    const value_array<Value, Most>& values_;
};

/// Integers of at most 16 digits. A block in which all have at most 26 bits prints twice as many at
/// a time, eight characters each.
template <std::integral Int, std::size_t Most, class Vectors>
    requires(Vectors::lanes != 0)
class number_block<Int, Most, Vectors> {
    using V = Vectors;
    using short_vectors = typename V::of_16_bytes;  // of four numbers, which divide every block
    static_assert(Most % 4 == 0 && Most % V::lanes == 0 && sizeof(Int) == 8);

public:
    static constexpr std::size_t plain_chars = 16;

    BACKENDS_INLINE number_block(const value_array<Int, Most>& values, std::size_t n) noexcept
        : values_{values} {
        const detail::digit_writer<short_vectors> store_short{'0'};
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
        std::uint64_t unusual = 0;  // only the top bit matters
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
        const detail::digit_writer<V> store_texts{'0'};
        for (std::size_t i = 0; i < n; i += V::lanes) {
            store_texts(text_.data() + 16 * i, V::load_numbers(parts.data() + 2 * i));
        }
    }

    [[nodiscard]] bool is_plain() const noexcept { return is_plain_; }
    [[nodiscard]] static bool is_printable(std::size_t /*i*/) noexcept { return true; }
    BACKENDS_INLINE char* write_plain(char* out, std::size_t i) const noexcept {
        return is_short_ ? write_short(out, i) : write_long(out, i);
    }
    template <class F>
    BACKENDS_INLINE void all_plain(F f) const noexcept {
        if (is_short_) {
            f([this](char* out, std::size_t i) BACKENDS_INLINE { return write_short(out, i); });
        } else {
            f([this](char* out, std::size_t i) BACKENDS_INLINE { return write_long(out, i); });
        }
    }
    BACKENDS_INLINE char* write(char* out, std::size_t i) const noexcept {
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

    BACKENDS_INLINE char* write_short(char* out, std::size_t i) const noexcept {
        const char* const text = text_.data() + 8 * i;
        std::uint64_t digits = 0;
        std::memcpy(&digits, text, sizeof digits);
        const std::size_t skipped = detail::leading_zeros(digits);
        std::memcpy(out, text + skipped, sizeof digits);
        return out + (sizeof digits - skipped);
    }
    BACKENDS_INLINE char* write_long(char* out, std::size_t i) const noexcept {
        const char* const text = text_.data() + 16 * i;
        const std::size_t skipped = V::leading_zeros(text);
        std::memcpy(out, text + skipped, 16);
        return out + (16 - skipped);
    }

    const value_array<Int, Most>& values_;
    bool is_short_;
    bool is_plain_;
    alignas(32) std::array<char, 16 * (Most + 1)> text_;  // room to read past the last text
};

}  // namespace backends
