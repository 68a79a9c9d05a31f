// SPDX-License-Identifier: BSL-1.0
//
// One file descriptor for a connection, a timer and a doorbell: it is readable when one of them has
// something to tell, so any event loop can wait for it. Linux's epoll makes this possible.
#pragma once

#if !defined(__linux__)
#error "backends: a transport runs on an executor on Linux only; elsewhere start() and poll() do"
#endif

#include <backends/core/as.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/poll_reactor.hpp>

#include <array>
#include <cerrno>
#include <cstdint>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Closes a file descriptor. -1: none.
class owned_descriptor {
public:
    /// Throws std::system_error, which names `what`, for -1.
    owned_descriptor(int fd, const char* what) : fd_{fd} {
        if (fd < 0) {
            fail_to_wait(what);
        }
    }
    owned_descriptor(const owned_descriptor&) = delete;
    owned_descriptor& operator=(const owned_descriptor&) = delete;
    ~owned_descriptor() { ::close(fd_); }

    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

/// Not thread-safe, except for ring(). Throws std::system_error when no file descriptor is left.
class epoll_set {
public:
    epoll_set() {
        add(bell_.descriptor(), EPOLLIN);
        add(timer_.get(), EPOLLIN);
    }

    [[nodiscard]] int descriptor() const noexcept { return set_.get(); }

    /// Tells once when `fd` becomes readable or writable, as asked for. Replaces what was asked for
    /// before. Throws std::system_error when the kernel has no memory.
    void watch(int fd, bool readable, bool writable) {
        if (fd < 0 || (!readable && !writable)) {
            unwatch();
            return;
        }
        // Once: an error of the connection is told always, and would be told for ever.
        const std::uint32_t what =
            (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U) | EPOLLONESHOT;
        if (watched_ != fd) {
            unwatch();
        }
        epoll_event event{what, {}};
        if (::epoll_ctl(set_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
            add(fd, what);
        }
        watched_ = fd;
    }
    /// Watches none. A descriptor that its owner has closed already is no error.
    void unwatch() noexcept {
        if (watched_ >= 0) {
            ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, watched_, nullptr);
            watched_ = -1;
        }
    }

    /// Tells at `until`, of the steady clock, unless it does so earlier already.
    void ring_at(instant until) noexcept {
        if (until >= until_) {
            return;
        }
        until_ = until;
        // Not an absolute time: a library that pretends another time of day would shift it.
        constexpr std::int64_t second = 1'000'000'000;
        const std::int64_t left = (until - monotonic_now()).value;
        const std::int64_t ns = left < 1 ? 1 : left;
        itimerspec in{};
        in.it_value.tv_sec = as<time_t>(ns / second);
        in.it_value.tv_nsec = as<long>(ns % second);
        ::timerfd_settime(timer_.get(), 0, &in, nullptr);
    }

    /// Tells now. Any thread. Needs no memory.
    void ring() noexcept { bell_.ring(); }

    /// Takes what was told, so that the descriptor is readable again for new events only.
    void collect() noexcept {
        std::array<epoll_event, 3> events{};
        ::epoll_wait(set_.get(), events.data(), as<int>(events.size()), 0);
        bell_.answer();
        std::uint64_t times = 0;
        if (::read(timer_.get(), &times, sizeof times) > 0) {
            until_ = instant::never();
        }
    }

private:
    void add(int fd, std::uint32_t what) {
        epoll_event event{what, {}};
        if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
            fail_to_wait("epoll_ctl");
        }
    }

    owned_descriptor set_{::epoll_create1(EPOLL_CLOEXEC), "epoll"};
    owned_descriptor timer_{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
                            "timerfd"};
    doorbell bell_;
    instant until_ = instant::never();
    int watched_ = -1;
};

}  // namespace backends::detail
