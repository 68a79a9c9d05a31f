// SPDX-License-Identifier: BSL-1.0
//
// What an outage costs: memory, and the time until it is noticed.
#include "integration/loopback.hpp"

#include "catch.hpp"
#include "support/sanitizers.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

using backends::options;
using backends::seconds;

namespace {

constexpr std::size_t kibi = 1024;

constexpr bool measurable = !keeps_freed_memory;

/// Memory of this process that is in use: what malloc has given out, and what the kernel had to
/// give for it (without files, so that code which runs for the first time does not count).
struct memory {
    std::size_t given_out = 0;
    std::size_t resident = 0;

    static memory now() {
        memory m;
        const auto info = ::mallinfo2();
        m.given_out = info.uordblks + info.hblkhd;
        if (std::FILE* const f = std::fopen("/proc/self/status", "r")) {
            char line[256];
            while (std::fgets(line, sizeof line, f) != nullptr) {
                std::size_t kib = 0;
                if (std::sscanf(line, "RssAnon: %zu kB", &kib) == 1) {
                    m.resident = kib * kibi;
                }
            }
            std::fclose(f);
        }
        return m;
    }
    void rise_to(const memory& other) {
        given_out = std::max(given_out, other.given_out);
        resident = std::max(resident, other.resident);
    }
};

template <class Policies>
using exporter_of = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp,
                                       backends::host, Policies>;

struct stepped_time : backends::default_policies {
    using clock = test::stepped_clock;
};

struct machine {
    static constexpr std::size_t width = 100;
    backends::host host{"web-1"};
    backends::chart* chart = nullptr;
    std::vector<double> row = std::vector<double>(width, 1234.5678901);

    machine() {
        std::vector<std::string> names;
        for (std::size_t i = 0; i != width; ++i) {
            names.push_back("d" + std::to_string(i));
        }
        const std::vector<backends::new_dimension> all{names.begin(), names.end()};
        chart = &host.add("system.something", all);
        static_cast<void>(chart->record(test::stepped_clock::wall, row));
    }
};

options with_queue(std::string destination, std::size_t bytes) {
    return {.destination = std::move(destination),
            .update_every = seconds{1},
            .buffer_on_failures = 1000,
            .queue_bytes = bytes,
            .self_monitoring = true};
}

}  // namespace

TEST_CASE("an hour without a receiver takes the queue's memory and nothing else") {
    const test::closed_port nobody;
    const std::size_t capacity = GENERATE(std::size_t{4} << 20U, std::size_t{1} << 20U);
    machine m;
    static_cast<void>(memory::now());  // what reading the figures itself needs, it has now
    const memory before = memory::now();
    exporter_of<stepped_time> e{m.host, with_queue(nobody.address(), capacity)};
    memory peak = memory::now();
    for (int second = 0; second != 3600; ++second) {
        static_cast<void>(m.chart->record(++test::stepped_clock::wall, m.row));
        for (int step = 0; step != 5; ++step) {
            test::stepped_clock::steady = test::stepped_clock::steady + backends::milliseconds(200);
            e.poll(test::stepped_clock::steady);
        }
        peak.rise_to(memory::now());
    }
    const auto c = e.counters();
    CHECK(c.ticks >= 3599);
    CHECK(c.balanced());
    CHECK(c.dropped[static_cast<std::size_t>(backends::drop_reason::overflow)].lines > 0);
    CHECK(c.queued.bytes > capacity * 9 / 10);
    // All of it, from the construction on.
    const std::size_t given_out = peak.given_out - before.given_out;
    const std::size_t resident = peak.resident - std::min(peak.resident, before.resident);
    std::printf(
        "an hour, queue of %zu KiB: malloc %zu KiB more, resident %zu KiB more, %llu failures\n",
        capacity / kibi, given_out / kibi, resident / kibi,
        static_cast<unsigned long long>(c.failures));
    CHECK((!measurable || given_out <= capacity + 64 * kibi));
    CHECK((!measurable || resident <= capacity + 64 * kibi));
    e.request_stop(seconds{0});
    while (!e.finished()) {
        test::stepped_clock::steady = test::stepped_clock::steady + seconds{1};
        e.poll(test::stepped_clock::steady);
    }
}

TEST_CASE("nor does an outage on real clocks, with the receiver gone in the middle") {
    constexpr std::size_t capacity = 256 * kibi;
    machine m;
    test::loopback_peer peer;
    static_cast<void>(memory::now());
    const memory before = memory::now();
    exporter_of<backends::default_policies> e{m.host, with_queue(peer.address(), capacity)};
    memory peak = memory::now();
    backends::unix_seconds at = std::time(nullptr) - 100'000;
    const auto record_and_poll = [&](int times) {
        for (int i = 0; i != times; ++i) {
            static_cast<void>(m.chart->record(++at, m.row));
            e.poll(backends::system_clock::steady_now());
            if (peer.connected()) {
                peer.skip();
            } else {
                peer.step();
            }
            peak.rise_to(memory::now());
        }
    };
    const auto until = [&](auto condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!condition(e.counters())) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            record_and_poll(1);
        }
    };
    until([](const backends::counters& c) { return c.confirmed.lines > 0; });
    peer.stop_listening();
    peer.reset_connection();
    until([](const backends::counters& c) { return c.queued.lines >= 2 * machine::width; });
    peer.listen_again();
    until([](const backends::counters& c) { return c.queued.lines + c.in_flight.lines == 0; });
    const std::size_t given_out = peak.given_out - before.given_out;
    const std::size_t resident = peak.resident - std::min(peak.resident, before.resident);
    std::printf("a live outage, queue of %zu KiB: malloc %zu KiB more, resident %zu KiB more\n",
                capacity / kibi, given_out / kibi, resident / kibi);
    CHECK((!measurable || given_out <= capacity + 64 * kibi));
    CHECK((!measurable || resident <= capacity + 64 * kibi));
    e.stop(backends::milliseconds(500));
}

TEST_CASE("a stalled receiver is left within its time and one cycle") {
    test::loopback_peer stuck{0, 4096};
    test::loopback_peer second;
    stuck.reads = false;
    const seconds timeout{30};
    test::exported e{options{.destination = stuck.address() + "," + second.address(),
                             .buffer_on_failures = 100'000,
                             .timeout = timeout}};
    std::uint64_t acknowledged = 0;
    auto last_progress = test::stepped_clock::steady;
    for (;;) {
        REQUIRE(e.samples() < 20'000);
        e.second(stuck, second);
        const auto c = e.counters();
        if (c.stalls != 0) {
            break;
        }
        if (c.confirmed.bytes != acknowledged || c.in_flight.lines == 0) {
            acknowledged = c.confirmed.bytes;
            last_progress = test::stepped_clock::steady;
        }
    }
    const auto took = test::stepped_clock::steady - last_progress;
    std::printf("stalled for %lld ms, the limit is %lld ms\n",
                static_cast<long long>(took.value / 1'000'000),
                static_cast<long long>(timeout.value * 1000));
    // A cycle of a second; stepping takes a millisecond of it.
    CHECK(took <= backends::nanoseconds{timeout} + backends::milliseconds(1002));
    REQUIRE(e.until([&] { return second.connected(); }, stuck, second));
}
