// SPDX-License-Identifier: BSL-1.0
//
// A transport without a network, for tests of code that exports metrics: a string holds the written
// bytes, and the test sets the peer's behaviour. Models waiting_transport.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/fork_detector.hpp>
#include <backends/transport/transport.hpp>
#include <backends/transport/waker.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// The other end of a memory transport. Any thread may use all members through `with`.
class memory_peer {
public:
    /// What the peer got, and how it behaves; a test changes it inside with().
    struct behaviour {
        std::string received;  ///< everything written so far, over all connections
        std::string replies;   ///< what the peer says next
        std::size_t room = (std::numeric_limits<std::size_t>::max)();  ///< bytes it still takes
        std::size_t unacknowledged = 0;  ///< written bytes that it has not acknowledged
        std::uint64_t connections = 0;   ///< how often we have connected to it
        bool refuses = false;            ///< connecting fails
        bool closed = false;             ///< the peer has ended the connection
        bool half_closed = false;        ///< our side has ended its direction
        std::uint64_t resets = 0;        ///< connections that our side ended with a reset
        std::size_t refused = 0;  ///< of the unacknowledged bytes, the oldest so many are refused
        bool not_now = false;     ///< it says "not now", once
        nanoseconds delay;        ///< ... and not before this time has passed; 0: whenever
    };

    /// Calls f(behaviour&) under the lock and returns its result.
    template <class F>
    auto with(F f) {
        const std::scoped_lock lock{mutex_};
        return f(state_);
    }

    /// All bytes received so far.
    [[nodiscard]] std::string received() {
        return with([](const behaviour& b) { return b.received; });
    }

private:
    std::mutex mutex_;
    behaviour state_;
};

/// Writes lines into a memory_peer. Waits by the steady clock.
///
/// @tparam Proves  what the peer's acknowledgements prove
template <evidence Proves = evidence::kernel>
class basic_memory {
public:
    static constexpr evidence proves = Proves;  ///< what its acknowledgements prove

    /// Connects to `peer`, or to one of its own.
    explicit basic_memory(std::shared_ptr<memory_peer> peer = std::make_shared<memory_peer>())
        : peer_{std::move(peer)}, waiting_{new waiting} {}

    /// The other end, for tests to look at.
    [[nodiscard]] memory_peer& peer() noexcept { return *peer_; }

    // transport

    void resolve(const destination&) noexcept {}
    io_result resolved() noexcept { return {1, {}}; }

    void connect(std::size_t) {
        peer_->with([](auto& p) {
            p.closed = p.refuses;
            p.half_closed = false;
            p.connections += p.refuses ? 0 : 1;
        });
    }
    io_result connected() {
        const bool refused = peer_->with([](const auto& p) { return p.refuses; });
        return {0,
                refused ? std::make_error_code(std::errc::connection_refused) : std::error_code{}};
    }

    io_result write_some(std::span<const char> bytes) noexcept {
        return peer_->with([bytes](auto& p) -> io_result {
            if (p.closed) {
                return {0, std::make_error_code(std::errc::broken_pipe)};
            }
            const std::size_t n = detail::smaller(bytes.size(), p.room);
            if (n == 0 && !bytes.empty()) {
                return io_result::pending();
            }
            p.room -= p.room == (std::numeric_limits<std::size_t>::max)() ? 0 : n;
            p.received.append(bytes.data(), n);
            return {n, {}};
        });
    }

    /// See gathering_transport.
    io_result write_pieces(std::span<const char> first, std::span<const char> second,
                           bool) noexcept {
        const io_result begun = write_some(first);
        if (begun.error || begun.count != first.size()) {
            return begun;
        }
        const io_result rest = write_some(second);
        return rest.error && begun.count != 0 ? begun
                                              : io_result{begun.count + rest.count, rest.error};
    }

    io_result read_some(std::span<char> room) noexcept {
        return peer_->with([room](auto& p) -> io_result {
            if (const std::size_t n = std::exchange(p.refused, 0)) {
                p.unacknowledged -= detail::smaller(p.unacknowledged, n);
                return {n, make_error_code(errc::refused)};
            }
            if (std::exchange(p.not_now, false)) {
                return {0, make_error_code(errc::not_now), p.delay};
            }
            if (p.replies.empty()) {
                // A peer that has read everything answers our end of stream with its own.
                return p.closed || p.half_closed
                           ? io_result{0, make_error_code(errc::end_of_stream)}
                           : io_result::pending();
            }
            const std::size_t n = p.replies.copy(room.data(), room.size());
            p.replies.erase(0, n);
            return {n, {}};
        });
    }

    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return peer_->with([](const auto& p) {
            return Proves == evidence::none ? std::nullopt : std::optional{p.unacknowledged};
        });
    }

    void half_close() noexcept {
        peer_->with([](auto& p) { p.half_closed = true; });
    }
    void close() noexcept {}
    /// The peer never receives the bytes that it has not acknowledged.
    void abort() noexcept {
        peer_->with([](auto& p) {
            p.received.resize(p.received.size() -
                              detail::smaller(p.received.size(), p.unacknowledged));
            p.unacknowledged = 0;
            p.closed = true;
            ++p.resets;
        });
    }

    // waiting_transport

    void on_event(waker event) noexcept { event_ = event; }
    void arm(bool, bool, instant until) noexcept { until_ = until; }
    void poll() noexcept {}

    /// Blocks until wake(), until the armed time, or for a millisecond: it polls the peer's state,
    /// which sends no events.
    void run_one() {
        using clock = std::chrono::steady_clock;
        const auto look = clock::now() + std::chrono::milliseconds{1};
        const auto until = clock::time_point{std::chrono::nanoseconds{until_.ns}};
        std::unique_lock lock{waiting_->mutex};
        waiting_->changed.wait_until(lock, detail::smaller(look, until),
                                     [this] { return waiting_->woken; });
        waiting_->woken = false;
        lock.unlock();
        event_();
    }

    void wake() noexcept {
        const std::scoped_lock lock{waiting_->mutex};
        waiting_->woken = true;
        waiting_->changed.notify_one();
    }

    /// In a fork's child, before its first use: hands it to the child.
    void adopt() { waiting_ = detail::owned_at_home{new waiting}; }

    [[nodiscard]] bool on_users_executor() const noexcept { return false; }

private:
    struct waiting {
        std::mutex mutex;
        std::condition_variable changed;
        bool woken = false;
    };

    std::shared_ptr<memory_peer> peer_;
    detail::owned_at_home<waiting> waiting_;
    waker event_;
    instant until_ = instant::never();
};

static_assert(waiting_transport<basic_memory<>>);

/// The peer's kernel acknowledges.
class memory : public basic_memory<> {
public:
    using basic_memory::basic_memory;
};

}  // namespace backends
