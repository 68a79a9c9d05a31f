// SPDX-License-Identifier: BSL-1.0
//
// Threads that one thread runs in turn. A seed says who goes on at each step: before an atomic
// access and before a lock. So a seed is an interleaving, and the same one again.
#pragma once

#include "support/sanitizers.hpp"

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <ucontext.h>

namespace simulation {

/// splitmix64
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) noexcept : state_{seed} {}

    std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
        return z ^ (z >> 31U);
    }
    /// From 0 to n - 1. Precondition: n > 0.
    std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }

private:
    std::uint64_t state_;
};

/// @tparam Local  what each thread has for itself; constructed when the thread begins
/// @tparam Swap   swap(local): exchanges it with that of the real thread
/// @tparam End    end(): what a thread does at its end
template <class Local, void (*Swap)(Local&), void (*End)()>
class simulated_threads {
    enum class state : std::uint8_t { idle, ready, waiting };

    struct thread {
        static constexpr std::size_t stack_size = std::size_t{1} << 18U;

        std::unique_ptr<char[]> stack;
        ucontext_t context{};
        std::jmp_buf place{};
        bool was_started = false;
        std::function<void()> work;
        Local local{};
        state is = state::idle;
        const bool* waits_for = nullptr;
        bool value = false;
        std::uint64_t priority = 0;
    };

public:
    using number = std::size_t;

    simulated_threads() { all_.push_back(std::make_unique<thread>()); }

    /// A thread that begins at some time. Gives its number; each has another one.
    number begin(std::function<void()> work) {
        number n = 1;
        while (n < all_.size() && all_[n]->is != state::idle) {
            ++n;
        }
        if (n == all_.size()) {
            all_.push_back(std::make_unique<thread>());
            all_[n]->stack.reset(new char[thread::stack_size]);
        }
        thread& one = *all_[n];
        one.work = std::move(work);
        one.local = {};
        one.is = state::ready;
        one.priority = random_.next() >> 1U;
        return n;
    }

    /// Runs all to their end, in the order that the seed gives.
    void run(std::uint64_t seed) {
        random_ = random_numbers{seed};
        steps_ = 0;
        hash_ = 0xcbf29ce484222325;
        style_ = random_.below(4);
        for (number n = 1; n < all_.size(); ++n) {
            all_[n]->priority = random_.next() >> 1U;
        }
        is_running_ = true;
        switch_to(choose());
        is_running_ = false;
    }

    /// Here another thread may go on.
    void step() {
        if (is_running_) {
            ++steps_;
            if (is_due()) {
                switch_to(choose());
            }
            hash_ = (hash_ ^ current_) * 0x100000001b3;
        }
    }
    /// Goes on when `what` is `value`.
    void wait(const bool& what, bool value) {
        step();
        while (what != value) {
            thread& me = *all_[current_];
            me.waits_for = &what;
            me.value = value;
            me.is = state::waiting;
            switch_to(choose());
            me.is = state::ready;
        }
    }

    /// Of the last run: equal where the same threads went on at the same steps.
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

private:
    [[nodiscard]] bool can_go_on(number n) const noexcept {
        const thread& one = *all_[n];
        return one.is == state::ready || (one.is == state::waiting && *one.waits_for == one.value);
    }
    /// At half of all steps, at few, or, by priority, where one of them has changed.
    bool is_due() noexcept {
        constexpr std::uint64_t often = 2;
        constexpr std::uint64_t rarely = 12;
        constexpr std::uint64_t changes = 24;
        if (random_.below(style_ < 2 ? often : style_ == 2 ? rarely : changes) != 0) {
            return false;
        }
        if (style_ == 3) {
            all_[current_]->priority = random_.next() >> 20U;  // behind most
        }
        return true;
    }
    /// One that can go on; number 0 where all have ended.
    number choose() {
        number chosen = 0;
        std::uint64_t seen = 0;
        bool is_stuck = false;
        for (number n = 1; n < all_.size(); ++n) {
            if (can_go_on(n)) {
                ++seen;
                const bool is_better =
                    style_ == 3 ? chosen == 0 || all_[n]->priority > all_[chosen]->priority
                                : random_.below(seen) == 0;
                chosen = is_better ? n : chosen;
            }
            is_stuck = is_stuck || all_[n]->is != state::idle;
        }
        if (chosen == 0 && is_stuck) {
            std::fputs("all threads wait\n", stderr);
            std::abort();
        }
        return chosen;
    }

    void switch_to(number n) {
        if (n == current_) {
            return;
        }
        thread& from = *all_[current_];
        thread& to = *all_[n];
        Swap(from.local);
        current_ = n;
        Swap(to.local);
        jump(from, to);
    }
    /// swapcontext() makes a system call each time, which takes longer than all else does.
    void jump(thread& from, thread& to) {
        const bool was_started = std::exchange(to.was_started, true);
        if (!was_started && to.stack != nullptr) {
            ::getcontext(&to.context);
            to.context.uc_stack.ss_sp = to.stack.get();
            to.context.uc_stack.ss_size = thread::stack_size;
            const auto self = reinterpret_cast<std::uintptr_t>(this);
            ::makecontext(&to.context, reinterpret_cast<void (*)()>(&simulated_threads::enter), 2,
                          static_cast<unsigned>(self >> 32U), static_cast<unsigned>(self));
            from.was_started = true;
            begin_or_return(from, to);
            return;
        }
#ifdef TEST_HAS_ADDRESS_SANITIZER
        ::swapcontext(&from.context, &to.context);
#else
        if (_setjmp(from.place) == 0) {
            std::longjmp(to.place, 1);
        }
#endif
    }
    static void begin_or_return(thread& from, thread& to) {
#ifdef TEST_HAS_ADDRESS_SANITIZER
        ::swapcontext(&from.context, &to.context);
#else
        if (_setjmp(from.place) == 0) {
            ::setcontext(&to.context);
        }
#endif
    }
    static void enter(unsigned high, unsigned low) {
        const auto self = std::uintptr_t{high} << 32U | std::uintptr_t{low};
        reinterpret_cast<simulated_threads*>(self)->work_on();
    }
    [[noreturn]] void work_on() {
        while (true) {
            thread& me = *all_[current_];
            me.work();
            End();
            me.is = state::idle;
            switch_to(choose());
        }
    }

    std::vector<std::unique_ptr<thread>> all_;  // the first one is the real thread
    random_numbers random_{0};
    number current_ = 0;
    std::uint64_t style_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t hash_ = 0;
    bool is_running_ = false;
};

}  // namespace simulation
