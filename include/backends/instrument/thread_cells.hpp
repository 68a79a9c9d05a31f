// SPDX-License-Identifier: BSL-1.0
//
// Instrument, counting cells, the default: a block for each thread, which that thread alone writes.
// A block belongs to a thread's number, not to the thread: when the thread ends it stays, and the
// next thread of that number goes on adding, so that nothing is handed over, lost or counted twice.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/raise.hpp>
#include <backends/instrument/counting_cells.hpp>
#include <backends/instrument/thread_number.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// An addition is a load and a store of the thread's own, under a nanosecond, with any number of
/// threads. 576 bytes, one block for all who have none of their own, and one a thread that has
/// recorded; a block takes 8 bytes a word in whole cache lines, which no two share.
///
/// A thread's first recording allocates its block; no other one allocates. Where there is no memory
/// for it, and where 63 other threads have all the numbers, a thread adds atomically to the block
/// for all. Not to be called by signal handlers: they would come between the load and the store.
class alignas(detail::cache_line) thread_cells {
    struct held_block {
        held_block* next;
        std::uint64_t* words;
        bool is_taken;
    };

public:
    /// Throws std::bad_alloc.
    explicit thread_cells(std::size_t words) : shared_{detail::new_words(words)}, words_{words} {
        if (shared_ == nullptr) {
            detail::raise(std::bad_alloc{});
        }
    }
    thread_cells(const thread_cells&) = delete;
    thread_cells& operator=(const thread_cells&) = delete;
    ~thread_cells() {
        for (std::uint64_t* const block : blocks_) {
            detail::delete_words(block);
        }
        while (held_ != nullptr) {
            held_block* const one = std::exchange(held_, held_->next);
            detail::delete_words(one->words);
            delete one;
        }
        detail::delete_words(shared_);
    }

    [[nodiscard]] BACKENDS_INLINE detail::any_words mine() noexcept {
        // Who wrote this pointer had the thread's number before it, or is this thread.
        std::uint64_t* const own =
            __atomic_load_n(blocks_ + detail::thread_number(), __ATOMIC_RELAXED);
        if (own != nullptr) [[likely]] {
            return {own, false};
        }
        return first_use();
    }

    /// A block that it has for itself until its end, on any thread, on one at a time. Must not
    /// outlive the cells.
    class holder {
    public:
        holder(holder&& other) noexcept
            : words_{other.words_}, block_{std::exchange(other.block_, nullptr)} {}
        holder& operator=(holder&&) = delete;
        ~holder() {
            if (block_ != nullptr) {
                __atomic_store_n(&block_->is_taken, false, __ATOMIC_RELEASE);
            }
        }
        [[nodiscard]] detail::any_words get() const noexcept { return words_; }

    private:
        friend thread_cells;
        holder(detail::any_words words, held_block* block) noexcept
            : words_{words}, block_{block} {}

        detail::any_words words_;
        held_block* block_;
    };
    /// One that nobody holds any more, or a new one; without memory the block for all. Takes some
    /// 100 ns.
    [[nodiscard]] holder hold() noexcept {
        held_block* newest = __atomic_load_n(&held_, __ATOMIC_ACQUIRE);
        for (held_block* one = newest; one != nullptr; one = one->next) {
            if (!__atomic_exchange_n(&one->is_taken, true, __ATOMIC_ACQUIRE)) {
                return {{one->words, false}, one};
            }
        }
        auto* const made = new (std::nothrow) held_block{newest, detail::new_words(words_), true};
        if (made == nullptr || made->words == nullptr) {
            delete made;
            return {{shared_, true}, nullptr};
        }
        while (!__atomic_compare_exchange_n(&held_, &made->next, made, true, __ATOMIC_RELEASE,
                                            __ATOMIC_RELAXED)) {}
        return {{made->words, false}, made};
    }

    /// Some 0.3 ns a block that is in the first cache.
    [[nodiscard]] std::uint64_t sum(std::size_t i) const noexcept {
        std::uint64_t all = detail::load_word(shared_ + i);
        each_run([&](std::uint64_t* const* at, std::uint64_t* const* end) noexcept {
            // Four at a time, which compilers do not do with atomic accesses.
            for (; end - at >= 4; at += 4) {
                const std::uint64_t two = word_of(at, i) + word_of(at + 1, i);
                all += two + (word_of(at + 2, i) + word_of(at + 3, i));
            }
            for (; at != end; ++at) {
                all += word_of(at, i);
            }
        });
        each_held(
            [&](const std::uint64_t* words) noexcept { all += detail::load_word(words + i); });
        return all;
    }
    template <class Visit>
    void each(Visit visit) const {
        visit(static_cast<const std::uint64_t*>(shared_));
        each_run([&](std::uint64_t* const* at, std::uint64_t* const* end) {
            for (; at != end; ++at) {
                visit(static_cast<const std::uint64_t*>(__atomic_load_n(at, __ATOMIC_RELAXED)));
            }
        });
        each_held(visit);
    }

private:
    /// Calls visit(begin, end) with each run of numbers that have a block. Mostly all up to one
    /// have, so that there is one run, in which nothing waits for the place of the next.
    template <class Visit>
    void each_run(Visit visit) const {
        std::uint64_t* const* at = blocks_;
        for (std::uint64_t left = __atomic_load_n(&present_, __ATOMIC_ACQUIRE); left != 0;) {
            const int skipped = std::countr_zero(left);
            const int run = std::countr_one(left >> skipped);
            left = left >> skipped >> run;  // number 0 has no block: no run is 64 long
            visit(at + skipped, at + skipped + run);
            at += skipped + run;
        }
    }
    template <class Visit>
    void each_held(Visit visit) const {
        for (const held_block* one = __atomic_load_n(&held_, __ATOMIC_ACQUIRE); one != nullptr;
             one = one->next) {
            visit(static_cast<const std::uint64_t*>(one->words));
        }
    }
    static std::uint64_t word_of(std::uint64_t* const* block, std::size_t i) noexcept {
        return detail::load_word(__atomic_load_n(block, __ATOMIC_RELAXED) + i);
    }

    [[gnu::noinline, gnu::cold]] detail::any_words first_use() noexcept {
        const std::uint32_t number = detail::claim_thread_number();
        if (number == 0) {
            return {shared_, true};
        }
        std::uint64_t* own = __atomic_load_n(blocks_ + number, __ATOMIC_RELAXED);
        if (own == nullptr) {
            own = detail::new_words(words_);
            if (own == nullptr) {
                return {shared_, true};
            }
            __atomic_store_n(blocks_ + number, own, __ATOMIC_RELAXED);
            __atomic_fetch_or(&present_, std::uint64_t{1} << number, __ATOMIC_RELEASE);
        }
        return {own, false};
    }

    std::uint64_t* blocks_[detail::max_thread_numbers + 1] = {};  // by number; 0 has none, ever
    std::uint64_t* shared_;
    std::size_t words_;
    std::uint64_t present_ = 0;  // a bit a block
    held_block* held_ = nullptr;
};

static_assert(counting_cells<thread_cells>);

}  // namespace backends
