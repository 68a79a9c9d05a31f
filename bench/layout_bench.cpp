// SPDX-License-Identifier: BSL-1.0
//
// Where rows lie (storage/row_tiles.hpp): what tiles of some width make of recording ten more rows
// of every chart, and of summing them. A width of 0 gives each chart its rows in one piece, the
// largest one a matrix of all charts slot by slot. Items are cells.
#include "benches.hpp"

#include <backends/cell/double_cell.hpp>
#include <backends/storage/ring.hpp>
#include <backends/storage/wait_free.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace bench {

namespace {

constexpr std::size_t window = 10;

/// Rings alone: no chart around them, no text.
template <std::size_t Widest>
class rings {
    using sums = backends::double_cell::sums<chart_width>;

public:
    explicit rings(std::size_t series) {
        for (std::size_t n = 0; n < series / chart_width; ++n) {
            rings_.emplace_back(chart_width, ring_slots, backends::double_cell::gap, &tiles_);
        }
        for (std::size_t n = 0; n < ring_slots; n += window) {
            record();
        }
    }

    void record() noexcept {
        for (std::size_t n = 0; n < window; ++n, ++next_) {
            for (auto& ring : rings_) {
                double* const row = ring.claim(next_, backends::double_cell::gap);
                for (std::size_t i = 0; i < chart_width; ++i) {
                    backends::wait_free::store(row[i], static_cast<double>(next_) + 0.5);
                }
                ring.publish(chart_width);
            }
        }
    }
    [[nodiscard]] std::uint64_t reduce() const noexcept {
        constexpr std::size_t ahead = 4;
        const backends::slot_range newest{next_ - static_cast<backends::slot_number>(window),
                                          next_};
        std::uint64_t samples = 0;
        for (std::size_t i = 0; i < rings_.size(); ++i) {
            if (i + ahead < rings_.size()) {
                rings_[i + ahead].prefetch(newest.first, rings_.size());
            }
            sums block;
            if (rings_[i].template fold<sums::load>(newest, 0, block)) {
                block.store([](std::size_t, auto sum, std::uint64_t) noexcept {
                    benchmark::DoNotOptimize(sum);
                });
                samples += block.samples();
            }
        }
        return samples;
    }

private:
    backends::row_tiles<double> tiles_{Widest};
    std::deque<backends::ring<double, ring_slots, backends::wait_free>> rings_;
    backends::slot_number next_ = 0;
};

template <std::size_t Widest>
void record(benchmark::State& state, std::size_t series) {
    auto& system = kept<rings<Widest>>(series);
    for (auto _ : state) {
        system.record();
    }
    set_items(state, static_cast<std::size_t>(state.iterations()) * series * window);
}

template <std::size_t Widest>
void reduce(benchmark::State& state, std::size_t series) {
    auto& system = kept<rings<Widest>>(series);
    std::uint64_t samples = 0;
    for (auto _ : state) {
        state.PauseTiming();
        system.record();
        state.ResumeTiming();
        samples += system.reduce();
    }
    if (samples != static_cast<std::uint64_t>(state.iterations()) * series * window) {
        state.SkipWithError("samples are missing");
    }
    set_items(state, static_cast<std::size_t>(samples));
}

template <std::size_t Widest>
void add() {
    for (const std::size_t series : {1'000UL, 100'000UL, 1'000'000UL}) {
        const auto name = [&](const std::string& what) {
            return "layout/" + what + "/widest:" + std::to_string(Widest) +
                   "/series:" + std::to_string(series);
        };
        benchmark::RegisterBenchmark(name("record").c_str(), [=](benchmark::State& state) {
            record<Widest>(state, series);
        });
        benchmark::RegisterBenchmark(name("reduce").c_str(), [=](benchmark::State& state) {
            reduce<Widest>(state, series);
        });
    }
}

}  // namespace

void add_layout_benches() {
    add<0>();
    add<120>();
    add<504>();
    add<4'088>();
    add<1'000'000>();
}

}  // namespace bench
