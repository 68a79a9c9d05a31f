// SPDX-License-Identifier: BSL-1.0
#include <backends/driver/shipping.hpp>

#include <backends/transport/memory.hpp>

#include "catch.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace backends;

struct seen {
    std::vector<std::error_code> failures;
    std::vector<amount> rejected;
};
struct watching {
    seen* all = nullptr;
    void on_failure(const destination&, std::error_code why) noexcept {
        all->failures.push_back(why);
    }
    void on_dropped(drop_reason why, amount lines) noexcept {
        if (why == drop_reason::rejected) {
            all->rejected.push_back(lines);
        }
    }
};
struct watched : default_policies {
    using observer = watching;
};

/// A driver whose receiver's program answers.
struct answered {
    seen all;
    std::shared_ptr<memory_peer> peer = std::make_shared<memory_peer>();
    shipping<basic_memory<evidence::application>, watched> driver{
        basic_memory<evidence::application>{peer}, parse_destinations("here", 1),
        delivery_options{}, watching{&all}};
    instant now{1'000'000'000};

    void put(std::string_view lines) {
        std::copy(lines.begin(), lines.end(), driver.lines().reserve(lines.size()));
        driver.lines().commit(
            lines.size(), static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')));
        driver.lines().end_batch(now);
        driver.step(now);
    }
    const delivery_counters& counters() { return driver.lines().counters(); }
};

TEST_CASE("an answer is noticed when it is read, not at the next question") {
    answered a;
    a.peer->with([](auto& p) { p.unacknowledged = 4; });
    a.put("one\n");
    CHECK(a.counters().in_flight == amount{1, 4});
    a.peer->with([](auto& p) { p.unacknowledged = 0; });
    a.driver.step(a.now);
    CHECK(a.counters().confirmed == amount{1, 4});
}

TEST_CASE("refused lines are dropped, and the observer is told") {
    answered a;
    a.peer->with([](auto& p) { p.unacknowledged = 8; });
    a.put("one\ntwo\n");
    a.peer->with([](auto& p) { p.refused = 4; });
    a.driver.step(a.now);
    CHECK(a.counters().dropped_for(drop_reason::rejected) == amount{1, 4});
    CHECK(a.counters().in_flight == amount{1, 4});
    CHECK(a.all.rejected == std::vector{amount{1, 4}});
    CHECK(a.all.failures.empty());
    CHECK(a.counters().connections == 1);
}

TEST_CASE("a receiver without time is asked again after the delay that it wants") {
    answered a;
    a.peer->with([](auto& p) { p.unacknowledged = 4; });
    a.put("one\n");
    a.peer->with([](auto& p) {
        p.not_now = true;
        p.delay = seconds{90};
    });
    CHECK(a.driver.step(a.now) == a.now + seconds{90});
    CHECK(a.all.failures == std::vector{make_error_code(errc::not_now)});
    CHECK(a.counters().queued == amount{1, 4});
    a.driver.step(a.now + seconds{90});
    CHECK(a.counters().connections == 2);
    CHECK(a.counters().confirmed == amount{1, 4});
}

}  // namespace
