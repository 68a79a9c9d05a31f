// SPDX-License-Identifier: BSL-1.0
//
// The standard library as a peer: printf and to_chars for text, atomics and a mutex for counting.
#include "peers.hpp"

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <mutex>

namespace bench::peers {

namespace {

char* print_line(char* out, char* end, const std::string& name, double value, std::int64_t now) {
    return out + std::snprintf(out, static_cast<std::size_t>(end - out), "%s %.7f %lld\n",
                               name.c_str(), value, static_cast<long long>(now));
}

char* to_chars_line(char* out, char* end, const std::string& name, double value, std::int64_t now) {
    std::memcpy(out, name.data(), name.size());
    out += name.size();
    *out++ = ' ';
    out = std::to_chars(out, end, value, std::chars_format::fixed, 7).ptr;
    *out++ = ' ';
    out = std::to_chars(out, end, now).ptr;
    *out++ = '\n';
    return out;
}

/// Ten totals that other threads may read; no history.
template <class Add>
void add_counters(const std::string& name, Add add) {
    benchmark::RegisterBenchmark(("peer/" + name).c_str(), [=](benchmark::State& state) {
        std::array<std::atomic<double>, chart_width> totals{};
        measure_recording(state, [&](const row& values) {
            for (std::size_t i = 0; i < chart_width; ++i) {
                add(totals[i], values[i]);
            }
        });
    });
}

void count_under_a_mutex(benchmark::State& state) {
    std::mutex mutex;
    row totals{};
    measure_recording(state, [&](const row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            const std::lock_guard lock{mutex};  // a cell at a time, as separate metrics are counted
            totals[i] += values[i];
        }
    });
}

void count_in_integers(benchmark::State& state) {
    std::array<std::atomic<std::int64_t>, chart_width> totals{};
    measure_recording(state, [&](const row& values) {
        for (std::size_t i = 0; i < chart_width; ++i) {
            totals[i].fetch_add(static_cast<std::int64_t>(values[i]), std::memory_order_relaxed);
        }
    });
}

}  // namespace

void add_standard_peers() {
    add_number("snprintf", [](char* out, char* end, double v) {
        return out + std::snprintf(out, static_cast<std::size_t>(end - out), "%.7f", v);
    });
    add_number("to_chars", [](char* out, char* end, double v) {
        return std::to_chars(out, end, v, std::chars_format::fixed, 7).ptr;
    });
    add_tick("snprintf", print_line);
    add_tick("to_chars", to_chars_line);

    add_counters("atomic/record/store", [](std::atomic<double>& total, double v) {
        total.store(v, std::memory_order_relaxed);
    });
    add_counters("atomic/record/compare_exchange", [](std::atomic<double>& total, double v) {
        double old = total.load(std::memory_order_relaxed);
        while (!total.compare_exchange_weak(old, old + v, std::memory_order_relaxed)) {}
    });
    benchmark::RegisterBenchmark("peer/atomic/record/fetch_add", count_in_integers);
    benchmark::RegisterBenchmark("peer/mutex/record/counter", count_under_a_mutex);
}

}  // namespace bench::peers
