// SPDX-License-Identifier: BSL-1.0
//
// Testing. The poison rule (D12), kept apart: how many connections in a row the same first line has
// ended, and how many lines must have been dropped for it.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

class poison_witness {
public:
    explicit poison_witness(unsigned limit) noexcept : limit_{limit} {}

    /// A connection ended and confirmed nothing; `head` was its first line.
    void ended(std::size_t head) noexcept {
        if (suspect_ != head) {
            suspect_ = head;
            ended_ = 0;
        }
        if (++ended_ == limit_) {
            ended_ = 0;
            ++dropped_;
        }
    }
    /// This line was confirmed, or is gone.
    void absolve(std::size_t index) noexcept {
        if (index == suspect_) {
            suspect_ = nobody;
            ended_ = 0;
        }
    }
    /// Lines are numbered anew, from n on.
    void renumber(std::size_t n) noexcept { suspect_ -= suspect_ == nobody ? 0 : n; }

    [[nodiscard]] bool suspects() const noexcept { return ended_ != 0; }
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    static constexpr std::size_t nobody = SIZE_MAX;

    unsigned limit_;
    std::size_t suspect_ = nobody;
    unsigned ended_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace backends::testing
