// SPDX-License-Identifier: BSL-1.0
//
// The hooks that an observer may have. A member with a hook's name must be that hook: one that
// takes other arguments, or may throw, does not compile. Neither do the likely misspellings of
// hooks. C++20 cannot list the other members of a class.
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

// has_HOOK: there is a member of that name. calls_HOOK: the library can call it.
#define BACKENDS_HOOK(hook, ...)                   \
    BACKENDS_MEMBER_NAME(hook);                    \
    template <class Observer>                      \
    concept calls_##hook = requires(Observer& o) { \
        { o.hook(__VA_ARGS__) } noexcept;          \
    }

BACKENDS_HOOK(on_tick, any<const counters>());
BACKENDS_HOOK(on_connected, any<const destination>());
BACKENDS_HOOK(on_failure, any<const destination>(), std::error_code{});
BACKENDS_HOOK(on_reply, any<const destination>(), std::string_view{});
BACKENDS_HOOK(on_dropped, drop_reason{}, amount{});
BACKENDS_HOOK(on_restored, amount{}, std::uint64_t{});
BACKENDS_HOOK(on_spool_failure, std::error_code{});
BACKENDS_HOOK(on_refused_series, std::string_view{}, std::string_view{}, std::error_code{});
BACKENDS_HOOK(on_merged_name, std::string_view{}, std::string_view{});
BACKENDS_HOOK(on_postponed, std::string_view{}, std::error_code{});
BACKENDS_HOOK(on_refused_rows, std::string_view{}, std::uint64_t{});
BACKENDS_HOOK(on_clock_steps, std::string_view{}, std::uint64_t{});
BACKENDS_HOOK(on_overrun, std::string_view{}, std::uint64_t{});
BACKENDS_HOOK(on_not_finite, std::string_view{}, std::uint64_t{});
BACKENDS_HOOK(on_missed_ticks, std::uint64_t{});
BACKENDS_HOOK(on_stamp_step, seconds{});

BACKENDS_MEMBER_NAME(on_error);
BACKENDS_MEMBER_NAME(on_failed);
BACKENDS_MEMBER_NAME(on_connect);
BACKENDS_MEMBER_NAME(on_disconnected);
BACKENDS_MEMBER_NAME(on_drop);
BACKENDS_MEMBER_NAME(on_cycle);
BACKENDS_MEMBER_NAME(on_refused);
BACKENDS_MEMBER_NAME(on_merged);

#undef BACKENDS_HOOK

template <class Observer>
inline constexpr bool has_a_hook =
    has_on_tick<Observer> || has_on_connected<Observer> || has_on_failure<Observer> ||
    has_on_reply<Observer> || has_on_dropped<Observer> || has_on_restored<Observer> ||
    has_on_spool_failure<Observer> || has_on_refused_series<Observer> ||
    has_on_merged_name<Observer> || has_on_postponed<Observer> || has_on_overrun<Observer> ||
    has_on_not_finite<Observer> || has_on_missed_ticks<Observer> || has_on_stamp_step<Observer> ||
    has_on_refused_rows<Observer> || has_on_clock_steps<Observer>;

template <class Observer>
inline constexpr bool has_a_near_miss =
    has_on_error<Observer> || has_on_failed<Observer> || has_on_connect<Observer> ||
    has_on_disconnected<Observer> || has_on_drop<Observer> || has_on_cycle<Observer> ||
    has_on_refused<Observer> || has_on_merged<Observer>;

