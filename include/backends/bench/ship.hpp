// SPDX-License-Identifier: BSL-1.0
//
// Bench: ticks of an exporter over a transport, from samples in the ring until the transport has
// taken the last byte. Items are lines, per second of the wall's clock.
#pragma once

#include <backends/bench/charts.hpp>
#include <backends/bench/draining_reader.hpp>
#include <backends/bench/instructions.hpp>
#include <backends/bench/state.hpp>
#include <backends/bench/stepped_clock.hpp>
#include <backends/bench/tick.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/transport.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA::bench {

/// A transport that also counts what it has taken.
template <class Transport>
class counted_transport : public Transport {
    static_assert(!std::is_final_v<Transport>,
                  "backends: a transport that is measured is derived from: it must not be final");

public:
    /// @param taken  outlives the transport
    counted_transport(Transport&& inner, std::uint64_t& taken)
        : Transport{std::move(inner)}, taken_{&taken} {}

    /// Counts what `Transport` takes.
    io_result write_some(std::span<const char> bytes) noexcept {
        const io_result done = Transport::write_some(bytes);
        *taken_ += done.count;
        return done;
    }
    /// What it takes is what `Transport` takes.
    void borrow(lent_bytes from) noexcept
        requires borrowing_transport<Transport>
    {
        Transport::borrow(from);
    }

private:
    std::uint64_t* taken_;
};

/// Remembers the last failure.
struct failure_noter {
    std::error_code* last = nullptr;  ///< where to note it; nullptr: nowhere

    void on_failure(const destination&, std::error_code why) noexcept {
        if (last != nullptr) {
            *last = why;
        }
    }
};

/// Confirmation as far as the transport can tell.
template <class Transport>
struct shipping_policies : stepped_policies {
    using confirmation =
        std::conditional_t<Transport::proves == evidence::none, confirm::written, confirm::acked>;
    using observer = failure_noter;
};

/// An exporter of the workload's charts over a transport of the user's. Not thread-safe.
template <class Transport>
class shipped_cycle {
    using charts_type = charts<double_cell>;

public:
    /// Throws std::runtime_error when nothing is taken within `patience`.
    ///
    /// @param series       a multiple of chart_width
    /// @param made         the transport
    /// @param destination  empty: a reader on the loopback interface
    shipped_cycle(std::size_t series, Transport&& made, const std::string& destination)
        : charts_{series},
          exporter_{charts_.host(), settings(series, destination),
                    counted_transport<Transport>{std::move(made), taken_},
                    failure_noter{&failure_}} {
        exporter_.poll(stepped_clock::steady_now());
        tick();  // connects, and takes what was recorded so far
        settle();
    }

    void record(std::size_t slots) noexcept { charts_.record(slots); }  ///< the next seconds

    /// One cycle, until the transport has taken its lines. Throws like the constructor.
    output tick() {
        const amount before = exporter_.counters().accepted;
        stepped_clock::wall = charts_.now();
        stepped_clock::ahead = stepped_clock::ahead + nanoseconds{update_every};
        amount now = before;
        poll_until([&] {
            now = exporter_.counters().accepted;
            return now != before && taken_ >= now.bytes;
        });
        return {now.lines - before.lines, now.bytes - before.bytes};
    }
    /// What was confirmed leaves the queue. Throws like the constructor.
    void settle() {
        poll_until([&] { return exporter_.counters().confirmed == exporter_.counters().accepted; });
    }

    /// From now on it measures busy(), which takes a microsecond a call of poll().
    ///
    /// @param below  outlives this: grows when bytes move that the transport took earlier; nullptr:
    ///               it keeps none
    void watch_busy(const std::uint64_t* below) noexcept {
        watches_ = true;
        below_ = below;
    }
    /// This thread's processor time so far, of those calls of poll() in which anything moved: lines
    /// were made, taken or confirmed. What a thread that sleeps meanwhile would have spent.
    [[nodiscard]] std::chrono::nanoseconds busy() const noexcept { return busy_; }

private:
    static constexpr seconds update_every{10};
    static constexpr std::chrono::seconds patience{10};

    template <class Done>
    void poll_until(Done done) {
        const auto end = std::chrono::steady_clock::now() + patience;
        do {
            if (std::chrono::steady_clock::now() > end) {
                throw std::runtime_error{"the transport took nothing for ten seconds: " +
                                         failure_.message()};
            }
            watches_ ? watched_poll() : poll();
        } while (!done());
    }
    void poll() { exporter_.poll(stepped_clock::steady_now()); }
    void watched_poll() {
        const std::uint64_t before = moved();
        const std::chrono::nanoseconds begin = processor_time();
        poll();
        const std::chrono::nanoseconds spent = processor_time() - begin;
        busy_ += moved() == before ? std::chrono::nanoseconds{} : spent;
    }
    // Grows with whatever a poll can do.
    [[nodiscard]] std::uint64_t moved() const {
        const auto now = exporter_.counters();
        return taken_ + now.accepted.bytes + now.confirmed.bytes + now.received_bytes +
               (below_ == nullptr ? 0 : *below_);
    }
    static std::chrono::nanoseconds processor_time() noexcept {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
    }

    options settings(std::size_t series, const std::string& destination) {
        options o{.destination = destination, .prefix = prefix};
        if (destination.empty()) {
            o.destination = "127.0.0.1:" + std::to_string(reader_.emplace().port());
        }
        o.update_every = update_every;
        o.align = false;  // its clocks are set apart from each other
        o.queue_bytes = series * 300 + (std::size_t{1} << 20);
        o.self_monitoring = false;
        return o;
    }

    std::optional<draining_reader> reader_;
    std::uint64_t taken_ = 0;
    std::error_code failure_;
    std::chrono::nanoseconds busy_{};
    bool watches_ = false;
    const std::uint64_t* below_ = nullptr;
    charts_type charts_;
    exporter<average, graphite_plaintext, counted_transport<Transport>,
             typename charts_type::host_type, shipping_policies<Transport>>
        exporter_;
};

/// Times ticks over the transport that make() gives. Their instructions are not counted: how often
/// a transport is asked in vain is the machine's affair.
template <class Transport, class Make>
void ship_series(benchmark::State& state, std::size_t series, std::size_t window, const Make& make,
                 const std::string& destination) {
    if (only_counts()) {
        state.SkipWithError("is not counted");
        return;
    }
    try {
        shipped_cycle<Transport> system{series, make(), destination};
        output all;
        const timed_runs ticks =
            measure_ticks(state, system, window, all, [&] { system.settle(); });
        // The benchmark's own rates are per second of this thread, which waits for the transport.
        state.counters["items_per_second"] = static_cast<double>(all.lines) / ticks.seconds();
        state.counters["bytes_per_second"] = static_cast<double>(all.bytes) / ticks.seconds();
    } catch (const std::exception& error) {
        fail(state, error.what());
    }
}

}  // namespace backends::bench
