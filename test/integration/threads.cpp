// SPDX-License-Identifier: BSL-1.0
//
// Everything at once, for the thread sanitizer: threads that record, for each recording policy,
// while the exporter runs in each of its three ways, others add charts and read the account, and
// one of them stops it. In the end the peer has each sample once, or it was counted as overrun.
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/parser.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace backends;

namespace {

// A ring that is overrun all the time.
template <class Recording>
using small_host = basic_host<double_cell, 64, Recording>;
template <class Recording>
using exporter_of = exporter<sum, graphite_plaintext, tcp, small_host<Recording>>;

options settings(const test::loopback_peer& peer) {
    return {.destination = peer.address(), .update_every = seconds{1}, .self_monitoring = false};
}

constexpr unix_seconds start = 1'000'000'000;

/// Samples of the lines that a peer has, each of which is 1: their values added up.
std::uint64_t samples_of(const std::vector<std::string>& connections) {
    double total = 0;
    for (std::string_view text : connections) {
        for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
            const parse_result line = parse<graphite_plaintext>(text.substr(0, end));
            REQUIRE(line);
            const std::string_view number = line.line.number;
            double value = 0;
            std::from_chars(number.data(), number.data() + number.size(), value);
            total += value;
            text.remove_prefix(end + 1);
        }
        CHECK(text.empty());
    }
    return static_cast<std::uint64_t>(total);
}

/// The threads around an exporter: they begin at construction.
class crowd {
public:
    crowd() = default;
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;
    ~crowd() { end(); }

    /// Calls work(n) with n = 0, 1, ... until the end.
    template <class Work>
    void add(Work work) {
        threads_.emplace_back([this, work]() mutable {
            for (int n = 0; !over_; ++n) {
                work(n);
                if (n % 16 == 0) {
                    std::this_thread::yield();
                }
            }
        });
    }
    void end() {
        over_ = true;
        for (std::thread& t : threads_) {
            t.join();
        }
        threads_.clear();
    }

private:
    std::atomic<bool> over_{false};
    std::vector<std::thread> threads_;
};

/// What is recorded, and by how many threads: one for each chart, or several for one.
template <class Recording>
class recorded {
public:
    static constexpr bool shares = std::is_same_v<Recording, locked>;

    recorded(small_host<Recording>& host, crowd& all) {
        auto& first = host.add("first", {"a", "b"});
        auto& second = shares ? first : host.add("second", {"a", "b"});
        for (auto* chart : {&first, &second}) {
            all.add(
                [this, chart](int n) { samples_ += chart->record(start + n, {1.0, 1.0}) ? 2 : 0; });
        }
        all.add([this, &host](int n) {
            if (n < 400) {
                auto& added = host.add("added-" + std::to_string(n), {"a"});
                samples_ += added.record(start, {1.0}) ? 1 : 0;
            }
        });
    }
    [[nodiscard]] std::uint64_t samples() const { return samples_; }

private:
    std::atomic<std::uint64_t> samples_{0};
};

/// Reads the account all the time; it never goes back and always adds up.
template <class Exporter>
void watch(const Exporter& e, crowd& all, std::atomic<int>& mistakes) {
    all.add([&e, &mistakes, last = counters{}](int) mutable {
        const counters now = e.counters();
        const bool goes_on = now.ticks >= last.ticks && now.samples >= last.samples &&
                             now.confirmed.lines >= last.confirmed.lines;
        mistakes += now.balanced() && goes_on ? 0 : 1;
        last = now;
    });
}

/// Both threads stop it. Nothing is recorded any more.
template <class Exporter>
stop_result stop_twice(Exporter& e) {
    std::thread other{[&e] { e.stop(seconds{20}); }};
    const stop_result result = e.stop(seconds{20});
    other.join();
    return result;
}

void check(const stop_result& result, std::uint64_t recorded, test::loopback_peer& peer) {
    CHECK(result.complete());
    CHECK(result.counters.samples + result.counters.overrun == recorded);
    CHECK(samples_of(peer.connections()) == result.counters.samples);
}

}  // namespace

