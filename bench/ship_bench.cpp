// SPDX-License-Identifier: BSL-1.0
//
// A tick end to end: from samples in the ring until a reader behind a loopback connection has the
// last byte. Items are lines, per second of the wall's clock; compare real_time, or least_ns, the
// shortest tick's time per line. The original prints everything and sends it blocking; ours is the
// exporter with its defaults but for a queue that holds a tick.
// With /in_flight:N the bound on unacknowledged bytes is N instead of its default.
#include "benches.hpp"

#include "draining_reader.hpp"
#include "systems.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/transport/tcp.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include <unistd.h>

namespace bench {

namespace {

template <class Source, class Format>
class shipped_original {
public:
    explicit shipped_original(std::size_t series)
        : system_{series}, connection_{reader_.connect()} {}
    shipped_original(const shipped_original&) = delete;
    shipped_original& operator=(const shipped_original&) = delete;
    ~shipped_original() { ::close(connection_); }

    void record(std::size_t slots) noexcept { system_.record(slots); }
    output tick() {
        const output one = system_.tick();
        expected_ += one.bytes;
        baseline::send_all(connection_, system_.text());
        while (reader_.bytes() != expected_) {
            std::this_thread::yield();
        }
        return one;
    }
    void settle() noexcept {}

private:
    original<Source, Format> system_;
    draining_reader reader_;
    int connection_;
    std::uint64_t expected_ = 0;
};

/// The machine's steady clock, which can be put forward so that a tick is due, and a wall clock that
/// is set.
struct stepped_clock {
    static inline backends::nanoseconds ahead{0};
    static inline backends::unix_seconds wall = start_time;

    static backends::instant steady_now() noexcept {
        return backends::system_clock::steady_now() + ahead;
    }
    static backends::unix_seconds system_now() noexcept { return wall; }
};

struct policies : backends::default_policies {
    using clock = stepped_clock;
};

template <class Cell, class Source, class Format, std::size_t InFlight>
class shipped_ours {
    using charts_type = charts<Cell, collected_by<Source>>;

public:
    explicit shipped_ours(std::size_t series)
        : charts_{series}, exporter_{charts_.host(), settings(series, reader_.port())} {
        exporter_.poll(stepped_clock::steady_now());
        tick();  // connects, and takes what was recorded so far
        settle();
    }

    void record(std::size_t slots) noexcept { charts_.record(slots); }
    output tick() {
        const backends::amount before = exporter_.counters().accepted;
        stepped_clock::wall = charts_.now();
        stepped_clock::ahead = stepped_clock::ahead + backends::nanoseconds{update_every};
        backends::amount now = before;
        while (now == before || reader_.bytes() != now.bytes) {
            exporter_.poll(stepped_clock::steady_now());
            now = exporter_.counters().accepted;
        }
        return {now.lines - before.lines, now.bytes - before.bytes};
    }
    /// What the receiver's machine has acknowledged leaves the queue.
    void settle() {
        while (exporter_.counters().confirmed != exporter_.counters().accepted) {
            exporter_.poll(stepped_clock::steady_now());
        }
    }

private:
    static constexpr backends::seconds update_every{10};

    static backends::options settings(std::size_t series, std::uint16_t port) {
        backends::options o{.destination = "127.0.0.1:" + std::to_string(port), .prefix = prefix};
        o.update_every = update_every;
        o.queue_bytes = series * 300 + (std::size_t{1} << 20);
        o.self_monitoring = false;
        if (InFlight != 0) {
            o.unacknowledged_bytes = InFlight;
        }
        return o;
    }

    draining_reader reader_;
    charts_type charts_;
    backends::exporter<Source, Format, backends::tcp, typename charts_type::host_type, policies>
        exporter_;
};

template <class System>
void ship(benchmark::State& state, std::size_t series, std::size_t window) {
    using clock = std::chrono::steady_clock;
    auto& system = kept<System>(series);
    output all;
    clock::duration taken{};
    double least = 0;  // nanoseconds a line: of all ticks the one that was disturbed least
    for (auto _ : state) {
        state.PauseTiming();
        system.settle();
        system.record(window);
        state.ResumeTiming();
        const auto begin = clock::now();
        const output one = system.tick();
        const clock::duration once = clock::now() - begin;
        const double each = std::chrono::duration<double, std::nano>(once).count() /
                            static_cast<double>(one.lines);
        least = least == 0 || each < least ? each : least;
        taken += once;
        all.lines += one.lines;
        all.bytes += one.bytes;
    }
    // The library's own rates are per second of this thread, which waits for the reader.
    const double seconds = std::chrono::duration<double>(taken).count();
    state.counters["least_ns"] = least;
    state.counters["items_per_second"] = static_cast<double>(all.lines) / seconds;
    state.counters["bytes_per_second"] = static_cast<double>(all.bytes) / seconds;
}

template <class System>
void add(const std::string& name, const std::string& suffix = "") {
    for (const std::size_t series : {1'000UL, 10'000UL, 100'000UL, 1'000'000UL}) {
        for (const std::size_t window : {10UL, 60UL}) {
            benchmark::RegisterBenchmark(
                (sized(name, series, window) + suffix).c_str(),
                [=](benchmark::State& state) { ship<System>(state, series, window); });
        }
    }
}

template <std::size_t Bytes>
void add_bound() {
    using namespace backends;
    add<shipped_ours<double_cell, average, graphite_plaintext, Bytes>>(
        "ship/double/average/graphite", "/in_flight:" + std::to_string(Bytes));
}

}  // namespace

void add_ship_benches() {
    each_combination([]<class Source, class Format>() {
        const std::string what = std::string{name_of<Source>} + "/" + std::string{name_of<Format>};
        add<shipped_original<Source, Format>>("ship/original/" + what);
        types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
            add<shipped_ours<Cell, Source, Format, 0>>("ship/" + std::string{name_of<Cell>} + "/" +
                                                       what);
        });
    });
    add_bound<std::size_t{256} << 10>();
    add_bound<std::size_t{1} << 20>();
    add_bound<std::size_t{4} << 20>();
}

}  // namespace bench
