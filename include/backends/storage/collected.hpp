// SPDX-License-Identifier: BSL-1.0
//
// Storage: the collected values before any algorithm: an integer stays an integer. A chart keeps
// each dimension's last value and the time of its collection. A reader always gets a value and a
// time that belong together.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/core/fixed_array.hpp>
#include <backends/core/time.hpp>
#include <backends/hardware/prefetch.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/storage/slots.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// The type that a dimension collects, fixed at registration.
enum class value_kind : std::uint8_t { floating, integer, unsigned_integer };

/// A type of collected values: the built-in numbers of up to 64 bits.
template <class T>
concept collectable = std::is_arithmetic_v<T> && sizeof(T) <= 8;

/// The kind of a type.
template <collectable T>
inline constexpr value_kind kind_of = std::is_floating_point_v<T> ? value_kind::floating
                                      : std::is_signed_v<T>       ? value_kind::integer
                                                                  : value_kind::unsigned_integer;

/// A collected value and its time.
struct collected_value {
    value_kind kind = value_kind::floating;  ///< how to read `bits`
    std::uint64_t bits = 0;                  ///< of the value
    unix_seconds at = 0;                     ///< when it was collected
    bool present = false;                    ///< false: never collected

    /// Calls f with the value as double, std::int64_t or std::uint64_t.
    template <class F>
    constexpr decltype(auto) visit(F&& f) const {
        switch (kind) {
            case value_kind::integer: return f(static_cast<std::int64_t>(bits));
            case value_kind::unsigned_integer: return f(bits);
            case value_kind::floating: break;
        }
        return f(std::bit_cast<double>(bits));
    }
    /// The nearest double.
    [[nodiscard]] constexpr double as_double() const noexcept {
        return visit([](auto v) { return static_cast<double>(v); });
    }
};

/// Neighbouring dimensions of one kind and one collection time, and that time's slot.
struct collected_run {
    static constexpr unix_seconds never = (std::numeric_limits<unix_seconds>::min)();  ///< no time

    std::size_t size = 0;     ///< the number of dimensions
    unix_seconds at = never;  ///< when they were collected
    slot_number slot = 0;     ///< of that time

    /// False: never collected, or replaced faster than a reader could copy it.
    [[nodiscard]] constexpr bool present() const noexcept { return at != never; }
};

namespace detail {

/// Converts to the nearest T, saturating. Precondition: not a NaN.
template <std::integral T, collectable From>
constexpr T saturated(From v) noexcept {
    using limits = std::numeric_limits<T>;
    // Both limits as exact floating-point numbers: the upper one is 2^63 or 2^64.
    constexpr double below = static_cast<double>((limits::min)());
    constexpr double above = 2.0 * static_cast<double>((limits::max)() / 2 + 1);
    if constexpr (std::is_floating_point_v<From>) {
        const auto d = static_cast<double>(v);
        return d < below ? (limits::min)() : d >= above ? (limits::max)() : static_cast<T>(d);
    } else if constexpr (std::is_signed_v<From> && !std::is_signed_v<T>) {
        return v < 0 ? T{0} : static_cast<T>(v);
    } else if constexpr (!std::is_signed_v<From> && std::is_signed_v<T>) {
        const auto wide = std::uint64_t{v};  // From may be bool
        return wide > static_cast<std::uint64_t>((limits::max)()) ? (limits::max)()
                                                                  : static_cast<T>(wide);
    } else {
        return static_cast<T>(v);
    }
}

/// A value in a kind's representation. Precondition: finite.
template <collectable T>
constexpr std::uint64_t to_bits(T v, value_kind kind) noexcept {
    switch (kind) {
        case value_kind::integer: return static_cast<std::uint64_t>(saturated<std::int64_t>(v));
        case value_kind::unsigned_integer: return saturated<std::uint64_t>(v);
        case value_kind::floating: break;
    }
    return std::bit_cast<std::uint64_t>(static_cast<double>(v));
}

/// A copy of neighbouring dimensions, all of one age.
struct copied_run {
    std::size_t size = 0;
    slot_stretch row = {0, collected_run::never};  ///< the slot and the time of the row
    std::uint32_t age = 0;                         ///< seconds from their collection to the row

