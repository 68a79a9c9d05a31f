// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/random.hpp>
#include <backends/queue/overflow.hpp>
#include <backends/testing/delivery_archetypes.hpp>
#include <backends/testing/manual_clock.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

namespace static_policies {

using namespace backends;

static_assert(confirmation<confirm::written>);
static_assert(confirmation<confirm::acked>);
static_assert(confirmation<confirm::acked_replay<>>);
static_assert(confirmation<confirm::epoch<>>);
static_assert(confirmation<testing::confirmation_archetype>);
static_assert(overflow_policy<drop_oldest> && overflow_policy<drop_newest>);
static_assert(overflow_policy<testing::overflow_policy_archetype>);
static_assert(backoff_policy<full_jitter>);
static_assert(backoff_policy<testing::backoff_policy_archetype, testing::random_source_archetype>);
static_assert(random_source<split_mix> && random_source<testing::random_source_archetype>);

// What a transport must prove for a level to be true.
static_assert(detail::needed_evidence<confirm::written>() == evidence::none);
static_assert(detail::needed_evidence<confirm::acked>() == evidence::kernel);
static_assert(detail::needed_evidence<confirm::acked_replay<>>() == evidence::kernel);
static_assert(detail::needed_evidence<confirm::epoch<>>() == evidence::kernel);
struct said_yes : confirm::acked {
    static constexpr evidence needs = evidence::application;
};
static_assert(detail::needed_evidence<said_yes>() == evidence::application);

// A transport need not copy what a level keeps. Who derives from such a level has not said so.
static_assert(!detail::keeps_unacknowledged<confirm::written>);
static_assert(detail::keeps_unacknowledged<confirm::acked>);
static_assert(detail::keeps_unacknowledged<confirm::acked_replay<>>);
static_assert(detail::keeps_unacknowledged<confirm::epoch<>>);
static_assert(!detail::keeps_unacknowledged<said_yes>);

// Each thing that is missing is enough not to be a model.
struct no_name {
    static constexpr std::size_t holds = 0;
    static std::uint64_t confirmed(const progress&) noexcept { return 0; }
    static std::uint64_t remaining(const progress&) noexcept { return unbounded; }
};
static_assert(!confirmation<no_name>);

struct no_bound : no_name {
    static constexpr std::string_view name = "no bound";

private:
    static constexpr std::size_t holds = 0;
};
static_assert(!confirmation<no_bound>);

struct may_throw : no_name {
    static constexpr std::string_view name = "may throw";
    static std::uint64_t confirmed(const progress&) { return 0; }
};
static_assert(!confirmation<may_throw>);

struct confirms_an_int : no_name {
    static constexpr std::string_view name = "confirms an int";
    static int confirmed(const progress&) noexcept { return 0; }
};
static_assert(!confirmation<confirms_an_int>);

struct no_trim {
    static constexpr std::string_view name = "no trim";
    static amount make_room(line_queue&, std::size_t) noexcept { return {}; }
};
static_assert(!overflow_policy<no_trim>);

struct throwing_trim : no_trim {
    static amount trim(line_queue&, std::size_t) { return {}; }
};
static_assert(!overflow_policy<throwing_trim>);

struct no_reset {
    no_reset(nanoseconds, nanoseconds) {}
    nanoseconds next(split_mix&) noexcept { return {}; }
};
static_assert(!backoff_policy<no_reset>);

struct no_bounds {
    nanoseconds next(split_mix&) noexcept { return {}; }
    void reset() noexcept {}
};
static_assert(!backoff_policy<no_bounds>);

// The standard library's engines may throw, as far as their signatures go, and need not give 64
// bits.
static_assert(!random_source<std::mt19937_64>);
static_assert(!random_source<std::minstd_rand>);
static_assert(!random_source<std::uint64_t (*)()>);

// What is chosen at compile time costs nothing to ask.
static_assert(confirm::acked::confirmed({.written = 10, .unacknowledged = 4}) == 6);
static_assert(confirm::epoch<10>::remaining({.written = 4}) == 6);
static_assert(split_mix{1}() != split_mix{2}());
constexpr bool the_clocks_move_together() {
    testing::manual_clock clock{100};
    const instant before = clock.steady_now();
    clock.advance(milliseconds(1500));
    bool good = clock.system_now() == 101 && clock.steady_now() == before + milliseconds(1500);
    clock.set_system(-5);
    clock.advance(milliseconds(-0));
    good = good && clock.system_now() == -5 && clock.steady_now() == before + milliseconds(1500);
    clock.advance_to(before);
    clock.advance_to(before + seconds{2});
    return good && clock.system_now() == -5 && clock.steady_now() == before + seconds{2};
}
static_assert(the_clocks_move_together());

}  // namespace static_policies
