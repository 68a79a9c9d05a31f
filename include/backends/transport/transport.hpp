// SPDX-License-Identifier: BSL-1.0
//
// The transport concept: bytes on a connection, one connection at a time, and nothing that blocks.
// Every operation returns at once; errc::would_block says "not yet". The delivery machine decides,
// a transport only acts, so a socket, a simulated network and a serial line look the same to it.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/evidence.hpp>
#include <backends/core/member_name.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/lent_bytes.hpp>
#include <backends/transport/waker.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// The outcome of one non-blocking operation: how much it moved (bytes, or endpoints for resolve),
/// or why not. `error == errc::would_block`: the operation goes on, or nothing can move now.
/// errc::end_of_stream: the peer has closed its side. A transport whose receiver answers has two
/// words more, for write_some and read_some:
/// - errc::not_now: the receiver cannot take lines now, and perhaps says for how long. The
///   connection is over, its lines are sent again, and nobody is to blame
/// - errc::refused: the receiver refuses the oldest `count` unacknowledged bytes, whole lines, for
///   good. They are acknowledged from now on, and the connection goes on
struct io_result {
    std::size_t count = 0;       ///< bytes moved or refused, or endpoints found
    std::error_code error = {};  ///< errc::would_block: nothing yet
    nanoseconds delay = {};      ///< errc::not_now: the receiver asks for this pause; 0: for none

    /// Nothing could be done yet.
    [[nodiscard]] bool would_block() const noexcept { return error == errc::would_block; }

    /// The answer is not there yet.
    static io_result pending() noexcept { return {0, make_error_code(errc::would_block)}; }
};

/// The calls of a transport. They come from one thread at a time.
///
/// | call | does |
/// |---|---|
/// | resolve(destination) | begins to look up the destination's endpoints |
/// | resolved() | pending, an error, or the number of endpoints |
/// | connect(i) | begins to connect to endpoint i of that answer |
/// | connected() | pending, an error, or success |
/// | write_some(bytes), read_some(room) | move the bytes that can be moved now |
/// | unacknowledged() | bytes written that nobody has acknowledged; asked before close |
/// | half_close() | ends our direction; the peer's bytes still arrive |
/// | close() | gives everything up, in any state; written bytes may still arrive; never fails |
/// | abort() | the same with a reset: bytes that have not arrived yet never arrive |
///
/// `proves` tells at compile time what an acknowledgement proves. With evidence::none
/// unacknowledged() need not answer, and `written` is the only level of the library's.
template <class T>
concept transport = requires(T t, const destination& where, std::size_t i,
                             std::span<const char> bytes, std::span<char> room) {
    { T::proves } -> std::same_as<const evidence&>;
    { t.resolve(where) } -> std::same_as<void>;
    { t.resolved() } -> std::same_as<io_result>;
    { t.connect(i) } -> std::same_as<void>;
    { t.connected() } -> std::same_as<io_result>;
    { t.write_some(bytes) } noexcept -> std::same_as<io_result>;
    { t.read_some(room) } noexcept -> std::same_as<io_result>;
    { t.unacknowledged() } noexcept -> std::same_as<std::optional<std::size_t>>;
    { t.half_close() } noexcept -> std::same_as<void>;
    { t.close() } noexcept -> std::same_as<void>;
    { t.abort() } noexcept -> std::same_as<void>;
};

namespace detail {
BACKENDS_MEMBER_NAME(unread);
BACKENDS_MEMBER_NAME(stall_timeout);
BACKENDS_MEMBER_NAME(longest_line);
BACKENDS_MEMBER_NAME(write_pieces);
}

/// A transport that can also estimate the bytes that the peer's program has not read:
/// - `unread()`  acknowledged bytes that still fill the peer's window
template <class T>
concept window_telling_transport = transport<T> && requires(T t) {
    { t.unread() } noexcept -> std::same_as<std::size_t>;
};

