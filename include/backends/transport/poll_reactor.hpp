// SPDX-License-Identifier: BSL-1.0
//
// Waits on the calling thread, by poll(2): for a file descriptor, a time, and a call from another
// thread. This is what an exporter on a thread of its own sleeps in; it needs no event library.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/eventfd.h>
#endif

namespace backends::inline BACKENDS_ISA::detail {

[[noreturn, gnu::noinline]] inline void fail_to_wait(const char* what) {
    throw std::system_error{errno, std::system_category(), what};
}

/// Of the system's steady clock.
inline instant monotonic_now() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return instant{now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec};
}

/// A descriptor that becomes readable when any thread calls ring(). Opens it, or throws
/// std::system_error when no file descriptor is left.
class doorbell {
public:
    doorbell() {
#if defined(__linux__)
        ends_[0] = ends_[1] = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (ends_[0] < 0) {
            fail_to_wait("eventfd");
        }
#else
        if (::pipe(ends_.data()) != 0) {
            fail_to_wait("pipe");
        }
        for (const int end : ends_) {
            ::fcntl(end, F_SETFL, O_NONBLOCK);
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
        }
#endif
    }
    doorbell(const doorbell&) = delete;
    doorbell& operator=(const doorbell&) = delete;
    ~doorbell() {
        ::close(ends_[0]);
        if (ends_[1] != ends_[0]) {
            ::close(ends_[1]);
        }
    }

    [[nodiscard]] int descriptor() const noexcept { return ends_[0]; }

    /// Any thread. Needs no memory.
    void ring() noexcept {
        constexpr std::uint64_t once = 1;
        // A full descriptor is readable already, and a descriptor of our own cannot fail otherwise.
        [[maybe_unused]] const auto written = ::write(ends_[1], &once, sizeof once);
    }
    /// Silences it, and tells whether it rang.
    bool answer() noexcept {
        std::array<std::uint64_t, 8> rings{};
        return ::read(ends_[0], rings.data(), sizeof rings) > 0;
    }

private:
    std::array<int, 2> ends_{};  // to read and to write
};

/// Not thread-safe, except for wake().
class poll_reactor {
public:
    /// Waits for `fd` from now on, no longer for another one; -1: for none. A later `until` than
    /// the present one changes nothing.
    void watch(int fd, bool readable, bool writable, instant until) noexcept {
        fd_ = readable || writable ? fd : -1;
        interest_ = static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
        until_ = detail::smaller(until_, until);
    }

    /// Leaves the waiting to a loop for several, until the next watch(): adds what it would wait
    /// for to `into`, and returns the time.
    template <class Polled>
    instant hand_over(Polled& into) {
        into.push_back(pollfd{bell_.descriptor(), POLLIN, 0});
        if (fd_ >= 0) {
            into.push_back(pollfd{fd_, interest_, 0});
        }
        fd_ = -1;
        return std::exchange(until_, instant::never());
    }

    /// Takes what has happened without waiting. True: something had.
    bool poll() noexcept { return bell_.answer(); }

    /// Returns after the first event. Throws std::system_error when the kernel has no memory.
    void wait() {
        std::array<pollfd, 2> both{{{bell_.descriptor(), POLLIN, 0}, {fd_, interest_, 0}}};
        if (::poll(both.data(), fd_ < 0 ? 1 : 2, milliseconds_left()) < 0 && errno != EINTR) {
            fail_to_wait("poll");
        }
        bell_.answer();
        fd_ = -1;
        if (left() <= 0) {
            until_ = instant::never();
        }
    }

    void wake() noexcept { bell_.ring(); }

private:
    [[nodiscard]] std::int64_t left() const noexcept { return (until_ - monotonic_now()).value; }
    /// Rounded up, so that nobody wakes before the time.
    [[nodiscard]] int milliseconds_left() const noexcept {
        if (until_ == instant::never()) {
            return -1;
        }
        constexpr std::int64_t millisecond = 1'000'000;
        const std::int64_t ns = detail::larger(left(), std::int64_t{0});
        return static_cast<int>(detail::smaller(ns / millisecond + (ns % millisecond != 0 ? 1 : 0),
                                                std::int64_t{INT_MAX}));
    }

    doorbell bell_;
    instant until_ = instant::never();
    int fd_ = -1;
    short interest_ = 0;
};

}  // namespace backends::detail
