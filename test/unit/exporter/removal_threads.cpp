// SPDX-License-Identifier: BSL-1.0
//
// Threads that make, use and remove charts, threads that hold charts which others remove, and
// exporters that walk meanwhile, and come and go. For the thread sanitizer; the sums are to be
// right without it.
#include <backends/exporter/cycle.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/count.hpp>
#include <backends/storage/host.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "catch.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace backends;

namespace {

using host_type = basic_host<double_cell, 4096>;
using chart_type = host_type::chart_type;

struct nothing {
    std::array<char, 4096> room;
    [[nodiscard]] bool fits(std::size_t n) const noexcept { return n <= room.size(); }
    char* reserve(std::size_t) noexcept { return room.data(); }
    void commit(std::size_t, std::size_t) noexcept {}
    void refuse(std::size_t, std::size_t) noexcept {}
};

class exporting {
public:
    explicit exporting(const host_type& host) : host_{host} { run(); }
    void run() {
        lines_.follow(host_, nobody_, count_);
        lines_.run(1'700'000'000, lines_taken_, count_);
    }
    [[nodiscard]] bool has_successors() const { return lines_.has_successors(); }
    [[nodiscard]] std::uint64_t samples() const { return count_.samples; }
    [[nodiscard]] std::uint64_t overrun() const { return count_.overrun; }

private:
    const host_type& host_;
    cycle<count, graphite_plaintext, host_type> lines_{identity{"p", "h", {}}};
    no_observer nobody_;
    cycle_counters count_;
    nothing lines_taken_;
};

/// One chart that a thread removes while another one uses it.
class shared_chart {
public:
    boost::intrusive_ptr<chart_type> get() {
        const std::scoped_lock lock{mutex_};
        return chart_;
    }
    void set(chart_type* chart) {
        const std::scoped_lock lock{mutex_};
        chart_ = chart;
    }

private:
    std::mutex mutex_;
    boost::intrusive_ptr<chart_type> chart_;
};

}  // namespace

TEST_CASE("threads make, use and remove charts while exporters walk, come and go") {
    constexpr int makers = 2;
    constexpr int rounds = 400;
    host_type host{"h"};
    exporting often{host};
    exporting seldom{host};
    std::atomic<std::uint64_t> recorded{0};
    std::atomic<int> working{makers + 2};
    shared_chart shared;
    shared.set(&host.add("shared", {"a"}));
    std::vector<std::thread> threads;
    for (int m = 0; m < makers; ++m) {
        threads.emplace_back([&, m] {
            for (int n = 0; n < rounds; ++n) {
                // Every second one has an id that was there before.
                auto& chart = host.add(
                    "c" + std::to_string(m) + "." + std::to_string(n % 2 == 0 ? n : 0), {"a", "b"});
                for (int i = 0; i < n % 5; ++i) {
                    recorded += chart.record(i + 1, {1.0, 2.0}) ? 2 : 0;
                }
                host.remove(chart);
            }
            --working;
        });
    }
    threads.emplace_back([&] {  // records into whatever chart is shared, and knows of no removal
        while (working > 1) {
            const auto mine = shared.get();
            const recorded_samples now = mine->recorded();
            const unix_seconds next = now.kept.empty() ? 1 : mine->time_of(now.kept.end);
            recorded += next < 4000 && mine->record(next, {1.0}) ? 1 : 0;
        }
        --working;
    });
    threads.emplace_back([&] {
        for (int n = 0; n < rounds; ++n) {
            auto& old = *shared.get();
            shared.set(&host.add("shared" + std::to_string(n), {"a"}));
            host.remove(old);
        }
        --working;
    });
    std::thread walker{[&] {
        while (working != 0) {
            seldom.run();
            std::this_thread::yield();
        }
    }};
    std::thread visitor{[&] {
        while (working != 0) {
            std::optional<exporting> one{std::in_place, host};
            one->run();
        }
    }};
    while (working != 0) {
        often.run();
    }
    for (std::thread& one : threads) {
        one.join();
    }
    walker.join();
    visitor.join();
    host.remove(*shared.get());
    shared.set(nullptr);
    for (exporting* const one : {&often, &seldom}) {
        do {
            one->run();
        } while (one->has_successors());
        CHECK(one->samples() + one->overrun() == recorded);
        CHECK(one->overrun() == 0);
    }
    CHECK(host.size() == 0);
}
