// SPDX-License-Identifier: BSL-1.0
//
// A program of a user, who takes everything.

#include <backends/backends.hpp>

#include <cstdio>

int main() {
    static_assert(BACKENDS_VERSION >= 100);
    backends::host host{"web-1"};
    auto& chart = host.add("app.queue", {"depth", "wait"});
    if (!chart.record(1'000'000'000, {3.0, 1.5})) {
        return 1;
    }
    std::printf("%zu chart of %s\n", host.size(), std::string{host.hostname()}.c_str());
}
