// SPDX-License-Identifier: BSL-1.0
//
// Instrument: how values are distributed, such as latencies: counts in exponential buckets, which
// any number of threads add to.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/instrument/bucket_counts.hpp>
#include <backends/instrument/distribution.hpp>
#include <backends/instrument/instrument.hpp>
#include <backends/instrument/thread_cells.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <time.h>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// A number of nanoseconds, of which the sum of a histogram of durations is.
template <class Unit>
concept duration_unit = requires {
    typename Unit::rep;
    Unit::period::num;
    Unit::period::den;
};

template <class T>
struct histogram_value {
    static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8,
                  "backends: a histogram is of a built-in number, or of a unit of time such as "
                  "std::chrono::microseconds");
    using type = T;
    using sum =
        std::conditional_t<std::is_floating_point_v<T>, double,
                           std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>;
    static constexpr double sum_per_value = 1;
    static constexpr double as_double(T v) noexcept { return static_cast<double>(v); }
    static constexpr sum as_sum(T v) noexcept { return static_cast<sum>(v); }
};
template <duration_unit Unit>
struct histogram_value<Unit> {
    using type = nanoseconds;
    using sum = std::int64_t;
    static constexpr double sum_per_value =
        1e9 * static_cast<double>(Unit::period::num) / static_cast<double>(Unit::period::den);
    static constexpr double as_double(nanoseconds v) noexcept {
        return static_cast<double>(v.value) / sum_per_value;
    }
    static constexpr std::int64_t as_sum(nanoseconds v) noexcept { return v.value; }
};

}  // namespace detail

/// Buckets, sum, least and greatest value, each in cells of the recording thread.
///
/// @tparam T        a built-in number, or the unit of a duration: std::chrono::microseconds. Then
///                  durations are recorded, buckets are in that unit, and the sum is in nanoseconds
/// @tparam Scale    2^Scale buckets an octave, 0 to 6; at 3 each is 9 % wide
/// @tparam Buckets  how many; with the defaults they reach to 2^20, a second in microseconds
/// @tparam Octave   the first one begins after 2^Octave
/// @tparam Cells    how threads share it: thread_cells, shared_cells
template <class T = double, int Scale = 3, int Buckets = 160, int Octave = 0,
          counting_cells Cells = thread_cells>
class histogram {
    using kind = detail::histogram_value<T>;
    static_assert(Buckets > 0 && Octave > -1022 && Octave + (Buckets >> Scale) < 1023,
                  "backends: a histogram has a bucket, and its boundaries are normal doubles");
    static_assert(Buckets <= 2040,
                  "backends: a histogram takes at most 16 KiB a thread, which are 2040 buckets");
    static constexpr std::size_t end = static_cast<std::size_t>(Buckets);
    static constexpr std::uint32_t octaves{Buckets >> Scale};  // whole ones

public:
    /// Of its words in the cells, and of a reading; of the least value a word has the complement of
    /// the key, so that it grows.
    static constexpr distribution_shape shape{
        Scale, Octave * (1 << Scale), end,
        std::is_floating_point_v<typename kind::sum> ? distribution_shape::sum_form::floating
        : std::is_signed_v<typename kind::sum>       ? distribution_shape::sum_form::integer
                                               : distribution_shape::sum_form::unsigned_integer,
        kind::sum_per_value};
    using value_type = typename kind::type;
    using counts = bucket_counts<Scale, Buckets, Octave, typename kind::sum>;
    using cells = Cells;
    static constexpr std::size_t words = shape.words();

    /// One by itself. Throws std::bad_alloc.
    histogram() = default;
    /// One of a chart.
    explicit histogram(detail::cell_place<Cells>& at) noexcept : share_{at} {}

    /// Counts a value. Any thread. Some 3 ns with thread_cells; a thread's first call allocates.
    BACKENDS_INLINE void record(value_type v) noexcept {
        put(share_.cells().mine(), share_.first(), v);
    }

    /// Records how long it lives, by the steady clock, which takes two readings of some 20 ns.
    class timing {
    public:
        explicit timing(histogram& into) noexcept : into_{into}, began_{steady_now()} {}
        timing(const timing&) = delete;
        timing& operator=(const timing&) = delete;
        ~timing() { into_.record(nanoseconds{steady_now() - began_}); }

    private:
        histogram& into_;
        std::int64_t began_;
    };
    [[nodiscard]] timing time() noexcept
        requires detail::duration_unit<T>
    {
        return timing{*this};
    }

    /// A thread that records a lot spares the way to its cells.
    class writer_type {
    public:
        void record(value_type v) noexcept { put(held_.cells(), held_.first(), v); }

    private:
        friend histogram;
        explicit writer_type(detail::held_share<Cells> of) noexcept : held_{std::move(of)} {}

        detail::held_share<Cells> held_;
    };
    /// For one thread at a time. Must not outlive the histogram.
    [[nodiscard]] writer_type writer() noexcept {
        return writer_type{detail::held_share<Cells>{share_}};
    }