/// True, or a compile error that says which hook is wrong.
template <class Observer>
consteval bool is_observer() {
    static_assert(std::is_class_v<Observer> && !std::is_final_v<Observer>,
                  "backends: an observer is a class, and not final: its hooks are looked up in a "
                  "class derived from it");
    if constexpr (std::is_class_v<Observer> && !std::is_final_v<Observer>) {
        static_assert(
            !has_on_tick<Observer> || calls_on_tick<Observer>,
            "backends: an observer's on_tick must be noexcept and take (const counters&)");
        static_assert(!has_on_connected<Observer> || calls_on_connected<Observer>,
                      "backends: an observer's on_connected must be noexcept and take "
                      "(const destination&)");
        static_assert(!has_on_failure<Observer> || calls_on_failure<Observer>,
                      "backends: an observer's on_failure must be noexcept and take "
                      "(const destination&, std::error_code)");
        static_assert(!has_on_reply<Observer> || calls_on_reply<Observer>,
                      "backends: an observer's on_reply must be noexcept and take "
                      "(const destination&, std::string_view)");
        static_assert(!has_on_dropped<Observer> || calls_on_dropped<Observer>,
                      "backends: an observer's on_dropped must be noexcept and take "
                      "(drop_reason, amount)");
        static_assert(!has_on_restored<Observer> || calls_on_restored<Observer>,
                      "backends: an observer's on_restored must be noexcept and take "
                      "(amount, std::uint64_t)");
        static_assert(!has_on_spool_failure<Observer> || calls_on_spool_failure<Observer>,
                      "backends: an observer's on_spool_failure must be noexcept and take "
                      "(std::error_code)");
        static_assert(!has_on_refused_series<Observer> || calls_on_refused_series<Observer>,
                      "backends: an observer's on_refused_series must be noexcept and take "
                      "(std::string_view, std::string_view, std::error_code)");
        static_assert(!has_on_merged_name<Observer> || calls_on_merged_name<Observer>,
                      "backends: an observer's on_merged_name must be noexcept and take "
                      "(std::string_view, std::string_view)");
        static_assert(!has_on_postponed<Observer> || calls_on_postponed<Observer>,
                      "backends: an observer's on_postponed must be noexcept and take "
                      "(std::string_view, std::error_code)");
        static_assert(!has_on_refused_rows<Observer> || calls_on_refused_rows<Observer>,
                      "backends: an observer's on_refused_rows must be noexcept and take "
                      "(std::string_view, std::uint64_t)");
        static_assert(!has_on_clock_steps<Observer> || calls_on_clock_steps<Observer>,
                      "backends: an observer's on_clock_steps must be noexcept and take "
                      "(std::string_view, std::uint64_t)");
        static_assert(!has_on_overrun<Observer> || calls_on_overrun<Observer>,
                      "backends: an observer's on_overrun must be noexcept and take "
                      "(std::string_view, std::uint64_t)");
        static_assert(!has_on_not_finite<Observer> || calls_on_not_finite<Observer>,
                      "backends: an observer's on_not_finite must be noexcept and take "
                      "(std::string_view, std::uint64_t)");
        static_assert(!has_on_missed_ticks<Observer> || calls_on_missed_ticks<Observer>,
                      "backends: an observer's on_missed_ticks must be noexcept and take "
                      "(std::uint64_t)");
        static_assert(!has_on_stamp_step<Observer> || calls_on_stamp_step<Observer>,
                      "backends: an observer's on_stamp_step must be noexcept and take "
                      "(seconds)");
        static_assert(!has_a_near_miss<Observer>,
                      "backends: on_error, on_failed and on_disconnected are no hooks, on_failure "
                      "is; nor are on_connect, on_drop, on_cycle, on_refused and on_merged, but "
                      "on_connected, on_dropped, on_tick, on_refused_series and on_merged_name");
        static_assert(std::is_same_v<Observer, no_observer> || has_a_hook<Observer>,
                      "backends: this observer has no hook, so it sees nothing; is a name "
                      "misspelt? no_observer is for those who want to see nothing");
    }
    return true;
}

}  // namespace detail

/// Hooks into an exporter: a class with any subset of them, each noexcept; see
/// docs/concepts/observer.md.
template <class T>
concept observer = std::is_class_v<T> && detail::is_observer<T>();

}  // namespace backends
