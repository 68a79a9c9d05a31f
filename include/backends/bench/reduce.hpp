// SPDX-License-Identifier: BSL-1.0
//
// Bench: reducing a window of samples of many dimensions, in charts of ten, to one value each; no
// text. Items are slots of a window, gaps included. The window begins before the ring's end and
// ends after its start.
#pragma once

#include <backends/bench/charts.hpp>
#include <backends/bench/instructions.hpp>
#include <backends/bench/kept_system.hpp>
#include <backends/bench/state.hpp>
#include <backends/core/inline.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/value_block.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace backends::inline BACKENDS_ISA::bench {

/// Takes results as an exporter's cycle does: blocks where a source has them, otherwise one by one.
class results {
public:
    /// Takes one value.
    template <class Value>
    void operator()(std::size_t, std::size_t, std::int64_t, Value value) noexcept {
        benchmark::DoNotOptimize(value);
        ++size_;
    }
    /// Takes the values of a block.
    template <class Value, std::size_t Most>
    void block(std::int64_t, const value_block<Value, Most>& all) noexcept {
        benchmark::DoNotOptimize(all.values);
        size_ += all.size;
        missing_ |= all.absent;
    }
    /// None if one was missing.
    [[nodiscard]] std::size_t size() const noexcept { return missing_ == 0 ? size_ : 0; }

private:
    std::size_t size_ = 0;
    std::uint32_t missing_ = 0;
};

/// The hints that an exporter's cycle gives where there are many charts, for long windows. In short
/// ones a processor follows the rows by itself while nothing else is done between the charts.
template <class Source, class Host>
void prefetch_ahead(const Host& host, std::size_t chart,
                    const typename Source::cursor& unread) noexcept {
    constexpr std::size_t ahead = 4;
    constexpr std::size_t many = 512;
    constexpr std::size_t few = 1;
    if (host.size() > many && chart + 2 * ahead < host.size()) {
        Source::prefetch_chart(host.chart_at(chart + 2 * ahead));
        Source::prefetch_samples(host.chart_at(chart + ahead), unread, few);
    }
}

/// One reading of every chart of a host.
template <class Source, class Host>
BACKENDS_INLINE inline void read_all(const Host& host, const typename Source::cursor& unread,
                                     std::int64_t now, results& all) noexcept {
    for (std::size_t c = 0; c < host.size(); ++c) {
        prefetch_ahead<Source>(host, c, unread);
        auto cursor = unread;
        Source::read(host.chart_at(c), cursor, now, all);
    }
}

/// @tparam Reduction   a reduction, or a fused pack
/// @param  dimensions  a multiple of chart_width
/// @param  window      slots, at most ring_slots
/// @param  name        the benchmark's, if its instructions are counted
template <class Cell, class Reduction, class Recording = wait_free>
void reduce_windows(benchmark::State& state, std::size_t dimensions, std::size_t window,
                    const std::string& name = {}) {
    using source = stored<Reduction>;
    auto& system = kept<charts<Cell, double, Recording>>(dimensions);
    const auto& host = system.host();
    // The charts were recorded together, so one reading is at the same place in all of them.
    typename source::cursor unread;
    unread.next = host.chart_at(0).recorded().kept.end - static_cast<std::int64_t>(window);
    results all;
    for (auto _ : state) {
        read_all<source>(host, unread, system.now(), all);
    }
    const auto rounds = static_cast<std::size_t>(state.iterations());
    if (all.size() != rounds * dimensions * source::variants) {
        fail(state, "results are missing");
        return;
    }
    set_items(state, rounds * dimensions * window);
    // By copies: what is seen from elsewhere would not stay in registers above.
    count_instructions(state, name, [&host, unread, now = system.now(), dimensions, window] {
        results once;
        read_all<source>(host, unread, now, once);
        return dimensions * window;
    });
}

}  // namespace backends::bench