    /// All that was recorded, as far as it happens before this call, and any part of what is
    /// recorded meanwhile: of that the sum may have what the buckets have not. Any thread.
    [[nodiscard]] counts snapshot() const noexcept {
        std::array<std::uint64_t, words> now;
        read(now.data());
        counts all;
        all.below = now[0];
        for (std::size_t i = 0; i < end; ++i) {
            all.in_bucket[i] = now[1 + i];
        }
        all.above = now[shape.at_above()];
        all.not_a_number = now[shape.at_nan()];
        all.sum = std::bit_cast<sum_type>(now[shape.at_sum()]);
        if (now[shape.at_greatest()] != 0 && now[shape.at_least()] != 0) {
            all.greatest = detail::extreme_key::value(now[shape.at_greatest()]);
            all.least = detail::extreme_key::value(~now[shape.at_least()]);
        }
        return all;
    }
    /// The same, for an exporter. Some 80 ns a block of cells.
    void read(std::uint64_t* all) const noexcept {
        for (std::size_t i = 0; i < words; ++i) {
            all[i] = 0;
        }
        share_.cells().each([&](const std::uint64_t* block) noexcept {
            const std::uint64_t* const mine = block + share_.first();
            // The sum comes last: it has all that the buckets have.
            for (std::size_t i = 0; i <= shape.at_nan(); ++i) {
                all[i] += detail::load_word(mine + i);
            }
            all[shape.at_sum()] =
                as_word(sum_of(all[shape.at_sum()], detail::load_word(mine + shape.at_sum())));
            for (const std::size_t i : {shape.at_least(), shape.at_greatest()}) {
                all[i] = greater(all[i], detail::load_word(mine + i));
            }
        });
    }

private:
    using sum_type = typename kind::sum;

    static std::int64_t steady_now() noexcept {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
    }

    static constexpr std::uint64_t greater(std::uint64_t a, std::uint64_t b) noexcept {
        return a > b ? a : b;
    }
    static constexpr std::uint64_t as_word(sum_type v) noexcept {
        return std::bit_cast<std::uint64_t>(v);
    }
    static constexpr sum_type sum_of(std::uint64_t a, std::uint64_t b) noexcept {
        if constexpr (std::is_floating_point_v<sum_type>) {
            return std::bit_cast<double>(a) + std::bit_cast<double>(b);
        } else {
            return static_cast<sum_type>(a + b);
        }
    }

    static constexpr bool is_exact_integer =
        std::is_integral_v<value_type> && sizeof(value_type) == 8;

    /// 0: below; to `end`: the buckets; after them: above. Precondition: not a NaN.
    static constexpr std::size_t slot_of([[maybe_unused]] value_type v, double d) noexcept {
        constexpr int first = counts::first_index;
        int index = first - 1;
        if constexpr (is_exact_integer) {
            if (v > 0) {  // a double has not all of its digits
                index = exponential_buckets<Scale>::bucket_of(static_cast<std::uint64_t>(v));
            }
        } else if (d > 0) {
            index = exponential_buckets<Scale>::bucket_of(d);
        }
        index -= first;
        return static_cast<std::size_t>(index < 0 ? 0 : index < Buckets ? index + 1 : Buckets + 1);
    }

    template <class Block>
    BACKENDS_INLINE static void put(Block mine, std::size_t first, value_type v) noexcept {
        if constexpr (requires { mine.with([](auto) noexcept {}); }) {
            mine.with([&](auto words) BACKENDS_INLINE { count(words.from(first), 0, v); });
        } else {
            count(mine, first, v);
        }
    }
    template <class Words>
    BACKENDS_INLINE static void raise(Words mine, std::size_t i, std::uint64_t key) noexcept {
        if constexpr (requires { mine.raise(i, key); }) {
            mine.raise(i, key);
        } else {
            mine.update(i, [key](std::uint64_t word) noexcept { return greater(word, key); });
        }
    }
    template <class Words>
    BACKENDS_INLINE static void count(Words mine, std::size_t first, value_type v) noexcept {
        const double d = kind::as_double(v);
        if constexpr (octaves != 0 && !is_exact_integer) {
            // One look at the exponent: such a number is positive and finite, and has a bucket, or
            // is the power of two before the first one.
            const auto bits = std::bit_cast<std::uint64_t>(d);
            const auto octave =
                static_cast<std::uint32_t>(bits >> 52U) - static_cast<std::uint32_t>(1023 + Octave);
            if (octave < octaves) [[likely]] {
                const int in_octave = detail::octave_of<Scale>.bucket_of(bits << 12U >> 1U);
                count(mine, first, v, d, bits | detail::extreme_key::sign,
                      (octave << Scale) + static_cast<std::uint32_t>(in_octave + 1));
                return;
            }
        }
        count_anywhere(mine, first, v, d);
    }
    template <class Words>
    [[gnu::noinline]] static void count_anywhere(Words mine, std::size_t first, value_type v,
                                                 double d) noexcept {
        if (d != d) [[unlikely]] {
            mine.add(first + shape.at_nan(), 1);
        } else {
            count(mine, first, v, d, detail::extreme_key::of(d), slot_of(v, d));
        }
    }
    template <class Words>
    BACKENDS_INLINE static void count(Words mine, std::size_t first, value_type v, double d,
                                      std::uint64_t key, std::size_t slot) noexcept {
        if constexpr (std::is_floating_point_v<sum_type>) {
            if constexpr (requires { mine.add_number(first, d); }) {
                mine.add_number(first + shape.at_sum(), d);
            } else {
                mine.update(first + shape.at_sum(), [d](std::uint64_t sum) noexcept {
                    return as_word(std::bit_cast<double>(sum) + d);
                });
            }
        } else {
            mine.add(first + shape.at_sum(), static_cast<std::uint64_t>(kind::as_sum(v)));
        }
        raise(mine, first + shape.at_greatest(), key);
        raise(mine, first + shape.at_least(), ~key);
        mine.add(first + slot, 1);
    }

    detail::cell_share<Cells, words> share_;
};

}  // namespace backends
