// SPDX-License-Identifier: BSL-1.0
//
// How far plain bytes have come, by how far their encrypted form has.
#pragma once

#include <backends/core/as.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// A ring of marks: so many plain bytes stand before so many encrypted ones. When it is full the
/// newest mark moves on, so that bytes may count as unacknowledged a little longer.
class tls_marks {
public:
    /// @param upto  encrypted bytes made so far, these included
    void wrote(std::size_t plain, std::uint64_t upto) noexcept {
        plain_ += plain;
        if (count_ == marks_.size()) {
            at(count_ - 1) = {plain_, upto};
        } else {
            at(count_++) = {plain_, upto};
        }
    }

    /// Plain bytes that wait, if `encrypted` of the `upto` encrypted bytes do.
    [[nodiscard]] std::size_t unacknowledged(std::size_t encrypted,
                                             std::uint64_t upto) const noexcept {
        const std::uint64_t reached = upto - (encrypted < upto ? encrypted : upto);
        while (count_ != 0 && marks_[first_].encrypted <= reached) {
            settled_ = marks_[first_].plain;
            first_ = (first_ + 1) % marks_.size();
            --count_;
        }
        return as<std::size_t>(plain_ - settled_);
    }

private:
    struct mark {
        std::uint64_t plain = 0;
        std::uint64_t encrypted = 0;
    };
    mark& at(std::size_t i) noexcept { return marks_[(first_ + i) % marks_.size()]; }

    std::array<mark, 64> marks_{};
    std::uint64_t plain_ = 0;
    // A question forgets what it need not look at again.
    mutable std::uint64_t settled_ = 0;
    mutable std::size_t first_ = 0;
    mutable std::size_t count_ = 0;
};

}  // namespace backends::detail
