// SPDX-License-Identifier: BSL-1.0
//
// Testing. Archetypes: minimal models of random_source, backoff_policy, overflow_policy and
// confirmation. Code written against the concepts must compile with these, and use nothing that
// they lack.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/queue/line_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// Movable only: neither copyable nor default-constructible.
class random_source_archetype {
public:
    explicit random_source_archetype(int) noexcept {}
    random_source_archetype(random_source_archetype&&) noexcept = default;
    random_source_archetype& operator=(random_source_archetype&&) noexcept = default;

    std::uint64_t operator()() noexcept { return 4; }  ///< always 4
};

/// Movable only, and always as patient.
class backoff_policy_archetype {
public:
    backoff_policy_archetype(nanoseconds shortest, nanoseconds) noexcept : delay_{shortest} {}
    backoff_policy_archetype(backoff_policy_archetype&&) noexcept = default;
    backoff_policy_archetype& operator=(backoff_policy_archetype&&) noexcept = default;

    template <class Random>
    nanoseconds next(Random&) noexcept {
        return delay_;
    }
    void reset() noexcept {}

private:
    nanoseconds delay_;
};

/// Makes no room and trims nothing.
struct overflow_policy_archetype {
    overflow_policy_archetype() = delete;
    static constexpr std::string_view name = "archetype";
    static amount make_room(line_queue&, std::size_t) noexcept { return {}; }
    static amount trim(line_queue&, std::size_t) noexcept { return {}; }
};

/// Confirms when the peer has closed, and never asks the machine to half-close.
struct confirmation_archetype {
    confirmation_archetype() = delete;
    static constexpr std::string_view name = "archetype";
    static constexpr std::size_t holds = 0;
    static std::uint64_t confirmed(const progress& p) noexcept { return p.ended ? p.written : 0; }
    static std::uint64_t remaining(const progress&) noexcept { return unbounded; }
};

}  // namespace backends::testing