TEMPLATE_TEST_CASE("recorders run beside an exporter's thread", "", wait_free, locked) {
    test::loopback_peer peer;
    small_host<TestType> host{"h"};
    std::atomic<int> mistakes{0};
    exporter_of<TestType> e{host, settings(peer)};
    crowd served;
    served.add([&peer](int) { peer.step(); });
    crowd recorders;
    const recorded<TestType> all{host, recorders};
    watch(e, served, mistakes);
    e.start();
    while (e.counters().ticks < 2) {
        std::this_thread::yield();
    }
    recorders.end();
    const stop_result result = stop_twice(e);
    served.end();
    check(result, all.samples(), peer);
    CHECK(mistakes == 0);
}

TEMPLATE_TEST_CASE("recorders run beside an exporter on a strand of three threads", "", wait_free,
                   locked) {
    test::loopback_peer peer;
    small_host<TestType> host{"h"};
    std::atomic<int> mistakes{0};
    boost::asio::io_context context;
    exporter_of<TestType> e{host, settings(peer), tcp{boost::asio::make_strand(context)}};
    crowd served;
    served.add([&peer](int) { peer.step(); });
    crowd recorders;
    const recorded<TestType> all{host, recorders};
    watch(e, served, mistakes);
    std::future<void> done = e.async_run(boost::asio::use_future);
    std::vector<std::thread> runners;
    for (int i = 0; i < 3; ++i) {
        runners.emplace_back([&context] { context.run(); });
    }
    while (e.counters().ticks < 2) {
        std::this_thread::yield();
    }
    recorders.end();
    const stop_result result = stop_twice(e);
    done.get();
    for (std::thread& t : runners) {
        t.join();
    }
    served.end();
    check(result, all.samples(), peer);
    CHECK(mistakes == 0);
}

TEMPLATE_TEST_CASE("recorders run beside an exporter that is polled", "", wait_free, locked) {
    test::loopback_peer peer;
    small_host<TestType> host{"h"};
    std::atomic<int> mistakes{0};
    exporter_of<TestType> e{host, settings(peer)};
    crowd recorders;
    const recorded<TestType> all{host, recorders};
    crowd readers;
    watch(e, readers, mistakes);
    for (instant now = system_clock::steady_now(); e.counters().ticks < 50;) {
        e.poll(now);
        now = now + milliseconds(100);
        peer.step();
    }
    recorders.end();
    std::thread other{[&e] { e.request_stop(seconds{20}); }};
    while (!e.finished()) {
        e.poll(system_clock::steady_now());
        peer.step();
    }
    other.join();
    readers.end();
    peer.step();
    check({e.counters()}, all.samples(), peer);
    CHECK(mistakes == 0);
}

TEST_CASE("one thread that records and polls needs no synchronization") {
    test::loopback_peer peer;
    small_host<unsynchronized> host{"h"};
    std::atomic<int> mistakes{0};
    exporter_of<unsynchronized> e{host, settings(peer)};
    auto& chart = host.add("c", {"a"});
    crowd readers;
    watch(e, readers, mistakes);
    std::uint64_t recorded = 0;
    int n = 0;
    for (instant now = system_clock::steady_now(); e.counters().ticks < 50;) {
        recorded += chart.record(start + n, {1.0}) ? 1U : 0U;
        recorded +=
            n % 40 == 0 && host.add("added-" + std::to_string(n), {"a"}).record(start, {1.0});
        ++n;
        e.poll(now);
        now = now + milliseconds(100);
        peer.step();
    }
    std::thread other{[&e] { e.request_stop(seconds{20}); }};
    while (!e.finished()) {
        e.poll(system_clock::steady_now());
        peer.step();
    }
    other.join();
    readers.end();
    peer.step();
    check({e.counters()}, recorded, peer);
    CHECK(mistakes == 0);
}
