// SPDX-License-Identifier: BSL-1.0
//
// Threads and conditions of POSIX: <thread>, <condition_variable> and <mutex> would make up a tenth
// of what it costs to compile a program that exports.
#pragma once

#include <backends/core/lock.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/signals.hpp>
#include <backends/core/time.hpp>
#include <backends/core/wall_clock.hpp>

#include <system_error>

#include <pthread.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Calls run(object) on a new thread, which takes no signals. `run` must not throw. Throws
/// std::system_error when the system has no thread left.
inline pthread_t start_thread(void* (*run)(void*), void* object) {
    const signals_blocked meanwhile;
    pthread_t made{};
    if (const int error = ::pthread_create(&made, nullptr, run, object); error != 0) {
        raise(std::system_error{error, std::generic_category()});
    }
    return made;
}

/// static_cast to a type that is the value's own on some machines: g++ calls that useless, but not
/// in a template.
template <class To, class From>
constexpr To converted(From value) noexcept {
    return static_cast<To>(value);
}

/// A condition variable on the steady clock. Thread-safe.
class condition {
public:
    condition() noexcept {
        pthread_condattr_t steady;
        ::pthread_condattr_init(&steady);
        ::pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        ::pthread_cond_init(&native_, &steady);
        ::pthread_condattr_destroy(&steady);
    }
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;
    ~condition() { ::pthread_cond_destroy(&native_); }

    void notify_all() noexcept { ::pthread_cond_broadcast(&native_); }

    /// Waits for notify_all(), until `end` of monotonic_clock() at the latest; may return earlier.
    void wait(lock& held, instant end) noexcept {
        timespec at{};
        at.tv_sec = converted<time_t>(end.ns / 1'000'000'000);
        at.tv_nsec = converted<long>(end.ns % 1'000'000'000);
        ::pthread_cond_timedwait(&native_, &held.mutex_, &at);
    }

private:
    pthread_cond_t native_;
};

}  // namespace backends::detail
