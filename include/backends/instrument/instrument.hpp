// SPDX-License-Identifier: BSL-1.0
//
// Instrument, second concept: what threads record into and a sampler reads once a slot. Models:
// counter, up_down_counter, gauge, peak, least.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/instrument/counting_cells.hpp>
#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// What a sampling gives: a built-in number of up to 64 bits, or nothing.
template <class T>
struct sampled {
    T value = {};
    bool exists = false;

    friend constexpr bool operator==(const sampled&, const sampled&) = default;
};

/// - `one.sample()`        a sampled<T>, noexcept; the sampler alone calls it
/// - `I::is_monotonic`     whether it is a total, whose growth since the last sampling is a sample
/// - `one.take_back(s)`    may be missing: what sample() gave was not stored; the next sampling has
///   it too
template <class I>
concept instrument = requires(I& one) {
    { one.sample() } noexcept;
    { one.sample().value };
    { one.sample().exists } -> std::convertible_to<bool>;
    { I::is_monotonic } -> std::convertible_to<bool>;
} && !std::is_copy_constructible_v<I>;

namespace detail {

/// Where the instruments of a chart get their words: in blocks that all of them share.
template <class Cells>
class cell_place {
public:
    explicit cell_place(Cells& cells) noexcept : cells_{cells} {}

    [[nodiscard]] Cells& cells() const noexcept { return cells_; }
    /// The first of so many.
    std::size_t take(std::size_t words) noexcept { return std::exchange(next_, next_ + words); }

private:
    Cells& cells_;
    std::size_t next_ = 0;
};

/// The words of one instrument: its own, or a part of a chart's.
template <counting_cells Cells, std::size_t Words>
class cell_share {
public:
    /// Throws std::bad_alloc.
    cell_share() : cells_{new Cells{Words}}, first_{0}, is_owner_{true} {}
    explicit cell_share(cell_place<Cells>& at) noexcept
        : cells_{&at.cells()},
          first_{static_cast<std::uint32_t>(at.take(Words))},
          is_owner_{false} {}
    cell_share(const cell_share&) = delete;
    cell_share& operator=(const cell_share&) = delete;
    ~cell_share() {
        if (is_owner_) {
            delete cells_;
        }
    }

    [[nodiscard]] BACKENDS_INLINE Cells& cells() const noexcept { return *cells_; }
    [[nodiscard]] BACKENDS_INLINE std::size_t first() const noexcept { return first_; }

private:
    Cells* cells_;
    std::uint32_t first_;
    bool is_owner_;
};

/// The same words in the hand of a thread that records a lot: it spares the way to its cells. Must
/// not outlive the share.
template <counting_cells Cells>
class held_share {
public:
    template <std::size_t Words>
    explicit held_share(const cell_share<Cells, Words>& of) noexcept
        : holder_{of.cells().hold()}, first_{of.first()} {}

    [[nodiscard]] BACKENDS_INLINE decltype(auto) cells() noexcept { return holder_.get(); }
    [[nodiscard]] BACKENDS_INLINE std::size_t first() const noexcept { return first_; }

private:
    decltype(std::declval<Cells&>().hold()) holder_;
    std::size_t first_;
};

template <class I, class = void>
struct cells_of {
    using type = void;
    static constexpr std::size_t words = 0;
};
template <class I>
struct cells_of<I, std::void_t<typename I::cells>> {
    using type = typename I::cells;
    static constexpr std::size_t words = I::words;
};

template <class I>
using sample_type = decltype(std::declval<I&>().sample().value);

}  // namespace detail

}  // namespace backends