/// A transport with a time-out of its own for unacknowledged bytes. The exporter calls
/// `stall_timeout(time)` once, before any other call, with the time after which it gives up a
/// connection without progress. The transport's own time-out must not be shorter.
template <class T>
concept stall_aware_transport = transport<T> && requires(T t, nanoseconds time) {
    { t.stall_timeout(time) } noexcept -> std::same_as<void>;
};

/// A transport whose acknowledgements come later than the bytes that they speak of, because the
/// receiver's program gives them:
/// - `arrived()`  bytes of any kind that the peer's machine has taken, of this connection. While
///   it grows the connection counts as alive
template <class T>
concept arrival_telling_transport = transport<T> && requires(T t) {
    { t.arrived() } noexcept -> std::same_as<std::uint64_t>;
};

/// A transport that takes no line longer than `longest_line()` bytes, newline included. The
/// exporter refuses a series whose line may be longer, when it registers it.
template <class T>
concept line_bounding_transport = transport<T> && requires(const T t) {
    { t.longest_line() } noexcept -> std::same_as<std::size_t>;
};

/// A transport whose requests begin with what the format says of the exporter. The exporter calls
/// `resource(text)` once, before any connection.
template <class T>
concept resource_transport = transport<T> && requires(T t, std::string_view text) {
    { t.resource(text) } -> std::same_as<void>;
};

namespace detail {
template <class Member>
struct owner_of;
template <class T, class Member>
struct owner_of<Member T::*> {
    using type = T;
};
template <class T>
concept has_whole_pieces = requires(T t, std::span<const char> piece) {
    { t.write_pieces(piece, piece, true) } noexcept -> std::same_as<io_result>;
};
}  // namespace detail

/// A transport that also takes bytes of any kind, for those that stand on it:
/// - `write_pieces(first, second, more)`  as write_some() of both in a row, but lines need not stay
///   whole. `more`: others follow at once, so these may wait for them
///
/// A class that inherits it and has a write_some() of its own is none.
template <class T>
concept gathering_transport =
    transport<T> && detail::has_whole_pieces<T> &&
    std::same_as<typename detail::owner_of<decltype(&T::write_some)>::type,
                 typename detail::owner_of<decltype(&T::write_pieces)>::type>;

/// A transport that need not copy what it takes while somebody keeps it (lent_bytes.hpp). Whoever
/// drives the transport calls `borrow(bytes)` once, before any connection, if that is so: nothing
/// may let go of a byte before the transport has acknowledged it.
///
/// A class that inherits it and has a write_some() of its own is none.
template <class T>
concept borrowing_transport =
    transport<T> &&
    requires(T t, lent_bytes from) {
        { t.borrow(from) } noexcept -> std::same_as<void>;
    } &&
    std::same_as<typename detail::owner_of<decltype(&T::write_some)>::type,
                 typename detail::owner_of<decltype(&T::borrow)>::type>;

/// A transport that may keep bytes for a while before they go on:
/// - `has_bytes()`  whether it has taken any that are still in it
template <class T>
concept holding_transport = transport<T> && requires(const T& t) {
    { t.has_bytes() } noexcept -> std::same_as<bool>;
};

namespace detail {
/// Whether bytes are still in it, of any transport.
template <class T>
[[nodiscard]] bool holds_bytes([[maybe_unused]] const T& of) noexcept {
    if constexpr (holding_transport<T>) {
        return of.has_bytes();
    } else {
        return false;
    }
}

/// Writes both pieces to any transport, as far as it takes them.
template <class T>
io_result write_pieces(T& to, std::span<const char> first, std::span<const char> second,
                       [[maybe_unused]] bool more = false) noexcept {
    if constexpr (gathering_transport<T>) {
        return to.write_pieces(first, second, more);
    } else if (first.empty()) {
        return to.write_some(second);
    } else {
        return to.write_some(first);
    }
}

/// Whether a read may bring an answer of the receiver's program, which acknowledges lines.
template <class T>
inline constexpr bool has_answers =
    T::proves == evidence::application || requires { requires T::may_answer; };

/// A transport that cuts lines into packets: keep_together(f) makes it leave those lines beside
/// their predecessors for which f is true.
template <class T>
concept keeps_together = requires(T t, bool (*adds)(std::string_view) noexcept) {
    { t.keep_together(adds) } noexcept;
};
}  // namespace detail

