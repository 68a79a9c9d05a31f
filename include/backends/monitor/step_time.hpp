// SPDX-License-Identifier: BSL-1.0
//
// The processor time of an exporter's steps. They may run on threads that do other work too, or on
// one thread after another, so we measure the steps and not a thread.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>

#include <sys/resource.h>
#include <time.h>

namespace backends::inline BACKENDS_ISA {

/// Microseconds of processor time.
struct cpu_time {
    std::uint64_t user = 0;    ///< in the program
    std::uint64_t system = 0;  ///< in the kernel

    /// The calling thread's time so far; 0 where the system cannot tell it for one thread. Cost: a
    /// system call, 0.2 to 1 microsecond.
    static cpu_time of_thread() noexcept {
#if defined(RUSAGE_THREAD)
        rusage used{};
        ::getrusage(RUSAGE_THREAD, &used);
        const auto microseconds = [](const timeval& t) {
            return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
                   static_cast<std::uint64_t>(t.tv_usec);
        };
        return {microseconds(used.ru_utime), microseconds(used.ru_stime)};
#else
        return {};
#endif
    }
};

/// @tparam Time  has of_thread(), such as cpu_time
template <class Time = cpu_time>
class step_time {
public:
    /// Measures from its construction to its destruction, on one thread.
    class step {
    public:
        /// `all` must outlive it.
        explicit step(step_time& all) noexcept : all_{all}, begin_{Time::of_thread()} {}
        step(const step&) = delete;
        step& operator=(const step&) = delete;
        ~step() {
            const Time end = Time::of_thread();
            all_.sum_.user += end.user - begin_.user;
            all_.sum_.system += end.system - begin_.system;
        }

    private:
        step_time& all_;
        Time begin_;
    };

    /// Adds a part, one of so many equal ones, of a step that several took together. What is less
    /// than a microsecond stays for the next one: exactly for up to 16 parts.
    void add_part(const Time& begin, const Time& end, std::uint64_t parts) noexcept {
        add(sum_.user, rest_.user, end.user - begin.user, parts);
        add(sum_.system, rest_.system, end.system - begin.system, parts);
    }

    /// The time of all steps that have ended.
    [[nodiscard]] const Time& sum() const noexcept { return sum_; }

private:
    static constexpr std::uint64_t grains = 720'720;  // a microsecond; 1 to 16 divide it

    static void add(std::uint64_t& sum, std::uint64_t& rest, std::uint64_t spent,
                    std::uint64_t parts) noexcept {
        rest += spent * grains / parts;
        sum += rest / grains;
        rest %= grains;
    }

    Time sum_;
    Time rest_;  // in grains
};

}  // namespace backends
