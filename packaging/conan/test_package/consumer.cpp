// SPDX-License-Identifier: BSL-1.0
//
// Records a row: it needs the headers of the package and of Boost.

#include <backends/storage/host.hpp>
#include <backends/version.hpp>

#include <cstdio>

int main() {
    backends::host host{"web-1"};
    auto& chart = host.add("app.queue", {"depth", "wait"});
    if (!chart.record(1'000'000'000, {3.0, 1.5})) {
        return 1;
    }
    std::printf("%zu chart, version %d\n", host.size(), BACKENDS_VERSION);
}
