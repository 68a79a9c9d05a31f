// SPDX-License-Identifier: BSL-1.0
//
// Storage: the values as they were collected, before any algorithm: an integer stays an integer. A
// chart keeps the last one of every dimension with the time of its own collection; a reader always
// gets a value and a time that belong together.
#pragma once

#include <backends/core/time.hpp>
#include <backends/core/vectors.hpp>
#include <backends/storage/recording.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace backends {

/// What a dimension collects, fixed when it is registered.
enum class value_kind : std::uint8_t { floating, integer, unsigned_integer };

/// A type of collected values: the built-in numbers of up to 64 bits.
template <class T>
concept collectable = std::is_arithmetic_v<T> && sizeof(T) <= 8;

template <collectable T>
inline constexpr value_kind kind_of = std::is_floating_point_v<T> ? value_kind::floating
                                      : std::is_signed_v<T>       ? value_kind::integer
                                                                  : value_kind::unsigned_integer;

/// A collected value and its time.
struct collected_value {
    value_kind kind = value_kind::floating;
    std::uint64_t bits = 0;
    unix_seconds at = 0;
    bool present = false;  ///< false: never collected

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
    [[nodiscard]] constexpr double as_double() const noexcept {
        return visit([](auto v) { return static_cast<double>(v); });
    }
};

namespace detail {

/// The nearest T, saturating. Precondition: not a NaN.
template <std::integral T, collectable From>
constexpr T saturated(From v) noexcept {
    using limits = std::numeric_limits<T>;
    // Both ends as floating-point numbers that compare right: the upper one is 2^63 or 2^64.
    constexpr double below = static_cast<double>(limits::min());
    constexpr double above = 2.0 * static_cast<double>(limits::max() / 2 + 1);
    if constexpr (std::is_floating_point_v<From>) {
        const auto d = static_cast<double>(v);
        return d < below ? limits::min() : d >= above ? limits::max() : static_cast<T>(d);
    } else if constexpr (std::is_signed_v<From> && !std::is_signed_v<T>) {
        return v < 0 ? T{0} : static_cast<T>(v);
    } else if constexpr (!std::is_signed_v<From> && std::is_signed_v<T>) {
        const auto wide = std::uint64_t{v};  // From may be bool
        return wide > static_cast<std::uint64_t>(limits::max()) ? limits::max()
                                                                : static_cast<T>(wide);
    } else {
        return static_cast<T>(v);
    }
}

/// A value in the representation of a kind. Precondition: finite.
template <collectable T>
constexpr std::uint64_t to_bits(T v, value_kind kind) noexcept {
    switch (kind) {
        case value_kind::integer: return static_cast<std::uint64_t>(saturated<std::int64_t>(v));
        case value_kind::unsigned_integer: return saturated<std::uint64_t>(v);
        case value_kind::floating: break;
    }
    return std::bit_cast<std::uint64_t>(static_cast<double>(v));
}

/// The last collected value and time of every dimension: two rows that are written in turn. A reader
/// copies from the complete one, and its copy is good unless another record was completed meanwhile.
template <recording_policy Recording>
class last_collected {
public:
    static constexpr unix_seconds never = std::numeric_limits<unix_seconds>::min();

    explicit last_collected(std::size_t width)
        : width_{width}, words_(2 * stride(), static_cast<std::uint64_t>(never)) {}

    struct entry {
        std::uint64_t bits;
        unix_seconds at;  ///< never: not collected yet
    };

    // --- the recorder's side: open a row, store its bits, publish it

    /// The bits of the next row; one time for all of them is the usual case.
    [[nodiscard]] std::uint64_t* open(unix_seconds at) noexcept {
        std::uint64_t* row = row_of(completed_ + 1);
        Recording::store(row[0], static_cast<std::uint64_t>(at));
        return row + 1;
    }
    /// Gives every dimension of the open row a time of its own: `at` where is_new[i], and the value
    /// and the time of the row before where not.
    void keep_old(unix_seconds at, const std::vector<std::uint8_t>& is_new) noexcept {
        std::uint64_t* row = row_of(completed_ + 1);
        Recording::store(row[0], static_cast<std::uint64_t>(never));
        for (std::size_t i = 0; i < width_; ++i) {
            const entry old = last(i);
            if (is_new[i] == 0) {
                Recording::store(row[1 + i], old.bits);
            }
            const unix_seconds time = is_new[i] == 0 ? old.at : at;
            Recording::store(row[1 + width_ + i], static_cast<std::uint64_t>(time));
        }
    }
    void publish() noexcept { Recording::store(completed_, completed_ + 1); }

    /// What the completed row holds; for the recorder.
    [[nodiscard]] entry last(std::size_t i) const noexcept { return copy(row_of(completed_), i); }

    // --- the readers' side

    /// Returns false when more than one record was completed during each of a few attempts: ask
    /// again at the next export. A recorder that fast has something newer then.
    [[nodiscard]] bool read(std::size_t i, entry& out) const noexcept {
        constexpr int attempts = 8;
        for (int n = 0; n < attempts; ++n) {
            const std::uint64_t before = Recording::load(completed_);
            out = copy(row_of(before), i);
            if (Recording::load(completed_) == before) {
                return true;
            }
        }
        return false;
    }

    /// Copies what `n` dimensions from `first` on collected together, and returns when; `never` when
    /// their times differ or the row was replaced meanwhile: read() tells more.
    [[nodiscard]] unix_seconds read_together(std::size_t first, std::size_t n,
                                             std::uint64_t* bits) const noexcept {
        const std::uint64_t before = Recording::load(completed_);
        const std::uint64_t* const row = row_of(before);
        const auto common = static_cast<unix_seconds>(Recording::load(row[0]));
        for (std::size_t i = 0; i < n; ++i) {
            bits[i] = Recording::load(row[1 + first + i]);
        }
        return Recording::load(completed_) == before ? common : never;
    }

    /// Asks the processor for the row that read() copies from.
    void fetch() const noexcept {
        detail::fetch(row_of(Recording::load(completed_)), (1 + width_) * sizeof(std::uint64_t));
    }

private:
    [[nodiscard]] std::size_t stride() const noexcept { return 1 + 2 * width_; }
    [[nodiscard]] std::uint64_t* row_of(std::uint64_t record) noexcept {
        return words_.data() + (record % 2) * stride();
    }
    [[nodiscard]] const std::uint64_t* row_of(std::uint64_t record) const noexcept {
        return words_.data() + (record % 2) * stride();
    }
    [[nodiscard]] entry copy(const std::uint64_t* row, std::size_t i) const noexcept {
        const auto common = static_cast<unix_seconds>(Recording::load(row[0]));
        const std::uint64_t bits = Recording::load(row[1 + i]);
        if (common != never) {
            return {bits, common};
        }
        return {bits, static_cast<unix_seconds>(Recording::load(row[1 + width_ + i]))};
    }

    std::size_t width_;
    std::vector<std::uint64_t> words_;
    std::uint64_t completed_ = 0;
};

}  // namespace detail

}  // namespace backends
