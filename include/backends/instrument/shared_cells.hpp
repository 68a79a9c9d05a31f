// SPDX-License-Identifier: BSL-1.0
//
// Instrument, counting cells: one block for all threads, and an atomic addition each time. For few
// threads, or little memory.
#pragma once

#include <backends/core/raise.hpp>
#include <backends/instrument/counting_cells.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace backends::inline BACKENDS_ISA {

/// 8 bytes a word, in whole cache lines, however many threads there are. An addition costs some 6
/// ns, several times that where threads add at once.
class shared_cells {
public:
    /// Throws std::bad_alloc.
    explicit shared_cells(std::size_t words) : words_{detail::new_words(words)} {
        if (words_ == nullptr) {
            detail::raise(std::bad_alloc{});
        }
    }
    shared_cells(const shared_cells&) = delete;
    shared_cells& operator=(const shared_cells&) = delete;
    ~shared_cells() { detail::delete_words(words_); }

    [[nodiscard]] detail::shared_words mine() noexcept { return detail::shared_words{words_}; }

    /// Nothing is owned: it is as quick as mine().
    class holder {
    public:
        explicit holder(detail::shared_words words) noexcept : words_{words} {}
        [[nodiscard]] detail::shared_words get() const noexcept { return words_; }

    private:
        detail::shared_words words_;
    };
    [[nodiscard]] holder hold() noexcept { return holder{mine()}; }

    [[nodiscard]] std::uint64_t sum(std::size_t i) const noexcept {
        return detail::load_word(words_ + i);
    }
    template <class Visit>
    void each(Visit visit) const {
        visit(static_cast<const std::uint64_t*>(words_));
    }

private:
    std::uint64_t* words_;
};

static_assert(counting_cells<shared_cells>);

}  // namespace backends
