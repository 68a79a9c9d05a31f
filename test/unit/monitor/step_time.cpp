// SPDX-License-Identifier: BSL-1.0
#include <backends/monitor/step_time.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

using namespace backends;
using test::stepped_clock;

namespace {

/// The time of a thread that the test sets.
struct set_time {
    std::uint64_t user = 0;
    std::uint64_t system = 0;

    static inline std::uint64_t now = 0;
    static set_time of_thread() noexcept { return {now, 10 * now}; }
};

struct stepped : default_policies {
    using clock = stepped_clock;
    using observer = no_observer;
};

/// Keeps this thread's processor busy for so many microseconds.
void work(std::uint64_t microseconds) {
    const auto used = [] {
        const cpu_time now = cpu_time::of_thread();
        return now.user + now.system;
    };
    const std::uint64_t begin = used();
    while (used() - begin < microseconds) {}
}

}  // namespace

TEST_CASE("the time within steps is summed, and none between them") {
    step_time<set_time> all;
    for (int n = 0; n < 3; ++n) {
        set_time::now += 1000;
        const step_time<set_time>::step one{all};
        set_time::now += 5;
    }
    CHECK(all.sum().user == 15);
    CHECK(all.sum().system == 150);
}

TEST_CASE("parts of a microsecond are kept, and the parts are the whole") {
    for (const std::uint64_t parts : {1U, 2U, 3U, 7U, 11U, 16U}) {
        step_time<set_time> all;
        for (std::uint64_t n = 0; n < 5 * parts; ++n) {
            all.add_part({100, 1000}, {101, 1007}, parts);
        }
        CHECK(all.sum().user == 5);
        CHECK(all.sum().system == 35);
    }
    step_time<set_time> with_others;
    with_others.add_part({0, 0}, {1, 5}, 2);
    with_others.add_part({0, 0}, {1, 1}, 3);
    CHECK((with_others.sum().user == 0 && with_others.sum().system == 2));
    with_others.add_part({0, 0}, {1, 1}, 6);
    CHECK((with_others.sum().user == 1 && with_others.sum().system == 3));
}

TEST_CASE("what else the thread of an exporter does is not in backend_thread_cpu") {
    const auto peer = std::make_shared<memory_peer>();
    host h{"h"};
    auto& c = h.add("c", {"x"});
    exporter<sum, graphite_plaintext, memory, host, stepped> e{h, {.prefix = "p"}, memory{peer}};
    e.poll(stepped_clock::steady);
    for (int n = 0; n < 3; ++n) {
        work(200'000);  // 20 ms a second
        stepped_clock::steady = stepped_clock::steady + seconds{10};
        stepped_clock::wall += 10;
        CHECK(c.record(stepped_clock::wall, {1.0}));
        e.poll(stepped_clock::steady);
    }
    std::istringstream lines{peer->received()};
    std::string name;
    double value = 0;
    int seen = 0;
    double spent = 0;
    for (std::string stamp; lines >> name >> value >> stamp;) {
        if (name.find("p.backend_thread_cpu.") != std::string::npos) {
            ++seen;
            spent += value;
        }
    }
    CHECK(seen == 4);
    CHECK(spent < 10);  // of 40
}
