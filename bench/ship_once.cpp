// SPDX-License-Identifier: BSL-1.0
//
// Ticks end to end for a profiler that is to see nothing else: neither recording nor waiting for
// the last acknowledgement. It is told through a pipe when to begin and when to stop, as `perf
// record --control fifo:PIPE` wants it. Prints the shortest tick, in ns a line.
//
//   ship_once SERIES TICKS PIPE [tick]      `tick`: reducing and formatting alone
#include "shipped.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace {

class profiler {
public:
    explicit profiler(const char* pipe) : pipe_{::open(pipe, O_WRONLY | O_CLOEXEC)} {
        if (pipe_ < 0) {
            throw std::runtime_error{std::string{"no such pipe: "} + pipe};
        }
    }
    profiler(const profiler&) = delete;
    profiler& operator=(const profiler&) = delete;
    ~profiler() { ::close(pipe_); }

    void begin() { tell("enable\n"); }
    void stop() { tell("disable\n"); }

private:
    // It has read the word soon, but says so to nobody.
    void tell(std::string_view word) {
        if (::write(pipe_, word.data(), word.size()) != static_cast<ssize_t>(word.size())) {
            throw std::runtime_error{"the profiler has gone"};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }

    int pipe_;
};

template <class System>
void run(System system, int ticks, profiler& seen) {
    using clock = std::chrono::steady_clock;
    double least = 1e9;
    for (int n = 0; n < ticks; ++n) {
        system->settle();
        system->record(10);
        seen.begin();
        const clock::time_point begin = clock::now();
        const std::size_t lines = system->tick().lines;
        const std::chrono::duration<double, std::nano> time = clock::now() - begin;
        seen.stop();
        least = std::min(least, time.count() / static_cast<double>(lines));
    }
    std::printf("%.1f\n", least);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace backends;
    if (argc < 4) {
        std::fprintf(stderr, "usage: ship_once SERIES TICKS PIPE [tick]\n");
        return 2;
    }
    const std::size_t series = std::strtoul(argv[1], nullptr, 10);
    const int ticks = std::atoi(argv[2]);
    profiler seen{argv[3]};
    if (argc > 4) {
        run(std::make_unique<::bench::ours<double_cell, average, graphite_plaintext>>(series),
            ticks, seen);
    } else {
        run(std::make_unique<::bench::shipped_ours<double_cell, average, graphite_plaintext>>(
                series),
            ticks, seen);
    }
    return 0;
}
