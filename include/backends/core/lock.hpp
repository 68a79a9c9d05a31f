// SPDX-License-Identifier: BSL-1.0
//
// A mutex of POSIX, because <mutex> and <atomic> would make up a sixth of what it costs to include
// a host.
#pragma once

#include <backends/isa.hpp>

#include <pthread.h>

namespace backends::inline BACKENDS_ISA::detail {

class mutex {
public:
    mutex() = default;
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;
    ~mutex() = default;

private:
    friend class lock;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wzero-as-null-pointer-constant"  // glibc writes it with zeros
    pthread_mutex_t native_ = PTHREAD_MUTEX_INITIALIZER;
#pragma GCC diagnostic pop
};

class lock {
public:
    explicit lock(mutex& m) noexcept : mutex_{m.native_} { pthread_mutex_lock(&mutex_); }
    lock(const lock&) = delete;
    lock& operator=(const lock&) = delete;
    ~lock() { pthread_mutex_unlock(&mutex_); }

private:
    friend class condition;
    pthread_mutex_t& mutex_;
};

}  // namespace backends::detail
