// SPDX-License-Identifier: BSL-1.0
//
// One case of the library's tick written out by hand: ten doubles a row, the average, graphite. The
// same algorithm and the same care for a recorder on another thread, with the registers and numbers
// of the library and nothing else of it: no policy, no concept, no grammar. As there a chart's
// width is known at run time only, and what was read is accounted for. What the library's own row
// costs beside this one is the price of its abstractions; the test bench.abstraction holds it
// within 3 %.
#pragma once

#include <backends/hardware/registers.hpp>
#include <backends/hardware/value_array.hpp>
#include <backends/number/number.hpp>
#include <backends/number/number_block.hpp>

#include "systems.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace bench {

class hand_written {
    using f64x2 = backends::detail::f64x2;
    using u32x4 = backends::detail::u32x4;

public:
    explicit hand_written(std::size_t series) {
        for (std::size_t i = 0; i < series; ++i) {
            const std::string full_name = std::string{prefix} + "." + hostname + "." +
                                          chart_id(i / chart_width) + "." +
                                          dimension_id(i % chart_width) + " ";
            names_.push_back({names_text_.size(), static_cast<std::uint32_t>(full_name.size())});
            names_text_ += full_name;
            longest_name_ = std::max(longest_name_, full_name.size());
        }
        names_text_ += std::string(64, '\0');
        for (std::size_t c = 0; c < series / chart_width; ++c) {
            charts_.push_back(std::make_unique<chart>(chart_width));
            charts_.back()->first_series = c * chart_width;
        }
        record(ring_slots + ring_slots / 2);
        tick();
    }

    void record(std::size_t slots) noexcept {
        for (std::size_t n = 0; n < slots; ++n) {
            ++now_;
            for (auto& one : charts_) {
                record_row(*one);
            }
        }
    }

    template <class Lines>
    void tick_into(Lines& lines) noexcept {
        print_time();
        for (std::size_t c = 0; c < charts_.size(); ++c) {
            if (names_.size() > series_in_cache) {
                look_ahead(c);
            }
            chart* const one = charts_[c].get();
            const std::size_t room = one->width * (longest_name_ + longest_rest);
            if (!lines.fits(room)) {
                continue;
            }
            char* const begin = lines.reserve(room);
            std::size_t written = 0;
            char* const end = print(*one, begin, written);
            lines.commit(static_cast<std::size_t>(end - begin), written);
        }
    }
    output tick() noexcept {
        const output before = chunk_.written();
        tick_into(chunk_);
        const output after = chunk_.written();
        return {after.lines - before.lines, after.bytes - before.bytes};
    }
    [[nodiscard]] std::int64_t now() const noexcept { return now_; }

private:
    static constexpr std::size_t series_in_cache = 4096;
    static constexpr std::size_t most = 12;           // columns that are reduced at a time
    static constexpr std::size_t copied = 48;         // a name is copied in one piece of this size
    static constexpr double gap = -0.0;               // which changes no sum
    static constexpr std::size_t longest_rest = 512;  // number, time, what may be written behind

    struct chart {
        explicit chart(std::size_t columns) : width{columns}, rows(ring_slots * columns, gap) {}

        std::size_t width;
        std::vector<double> rows;
        std::size_t first_series = 0;
        std::int64_t claimed = 0;    // the row being written
        std::int64_t published = 0;  // the row behind the newest that may be read
        std::int64_t recorded = 0;   // samples
        std::int64_t read = 0;       // the row behind the newest that was printed
        std::int64_t printed = 0;    // samples
        std::int64_t lost = 0;       // samples that were overwritten before they were printed
    };

    template <class T>
    static T load(const T& from) noexcept {
        T value;
        __atomic_load(&from, &value, __ATOMIC_ACQUIRE);
        return value;
    }
    template <class T>
    static void store(T& to, T value) noexcept {
        __atomic_store(&to, &value, __ATOMIC_RELEASE);
    }
    /// Two words, each in one piece: on x86-64 one instruction, which compilers do not find.
    static f64x2 gather2(const double* from) noexcept {
#if defined(__SSE2__)
        using in_memory [[gnu::aligned(alignof(double)), gnu::may_alias]] = f64x2;
        const f64x2 both = *reinterpret_cast<const volatile in_memory*>(from);
        asm volatile("" : : : "memory");
        return both;
#else
        return f64x2{load(from[0]), load(from[1])};
#endif
    }

    void record_row(chart& one) noexcept {
        store(one.claimed, one.published + 1);
        double* const row =
            one.rows.data() + static_cast<std::size_t>(one.published) % ring_slots * one.width;
        std::int64_t present = 0;
        for (std::size_t d = 0; d < chart_width; ++d) {
            const std::int32_t thousandths = the_samples()(one.first_series + d, now_);
            const bool missing = thousandths == samples::missing;
            store(row[d], missing ? gap : thousandths / 1000.0);
            present += missing ? 0 : 1;
        }
        store(one.recorded, one.recorded + present);
        store(one.published, one.published + 1);
    }

