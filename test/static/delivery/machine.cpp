// SPDX-License-Identifier: BSL-1.0
#include <backends/delivery/machine.hpp>

#include <backends/testing/delivery_archetypes.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>

// Whatever models the concepts with the least drives the machine.
template class backends::delivery<
    backends::testing::confirmation_archetype, backends::testing::overflow_policy_archetype,
    backends::testing::backoff_policy_archetype, backends::testing::random_source_archetype>;

// Every provided combination compiles in full.
template class backends::delivery<backends::confirm::written, backends::drop_newest>;
template class backends::delivery<backends::confirm::acked, backends::drop_oldest>;
template class backends::delivery<backends::confirm::acked_replay<>>;
template class backends::delivery<backends::confirm::acked_replay<std::size_t{1} << 17>>;
template class backends::delivery<backends::confirm::epoch<>>;

namespace static_delivery {

//! [levels]
// The same machine, four promises. Nothing of the other three is in the program.
using fire_and_forget = backends::delivery<backends::confirm::written>;
using usual = backends::delivery<backends::confirm::acked>;
using cautious = backends::delivery<backends::confirm::acked_replay<>>;
using certain = backends::delivery<backends::confirm::epoch<std::size_t{64} << 10>>;
//! [levels]

using machine = backends::delivery<>;

// After construction nothing throws.
static_assert(requires(machine m, const machine& c, backends::instant now, std::error_code error) {
    { m.reserve(1) } noexcept -> std::same_as<char*>;
    { m.commit(1, 1) } noexcept;
    { m.refuse(1, 1) } noexcept;
    { m.end_batch(now) } noexcept;
    { m.next(now) } noexcept -> std::same_as<backends::action>;
    { c.deadline() } noexcept -> std::same_as<backends::instant>;
    { m.resolved(now, 1, 1) } noexcept;
    { m.resolve_failed(now, 1, error) } noexcept;
    { m.connected(now, 1) } noexcept;
    { m.connect_failed(now, 1, error) } noexcept;
    { m.wrote(now, 1, 1, 0) } noexcept;
    { m.would_block(now, 1) } noexcept;
    { m.writable(now, 1) } noexcept;
    { m.readable(now, 1) } noexcept;
    { m.received(now, 1, {}) } noexcept;
    { m.end_of_stream(now, 1) } noexcept;
    { m.failed(now, 1, error) } noexcept;
    { m.not_now(now, 1, backends::nanoseconds{}) } noexcept;
    { m.refused(now, 1, 1, 0) } noexcept;
    { m.acknowledged(now, 1, 0) } noexcept;
    { m.stop(now, now) } noexcept;
    { c.stopped() } noexcept -> std::same_as<bool>;
    { c.counters() } noexcept -> std::same_as<const backends::delivery_counters&>;
});

// What a transport may know about its bytes, in every form that it comes in.
static_assert(std::is_convertible_v<std::size_t, backends::ack_report>);
static_assert(std::is_convertible_v<std::nullopt_t, backends::ack_report>);
static_assert(std::is_convertible_v<std::optional<std::size_t>, backends::ack_report>);

// A machine is moved into place, never copied.
static_assert(std::is_nothrow_move_constructible_v<machine>);
static_assert(!std::is_copy_constructible_v<machine>);

}  // namespace static_delivery