    [[nodiscard]] constexpr bool present() const noexcept { return row.at != collected_run::never; }
};

/// The last collected value and time of every dimension: two rows, written in turn. A reader copies
/// the complete row; the copy is valid unless another record completed meanwhile. A dimension takes
/// 25 bytes of one allocation: two values, two ages for rows in which some dimensions kept an
/// earlier value, and whether the open row has a new value. Ages are elapsed time, so setting the
/// clock back changes none.
template <recording_policy Recording>
class last_collected {
public:
    static constexpr unix_seconds never = collected_run::never;

    /// Precondition: 0 < width < 2^32.
    explicit last_collected(std::size_t width)
        : rows_{25 * width}, width_{static_cast<std::uint32_t>(width)} {
        for (std::size_t i = 0; i < 2 * width; ++i) {
            ages_of(0)[i] = forgotten;
        }
    }

    struct entry {
        std::uint64_t bits;
        unix_seconds at;  ///< never: not collected yet, or 136 years before the newest row

        [[nodiscard]] bool present() const noexcept { return at != never; }
    };
    /// The completed row for the recorder, valid until the next publish().
    class row {
    public:
        row(const std::uint64_t* bits, const std::uint32_t* ages, unix_seconds at) noexcept
            : bits_{bits}, ages_{ages}, at_{at} {}
        [[nodiscard]] entry operator[](std::size_t i) const noexcept {
            if (ages_ == nullptr) [[likely]] {
                return {bits_[i], at_};
            }
            return {bits_[i], ages_[i] == forgotten ? never : at_ - ages_[i]};
        }

    private:
        const std::uint64_t* bits_;
        const std::uint32_t* ages_;  // nullptr: all dimensions have the row's time
        unix_seconds at_;
    };

    // --- the recorder's side: open a row, store its bits, publish it

    /// The bits of the next row. The recorder may store them one by one at any time: a reader
    /// copies the other row, or discards its copy of this one.
    [[nodiscard]] std::uint64_t* open() noexcept { return bits_of(completed_ + 1); }
    /// For each dimension, whether the next row has a value of it. Initially 0. Used by the
    /// recorder alone.
    [[nodiscard]] std::uint8_t* is_set() noexcept { return after(24); }
    /// Gives the open row its slot and time. They apply to all dimensions, or only to those with a
    /// non-zero `is_new`; the other dimensions keep their earlier value and time.
    void stamp(slot_number slot, unix_seconds at, const std::uint8_t* is_new = nullptr) noexcept {
        const std::uint32_t next = completed_ + 1;
        if (is_new != nullptr) [[unlikely]] {
            const row before = last();
            for (std::size_t i = 0; i < width_; ++i) {
                const entry old = before[i];
                if (is_new[i] == 0) {
                    Recording::store(bits_of(next)[i], old.bits);
                }
                Recording::store(ages_of(next)[i], is_new[i] == 0 ? age_of(old.at, at) : 0);
            }
        }
        Recording::store(times_[next % 2], time_word(at, is_new != nullptr));
        Recording::store(slots_[next % 2], slot);
    }
    void publish() noexcept { Recording::store(completed_, completed_ + 1); }

    /// The clock was set back by `by` seconds since the completed row: by the new clock, that row
    /// and all older values are `by` seconds earlier.
    void set_back(std::int64_t by) noexcept {
        const std::uint64_t time = last_time();
        Recording::store(slots_[(completed_ + 1) % 2], set_back_before);
        Recording::store(times_[(completed_ + 1) % 2],
                         time_word(time_of(time) - by, is_mixed(time)));
    }

    /// The completed row by the current clock. For the recorder, the only writer of the row.
    [[nodiscard]] row last() const noexcept {
        const std::uint64_t time = last_time();
        return {bits_of(completed_), is_mixed(time) ? ages_of(completed_) : nullptr, time_of(time)};
    }

