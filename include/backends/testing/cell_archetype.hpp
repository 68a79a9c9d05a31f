// SPDX-License-Identifier: BSL-1.0
//
// The minimal model of the cell concept. Code that compiles with it needs only what the concept
// promises.
#pragma once

#include <backends/cell/cell.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// Keeps only whether there is a sample.
struct cell_archetype {
    using word = std::uint32_t;
    using number = double;

    class value {
    public:
        /// As the concept asks.
        operator double() const noexcept { return 0; }  // NOLINT(google-explicit-constructor)

    private:
        friend cell_archetype;
        value() = default;
    };
    class sum {
    public:
        void operator+=(value) noexcept {}                         ///< as the concept asks
        [[nodiscard]] double total() const noexcept { return 0; }  ///< as the concept asks
        /// As the concept asks.
        [[nodiscard]] double mean(std::uint64_t) const noexcept { return 0; }
    };

    static constexpr word gap = 0;
    static stored_word<word> store(double, bool) noexcept { return {1, store_outcome::kept}; }
    static bool exists(word w) noexcept { return w != gap; }
    static value load(word) noexcept { return {}; }
};

static_assert(cell<cell_archetype>);

}  // namespace backends::testing
