// SPDX-License-Identifier: BSL-1.0
//
// Cell: a cell type says how one sample is kept in a slot of the ring, which bit
// pattern is the gap, and how a window of samples is summed. Models: double_cell (the default),
// float_cell, packed_cell.
#pragma once

#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// The most samples that are summed, and so the most slots of a ring: counts of samples have 32
/// bits, those of six columns together.
inline constexpr std::size_t max_slots = std::size_t{1} << 29;

/// What became of a value that was stored.
enum class store_outcome : std::uint8_t {
    kept,        ///< as close to the value as the cell can hold it
    not_finite,  ///< NaN or infinite: a gap was stored
    saturated,   ///< beyond the cell's range: the end of the range was stored
};

/// A word to put into the ring, and how it came about.
template <class Word>
struct stored_word {
    Word word;
    store_outcome outcome = store_outcome::kept;
};

namespace detail {
/// Four or eight bytes that an atomic can hold without a lock.
template <class Word>
concept cell_word = std::is_arithmetic_v<Word> && !std::same_as<Word, bool> &&
                    (sizeof(Word) == 4 || sizeof(Word) == 8);
}  // namespace detail

/// A cell type: stateless, only static members.
///
/// - `word`    what lies in the ring: an arithmetic type of 4 or 8 bytes
/// - `value`   what a word means; converts implicitly to double
/// - `number`  what a line prints for it, exactly: double or decimal; made from a value by
///             static_cast
/// - `sum`     accumulates values: zero when default constructed, `+= value`, `total()` and
///             `mean(n)`, both a number
/// - `sums<N>`, `max_columns`  may be missing: N columns summed at once, for the largest N
///             that pays; `cell`, `load` (row_views.hpp), `operator()(row)` and `store(done)`;
///             `is_exact()` where it may have to decline; `pair`, `samples()`, `has_pairs()` and
///             `store_pairs(done)` where it has two sums side by side. It gives a column what
///             `sum` gives it
/// - `gap`     the word that holds no value
/// - `store(v, was_reset)`  the word for a value. `was_reset`: a counter restarted here; a cell
///             without room for the remark drops it. Never throws
/// - `exists(word)`, `load(word)`  whether it is a sample, and which; load's precondition: exists
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