    static void prefetch(const void* first, std::size_t bytes) noexcept {
        for (std::size_t n = 0; n < bytes; n += 64) {
            __builtin_prefetch(static_cast<const char*>(first) + n);
        }
    }
    /// Asks for the rows of the chart after next, and for a chart further on, to know where its
    /// rows are.
    void look_ahead(std::size_t c) const noexcept {
        if (c + 5 < charts_.size()) {
            prefetch(charts_[c + 5].get(), sizeof(chart));
        }
        if (c + 2 < charts_.size()) {
            const chart& next = *charts_[c + 2];
            const std::int64_t end = load(next.published);
            const std::int64_t first =
                std::max(next.read, end - static_cast<std::int64_t>(ring_slots));
            const auto rows = static_cast<std::size_t>(end - first);
            const std::size_t oldest = static_cast<std::size_t>(first) % ring_slots;
            const std::size_t span = std::min(rows, ring_slots - oldest);
            const std::size_t row = next.width * sizeof(double);
            prefetch(next.rows.data() + oldest * next.width, span * row);
            prefetch(next.rows.data(), (rows - span) * row);
        }
    }

    /// The part of a line that all lines of a tick share: " TIME\n".
    void print_time() noexcept {
        suffix_length_ = static_cast<std::size_t>(
            std::snprintf(suffix_.data(), suffix_.size(), " %lld\n", static_cast<long long>(now_)));
    }

    [[gnu::always_inline]] char* print(chart& one, char* out, std::size_t& written) noexcept {
        const std::int64_t end = load(one.published);
        const std::int64_t recorded = load(one.recorded);
        const bool settled = load(one.claimed) == end;
        const std::int64_t kept = end - static_cast<std::int64_t>(ring_slots);
        const std::int64_t first =
            std::max(std::max<std::int64_t>(one.read, kept), std::int64_t{0});
        if (first >= end) {
            return out;
        }
        std::int64_t samples = 0;
        for (std::size_t column = 0; column < one.width; column += most) {
            const std::size_t size = std::min(one.width - column, most);
            block_of_values block;
            if (!reduce_block<most>(one, first, end, column, 0, size, block)) [[unlikely]] {
                return out;  // overwritten meanwhile
            }
            out = print_block(one, column, size, block, out, written);
            samples += block.samples;
        }
        one.read = end;
        one.printed += samples;
        samples_ += samples;
        if (settled) {
            const std::int64_t lost = recorded - one.printed - one.lost;
            one.lost += lost;
            lost_ += lost;
        }
        return out;
    }

    /// The averages of neighbouring columns of a chart.
    struct block_of_values {
        backends::value_array<double, most> values;
        std::array<std::uint32_t, most + 4> counts;  // the last are of no column
        std::int64_t samples = 0;
        bool are_all = true;  // no column is without samples
    };

    /// A chart's columns from `column` on, rows [first, end): the block's elements from i on, N of
    /// them if so many remain, and then fewer.
    template <std::size_t N>
    [[gnu::always_inline]] static bool reduce_block(const chart& one, std::int64_t first,
                                                    std::int64_t end, std::size_t column,
                                                    std::size_t i, std::size_t size,
                                                    block_of_values& block) noexcept {
        if (size - i >= N) {
            if (!reduce_columns<N>(one, first, end, column + i, i, block)) [[unlikely]] {
                return false;
            }
            i += N;
        }
        if constexpr (N > 1) {
            if (i != size) {
                constexpr std::size_t fewer = N > 2 ? N - 2 : 1;
                return reduce_block<fewer>(one, first, end, column, i, size, block);
            }
        }
        return true;
    }

