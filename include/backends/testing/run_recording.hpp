// SPDX-License-Identifier: BSL-1.0
//
// Testing. A whole exporter between a recording program and unreliable clocks: set back, set
// forward, standing still, asleep for hours. A naive model predicts the output of every cycle; each
// sample is exported exactly once, or counted as overrun (D8, D9).
#pragma once

#include <backends/core/time.hpp>
#include <backends/delivery/random.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/count.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>
#include <backends/testing/naive_slots.hpp>
#include <backends/testing/schedule_witness.hpp>
#include <backends/testing/simulated_policies.hpp>
#include <backends/testing/simulated_transport.hpp>
#include <backends/testing/verdict.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// Keeps the written bytes as text, for tests that read an exporter's output.
struct received_text : no_watcher {
    std::string text;  ///< of all connections

    void wrote(simulated_link& link, std::span<const char> offered, std::size_t n) {
        text.append(offered.data(), n);
        keep_up(link);
    }
    /// Reads and answers the end of stream, so that a stop ends although no time passes.
    void half_closed(simulated_link& link) noexcept { keep_up(link); }

private:
    static void keep_up(simulated_link& link) noexcept {
        link.flow(link.written, link.written, link.written);
    }
};

/// The result of a run.
struct recording_result {
    const char* broken = nullptr;    ///< nullptr, or the first broken promise
    std::uint64_t hash = 0;          ///< of every event
    std::uint64_t samples = 0;       ///< recorded
    std::uint64_t overrun = 0;       ///< of these, overwritten before a cycle came
    std::uint64_t ticks = 0;         ///< cycles that ran
    std::uint64_t missed_ticks = 0;  ///< cycles that did not run
};

/// One run from one seed: two charts, one recorded every second and one every five.
///
/// @tparam Cell, Recording  the chart's policies; a cell must hold whole numbers up to 10,000
template <class Cell = double_cell, class Recording = wait_free>
class recording_simulation {
public:
    static constexpr std::size_t capacity = 8;  ///< slots of the chart

    /// Plays the steps that `seed` gives. Equal seeds give equal hashes.
    static recording_result run(std::uint64_t seed, std::size_t steps = 60) {
        simulated_clock::now = manual_clock{};
        scheduled_random::seed = seed;
        backoff_log::current = nullptr;
        recording_simulation s{seed};
        for (std::size_t i = 0; i != steps && s.promises_.broken() == nullptr; ++i) {
            s.take_step();
        }
        s.finish();
        return s.result();
    }

private:
    using host_type = basic_host<Cell, capacity, simulated_recording<Recording>>;
    using network_type = simulated_network<received_text>;
    using exporter_type =
        exporter<fused<sum, count>, graphite_plaintext, simulated_transport<received_text>,
                 host_type, simulated_policies<>>;

    struct recorded {
        const char* name;
        typename host_type::chart_type* chart;
        naive_slots model;
        std::map<std::int64_t, int> kept{};  ///< not exported, by slot
        std::uint64_t overrun = 0;
    };

    explicit recording_simulation(std::uint64_t seed)
        : random_{seed},
          network_{peer_},
          every_{static_cast<std::int64_t>(1 + below(random_, 10))},
          aligned_{below(random_, 2) == 0},
          exporter_{host_,
                    {.destination = "simulated-0",
                     .prefix = "p",
                     .update_every = every_,
                     .align = aligned_,
                     .self_monitoring = false},
                    simulated_transport<received_text>{network_}} {
        for (const auto& [name, every] : {std::pair{"a", seconds{1}}, {"b", seconds{5}}}) {
            charts_.push_back({name, &host_.add(name, {"d"}, {.update_every = every}),
                               naive_slots{every, capacity}});
        }
        exporter_.poll(now());  // drives from here on
        cycles_.begin(now());
    }

    static instant now() noexcept { return simulated_clock::steady_now(); }
    static unix_seconds wall() noexcept { return simulated_clock::system_now(); }
    static void pass(nanoseconds time) noexcept { simulated_clock::now.advance(time); }

    void take_step() {
        const std::uint64_t what = below(random_, 32);
        const std::uint64_t amount = random_();
        if (what < 14) {
            // A little late, now and then very late, in milliseconds, or a year ahead.
            const std::uint64_t how = amount >> 40U;
            record(amount, what > 3          ? wall()
                           : what < 3        ? wall() - static_cast<unix_seconds>(how % 8)
                           : (how & 3U) == 0 ? wall() * 1000
                           : (how & 3U) == 1 ? wall() + 31'536'000
                                             : wall() - static_cast<unix_seconds>(how % 5000));
            pass(milliseconds(static_cast<std::int64_t>(amount >> 8U) % 1200));
        } else if (what < 18) {
            for (std::uint64_t n = amount % 14; n != 0;
                 --n) {  // steady recording, then a late cycle
                record(n, wall());
                pass(seconds{1});
            }
        } else if (what < 26) {
            poll();
        } else if (what < 28) {
            pass(seconds{static_cast<std::int64_t>(amount % 20)});
        } else if (what == 28) {
            pass(seconds{8 * 3600});
        } else if (what == 29) {
            simulated_clock::now.set_system(wall() - static_cast<unix_seconds>(amount % 3600));
        } else if (what == 30) {
            simulated_clock::now.set_system(wall() +
                                            static_cast<unix_seconds>(amount % 31'536'000));
        } else {
            simulated_clock::now.set_system(amount % 2 == 0 ? 4'294'967'290 : 2'147'483'640);
        }
    }

