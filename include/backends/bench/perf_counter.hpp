// SPDX-License-Identifier: BSL-1.0
//
// Bench: the processor's own count of instructions, where the system lets a program read it.
// Virtual machines often have no such counter, and kernel.perf_event_paranoid above 2 forbids it.
#pragma once

#include <backends/isa.hpp>

#include <cerrno>
#include <cstdint>
#include <system_error>

#if defined(__linux__)
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace backends::inline BACKENDS_ISA::bench {

/// Instructions of the calling thread outside the kernel: instructions:u of perf. Used by the
/// thread that made it.
class perf_counter {
public:
#if defined(__linux__)
    perf_counter() noexcept {
        perf_event_attr what{};
        what.size = sizeof what;
        what.type = PERF_TYPE_HARDWARE;
        what.config = PERF_COUNT_HW_INSTRUCTIONS;
        what.disabled = 1;
        what.exclude_kernel = 1;
        what.exclude_hv = 1;
        file_ = static_cast<int>(::syscall(SYS_perf_event_open, &what, 0, -1, -1, 0UL));
        if (file_ < 0) {
            error_ = {errno, std::system_category()};
            return;
        }
        own_cost_ = count([] {});
    }
    perf_counter(const perf_counter&) = delete;
    perf_counter& operator=(const perf_counter&) = delete;
    ~perf_counter() {
        if (file_ >= 0) {
            ::close(file_);
        }
    }

    /// Why it cannot count; no error if it can.
    [[nodiscard]] std::error_code error() const noexcept { return error_; }

    /// The instructions that f() takes. Precondition: no error().
    template <class F>
    [[nodiscard]] std::uint64_t operator()(F f) {
        const std::uint64_t all = count(f);
        return all - (all < own_cost_ ? all : own_cost_);
    }

private:
    template <class F>
    std::uint64_t count(F f) {
        ::ioctl(file_, PERF_EVENT_IOC_RESET, 0);
        ::ioctl(file_, PERF_EVENT_IOC_ENABLE, 0);
        f();
        ::ioctl(file_, PERF_EVENT_IOC_DISABLE, 0);
        std::uint64_t counted = 0;
        if (::read(file_, &counted, sizeof counted) != static_cast<ssize_t>(sizeof counted)) {
            error_ = {errno, std::system_category()};
        }
        return counted;
    }

    int file_ = -1;
    std::uint64_t own_cost_ = 0;
    std::error_code error_;
#else
    [[nodiscard]] static std::error_code error() noexcept {
        return std::make_error_code(std::errc::function_not_supported);
    }
    template <class F>
    [[nodiscard]] std::uint64_t operator()(F f) {
        f();
        return 0;
    }
#endif
};

}  // namespace backends::bench
