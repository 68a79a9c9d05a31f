// SPDX-License-Identifier: BSL-1.0
//
// Detects a child of fork(). The child has a copy of every object but none of the threads. It
// shares the parent's file descriptors, so a write to a socket or a change of an epoll set would
// affect the parent too.
#pragma once

#include <backends/isa.hpp>

#include <utility>

#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

/// Remembers the process that made it. Thread-safe; a query costs one system call.
class fork_detector {
public:
    /// True in a child of the process that made this object.
    [[nodiscard]] bool in_child() const noexcept { return ::getpid() != owner_; }

private:
    ::pid_t owner_ = ::getpid();
};

namespace detail {

/// Owns an object, and deletes it only in the process that made it. A forked child leaks its copy:
/// a thread that the child lacks may hold the mutex or wait on the condition variable, and the
/// parent shares the epoll set. std::unique_ptr would need <memory>.
template <class T>
class owned_at_home {
public:
    owned_at_home() = default;
    explicit owned_at_home(T* made) noexcept : object_{made} {}
    owned_at_home(owned_at_home&& other) noexcept
        : process_{other.process_}, object_{std::exchange(other.object_, nullptr)} {}
    owned_at_home& operator=(owned_at_home&& other) noexcept {
        std::swap(process_, other.process_);
        std::swap(object_, other.object_);
        return *this;
    }
    ~owned_at_home() {
        if (object_ != nullptr && !process_.in_child()) {
            delete object_;
        }
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }

private:
    fork_detector process_;
    T* object_ = nullptr;
};

}  // namespace detail

}  // namespace backends
