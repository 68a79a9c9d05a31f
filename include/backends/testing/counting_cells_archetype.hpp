// SPDX-License-Identifier: BSL-1.0
//
// The least that models counting cells.
#pragma once

#include <backends/instrument/counting_cells.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace backends::inline BACKENDS_ISA::testing {

/// For one thread. Its blocks have no add() that returns anything, and holders only move.
class counting_cells_archetype {
public:
    explicit counting_cells_archetype(std::size_t words)
        : words_{std::make_unique<std::uint64_t[]>(words)} {}

    /// Its only block.
    struct block {
        std::uint64_t* words;  ///< of the cells
        /// As the concept asks.
        void add(std::size_t i, std::uint64_t n) const noexcept { words[i] += n; }
        /// As the concept asks.
        template <class F>
        void update(std::size_t i, F f) const noexcept {
            words[i] = f(words[i]);
        }
    };
    /// What hold() gives.
    class holder {
    public:
        explicit holder(block held) noexcept : held_{held} {}  ///< holds the block
        holder(holder&&) noexcept = default;
        holder& operator=(holder&&) = delete;
        ~holder() = default;
        [[nodiscard]] block get() const noexcept { return held_; }  ///< the block

    private:
        block held_;
    };
    [[nodiscard]] block mine() noexcept { return {words_.get()}; }
    [[nodiscard]] holder hold() noexcept { return holder{mine()}; }
    [[nodiscard]] std::uint64_t sum(std::size_t i) const noexcept { return words_[i]; }
    template <class Visit>
    void each(Visit visit) const {
        visit(static_cast<const std::uint64_t*>(words_.get()));
    }

private:
    std::unique_ptr<std::uint64_t[]> words_;
};

static_assert(counting_cells<counting_cells_archetype>);

}  // namespace backends::testing
