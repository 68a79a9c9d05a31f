// SPDX-License-Identifier: BSL-1.0
//
// Testing. The findings of a simulation: the first broken promise, and a hash of all events before
// it.
#pragma once

#include <backends/isa.hpp>

#include <cstdint>

namespace backends::inline BACKENDS_ISA::testing {

/// Keeps the first broken promise. A check costs one branch, so a test can check after every step.
/// Does not throw: noexcept functions call it.
class verdict {
public:
    /// `what` is a sentence that begins with the promise's number in docs/simulation.md.
    void require(bool good, const char* what) noexcept {
        if (!good && broken_ == nullptr) [[unlikely]] {
            broken_ = what;
        }
    }
    /// nullptr while no promise is broken.
    [[nodiscard]] const char* broken() const noexcept { return broken_; }

private:
    const char* broken_ = nullptr;
};

/// A running hash of events. The same events in the same order give the same hash on every machine.
class event_hash {
public:
    /// Adds an event.
    constexpr void add(std::uint64_t event) noexcept {
        value_ = (value_ ^ event) * 0x9e3779b97f4a7c15;
        value_ ^= value_ >> 29;
    }
    constexpr void add(std::uint64_t a, std::uint64_t b) noexcept {
        add(a + (b << 20) + (b >> 44));
    }
    /// Of all events so far.
    [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace backends::testing
