// SPDX-License-Identifier: BSL-1.0
//
// Writes a line from prepared texts: a few block copies per run of its grammar, and the number.
// Looks up the shared texts once for all lines of one time.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/series_texts.hpp>
#include <backends/hardware/prefetch.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Copies n bytes in blocks of 16, the first `First` bytes unconditionally. Reads and writes at
/// most copy_slack bytes too many.
template <std::size_t First>
BACKENDS_INLINE inline char* copy_blocks(char* out, const char* in, std::size_t n) noexcept {
    static_assert(First % 16 == 0 && First <= copy_slack);
    std::memcpy(out, in, First);
    for (std::size_t done = First; done < n; done += 16) [[unlikely]] {
        std::memcpy(out + done, in + done, 16);
    }
    return out + n;
}

/// Prefetch distance in bytes, about ten lines. The hardware prefetcher stops at page boundaries.
inline constexpr std::size_t texts_ahead = 512;

/// The place of a run that all lines of a time share.
struct text_place {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

/// The lines of one time. `Lines` is a line_layout.
template <class Lines>
class line_writer {
public:
    using places = std::array<text_place, Lines::size>;
    using position = typename series_texts<Lines::count(varies::with_series)>::position;

    BACKENDS_INLINE line_writer(const char* shared_text, const places& shared) noexcept {
        for (std::size_t i = 0; i < Lines::size; ++i) {
            shared_[i] = {shared_text + shared[i].offset, shared[i].length};
        }
    }

    /// Another text for a run that all lines share. It may be read copy_slack bytes past its end.
    template <std::size_t I>
    BACKENDS_INLINE void replace(std::string_view text) noexcept {
        shared_[I] = {text.data(), text.size()};
    }

    /// Writes the line of `series`, returns its end and advances `series` to the next number.
    /// number(char*) writes the number and returns its end; it may write copy_slack bytes past it.
    template <class Number>
    BACKENDS_INLINE char* write(char* out, position& series, Number number) const noexcept {
        return write_runs<0>(out, series, number, std::make_index_sequence<Lines::size>{});
    }

    /// A line of several values: begin(), add() for each of them, end(). For a grammar in which a
    /// part repeats. begin() and end() take any series of the chart; all series of a line have the
    /// same texts there.
    BACKENDS_INLINE char* begin(char* out, position series) const noexcept {
        no_number none;
        return write_runs<0>(out, series, none, std::make_index_sequence<Lines::repeats_from>{});
    }
    /// Advances `series` to the next number.
    template <class Number>
    BACKENDS_INLINE char* add(char* out, position& series, Number number) const noexcept {
        constexpr std::size_t before = Lines::count(varies::with_series, Lines::repeats_from);
        series.pass(before, series.bytes_of(before));
        out = write_runs<Lines::repeats_from>(
            out, series, number,
            std::make_index_sequence<Lines::repeats_to - Lines::repeats_from>{});
        constexpr std::size_t after = Lines::count(varies::with_series) -
                                      Lines::count(varies::with_series, Lines::repeats_to);
        series.pass(after, series.bytes_of(after));
        // After each value: end() takes the last one back, which is cheaper than a look at each.
        std::memcpy(out, Lines::between.data(), Lines::between.size());
        return out + Lines::between.size();
    }
    /// Precondition: add() has returned `out`.
    BACKENDS_INLINE char* end(char* out, position series) const noexcept {
        constexpr std::size_t before = Lines::count(varies::with_series, Lines::repeats_to);
        series.pass(before, series.bytes_of(before));
        no_number none;
        return write_runs<Lines::repeats_to>(
            out - Lines::between.size(), series, none,
            std::make_index_sequence<Lines::size - Lines::repeats_to>{});
    }
    /// Bytes of the texts of the next n numbers.
    [[nodiscard]] static std::size_t text_bytes(position series, std::size_t n) noexcept {
        return series.bytes_of(n * Lines::count(varies::with_series));
    }

private:
    struct view {
        const char* data;
        std::size_t size;
    };
    struct no_number {
        char* operator()(char* out) const noexcept { return out; }
    };

    // Forced inlining: otherwise clang calls these for every line and passes arguments in memory.
    template <std::size_t First, class Number, std::size_t... I>
    BACKENDS_INLINE char* write_runs(char* out, position& series, Number& number,
                                     std::index_sequence<I...>) const noexcept {
        ((out = write_run<First + I>(out, series, number)), ...);
        return out;
    }
    template <std::size_t I, class Number>
    BACKENDS_INLINE char* write_run(char* out, position& series, Number& number) const noexcept {
        constexpr std::size_t usual = (Lines::template usual_length<I>() + 15) / 16 * 16;
        constexpr std::size_t first = usual < copy_slack ? usual : copy_slack;
        if constexpr (Lines::kinds[I] == varies::always) {
            return number(out);
        } else if constexpr (Lines::kinds[I] == varies::with_series) {
            const std::string_view text = series.part();
            prefetch(text.data(), 1, texts_ahead);
            out = copy_blocks<first>(out, text.data(), text.size());
            series.pass(1, text.size());
            return out;
        } else if constexpr (constexpr std::size_t length = Lines::template fixed_length<I>();
                             length != 0 && length <= first) {
            std::memcpy(out, shared_[I].data, first);
            return out + length;
        } else {
            return copy_blocks<first>(out, shared_[I].data, shared_[I].size);
        }
    }

    std::array<view, Lines::size> shared_;
};

}  // namespace backends::detail
