// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. An owning file descriptor, and the few calls that a spool makes; they return errors
// as std::error_code. POSIX.
#pragma once

#include <backends/isa.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

inline std::error_code last_error() noexcept { return {errno, std::system_category()}; }

/// While it lives, a file at the limit of its size (ulimit -f, LimitFSIZE=) is like a full disk:
/// the error EFBIG. For this thread it blocks the signal that would end the process, and removes it
/// if it came meanwhile.
class size_signal_blocked {
public:
    size_signal_blocked() noexcept {
        sigset_t pending{};
        ::sigpending(&pending);
        was_pending_ = ::sigismember(&pending, SIGXFSZ) == 1;
        ::sigemptyset(&signal_);
        ::sigaddset(&signal_, SIGXFSZ);
        ::pthread_sigmask(SIG_BLOCK, &signal_, &before_);
    }
    size_signal_blocked(const size_signal_blocked&) = delete;
    size_signal_blocked& operator=(const size_signal_blocked&) = delete;
    ~size_signal_blocked() {
        const int error = errno;
        sigset_t pending{};
        ::sigpending(&pending);
        if (!was_pending_ && ::sigismember(&pending, SIGXFSZ) == 1) {
            int taken = 0;
            ::sigwait(&signal_, &taken);
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }

private:
    sigset_t signal_{};
    sigset_t before_{};
    bool was_pending_ = false;
};

class file {
public:
    file() noexcept = default;
    /// Opens `name` within a folder, or within the working folder. Child programs do not inherit
    /// it, and a new file is accessible to this user only. Check with is_open().
    static file open(const char* name, int flags, int folder = AT_FDCWD) noexcept {
        file f;
        do {
            f.fd_ = ::openat(folder, name, flags | O_CLOEXEC | O_NONBLOCK, 0600);
        } while (f.fd_ < 0 && errno == EINTR);
        return f;
    }
    file(file&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    file& operator=(file&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~file() {
        if (is_open()) {
            ::close(fd_);
        }
    }

    [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int number() const noexcept { return fd_; }
    /// False for a folder, device or pipe; those may never end.
    [[nodiscard]] bool is_regular() const noexcept {
        struct stat about{};
        return ::fstat(fd_, &about) == 0 && S_ISREG(about.st_mode);
    }

    /// Writes all of the parts, and modifies them.
    [[nodiscard]] std::error_code write(std::span<iovec> parts) noexcept {
        const size_signal_blocked blocked;
        while (!parts.empty()) {
            const ssize_t n = ::writev(fd_, parts.data(), static_cast<int>(parts.size()));
            if (n < 0 && errno != EINTR) {
                return last_error();
            }
            for (auto rest = static_cast<std::size_t>(n < 0 ? 0 : n); !parts.empty();) {
                iovec& part = parts.front();
                if (rest < part.iov_len) {
                    part.iov_base = static_cast<char*>(part.iov_base) + rest;
                    part.iov_len -= rest;
                    break;
                }
                rest -= part.iov_len;
                parts = parts.subspan(1);
            }
        }
        return {};
    }

    /// Makes the written bytes survive a loss of power.
    [[nodiscard]] std::error_code sync() noexcept {
        return ::fdatasync(fd_) == 0 ? std::error_code{} : last_error();
    }

    /// Reads everything from the current position on.
    [[nodiscard]] std::error_code read_all(std::string& out) {
        constexpr std::size_t step = std::size_t{64} << 10U;
        for (;;) {
            const std::size_t had = out.size();
            out.resize(had + step);
            const ssize_t n = ::read(fd_, out.data() + had, step);
            out.resize(had + static_cast<std::size_t>(n > 0 ? n : 0));
            if (n == 0) {
                return {};
            }
            if (n < 0 && errno != EINTR) {
                return last_error();
            }
        }
    }

private:
    int fd_ = -1;
};

}  // namespace backends::detail
