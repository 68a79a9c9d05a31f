// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. The words between the delivery machine and its driver: the actions that the
// machine asks for, and what a transport knows about the bytes that it took.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// What the machine asks for. The driver answers everything but close and abort with an event of
/// the same attempt.
enum class action_kind : std::uint8_t {
    none,        ///< wait for deadline() or the next event
    resolve,     ///< look up destination `index`: resolved, resolve_failed
    connect,     ///< connect to endpoint `index` of the last look-up: connected, connect_failed
    write,       ///< write some of `bytes`: wrote, would_block, failed
    read,        ///< read some replies: received, would_block, end_of_stream, failed
    ask,         ///< ask how much is unacknowledged: acknowledged
    half_close,  ///< write no more; replies may still come
    close,       ///< release the connection, or give up resolving or connecting; no answer
    abort,       ///< release the connection with a reset: no byte of it may still arrive; no answer
};

/// The enumerator's name.
constexpr const char* to_string(action_kind kind) noexcept {
    switch (kind) {
        case action_kind::none: return "none";
        case action_kind::resolve: return "resolve";
        case action_kind::connect: return "connect";
        case action_kind::write: return "write";
        case action_kind::read: return "read";
        case action_kind::ask: return "ask";
        case action_kind::half_close: return "half_close";
        case action_kind::close: return "close";
        case action_kind::abort: return "abort";
    }
    return "?";
}

/// One action. The driver may answer resolve and connect at any later time; it does write, read and
/// ask at once, and answers them before any other call.
struct action {
    action_kind kind = action_kind::none;  ///< what to do
    std::uint64_t attempt = 0;             ///< the answer carries the same number
    std::size_t index = 0;                 ///< resolve: the destination; connect: the endpoint
    std::span<const char> bytes = {};      ///< write: valid until the answer
};

/// One failure: where, and why.
struct delivery_failure {
    std::size_t destination = 0;  ///< its place in the list
    std::error_code error;        ///< the reason
};

/// What a transport knows about the bytes that it took. Converts from the result of its
/// unacknowledged().
struct ack_report {
    /// Bytes. Empty means unknown: then a byte counts as acknowledged when it is written.
    std::optional<std::size_t> unacknowledged = {};
    /// Acknowledged, but not read by the peer, judging by its window. Empty: nobody has asked.
    std::optional<std::size_t> unread = {};

    constexpr ack_report() noexcept = default;
    /// Empty, a number of bytes, or either.
    constexpr ack_report(std::nullopt_t) noexcept {}  // NOLINT(google-explicit-constructor)
    constexpr ack_report(std::size_t n) noexcept      // NOLINT(google-explicit-constructor)
        : unacknowledged{n} {}
    constexpr ack_report(
        std::optional<std::size_t> n) noexcept  // NOLINT(google-explicit-constructor)
        : unacknowledged{n} {}
    constexpr ack_report(std::optional<std::size_t> n, std::size_t not_read) noexcept
        : unacknowledged{n}, unread{not_read} {}
};

}  // namespace backends
