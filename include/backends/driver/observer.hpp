// SPDX-License-Identifier: BSL-1.0
//
// The observer concept: hooks into an exporter, for logs and tests. An observer has any subset of
// them; a missing hook costs nothing. A member with a hook's name must be that hook: one that takes
// other arguments, or may throw, does not compile. Neither do the likely misspellings of hooks.
// C++20 cannot list the other members of a class. The thread that drives the exporter calls them.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/member_name.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/destination.hpp>

#include <cstdint>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// An observer without hooks.
struct no_observer {};

namespace detail {

template <class T>
T& any() noexcept;

// Declares the hook on_EVENT:
// - has_on_EVENT<Observer>     there is a member of that name
// - calls_on_EVENT<Observer>   the library can call it
// - hears_EVENT<Observer>()    the same as has_on_EVENT, or a compile error that says what is wrong
// - observe::EVENT(observer, arguments...)  calls the hook, where there is one
#define BACKENDS_HOOK(event, takes, ...)                                                         \
    BACKENDS_MEMBER_NAME(on_##event);                                                            \
    template <class Observer>                                                                    \
    concept calls_on_##event = requires(Observer& o) {                                           \
        { o.on_##event(__VA_ARGS__) } noexcept;                                                  \
    };                                                                                           \
    template <class Observer>                                                                    \
    consteval bool hears_##event() {                                                             \
        static_assert(!has_on_##event<Observer> || calls_on_##event<Observer>,                   \
                      "backends: an observer's on_" #event " must be noexcept and take " takes); \
        return has_on_##event<Observer>;                                                         \
    }                                                                                            \
    namespace observe {                                                                          \
    template <class Observer, class... Arguments>                                                \
    void event(Observer& o, const Arguments&... what) noexcept {                                 \
        if constexpr (has_on_##event<Observer>) {                                                \
            o.on_##event(what...);                                                               \
        }                                                                                        \
    }                                                                                            \
    }

BACKENDS_HOOK(tick, "(const counters&)", any<const counters>())
BACKENDS_HOOK(connected, "(const destination&)", any<const destination>())
BACKENDS_HOOK(failure, "(const destination&, std::error_code)", any<const destination>(),
              std::error_code{})
BACKENDS_HOOK(reply, "(const destination&, std::string_view)", any<const destination>(),
              std::string_view{})
BACKENDS_HOOK(dropped, "(drop_reason, amount)", drop_reason{}, amount{})
BACKENDS_HOOK(restored, "(amount, std::uint64_t)", amount{}, std::uint64_t{})
BACKENDS_HOOK(spool_failure, "(std::error_code)", std::error_code{})
BACKENDS_HOOK(refused_series, "(std::string_view, std::string_view, std::error_code)",
              std::string_view{}, std::string_view{}, std::error_code{})
BACKENDS_HOOK(merged_name, "(std::string_view, std::string_view)", std::string_view{},
              std::string_view{})
BACKENDS_HOOK(postponed, "(std::string_view, std::error_code)", std::string_view{},
              std::error_code{})
BACKENDS_HOOK(refused_rows, "(std::string_view, std::uint64_t)", std::string_view{},
              std::uint64_t{})
BACKENDS_HOOK(clock_steps, "(std::string_view, std::uint64_t)", std::string_view{}, std::uint64_t{})
BACKENDS_HOOK(folded, "(std::string_view, std::uint64_t)", std::string_view{}, std::uint64_t{})
BACKENDS_HOOK(overrun, "(std::string_view, std::uint64_t)", std::string_view{}, std::uint64_t{})
BACKENDS_HOOK(not_finite, "(std::string_view, std::uint64_t)", std::string_view{}, std::uint64_t{})
BACKENDS_HOOK(missed_ticks, "(std::uint64_t)", std::uint64_t{})
BACKENDS_HOOK(stamp_step, "(seconds)", seconds{})

#undef BACKENDS_HOOK

namespace observe {
/// Whether an observer wants to see receivers' replies.
template <class Observer>
inline constexpr bool sees_replies = has_on_reply<Observer>;
}  // namespace observe

BACKENDS_MEMBER_NAME(on_error);
BACKENDS_MEMBER_NAME(on_failed);
BACKENDS_MEMBER_NAME(on_connect);
BACKENDS_MEMBER_NAME(on_disconnected);
BACKENDS_MEMBER_NAME(on_drop);
BACKENDS_MEMBER_NAME(on_cycle);
BACKENDS_MEMBER_NAME(on_refused);
BACKENDS_MEMBER_NAME(on_merged);

template <class O>
inline constexpr bool has_a_hook =
    hears_tick<O>() || hears_connected<O>() || hears_failure<O>() || hears_reply<O>() ||
    hears_dropped<O>() || hears_restored<O>() || hears_spool_failure<O>() ||
    hears_refused_series<O>() || hears_merged_name<O>() || hears_postponed<O>() ||
    hears_refused_rows<O>() || hears_clock_steps<O>() || hears_folded<O>() || hears_overrun<O>() ||
    hears_not_finite<O>() || hears_missed_ticks<O>() || hears_stamp_step<O>();

template <class O>
inline constexpr bool has_a_near_miss =
    has_on_error<O> || has_on_failed<O> || has_on_connect<O> || has_on_disconnected<O> ||
    has_on_drop<O> || has_on_cycle<O> || has_on_refused<O> || has_on_merged<O>;

/// True, or a compile error that says which hook is wrong.
template <class Observer>
consteval bool is_observer() {
    static_assert(std::is_class_v<Observer> && !std::is_final_v<Observer>,
                  "backends: an observer is a class, and not final: its hooks are looked up in a "
                  "class derived from it");
    if constexpr (std::is_class_v<Observer> && !std::is_final_v<Observer>) {
        static_assert(!has_a_near_miss<Observer>,
                      "backends: on_error, on_failed and on_disconnected are no hooks, on_failure "
                      "is; nor are on_connect, on_drop, on_cycle, on_refused and on_merged, but "
                      "on_connected, on_dropped, on_tick, on_refused_series and on_merged_name");
        static_assert(has_a_hook<Observer> || std::is_same_v<Observer, no_observer>,
                      "backends: this observer has no hook, so it sees nothing; is a name "
                      "misspelt? no_observer is for those who want to see nothing");
    }
    return true;
}

}  // namespace detail

/// Hooks into an exporter: a class with any subset of them, each noexcept; see
/// docs/concepts/observer.md. A chart with labels is called `id;name=value`.
///
/// - `on_tick(const counters&)`  a cycle has run
/// - `on_connected(const destination&)`  a connection is established
/// - `on_failure(const destination&, std::error_code)`  once for each of counters::failures: a
///   look-up, connect, write or read failed or took too long, a name has no address, or the peer
///   ended a connection with lines in flight
/// - `on_reply(const destination&, std::string_view)`  the start of one reply line, at most 120
///   bytes, unescaped
/// - `on_dropped(drop_reason, amount)`  the exporter gave up lines
/// - `on_restored(amount, std::uint64_t)`  the spool held lines of an earlier run, or this many
///   records that were torn or altered and are left out; once, during the exporter's construction
/// - `on_spool_failure(std::error_code)`  accepted lines could not be written to disk; delivery
///   goes on without the spool
/// - `on_refused_series(chart, dimension, std::error_code)`  the format cannot express this series;
///   it is not exported
/// - `on_merged_name(chart, dimension)`  another series has the same safe name; both are exported
/// - `on_postponed(chart, std::error_code)`  this chart could not be registered, mostly for lack of
///   memory; the next cycle tries again
/// - `on_refused_rows(chart, std::uint64_t)`  since the last cycle the chart refused this many
///   rows, each a second one in its slot, a late one, or one with a time to come
/// - `on_clock_steps(chart, std::uint64_t)`  since the last cycle the chart found the clock set
///   back this many times; its rows continue in the next slots
/// - `on_folded(family, std::uint64_t)`  since the last cycle this family had no room for so many
///   look-ups, which got its series of `other`; the family is "" for those that have ended
/// - `on_overrun(chart, std::uint64_t)`  the chart's ring overwrote this many samples before a
///   cycle came
/// - `on_not_finite(chart, std::uint64_t)`  this many of the chart's values were not sent, because
///   they are not finite or stamped before 1970
/// - `on_missed_ticks(std::uint64_t)`  this many cycles were due before this one and did not run;
///   this one exports their samples
/// - `on_stamp_step(seconds)`  the system's clock was set by this much, forward or back, and the
///   stamps follow it
template <class T>
concept observer = std::is_class_v<T> && detail::is_observer<T>();

namespace observe = detail::observe;

}  // namespace backends
