// SPDX-License-Identifier: BSL-1.0
//
// Instrument: a small number for each thread, from its first use until its end; numbers are used
// again. What belongs to a number goes on when its thread has ended, with the next one.
#pragma once

#include <backends/isa.hpp>

#include <bit>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Numbers are 1 to this; 0 is no number.
inline constexpr std::uint32_t max_thread_numbers = 63;

/// One bit a number. Shared libraries of a program share it, hidden symbols or not: two threads of
/// one number would write into one cell.
[[gnu::visibility("default")]] inline constinit std::uint64_t taken_thread_numbers = 1;

/// A number that nobody has, 0 when there is none. Whoever had it before wrote all of that before.
inline std::uint32_t take_thread_number() noexcept {
    std::uint64_t taken = __atomic_load_n(&taken_thread_numbers, __ATOMIC_RELAXED);
    while (taken != ~std::uint64_t{0}) {
        const auto n = static_cast<std::uint32_t>(std::countr_one(taken));
        if (__atomic_compare_exchange_n(&taken_thread_numbers, &taken,
                                        taken | std::uint64_t{1} << n, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
            return n;
        }
    }
    return 0;
}
/// Precondition: it was taken, and not given back.
inline void give_back_thread_number(std::uint32_t n) noexcept {
    __atomic_fetch_and(&taken_thread_numbers, ~(std::uint64_t{1} << n), __ATOMIC_RELEASE);
}

/// What a thread knows of itself: no constructor and no destructor, so that reading it is one load.
struct thread_state {
    std::uint32_t number = 0;
    bool has_ended = false;  ///< its destructors run: a number would never be given back
};
[[gnu::visibility("default")]] inline constinit thread_local thread_state this_thread;

/// The thread gives its number back, and records into what all share from now on.
inline void end_thread() noexcept {
    const std::uint32_t had = this_thread.number;
    this_thread = {0, true};
    if (had != 0) {
        give_back_thread_number(had);
    }
}

/// This thread's number, 0 before its first use, when all are taken, and at its end. One load where
/// the program itself is compiled, a call in a shared library.
inline std::uint32_t thread_number() noexcept { return this_thread.number; }

/// The same after a first use: takes a number if it can. Registers a destructor for the thread's
/// end. A child of fork() has the number of the thread that forked; those of its parent's other
/// threads stay taken there.
[[gnu::noinline]] inline std::uint32_t claim_thread_number() noexcept {
    struct holder {
        holder() = default;
        holder(const holder&) = delete;
        holder& operator=(const holder&) = delete;
        ~holder() { end_thread(); }
        void take() noexcept { this_thread.number = take_thread_number(); }
    };
    if (this_thread.number == 0 && !this_thread.has_ended) {
        static thread_local holder mine;
        mine.take();
    }
    return this_thread.number;
}

}  // namespace backends::detail
