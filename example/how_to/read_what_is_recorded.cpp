// SPDX-License-Identifier: BSL-1.0
//
// A program that reads its own charts.
#include <backends/source/average.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/reduce.hpp>
#include <backends/storage/host.hpp>

#include <cstdio>
#include <optional>
#include <string_view>

namespace {

//! [overloaded]
/// Whether requests have waited too long for a minute.
bool is_overloaded(const backends::chart& queue, backends::unix_seconds now) {
    constexpr std::size_t wait_ms = 1;  // the chart's second dimension
    const std::optional<double> average =
        backends::reduce<backends::average>(queue, wait_ms, now - 60, now);
    return average && *average > 250;  // empty: nobody recorded for a minute
}
//! [overloaded]

//! [print]
/// Prints the samples of a chart that is known by its name, the newest first.
std::uint64_t print(const backends::host& host, std::string_view id, backends::unix_seconds after,
                    backends::unix_seconds before) {
    const backends::chart* const chart = host.find(id);
    if (chart == nullptr) {
        return 0;
    }
    std::uint64_t samples = 0;
    for (std::size_t i = 0; i < chart->width(); ++i) {
        samples += chart->samples(i, after, before, [&](backends::unix_seconds at, double value) {
            std::printf("%lld %s %g\n", static_cast<long long>(at),
                        std::string{chart->dimension(i).id}.c_str(), value);
        });
    }
    return samples;
}
//! [print]

}  // namespace

int main() {
    constexpr backends::unix_seconds start = 1'700'000'000;
    backends::host host{"web-1"};
    auto& queue = host.add("queue", {"depth", "wait_ms"});
    bool right = !is_overloaded(queue, start);
    for (int second = 0; second < 60; ++second) {
        right = right && queue.record(start + second, {3.0, 200.0 + 2 * second});
    }
    right = right && is_overloaded(queue, start + 59) && !is_overloaded(queue, start + 3'600);
    right =
        right && backends::reduce<backends::maximum>(queue, 1, start, start + 59) == 200.0 + 2 * 59;
    right = right && print(host, "queue", start + 57, start + 59) == 4;
    return right && print(host, "no such chart", start, start + 59) == 0 ? 0 : 1;
}
