// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/thread_number.hpp>

#include "catch.hpp"

#include <cstdint>
#include <set>
#include <thread>
#include <vector>

namespace detail = backends::detail;

namespace {

/// What `f` gives on a thread of its own.
template <class F>
auto on_a_thread(F f) {
    decltype(f()) result{};
    std::thread{[&] { result = f(); }}.join();
    return result;
}

std::uint32_t number_seen_by_a_late_destructor = 99;

}  // namespace

TEST_CASE("a thread has no number before its first use, then one that stays") {
    const auto seen = on_a_thread([] {
        std::vector<std::uint32_t> all{detail::thread_number()};
        all.push_back(detail::claim_thread_number());
        all.push_back(detail::claim_thread_number());
        all.push_back(detail::thread_number());
        return all;
    });
    REQUIRE(seen[0] == 0);
    REQUIRE(seen[1] != 0);
    REQUIRE(seen[2] == seen[1]);
    REQUIRE(seen[3] == seen[1]);
}

TEST_CASE("the number of a thread that has ended is used again") {
    std::set<std::uint32_t> numbers;
    for (int n = 0; n < 200; ++n) {
        numbers.insert(on_a_thread([] { return detail::claim_thread_number(); }));
    }
    REQUIRE(numbers.size() == 1);
    REQUIRE(!numbers.contains(0));
}

TEST_CASE("threads that live at once have different numbers") {
    const std::uint32_t mine = detail::claim_thread_number();
    REQUIRE(mine != 0);
    REQUIRE(on_a_thread([] { return detail::claim_thread_number(); }) != mine);
}

TEST_CASE("with all numbers taken a thread has none, until one is given back") {
    std::vector<std::uint32_t> taken;
    for (std::uint32_t n = detail::take_thread_number(); n != 0; n = detail::take_thread_number()) {
        taken.push_back(n);
    }
    REQUIRE(taken.size() <= detail::max_thread_numbers);
    REQUIRE(on_a_thread([] { return detail::claim_thread_number(); }) == 0);
    detail::give_back_thread_number(taken.back());
    REQUIRE(on_a_thread([] { return detail::claim_thread_number(); }) == taken.back());
    taken.pop_back();
    for (const std::uint32_t n : taken) {
        detail::give_back_thread_number(n);
    }
}

TEST_CASE("a destructor that runs behind the thread's end takes no number for ever") {
    struct late {
        late() = default;
        late(const late&) = delete;
        ~late() { number_seen_by_a_late_destructor = detail::claim_thread_number(); }
        void touch() {}
    };
    const std::uint32_t had = on_a_thread([] {
        static thread_local late one;
        one.touch();
        return detail::claim_thread_number();  // its holder is made later, and goes earlier
    });
    REQUIRE(number_seen_by_a_late_destructor == 0);
    REQUIRE(on_a_thread([] { return detail::claim_thread_number(); }) == had);
}
