// SPDX-License-Identifier: BSL-1.0
//
// Instrument, third concept: a distribution, which no sample of a slot can hold. Each exporter
// reads all that was ever counted, and takes the difference to its own last reading. Model:
// histogram.
#pragma once

#include <backends/isa.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// What a reader without the type of a distribution must know.
struct distribution_shape {
    /// What the bits of the sum's word are.
    enum class sum_form : std::uint8_t {
        floating,         ///< a double
        integer,          ///< a std::int64_t
        unsigned_integer  ///< a std::uint64_t
    };

    int scale = 0;             ///< 2^scale buckets an octave
    int first_index = 0;       ///< of the first bucket, in all exponential ones of this scale
    std::size_t buckets = 0;   ///< how many there are
    sum_form form = {};        ///< of the word that holds the sum
    double sum_per_value = 1;  ///< units of the sum in one of the values

    /// The length of a reading: its words 0 and up count the values below, those of each bucket,
    /// and those above.
    [[nodiscard]] constexpr std::size_t words() const noexcept { return buckets + 6; }
    /// The word of the values above.
    [[nodiscard]] constexpr std::size_t at_above() const noexcept { return buckets + 1; }
    /// The word of those that are not a number.
    [[nodiscard]] constexpr std::size_t at_nan() const noexcept { return buckets + 2; }
    /// The word of the sum.
    [[nodiscard]] constexpr std::size_t at_sum() const noexcept { return buckets + 3; }
    /// The word of the least value: the complement of its key.
    [[nodiscard]] constexpr std::size_t at_least() const noexcept { return buckets + 4; }
    /// The word of the greatest value: its key.
    [[nodiscard]] constexpr std::size_t at_greatest() const noexcept { return buckets + 5; }
};

/// - `I::shape`         a distribution_shape, constexpr
/// - `one.read(words)`  writes shape.words() words, noexcept; any thread; none but the sum and the
///   extremes ever shrinks from one reading to the next
template <class I>
concept distribution = requires(const I& one, std::uint64_t* words) {
    { I::shape } -> std::convertible_to<distribution_shape>;
    { one.read(words) } noexcept;
} && !std::is_copy_constructible_v<I>;

namespace detail {

/// A distribution of a chart, without its type.
struct distribution_reader {
    std::string_view name;  ///< of the member; empty: the chart is this one alone
    const void* of = nullptr;
    distribution_shape shape;
    void (*read)(const void* of, std::uint64_t* words) noexcept = nullptr;
};
template <distribution I>
distribution_reader reader_of(std::string_view name, const I& one) noexcept {
    return {name, &one, I::shape, [](const void* of, std::uint64_t* words) noexcept {
                static_cast<const I*>(of)->read(words);
            }};
}

/// The distributions of a chart, in the order of its members.
struct distribution_list {
    const distribution_reader* first = nullptr;
    std::size_t size = 0;
    bool is_all = false;  ///< the chart has nothing else: its one dimension is never collected

    [[nodiscard]] const distribution_reader* begin() const noexcept { return first; }
    [[nodiscard]] const distribution_reader* end() const noexcept { return first + size; }
    /// Words of a reading of all.
    [[nodiscard]] std::size_t words() const noexcept {
        std::size_t n = 0;
        for (const distribution_reader& one : *this) {
            n += one.shape.words();
        }
        return n;
    }
};

/// Keys in the order of the numbers; neither a key nor its complement is 0.
struct extreme_key {
    static constexpr std::uint64_t sign = std::uint64_t{1} << 63U;

    static constexpr std::uint64_t of(double v) noexcept {
        const auto bits = std::bit_cast<std::uint64_t>(v);
        return bits >> 63U != 0 ? ~bits : bits | sign;
    }
    /// NaN where there is none.
    static constexpr double value(std::uint64_t key) noexcept {
        return key == 0          ? std::numeric_limits<double>::quiet_NaN()
               : key >> 63U != 0 ? std::bit_cast<double>(key & ~sign)
                                 : std::bit_cast<double>(~key);
    }
};

/// What is new in a reading, as bucket_counts::since() gives it for a known type.
class distribution_window {
public:
    std::uint64_t below = 0;
    const std::uint64_t* in_bucket = nullptr;
    std::size_t size = 0;
    std::uint64_t above = 0;
    double least = std::numeric_limits<double>::quiet_NaN();     ///< of all time
    double greatest = std::numeric_limits<double>::quiet_NaN();  ///< at most a bucket too great
    std::uint64_t not_a_number = 0;
    std::uint64_t sum = 0;  ///< of the window, in the form of the shape

    /// Overwrites `seen` with the reading `now`, and `now` with the differences, which must stay.
    /// The sum of a window without a value is in the next one with a value: who records writes it
    /// first.
    distribution_window(const distribution_shape& of, std::uint64_t* __restrict seen,
                        std::uint64_t* __restrict now) noexcept
        : in_bucket{now + 1}, size{of.buckets}, shape_{of} {
        const std::size_t end = of.at_nan();
        std::uint64_t all = 0;
        std::size_t last = 0;
        for (std::size_t i = 0; i < end; ++i) {
            const std::uint64_t fresh = now[i] - seen[i];
            seen[i] = now[i];
            now[i] = fresh;
            all += fresh;
            last = fresh != 0 ? i : last;
        }
        count_ = all;
        below = now[0];
        above = now[of.at_above()];
        not_a_number = now[of.at_nan()] - seen[of.at_nan()];
        seen[of.at_nan()] = now[of.at_nan()];
        if (all != 0) {
            sum = difference(now[of.at_sum()], seen[of.at_sum()]);
            seen[of.at_sum()] = now[of.at_sum()];
            least = extreme_key::value(~now[of.at_least()]);
            greatest = extreme_key::value(now[of.at_greatest()]);
            if (const double bound = above != 0 ? greatest : lower_bound(last); bound < greatest) {
                greatest = bound;
            }
        }
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] double lower_bound(std::size_t i) const noexcept { return value_at(i, 0); }
    /// Where in bucket i a part of its values ends.
    [[nodiscard]] double value_at(std::size_t i, double part) const noexcept {
        // The function of <cmath>, which every file that records would have to parse.
        return __builtin_exp2((shape_.first_index + static_cast<double>(i) + part) /
                              static_cast<double>(std::int64_t{1} << shape_.scale));
    }
    /// Calls use(sum) with a double, a std::int64_t or a std::uint64_t.
    template <class Use>
    void sum_to(Use use) const noexcept {
        using form = distribution_shape::sum_form;
        if (shape_.form == form::floating) {
            use(std::bit_cast<double>(sum));
        } else if (shape_.sum_per_value != 1) {
            use(static_cast<double>(static_cast<std::int64_t>(sum)) / shape_.sum_per_value);
        } else if (shape_.form == form::integer) {
            use(static_cast<std::int64_t>(sum));
        } else {
            use(sum);
        }
    }

private:
    [[nodiscard]] std::uint64_t difference(std::uint64_t now, std::uint64_t then) const noexcept {
        return shape_.form != distribution_shape::sum_form::floating
                   ? now - then
                   : std::bit_cast<std::uint64_t>(std::bit_cast<double>(now) -
                                                  std::bit_cast<double>(then));
    }

    const distribution_shape& shape_;
    std::uint64_t count_ = 0;
};

}  // namespace detail

}  // namespace backends