    // --- the readers' side

    /// Copies the values, 8 bytes each, of dimensions [first, first + n), where n <= `most` is the
    /// longest run with one collection time. `values` needs room for `most`. Gives up after eight
    /// attempts if a record completed during each; the next export will see newer values anyway.
    /// Precondition: most > 0.
    [[nodiscard]] copied_run read(std::size_t first, std::size_t most,
                                  void* values) const noexcept {
        constexpr int attempts = 8;
        for (int n = 0; n < attempts; ++n) {
            const std::uint32_t before = Recording::load(completed_);
            const copied_run copied = copy(before, first, most, values);
            if (Recording::load(completed_) == before) [[likely]] {
                return copied;
            }
        }
        return {most};
    }

    /// Prefetches the row that read() copies.
    void prefetch() const noexcept {
        detail::prefetch(bits_of(Recording::load(completed_)), width_ * sizeof(std::uint64_t));
    }

private:
    /// The start of the part that follows `bytes` bytes per dimension.
    [[nodiscard]] unsigned char* after(std::size_t bytes) const noexcept {
        return const_cast<unsigned char*>(rows_.data()) + bytes * width_;
    }
    // The two rows, selected by the record's number.
    [[nodiscard]] std::uint64_t* bits_of(std::uint32_t record) const noexcept {
        return reinterpret_cast<std::uint64_t*>(after(record % 2 * sizeof(std::uint64_t)));
    }
    [[nodiscard]] std::uint32_t* ages_of(std::uint32_t record) const noexcept {
        return reinterpret_cast<std::uint32_t*>(after(16 + record % 2 * sizeof(std::uint32_t)));
    }
    /// In the open row's slot: its time is the completed row's by the current clock.
    static constexpr slot_number set_back_before = INT64_MIN;
    [[nodiscard]] std::uint64_t last_time() const noexcept {
        return times_[(completed_ + (slots_[(completed_ + 1) % 2] == set_back_before ? 1U : 0U)) %
                      2];
    }
    [[nodiscard]] copied_run copy(std::uint32_t record, std::size_t first, std::size_t most,
                                  void* values) const noexcept {
        const std::uint64_t time = Recording::load(times_[record % 2]);
        unix_seconds at = time_of(time);
        std::uint32_t age = 0;
        std::size_t size = most;
        if (is_mixed(time)) {
            const std::uint32_t* const ages = ages_of(record) + first;
            age = Recording::load(ages[0]);
            at = age == forgotten ? never : at;
            size = 1;
            while (size < most && Recording::load(ages[size]) == age) {
                ++size;
            }
        }
        copy_words<Recording>(bits_of(record) + first, size, values);
        return {size, {Recording::load(slots_[record % 2]), at}, age};
    }

    // A row's time, and whether some of its dimensions are older. A time has at most 61 bits
    // (latest_time).
    static constexpr std::uint64_t mixed = 1;
    static constexpr std::uint64_t time_word(unix_seconds at, bool is_mixed) noexcept {
        return static_cast<std::uint64_t>(at) << 1U | (is_mixed ? mixed : 0);
    }
    static constexpr bool is_mixed(std::uint64_t word) noexcept { return (word & mixed) != 0; }
    static constexpr unix_seconds time_of(std::uint64_t word) noexcept {
        return static_cast<unix_seconds>(word) >> 1;
    }

    /// An age, in seconds before the row's time, that is too large or unknown.
    static constexpr std::uint32_t forgotten = UINT32_MAX;
    static constexpr std::uint32_t age_of(unix_seconds old, unix_seconds now) noexcept {
        return old == never || now - old >= forgotten ? forgotten
                                                      : static_cast<std::uint32_t>(now - old);
    }

    fixed_array<unsigned char> rows_;  // bits of both rows, ages of both, is_set()
    std::uint64_t times_[2] = {mixed, mixed};
    slot_number slots_[2] = {0, 0};
    std::uint32_t width_;
    std::uint32_t completed_ = 0;
};

}  // namespace detail

}  // namespace backends
