// SPDX-License-Identifier: BSL-1.0
#include <backends/monitor/process.hpp>

#include "catch.hpp"

#include <cstddef>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace backends;

TEST_CASE("a reading of the process has what the process has") {
    const process_stats before = read_process_stats();
    REQUIRE(before.user_seconds + before.system_seconds > 0);
    REQUIRE(before.resident_bytes > 100'000);
    REQUIRE(before.threads >= 1);
    REQUIRE(before.page_faults > 0);
    REQUIRE(before.uptime_seconds >= 0);
    REQUIRE(before.uptime_seconds < 10'000);

    const int one = ::open("/dev/null", O_RDONLY);
    const int other = ::open("/dev/null", O_RDONLY);
    REQUIRE(read_process_stats().open_files == before.open_files + 2);
    ::close(one);
    ::close(other);

    std::vector<char> touched(std::size_t{32} << 20U, 'x');
    const process_stats after = read_process_stats();
    REQUIRE(touched[after.threads > 0 ? 1 : 0] == 'x');
    REQUIRE(after.resident_bytes > before.resident_bytes + 30'000'000);
    REQUIRE(after.page_faults > before.page_faults);
    REQUIRE(after.user_seconds + after.system_seconds >=
            before.user_seconds + before.system_seconds);

    double threads = 0;
    std::thread{[&] { threads = read_process_stats().threads; }}.join();
    REQUIRE(threads == before.threads + 1);
}

TEST_CASE("a field that is not there, or no number, is unknown") {
    REQUIRE(detail::number_at("12 x 345\n", 0) == 12);
    REQUIRE(detail::number_at("12 x 345\n", 2) == 345);
    for (const int n : {1, 3, 4}) {
        const double v = detail::number_at("12 x 345\n", n);
        REQUIRE(v != v);
    }
    REQUIRE(detail::proc_text<64>{"/proc/self/no_such_file"}.text().empty());
}

TEST_CASE("the chart of the process ends with its owner") {
    constexpr unix_seconds start = 1'700'000'000;
    host h{"h"};
    {
        const auto process = observe_process(h);
        REQUIRE(process.chart().id() == "process");
        h.sample(start);
        h.sample(start + 1);
        REQUIRE(process.chart().counters().non_finite == 0);
        REQUIRE(process.chart().recorded().samples == 12);  // four have a sample from the second on
        for (std::size_t i = 0; i < process.chart().width(); ++i) {
            REQUIRE(process.chart().collected(i).present);
        }
    }
    REQUIRE(h.size() == 0);
}