    void record(std::uint64_t which, unix_seconds at) {
        recorded& c = charts_[which % charts_.size()];
        const int value = ++made_;
        const bool is_taken = c.model.take(at, wall());
        promises_.require(c.chart->record(at, {static_cast<double>(value)}) == is_taken,
                          "D8 a row is refused that is neither late nor a second one, or is taken");
        if (!is_taken) {
            ++refused_;
            return;
        }
        c.kept[c.model.size() - 1] = value;
        ++samples_;
        while (c.kept.begin()->first < c.model.oldest()) {
            c.kept.erase(c.kept.begin());
            ++c.overrun;
        }
    }

    void poll() {
        const std::uint64_t before = exporter_.counters().ticks;
        network_.operations = 0;
        exporter_.poll(now());
        const std::uint64_t ran = exporter_.counters().ticks - before;
        promises_.require(ran <= 1, "D8 one call runs several cycles");
        promises_.require(cycles_.may_be(now(), ran == 1),
                          "D8 a cycle runs when it is not due, or does not run when it is");
        std::string expected;
        if (ran == 1) {
            ++ticks_;
            expected = tick();
        }
        compare(expected);
    }

    /// The cycle's expected lines. Takes its stamp from the lines, if that stamp is allowed.
    std::string tick() {
        const std::size_t blank = peer_.text.find_last_of(' ');
        std::optional<unix_seconds> stamp;
        if (blank != std::string::npos) {
            stamp = std::stoll(peer_.text.substr(blank));
        }
        promises_.require(cycles_.may_be_stamped(stamp, wall()),
                          "D8 a stamp is taken, no multiple of the period, or not of the time");
        std::string lines;
        for (recorded& c : charts_) {
            if (c.kept.empty()) {
                continue;
            }
            long sum_of = 0;
            for (const auto& [at, value] : c.kept) {
                sum_of += value;
            }
            char line[200];
            std::snprintf(line, sizeof line,
                          "p.%s.%s.d.sum %ld.0000000 %lld\np.%s.%s.d.count %zu %lld\n",
                          host_.hostname().c_str(), c.name, sum_of,
                          static_cast<long long>(stamp.value_or(0)), host_.hostname().c_str(),
                          c.name, c.kept.size(), static_cast<long long>(stamp.value_or(0)));
            lines += line;
            c.kept.clear();
        }
        refused_before_tick_ = refused_;
        return lines;
    }

    void compare(const std::string& expected) {
        promises_.require(peer_.text == expected,
                          "D8 a cycle sent something else than what was new");
        for (const char byte : peer_.text) {
            hash_.add(static_cast<unsigned char>(byte));
        }
        peer_.text.clear();
        std::uint64_t overrun = 0;
        for (const recorded& c : charts_) {
            overrun += c.overrun;
        }
        const backends::counters all = exporter_.counters();
        promises_.require(all.ticks == ticks_ && (aligned_ || all.missed_ticks == cycles_.missed()),
                          "D8 ticks are miscounted");
        promises_.require(all.refused_rows == refused_before_tick_,
                          "D9 rows that were refused are miscounted");
        promises_.require(all.overrun <= overrun,
                          "D9 more is counted as overrun than was overwritten");
        promises_.require(expected.empty() || all.overrun == overrun,
                          "D9 overwritten samples are miscounted");
        promises_.require(all.balanced(), "D1 the identity does not hold");
    }

    void finish() {
        for (int n = 0; n < 3; ++n) {  // the first may wait for a clock that was set back
            pass(nanoseconds{every_} * 4);
            poll();
        }
        const backends::counters all = exporter_.counters();
        promises_.require(all.samples + all.overrun == samples_,
                          "D8 a sample was neither exported nor counted as overrun");
        exporter_.request_stop(seconds{1});
        for (int n = 0; n != 10 && !exporter_.finished(); ++n) {
            exporter_.poll(now());
        }
        promises_.require(exporter_.finished(), "D7 the stop does not come to an end");
    }

    [[nodiscard]] recording_result result() const noexcept {
        const backends::counters all = exporter_.counters();
        return {promises_.broken(), hash_.value(), samples_,
                all.overrun,        all.ticks,     all.missed_ticks};
    }

    split_mix random_;
    verdict promises_;
    event_hash hash_;
    received_text peer_;
    network_type network_;
    host_type host_{"h"};
    seconds every_;
    bool aligned_;
    schedule_witness cycles_{every_, aligned_};
    exporter_type exporter_;
    std::vector<recorded> charts_;
    int made_ = 0;
    std::uint64_t samples_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t refused_before_tick_ = 0;
    std::uint64_t ticks_ = 0;
};

}  // namespace backends::testing
