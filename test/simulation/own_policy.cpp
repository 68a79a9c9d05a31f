// SPDX-License-Identifier: BSL-1.0
//
// What docs/simulation.md shows: two policies of a user's own, one sound and one not, in the
// simulation.
//! [includes]
#include <backends/testing/run_schedule.hpp>
#include <backends/testing/shrink.hpp>
//! [includes]

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace own {

//! [policy]
/// Delivered when the peer has acknowledged it and 100 bytes after it.
struct cautious {
    static constexpr std::string_view name = "cautious";
    static constexpr std::size_t holds = 100;
    static constexpr std::uint64_t confirmed(const backends::progress& p) noexcept {
        if (p.ended) {
            return p.written;
        }
        return p.acknowledged() > holds ? p.acknowledged() - holds : 0;
    }
    static constexpr std::uint64_t remaining(const backends::progress&) noexcept {
        return backends::unbounded;
    }
};

struct cautious_policies : backends::default_policies {
    using confirmation = cautious;
};
//! [policy]

/// Believes half of what was only written.
struct hopeful : cautious {
    static constexpr std::size_t holds = 0;
    static constexpr std::uint64_t confirmed(const backends::progress& p) noexcept {
        return p.acknowledged() + p.unacknowledged / 2;
    }
};
struct hopeful_policies : backends::default_policies {
    using confirmation = hopeful;
};

//! [search]
/// The first broken promise in n schedules, with the shortest schedule that shows it; or nothing.
template <class Policies>
std::string broken_promise(std::uint64_t n, backends::testing::promise level) {
    using namespace backends::testing;
    schedule what;
    for (std::uint64_t seed = 1; seed <= n; ++seed) {
        what.draw(seed, Policies::confirmation::holds);
        const char* const broken = run_schedule<Policies>(what, level, 100).broken;
        if (broken != nullptr) {
            const auto steps = shrink(what, [&](const schedule& part) {
                return run_schedule<Policies>(part, level, 100).broken != nullptr;
            });
            return std::string{broken} + ", seed " + std::to_string(seed) + ": " +
                   only(what, steps).text();
        }
    }
    return {};
}
//! [search]

}  // namespace own

TEST_CASE("a sound policy keeps every promise") {
    CHECK(own::broken_promise<own::cautious_policies>(
              1000, backends::testing::promise::acknowledged) == "");
}

TEST_CASE("a policy that confirms too early is found, and a few steps show it") {
    const std::string found =
        own::broken_promise<own::hopeful_policies>(1000, backends::testing::promise::acknowledged);
    CHECK_THAT(found, StartsWith("D3 a line is confirmed that the peer's kernel does not have"));
    CHECK(found.size() < 200);
}

TEST_CASE("one seed is one run, whatever else was run before") {
    using namespace backends::testing;
    schedule what;
    for (std::uint64_t seed = 1; seed != 50; ++seed) {
        what.draw(seed, 0);
        const auto first = run_schedule<>(what).hash;
        schedule other;
        other.draw(seed + 1, 0);
        CHECK(run_schedule<>(other).hash != first);
        CHECK(run_schedule<>(what).hash == first);
    }
}

TEST_CASE("any 64 bits are a step, and every kind of step has some") {
    using namespace backends::testing;
    std::array<int, step_kinds> seen{};
    for (std::uint64_t bits = 0; bits != 256; ++bits) {
        ++seen[static_cast<std::size_t>(step_of(bits).kind)];
    }
    for (const int n : seen) {
        CHECK(n > 0);
    }
}
