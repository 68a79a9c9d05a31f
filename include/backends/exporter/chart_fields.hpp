// SPDX-License-Identifier: BSL-1.0
//
// Turns the values that a source emits for one chart into lines of several values, for formats in
// whose lines a part repeats. Neighbouring values of one time share a line.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/chart_lines.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/number/number.hpp>
#include <backends/number/number_block.hpp>
#include <backends/source/value_block.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// As chart_lines, for a Renderer that has fields.
template <std::size_t Variants, class Renderer, class Queue>
class chart_fields {
public:
    /// The digits of a block.
    template <class Value, std::size_t Most>
    using numbers_of = number_block<Value, Most>;

    BACKENDS_INLINE chart_fields(Renderer& renderer, series_numbers::view series,
                                 std::size_t values, Queue& queue) noexcept
        : renderer_{renderer}, series_{series}, queue_{queue} {
        // Each value may have a line of its own: times as collected differ.
        const std::size_t room = values * (renderer_.max_line() + Renderer::line_slack);
        begin_ = queue.fits(room) ? queue.reserve(room) : nullptr;
        end_ = begin_;
    }

    /// Writes one value. Counts one that no format can express, or a time before 1970, instead.
    template <class Value>
    void operator()(std::size_t dimension, std::size_t variant, unix_seconds at,
                    Value value) noexcept {
        const std::uint32_t series = series_[dimension * Variants + variant];
        put(series, at, backends::is_printable(value),
            [value](char* out) noexcept { return write_number(out, value); });
    }

    /// Writes the values of a block; makes their digits all at once.
    template <class Value, std::size_t Most>
    BACKENDS_INLINE void block(unix_seconds at, const value_block<Value, Most>& all) noexcept {
        block(at, all, numbers_of<Value, Most>{all.values, all.size});
    }
    /// As chart_lines::block().
    template <class Value, std::size_t Most>
    BACKENDS_INLINE void block(unix_seconds at, const value_block<Value, Most>& all,
                               const numbers_of<Value, Most>& numbers) noexcept {
        using numbers_type = numbers_of<Value, Most>;
        const std::size_t size = all.size;
        if (!series_.is_whole() || all.absent != 0 || !numbers.is_plain() || at <= 0 ||
            begin_ == nullptr) [[unlikely]] {
            chart_fields rest = *this;  // a copy whose address nobody else has stays in registers
            rest.block_one_by_one(at, all, numbers);
            take(rest);
            return;
        }
        const std::uint32_t first = series_[all.first];
        auto series = renderer_.text_of(first);
        const std::size_t longest =
            Renderer::text_bytes(series, size) + size * (numbers_type::plain_chars + between);
        if (longest + renderer_.max_line() > renderer_.limit()) [[unlikely]] {
            chart_fields rest = *this;
            rest.block_one_by_one(at, all, numbers);
            take(rest);
            return;
        }
        const auto lines = line_with_room(longest, at, first);
        char* end = end_;
        numbers.all_plain([&](auto write) BACKENDS_INLINE {
            for (std::size_t i = 0; i < size; ++i) {
                end = lines.add(end, series,
                                [&](char* out) BACKENDS_INLINE { return write(out, i); });
            }
        });
        end_ = end;
    }

    /// Ends the line, commits all lines to the queue, and returns how many values are in none. Call
    /// once, after the last value.
    [[nodiscard]] BACKENDS_INLINE std::uint64_t finish() noexcept {
        if (begin_ != nullptr) [[likely]] {
            close();
            queue_.commit(static_cast<std::size_t>(end_ - begin_), written_);
        }
        return not_finite_;
    }

private:
    static constexpr std::size_t between = Renderer::between.size();

    /// As chart_lines::block_one_by_one().
    template <class Value, std::size_t Most>
    [[gnu::noinline]] void block_one_by_one(unix_seconds at, const value_block<Value, Most>& all,
                                            const number_block<Value, Most>& numbers) noexcept {
        for (std::size_t i = 0; i < all.size; ++i) {
            if ((all.absent >> i & 1) == 0) {
                put(series_[all.first + i], at, numbers.is_printable(i),
                    [&](char* out) { return numbers.write(out, i); });
            }
        }
    }

    template <class Number>
    void put(std::uint32_t series, unix_seconds at, bool is_printable,
             const Number& number) noexcept {
        if (!is_printable || at <= 0) [[unlikely]] {
            ++not_finite_;
            return;
        }
        if (series == series_numbers::refused) [[unlikely]] {
            return;
        }
        auto one = renderer_.text_of(series);
        if (begin_ == nullptr) [[unlikely]] {
            // The queue is nearly full, or the chart very wide: each value has a line of its own.
            const auto lines = renderer_.lines_at(at, series);
            lone_line<Renderer, Queue> alone;
            char* const begin = alone.begin(queue_, renderer_.max_line() + Renderer::line_slack);
            alone.take(queue_, lines.write(begin, one, number));
            return;
        }
        end_ = line_with_room(renderer_.max_line(), at, series).add(end_, one, number);
    }

    /// An open line of that time that takes so many bytes more, and what ends it.
    [[nodiscard]] BACKENDS_INLINE auto line_with_room(std::size_t bytes, unix_seconds at,
                                                      std::uint32_t series) noexcept {
        if (!has_room(at, bytes)) {
            close();
        }
        const auto lines = renderer_.lines_at(at, series);
        if (line_ == nullptr) {
            line_ = end_;
            end_ = lines.begin(end_, renderer_.text_of(series));
            at_ = at;
            any_ = series;
        }
        return lines;
    }
    [[nodiscard]] BACKENDS_INLINE bool has_room(unix_seconds at, std::size_t bytes) const noexcept {
        return line_ != nullptr && at == at_ &&
               static_cast<std::size_t>(end_ - line_) + bytes + renderer_.max_line() <=
                   renderer_.limit();
    }
    BACKENDS_INLINE void close() noexcept {
        if (line_ != nullptr) {
            end_ = renderer_.lines_at(at_, any_).end(end_, renderer_.text_of(any_));
            line_ = nullptr;
            ++written_;
        }
    }
    void take(const chart_fields& rest) noexcept {
        end_ = rest.end_;
        line_ = rest.line_;
        at_ = rest.at_;
        any_ = rest.any_;
        written_ = rest.written_;
        not_finite_ = rest.not_finite_;
    }

    Renderer& renderer_;
    series_numbers::view series_;
    Queue& queue_;
    char* begin_;  // nullptr: the queue had no room for all
    char* end_;
    char* line_ = nullptr;   // the open line's begin
    unix_seconds at_ = 0;    // its time
    std::uint32_t any_ = 0;  // one of its series
    std::size_t written_ = 0;
    std::uint64_t not_finite_ = 0;  // values, or their times
};

/// The one of the two that the renderer's format needs.
template <std::size_t Variants, class Renderer, class Queue>
using lines_of_chart =
    std::conditional_t<Renderer::has_fields, chart_fields<Variants, Renderer, Queue>,
                       chart_lines<Variants, Renderer, Queue>>;

}  // namespace backends::detail