/// A transport that can also wait, so that an exporter can run on a thread or on an executor.
///
/// | call | does |
/// |---|---|
/// | on_event(waker) | sets the waker to call after events; replaces the earlier one |
/// | arm(readable, writable, until) | asks for an event when the connection becomes readable or writable, and at `until`; replaces the last request, except for an earlier time |
/// | poll() | runs ready events, without blocking |
/// | run_one() | blocks until one event has run; not on the user's executor |
/// | on_users_executor() | whether the user's executor runs the events |
/// | wake() | makes an event; the only call that any thread may make |
///
/// The end of a look-up or of a connect is an event too. A transport on a file descriptor derives
/// all of it but arm() from reactor.
template <class T>
concept waiting_transport = transport<T> && requires(T t, bool flag, instant until, waker event) {
    { t.on_event(event) } -> std::same_as<void>;
    { t.arm(flag, flag, until) } -> std::same_as<void>;
    { t.poll() } -> std::same_as<void>;
    { t.run_one() } -> std::same_as<void>;
    { t.on_users_executor() } -> std::same_as<bool>;
    { t.wake() } noexcept -> std::same_as<void>;
};

namespace detail {
BACKENDS_MEMBER_NAME(on_event);
BACKENDS_MEMBER_NAME(arm);
BACKENDS_MEMBER_NAME(poll);
BACKENDS_MEMBER_NAME(run_one);
BACKENDS_MEMBER_NAME(on_users_executor);
BACKENDS_MEMBER_NAME(wake);
BACKENDS_MEMBER_NAME(async_operation);
BACKENDS_MEMBER_NAME(finish);
BACKENDS_MEMBER_NAME(adopt);

template <class T>
inline constexpr bool has_a_waiting_call =
    has_on_event<T> || has_arm<T> || has_poll<T> || has_run_one<T> || has_on_users_executor<T> ||
    has_wake<T>;

/// A transport that can run on the user's executor.
template <class T>
concept executor_transport =
    waiting_transport<T> && has_async_operation<T> && requires(T t, std::error_code error) {
        { t.finish(error) } noexcept;
    };

/// Whether the transport's optional members have the signatures that the library calls.
template <class Transport>
consteval bool has_whole_parts() {
    static_assert(!has_unread<Transport> || window_telling_transport<Transport>,
                  "backends: a transport's unread() is noexcept and gives a std::size_t; see "
                  "docs/concepts/transport.md");
    static_assert(
        !has_stall_timeout<Transport> || stall_aware_transport<Transport>,
        "backends: a transport's stall_timeout(nanoseconds) is noexcept and gives nothing");
    static_assert(
        !requires(Transport t) { t.arrived(); } || arrival_telling_transport<Transport>,
        "backends: a transport's arrived() is noexcept and gives a std::uint64_t");
    static_assert(!has_write_pieces<Transport> || has_whole_pieces<Transport>,
                  "backends: a transport's write_pieces(span, span, bool) is noexcept and gives an "
                  "io_result");
    static_assert(!has_longest_line<Transport> || line_bounding_transport<Transport>,
                  "backends: a transport's longest_line() is const and noexcept, and gives a "
                  "std::size_t");
    static_assert(!has_a_waiting_call<Transport> || waiting_transport<Transport>,
                  "backends: a transport that waits has on_event(waker), arm(bool, bool, instant), "
                  "poll(), run_one(), on_users_executor() and wake(), which is noexcept: add what "
                  "it lacks, or rename what is something else; see docs/concepts/transport.md");
    static_assert((!has_async_operation<Transport> && !has_finish<Transport>) ||
                      executor_transport<Transport>,
                  "backends: a transport on an executor waits, and has async_operation(token, "
                  "operation) and finish(std::error_code), which is noexcept");
    static_assert(
        !has_adopt<Transport> || requires(Transport t) { t.adopt(); },
        "backends: a transport's adopt() takes nothing");
    return true;
}
}  // namespace detail

}  // namespace backends