    template <std::size_t N>
    [[gnu::always_inline]] static bool reduce_columns(const chart& one, std::int64_t first,
                                                      std::int64_t end, std::size_t column,
                                                      std::size_t at,
                                                      block_of_values& block) noexcept {
        using backends::detail::high_words;
        using backends::detail::to_f64x2;
        constexpr std::size_t pairs = (N + 1) / 2;
        constexpr std::size_t quads = (N + 3) / 4;
        // Down the columns, from the newest row to the oldest: to the ring's start, then from its
        // end.
        std::array<f64x2, pairs> totals{};
        std::array<u32x4, quads> gaps{};  // minus their number
        auto rows = static_cast<std::size_t>(end - first);
        std::size_t newest = static_cast<std::size_t>(end - 1) % ring_slots;
        for (;;) {
            const std::size_t span = std::min(rows, newest + 1);
            const double* row = one.rows.data() + newest * one.width + column;
            for (std::size_t left = span; left != 0; --left, row -= one.width) {
#pragma GCC unroll 3
                for (std::size_t i = 0; i < quads; ++i) {
                    const f64x2 a =
                        4 * i + 1 == N ? f64x2{load(row[4 * i]), gap} : gather2(row + 4 * i);
                    totals[2 * i] += a;
                    auto halves = std::bit_cast<u32x4>(a);
                    if (2 * i + 1 < pairs) {
                        const f64x2 b = 4 * i + 3 == N ? f64x2{load(row[4 * i + 2]), gap}
                                                       : gather2(row + 4 * i + 2);
                        totals[2 * i + 1] += b;
                        halves = high_words(halves, std::bit_cast<u32x4>(b));
                    }
                    constexpr std::uint32_t upper_of_gap = 0x8000'0000;
                    gaps[i] += std::bit_cast<u32x4>(halves == upper_of_gap);
                }
            }
            rows -= span;
            if (rows == 0) {
                break;
            }
            newest = ring_slots - 1;
        }
        if (first < load(one.claimed) - static_cast<std::int64_t>(ring_slots)) [[unlikely]] {
            return false;
        }

        // The averages, two at a time.
        const auto all_rows = static_cast<std::uint64_t>(end - first);
        u32x4 all{};
#pragma GCC unroll 3
        for (std::size_t i = 0; i < quads; ++i) {
            gaps[i] += static_cast<std::uint32_t>(all_rows);  // which makes them samples
            if (2 * i + 1 == pairs) {
                gaps[i] = high_words(gaps[i], u32x4{});
            }
            all += gaps[i];
            std::memcpy(block.counts.data() + at + 4 * i, &gaps[i], sizeof gaps[i]);
        }
#pragma GCC unroll 6
        for (std::size_t i = 0; i < pairs; ++i) {
            const f64x2 n = i % 2 == 0 ? to_f64x2<0>(gaps[i / 2]) : to_f64x2<1>(gaps[i / 2]);
            const f64x2 mean = totals[i] / n;
            const std::size_t bytes = 2 * i + 1 == N ? sizeof(double) : sizeof mean;
            std::memcpy(block.values.data() + at + 2 * i, &mean, bytes);
        }
        const auto two = std::bit_cast<std::array<std::uint64_t, 2>>(all);
        const std::uint64_t halves = two[0] + two[1];
        const std::uint64_t present = (halves & 0xffff'ffff) + (halves >> 32);
        block.samples += static_cast<std::int64_t>(present);
        // With fewer gaps than rows no column is without a sample.
        block.are_all = block.are_all && N * all_rows - present < all_rows;
        return true;
    }

    /// The lines of these columns.
    [[gnu::always_inline]] char* print_block(const chart& one, std::size_t column, std::size_t size,
                                             block_of_values& block, char* out,
                                             std::size_t& written) noexcept {
        for (std::size_t i = size; i % 4 != 0; ++i) {
            block.values.set(i, 0);
        }
        const backends::number_block<double, most> numbers{block.values, size};
        const name* const names = names_.data() + one.first_series + column;
        if (!block.are_all || !numbers.is_plain()) [[unlikely]] {
            return print_one_by_one(names, numbers, block, size, out, written);
        }
        for (std::size_t i = 0; i < size; ++i) {
            out = copy(out, names_text_.data() + names[i].offset, names[i].length);
            out = numbers.write_plain(out, i);
            std::memcpy(out, suffix_.data(), 16);
            out += suffix_length_;
        }
        written += size;
        return out;
    }

    struct name {
        std::size_t offset;
        std::uint32_t length;
    };

    template <class Numbers>
    [[gnu::noinline]] char* print_one_by_one(const name* names, const Numbers& numbers,
                                             const block_of_values& block, std::size_t size,
                                             char* out, std::size_t& written) noexcept {
        for (std::size_t i = 0; i < size; ++i) {
            if (block.counts[i] == 0) {
                continue;
            }
            out = copy(out, names_text_.data() + names[i].offset, names[i].length);
            out = numbers.write(out, i);
            std::memcpy(out, suffix_.data(), 16);
            out += suffix_length_;
            ++written;
        }
        return out;
    }

    static char* copy(char* out, const char* text, std::size_t length) noexcept {
        std::memcpy(out, text, copied);
        for (std::size_t done = copied; done < length; done += 16) [[unlikely]] {
            std::memcpy(out + done, text + done, 16);
        }
        return out + length;
    }

    std::vector<std::unique_ptr<chart>> charts_;
    std::string names_text_;
    std::vector<name> names_;
    std::size_t longest_name_ = 0;
    std::array<char, 32> suffix_{};
    std::size_t suffix_length_ = 0;
    std::int64_t now_ = start_time;
    std::int64_t samples_ = 0;
    std::int64_t lost_ = 0;
    chunk chunk_;
};

}  // namespace bench
