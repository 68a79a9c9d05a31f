// SPDX-License-Identifier: BSL-1.0
//
// Turns the values that a source emits for one chart into lines in the queue: in one reservation if
// the queue has room for the whole chart, as it mostly has, otherwise one by one.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/number/number.hpp>
#include <backends/source/value_block.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Lines that one value takes at most: where receivers add a value, one more sets 0.
template <class Renderer>
inline constexpr std::size_t lines_a_value = has_adding_lines<typename Renderer::format> ? 2 : 1;

/// A line by itself, where the queue is nearly full, or the chart very wide: it finds room, makes
/// some, or is refused. The account counts bytes too, so a refused line is written all the same,
/// and discarded.
template <class Renderer, class Queue>
class lone_line {
public:
    /// Where to write it.
    [[gnu::noinline]] char* begin(Queue& queue, std::size_t room) noexcept {
        begin_ = queue.reserve(room);
        has_room_ = begin_ != nullptr;
        begin_ = has_room_ ? begin_ : nowhere_.data();
        return begin_;
    }
    /// Takes it, up to its end.
    template <std::size_t Lines = 1>
    [[gnu::noinline]] void take(Queue& queue, const char* end) noexcept {
        const auto bytes = static_cast<std::size_t>(end - begin_);
        has_room_ ? queue.commit(bytes, Lines) : queue.refuse(bytes, Lines);
    }

private:
    char* begin_;
    bool has_room_;
    std::array<char, lines_a_value<Renderer> * Renderer::line_limit + Renderer::line_slack>
        nowhere_;
};

/// The sink that cycle hands to a source's read().
///
/// @tparam Variants  lines per dimension
/// @tparam Renderer  renderer<Format, Rule>
/// @tparam Queue     fits(n), reserve(n), commit(bytes, lines), refuse(bytes, lines)
template <std::size_t Variants, class Renderer, class Queue>
class chart_lines {
public:
    /// The digits of a block.
    template <class Value, std::size_t Most>
    using numbers_of = typename Renderer::template number_block<Value, Most>;

    BACKENDS_INLINE chart_lines(Renderer& renderer, series_numbers::view series, std::size_t lines,
                                Queue& queue) noexcept
        : renderer_{renderer}, series_{series}, queue_{queue} {
        const std::size_t room = lines * line_room();
        begin_ = queue.fits(room) ? queue.reserve(room) : nullptr;
        end_ = begin_;
    }

    /// Writes one line. Counts a value or a time that the format cannot express instead.
    template <class Value>
    void operator()(std::size_t dimension, std::size_t variant, unix_seconds at,
                    Value value) noexcept {
        const std::uint32_t series = series_[dimension * Variants + variant];
        if (!backends::is_printable(value) || !Renderer::has_time(at)) [[unlikely]] {
            ++not_finite_;
        } else if (series != series_numbers::refused) [[likely]] {
            if constexpr (has_adding_lines<typename Renderer::format>) {
                put_line(renderer_.lines_at(at, series), series,
                         [value](char* out) noexcept { return Renderer::write_value(out, value); });
            } else {
                put([&](char* out) noexcept { return renderer_.line(out, series, at, value); });
            }
        }
    }

    /// Writes the lines of a block; makes their digits all at once.
    template <class Value, std::size_t Most>
    BACKENDS_INLINE void block(unix_seconds at, const value_block<Value, Most>& all) noexcept {
        block(at, all, numbers_of<Value, Most>{all.values, all.size});
    }
    /// The same, from digits that serve several sinks.
    template <class Value, std::size_t Most>
    BACKENDS_INLINE void block(unix_seconds at, const value_block<Value, Most>& all,
                               const numbers_of<Value, Most>& numbers) noexcept {
        if (!series_.is_whole() || all.absent != 0 || !numbers.is_plain() ||
            !Renderer::has_time(at) || begin_ == nullptr || may_add(all)) [[unlikely]] {
            chart_lines rest = *this;  // a copy whose address nobody else has stays in registers
            rest.block_one_by_one(at, all, numbers);
            end_ = rest.end_;
            written_ = rest.written_;
            not_finite_ = rest.not_finite_;
            return;
        }
        const auto lines = renderer_.lines_at(at, series_[all.first]);
        auto series = renderer_.text_of(series_[all.first]);
        const std::size_t size = all.size;
        char* end = end_;
        numbers.all_plain([&](auto write) BACKENDS_INLINE {
            for (std::size_t i = 0; i < size; ++i) {
                end = lines.write(end, series,
                                  [&](char* out) BACKENDS_INLINE { return write(out, i); });
            }
        });
        end_ = end;
        written_ += size;
    }

