// SPDX-License-Identifier: BSL-1.0
//
// A timer on an executor. On Linux it is a descriptor that becomes readable, as sockets do: Asio's
// own timers would cost the compilation of a second service and of Boost's date library.
#pragma once

#include <backends/core/as.hpp>
#include <backends/core/time.hpp>

#include <boost/asio/any_io_executor.hpp>

#if defined(__linux__)
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#else
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#endif

#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

#if defined(__linux__)

/// One wait at a time, for a time of the steady clock. Opens its file descriptor at the first wait,
/// so that a process that has not waited before a fork shares none with its child. Not thread-safe.
class deadline {
public:
    explicit deadline(const boost::asio::any_io_executor& executor) : timer_{executor} {}

    [[nodiscard]] boost::asio::any_io_executor get_executor() { return timer_.get_executor(); }

    /// Calls handler(boost::system::error_code) at that time, or when another wait or cancel() ends
    /// this one. Throws std::system_error when no file descriptor is left, std::bad_alloc when no
    /// memory is left; the earlier wait has then ended.
    template <class Handler>
    void wait(instant until, Handler handler) {
        cancel();
        set(until);
        timer_.async_wait(boost::asio::posix::stream_descriptor::wait_read, std::move(handler));
    }

    void cancel() noexcept {
        boost::system::error_code ignored;  // no wait was under way
        timer_.cancel(ignored);
    }

private:
    [[gnu::noinline]] void set(instant until) {
        if (!timer_.is_open()) {
            const int fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
            if (fd < 0) {
                fail(errno);
            }
            take(fd);
        }
        // Not an absolute time: a library that pretends another time of day would shift it.
        constexpr std::int64_t second = 1'000'000'000;
        itimerspec in{};
        if (until != instant::never()) {  // a timer that is not set never expires
            timespec now{};
            ::clock_gettime(CLOCK_MONOTONIC, &now);
            const nanoseconds left = until - instant{now.tv_sec * second + now.tv_nsec};
            const std::int64_t ns = left.value < 1 ? 1 : left.value;
            in.it_value.tv_sec = as<time_t>(ns / second);
            in.it_value.tv_nsec = as<long>(ns % second);
        }
        ::timerfd_settime(timer_.native_handle(), 0, &in, nullptr);
    }
    void take(int fd) {
        boost::system::error_code error;
        try {
            timer_.assign(fd, error);
        } catch (...) {
            ::close(fd);
            throw;
        }
        if (error) {
            ::close(fd);
            fail(error.value());
        }
    }
    [[noreturn, gnu::noinline]] static void fail(int error) {
        throw std::system_error{error, std::system_category(), "a timer"};
    }

    boost::asio::posix::stream_descriptor timer_;
};

#else

class deadline {
public:
    explicit deadline(const boost::asio::any_io_executor& executor) : timer_{executor} {}

    [[nodiscard]] boost::asio::any_io_executor get_executor() { return timer_.get_executor(); }

    template <class Handler>
    void wait(instant until, Handler handler) {
        using clock = std::chrono::steady_clock;
        timer_.expires_at(clock::time_point{
            std::chrono::duration_cast<clock::duration>(std::chrono::nanoseconds{until.ns})});
        timer_.async_wait(std::move(handler));
    }
    void cancel() noexcept { timer_.cancel(); }

private:
    boost::asio::steady_timer timer_;
};

#endif

}  // namespace backends::detail
