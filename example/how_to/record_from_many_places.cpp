// SPDX-License-Identifier: BSL-1.0
//
// Many threads count; one thread records. And a chart that several threads record into.
#include <backends/source/last.hpp>
#include <backends/source/reduce.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/locked.hpp>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

//! [count]
class request_counts {
public:
    explicit request_counts(backends::host& host)
        : chart_{host.add<std::uint64_t>("http.requests", {"served", "failed"},
                                         {.algorithm = backends::incremental})} {}

    // Any thread, as often as it likes.
    void served() noexcept { served_.fetch_add(1, std::memory_order_relaxed); }
    void failed() noexcept { failed_.fetch_add(1, std::memory_order_relaxed); }

    // One thread, once a second. The chart turns the counters into events a second.
    [[nodiscard]] bool record(backends::unix_seconds at) noexcept {
        return chart_.record(
            at, {served_.load(std::memory_order_relaxed), failed_.load(std::memory_order_relaxed)});
    }

private:
    backends::chart& chart_;
    std::atomic<std::uint64_t> served_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;
};
//! [count]

/// How many of four threads' rows a chart takes that they record for the same second.
int taken_of_four() {
    //! [locked]
    using shared_host = backends::basic_host<backends::double_cell, 300, backends::locked>;
    shared_host host{"web-1"};
    auto& room = host.add("room", {"celsius"});  // any number of threads may record into it
    //! [locked]

    std::atomic<int> taken = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { taken += room.record(1'700'000'000, {21.5}) ? 1 : 0; });
    }
    threads.clear();
    return taken;
}

}  // namespace

int main() {
    backends::host host{"web-1"};
    request_counts requests{host};
    bool taken = requests.record(1'700'000'000);

    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&requests] {
            for (int n = 0; n < 1'000; ++n) {
                requests.served();
            }
            requests.failed();
        });
    }
    threads.clear();  // joins
    taken = taken && requests.record(1'700'000'001);

    return taken &&
                   backends::reduce<backends::last>(host.chart_at(0), 0, 1'700'000'000,
                                                    1'700'000'001) == 4'000 &&
                   taken_of_four() == 1
               ? 0
               : 1;
}
