// SPDX-License-Identifier: BSL-1.0
//
// Cell: a cell type defines how a ring's slot keeps a sample, which bit pattern is the gap, and how
// a window of samples is summed. Models: double_cell (the default), float_cell, packed_cell.
#pragma once

#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// The maximum number of samples in a sum, hence of slots in a ring. Sample counts have 32 bits,
/// and so has the count of six columns together.
inline constexpr std::size_t max_slots = std::size_t{1} << 29;

/// What happened to a stored value.
enum class store_outcome : std::uint8_t {
    kept,        ///< as close to the value as the cell can represent it
    not_finite,  ///< NaN or infinite: a gap was stored
    saturated,   ///< beyond the cell's range: the nearest end of the range was stored
};

/// A word for the ring, and its outcome.
template <class Word>
struct stored_word {
    Word word;                                    ///< for the ring
    store_outcome outcome = store_outcome::kept;  ///< what became of the value
};

namespace detail {
/// Four or eight bytes that are atomic without a lock.
template <class Word>
concept cell_word = std::is_arithmetic_v<Word> && !std::same_as<Word, bool> &&
                    (sizeof(Word) == 4 || sizeof(Word) == 8);
}  // namespace detail

/// A cell type: stateless, only static members.
///
/// - `word`    the ring's element: an arithmetic type of 4 or 8 bytes
/// - `value`   the meaning of a word; converts implicitly to double
/// - `number`  the exact number that a line prints: double or decimal; static_cast makes it from a
///   value
/// - `sum`     accumulates values: zero when default constructed, `+= value`, `total()` and
///   `mean(n)`, both a number
/// - `sums<N>`, `max_columns`  optional: sums N columns at once, up to the largest N that pays. Has
///   `cell`, `load` (row_views.hpp), `operator()(row)` and `store(done)`; `is_exact()` if it may
///   decline; `pair`, `samples()`, `has_pairs()` and `store_pairs(done)` if it keeps two sums in a
///   vector. A column's result equals `sum`'s
/// - `gap`     the word without a value
/// - `store(v, was_reset)`  makes the word for a value. `was_reset`: a counter restarted here; a
///   cell without room for the flag drops it. Never throws
/// - `exists(word)`, `load(word)`  tests for a sample, and decodes it. load's precondition: exists
template <class Cell>
concept cell =
    detail::cell_word<typename Cell::word> && std::convertible_to<typename Cell::value, double> &&
    std::default_initializable<typename Cell::sum> &&
    requires(double v, bool was_reset, typename Cell::word word, typename Cell::value value,
             typename Cell::sum& sum, const typename Cell::sum& summed, std::uint64_t n) {
        { Cell::gap } -> std::convertible_to<typename Cell::word>;
        { Cell::store(v, was_reset) } noexcept -> std::same_as<stored_word<typename Cell::word>>;
        { Cell::exists(word) } noexcept -> std::same_as<bool>;
        { Cell::load(word) } noexcept -> std::same_as<typename Cell::value>;
        static_cast<typename Cell::number>(value);
        { sum += value } noexcept;
        { summed.total() } noexcept -> std::same_as<typename Cell::number>;
        { summed.mean(n) } noexcept -> std::same_as<typename Cell::number>;
    };

}  // namespace backends
