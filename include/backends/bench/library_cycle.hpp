// SPDX-License-Identifier: BSL-1.0
//
// Bench: the library's cycle over the charts of the workload, into a chunk that is used again, as
// the delivery queue offers it. The charts are recorded into and then asked for the lines of what
// is new, so no tick is like the last one.
#pragma once

#include <backends/bench/charts.hpp>
#include <backends/core/counters.hpp>
#include <backends/core/export_names.hpp>
#include <backends/driver/observer.hpp>
#include <backends/exporter/cycle.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// Lines of one tick.
struct output {
    std::size_t lines = 0;  ///< how many
    std::size_t bytes = 0;  ///< newlines included
};

/// One chunk of 64 KiB for lines, written from its start again when it is full.
class chunk {
public:
    /// Always, but for a line of more than 64 KiB.
    [[nodiscard]] bool fits(std::size_t n) const noexcept { return n <= bytes_.size(); }
    /// Room for n bytes, at the start when the rest is too short.
    [[nodiscard]] char* reserve(std::size_t n) noexcept {
        if (n > bytes_.size() - used_) [[unlikely]] {
            used_ = 0;
        }
        return bytes_.data() + used_;
    }
    /// Counts lines in the last room.
    void commit(std::size_t bytes, std::size_t lines) noexcept {
        used_ += bytes;
        written_.bytes += bytes;
        written_.lines += lines;
    }
    void refuse(std::size_t, std::size_t) noexcept {}                   ///< happens to no line
    [[nodiscard]] output written() const noexcept { return written_; }  ///< all lines so far

private:
    std::vector<char> bytes_ = std::vector<char>(std::size_t{64} << 10);
    std::size_t used_ = 0;
    output written_;
};

/// Keeps all lines, for comparing.
class all_lines {
public:
    [[nodiscard]] static bool fits(std::size_t) noexcept { return true; }  ///< always
    /// Room for n bytes after the last line. Allocates.
    [[nodiscard]] char* reserve(std::size_t n) {
        text_.resize(used_ + n);
        return text_.data() + used_;
    }
    void commit(std::size_t bytes, std::size_t) noexcept { used_ += bytes; }  ///< keeps lines
    void refuse(std::size_t, std::size_t) noexcept {}  ///< happens to no line
    /// What was kept.
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), used_}; }

private:
    std::string text_;
    std::size_t used_ = 0;
};

/// What an exporter does in a tick before delivery. Not thread-safe.
///
/// @tparam Cell       the cell type
/// @tparam Source     a data source, or a reduction that stands for one
/// @tparam Format     the wire format
/// @tparam Recording  the recording policy
template <class Cell, class Source, class Format, class Recording = wait_free>
class library_cycle {
    using charts_type = charts<Cell, collected_by<Source>, Recording>;

public:
    /// @param series  a multiple of chart_width
    explicit library_cycle(std::size_t series) : charts_{series} {
        no_observer nobody;
        cycle_.follow(charts_.host(), nobody, count_);
        tick();  // what was recorded so far
    }

    void record(std::size_t slots) noexcept { charts_.record(slots); }  ///< the next seconds
    void settle() noexcept {}                                           ///< has nothing to wait for

    /// Writes the lines of what is new.
    template <class Lines>
    void tick_into(Lines& lines) noexcept {
        cycle_.run(charts_.now(), lines, count_);
    }
    /// The same into the chunk; returns what it wrote.
    output tick() noexcept {
        const output before = chunk_.written();
        tick_into(chunk_);
        const output after = chunk_.written();
        return {after.lines - before.lines, after.bytes - before.bytes};
    }

    /// The newest recorded second.
    [[nodiscard]] std::int64_t now() const noexcept { return charts_.now(); }

private:
    charts_type charts_;
    cycle<Source, Format, typename charts_type::host_type> cycle_{identity{prefix, hostname, {}}};
    cycle_counters count_;
    chunk chunk_;
};

}  // namespace backends::bench
