// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Concept confirmation: when a line counts as delivered and leaves memory. Models,
// from the weakest to the strongest: confirm::written, confirm::acked (the default),
// confirm::acked_replay, confirm::epoch.
#pragma once

#include <backends/core/evidence.hpp>
#include <backends/core/extremes.hpp>
#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// What is known about the bytes of one connection.
struct progress {
    std::uint64_t written = 0;         ///< bytes that the transport took
    std::uint64_t unacknowledged = 0;  ///< of these, not acknowledged
    std::uint64_t unread = 0;          ///< of the acknowledged, not read by the peer (estimated)
    std::uint64_t batches = 0;         ///< batches that were written to their end
    bool ended =
        false;  ///< our side is closed, every byte acknowledged, and the peer has closed too

    /// Bytes that are acknowledged: the transport says what that proves.
    [[nodiscard]] constexpr std::uint64_t acknowledged() const noexcept {
        return written - unacknowledged;
    }
};

/// Stateless.
///
/// - `name`          the option's name
/// - `confirmed(p)`  bytes from the connection's start that count as delivered; must not shrink
///   while the connection lives, and must be all of them once p.ended
/// - `holds`         a bound on the bytes that are acknowledged and not yet confirmed
/// - `remaining(p)`  bytes that may be written before the machine must half-close to confirm them;
///   `unbounded`: never
/// - `needs`         optional: the least evidence (core/evidence.hpp) that makes it true. Without
///   it a level that holds bytes needs the kernel's word, and one that holds none needs nothing
/// - `keeps_unacknowledged`  optional, the level's own type: says that confirmed(p) is at most
///   p.acknowledged() until p.ended. Then a transport need not copy what it waits for. Who inherits
///   it has not said so
template <class Policy>
concept confirmation = requires(const progress& p) {
    { Policy::name } -> std::convertible_to<std::string_view>;
    { Policy::holds } -> std::convertible_to<std::size_t>;
    { Policy::confirmed(p) } noexcept -> std::same_as<std::uint64_t>;
    { Policy::remaining(p) } noexcept -> std::same_as<std::uint64_t>;
};

/// No bound, for a confirmation's `remaining`.
inline constexpr std::uint64_t unbounded = (std::numeric_limits<std::uint64_t>::max)();

namespace detail {

template <class Policy>
consteval evidence needed_evidence() {
    if constexpr (requires { Policy::needs; }) {
        return Policy::needs;
    } else if constexpr (requires { Policy::holds; }) {
        return Policy::holds == 0 ? evidence::none : evidence::kernel;
    } else {
        return evidence::none;  // the concept's own sentence says what is missing
    }
}

/// Whether no byte is let go of before it is acknowledged.
template <class Policy>
inline constexpr bool keeps_unacknowledged =
    requires { requires std::same_as<typename Policy::keeps_unacknowledged, Policy>; };

}  // namespace detail

namespace confirm {

/// Delivered when the transport took it; other exporters call this sent. The kernel may hold
/// megabytes that a dying receiver never sees; they count as confirmed.
struct written {
    static constexpr std::string_view name = "written";
    static constexpr std::size_t holds = 0;
    static constexpr std::uint64_t confirmed(const progress& p) noexcept { return p.written; }
    static constexpr std::uint64_t remaining(const progress&) noexcept { return unbounded; }
};

/// Delivered when it was acknowledged, as far as the transport can prove. Over TCP that is the
/// word of the peer's kernel: a dying peer loses only the bytes that it had acknowledged and not
/// read, at most its receive buffer. Costs one system call per write; within a cycle only where
/// lines wait for room. Where the receiver's program answers, nothing is lost.
struct acked {
    static constexpr std::string_view name = "acked";
    using keeps_unacknowledged = acked;
    static constexpr evidence needs = evidence::kernel;
    static constexpr std::size_t holds = 0;
    static constexpr std::uint64_t confirmed(const progress& p) noexcept {
        return p.acknowledged();
    }
    static constexpr std::uint64_t remaining(const progress&) noexcept { return unbounded; }
};

/// For acked_replay: the number of bytes by which the peer's window has shrunk from its maximum.
inline constexpr std::size_t window_deficit = 0;

/// Like acked, but the last `Window` acknowledged bytes stay in memory and are sent again after a
/// reconnect. With window_deficit that is the peer's unread bytes, judging by its window, and at
/// most `Most`. A heuristic: it makes loss rare, not impossible, and costs duplicates.
template <std::size_t Window = window_deficit, std::size_t Most = std::size_t{1} << 20>
struct acked_replay {
    static constexpr std::string_view name = "acked_replay";
    using keeps_unacknowledged = acked_replay;
    static constexpr std::size_t holds = Window == window_deficit ? Most : Window;
    static constexpr std::uint64_t confirmed(const progress& p) noexcept {
        const std::uint64_t held =
            Window == window_deficit ? detail::smaller<std::uint64_t>(p.unread, Most) : Window;
        return p.ended ? p.written : p.acknowledged() - detail::smaller(p.acknowledged(), held);
    }
    static constexpr std::uint64_t remaining(const progress&) noexcept { return unbounded; }
};

/// Delivered when the peer has read everything and closed. After `Bytes` bytes or `Batches`
/// batches, whichever comes first, our side closes and waits for the peer's end of stream. A peer
/// that dies, or closes with bytes unread, resets the connection instead, and the epoch is sent
/// again. Nothing is lost while the process lives; the price is a connection per epoch and up to an
/// epoch of duplicates per failure. Needs a receiver that closes when its client does.
template <std::size_t Bytes = std::size_t{256} << 10, unsigned Batches = 1>
struct epoch {
    static_assert(Bytes > 0 && Batches > 0, "an epoch must be able to hold a line");
    static constexpr std::string_view name = "epoch";
    using keeps_unacknowledged = epoch;
    static constexpr std::size_t holds = Bytes;
    static constexpr std::uint64_t confirmed(const progress& p) noexcept {
        return p.ended ? p.written : 0;
    }
    static constexpr std::uint64_t remaining(const progress& p) noexcept {
        return p.batches >= Batches ? 0 : Bytes - detail::smaller<std::uint64_t>(p.written, Bytes);
    }
};

}  // namespace confirm
}  // namespace backends