    /// Commits the written lines to the queue, and returns how many values had none. Call once,
    /// after the last value.
    [[nodiscard]] BACKENDS_INLINE std::uint64_t finish() noexcept {
        if (begin_ != nullptr) [[likely]] {
            queue_.commit(static_cast<std::size_t>(end_ - begin_), written_);
        }
        return not_finite_;
    }

private:
    /// The general path: some value is missing, negative, large, near a tie, just below a whole
    /// number or not a number, or has no series, or the queue has no room for all. Not inlined:
    /// rare and long.
    template <class Value, std::size_t Most>
    [[gnu::noinline]] void block_one_by_one(unix_seconds at, const value_block<Value, Most>& all,
                                            const numbers_of<Value, Most>& numbers) noexcept {
        std::size_t first = 0;
        while (first < all.size && series_[all.first + first] == series_numbers::refused) {
            ++first;
        }
        const std::uint32_t any = first < all.size ? series_[all.first + first] : 0;
        const auto lines = renderer_.lines_at(Renderer::has_time(at) ? at : 1, any);
        for (std::size_t i = 0; i < all.size; ++i) {
            const std::uint32_t series = series_[all.first + i];
            if ((all.absent >> i & 1) != 0) {
                continue;
            }
            if (!numbers.is_printable(i) || !Renderer::has_time(at)) [[unlikely]] {
                ++not_finite_;
            } else if (series != series_numbers::refused) [[likely]] {
                put_line(lines, series,
                         [&](char* out) BACKENDS_INLINE { return numbers.write(out, i); });
            }
        }
    }

    /// Bytes that one value's lines may need while they are written.
    [[nodiscard]] std::size_t line_room() const noexcept {
        return lines_a_value<Renderer> * renderer_.max_line() + Renderer::line_slack;
    }

    /// Whether receivers may add a value of a plain block.
    template <class Value, std::size_t Most>
    [[nodiscard]] static bool may_add(const value_block<Value, Most>& all) noexcept {
        bool found = false;
        if constexpr (has_adding_lines<typename Renderer::format> &&
                      !std::unsigned_integral<Value>) {
            for (std::size_t i = 0; i < all.size; ++i) {
                found = found || all.values[i] < Value{};
            }
        }
        return found;
    }

    /// Takes the line of a number, and before it the one that sets 0 if receivers would add it.
    template <class Lines, class Number>
    BACKENDS_INLINE void put_line(const Lines& lines, std::uint32_t series,
                                  const Number& number) noexcept {
        const auto write = [&](char* begin) BACKENDS_INLINE {
            auto one = renderer_.text_of(series);
            return lines.write(begin, one, number);
        };
        if constexpr (has_adding_lines<typename Renderer::format>) {
            const auto both = [&](char* begin) noexcept {
                auto one = renderer_.text_of(series);
                return write(lines.write(begin, one, [](char* out) noexcept {
                    *out = '0';
                    return out + 1;
                }));
            };
            lone_line<Renderer, Queue> alone;
            char* const begin = begin_ != nullptr ? end_ : alone.begin(queue_, line_room());
            char* end = write(begin);
            const bool adds =
                Renderer::format::adds({begin, static_cast<std::size_t>(end - begin)});
            end = adds ? both(begin) : end;
            if (begin_ != nullptr) [[likely]] {
                end_ = end;
                written_ += adds ? 2 : 1;
            } else {
                adds ? alone.template take<2>(queue_, end) : alone.take(queue_, end);
            }
        } else {
            put(write);
        }
    }

    /// Takes the line that write(begin) writes, up to the end that it returns. `write` is there
    /// once: it is most of the code.
    template <class Write>
    BACKENDS_INLINE void put(const Write& write) noexcept {
        lone_line<Renderer, Queue> alone;
        char* const begin = begin_ != nullptr ? end_ : alone.begin(queue_, line_room());
        char* const end = write(begin);
        if (begin_ != nullptr) [[likely]] {
            end_ = end;
            ++written_;
        } else {
            alone.take(queue_, end);
        }
    }

    Renderer& renderer_;
    series_numbers::view series_;
    Queue& queue_;
    char* begin_;  // nullptr: the queue had no room for all
    char* end_;
    std::size_t written_ = 0;
    std::uint64_t not_finite_ = 0;  // values, or their times
};

}  // namespace backends::detail
