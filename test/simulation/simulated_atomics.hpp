// SPDX-License-Identifier: BSL-1.0
//
// The compiler's atomic operations and a mutex, for simulated threads: before each of them another
// one may go on. instrument_mutants.py puts them into copies of the headers. An operand that is
// read without one, such as a word of a thread's own, is read before that step.
#pragma once

#include <type_traits>

namespace simulation {

// Of the program.
void step() noexcept;
void wait(const bool& what, bool value) noexcept;

template <class T>
T atomic_load_n(const T* from, int /*order*/) noexcept {
    step();
    return *from;
}
template <class T>
void atomic_load(const T* from, T* to, int /*order*/) noexcept {
    step();
    *to = *from;
}
template <class T>
void atomic_store_n(T* to, std::type_identity_t<T> value, int /*order*/) noexcept {
    step();
    *to = value;
}
template <class T>
void atomic_store(T* to, const T* from, int /*order*/) noexcept {
    step();
    *to = *from;
}
template <class T>
T atomic_exchange_n(T* at, std::type_identity_t<T> value, int /*order*/) noexcept {
    step();
    const T had = *at;
    *at = value;
    return had;
}
template <class T>
bool atomic_compare_exchange_n(T* at, T* expected, std::type_identity_t<T> value, bool /*weak*/,
                               int /*order*/, int /*otherwise*/) noexcept {
    step();
    if (*at != *expected) {
        *expected = *at;
        return false;
    }
    *at = value;
    return true;
}
template <class T>
T atomic_fetch_add(T* at, std::type_identity_t<T> n, int /*order*/) noexcept {
    step();
    const T had = *at;
    *at = had + n;
    return had;
}
template <class T>
T atomic_fetch_sub(T* at, std::type_identity_t<T> n, int /*order*/) noexcept {
    step();
    const T had = *at;
    *at = had - n;
    return had;
}
template <class T>
T atomic_fetch_or(T* at, std::type_identity_t<T> bits, int /*order*/) noexcept {
    step();
    const T had = *at;
    *at = had | bits;
    return had;
}
template <class T>
T atomic_fetch_and(T* at, std::type_identity_t<T> bits, int /*order*/) noexcept {
    step();
    const T had = *at;
    *at = had & bits;
    return had;
}

inline void acquire(bool& mutex) noexcept {
    wait(mutex, false);
    mutex = true;
}
inline void release(bool& mutex) noexcept {
    mutex = false;
    step();
}

}  // namespace simulation
