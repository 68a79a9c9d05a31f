// SPDX-License-Identifier: BSL-1.0
//
// The state that the tcp transport shares with its operations in Asio. These may come back after
// the transport is gone, so each holds a reference to this. A generation number tells it whether
// its connection still lives.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/deadline.hpp>
#include <backends/transport/operation_memory.hpp>
#include <backends/transport/resolver.hpp>
#include <backends/transport/socket_options.hpp>
#include <backends/transport/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::detail {

template <resolver Resolver>
class tcp_connection : public std::enable_shared_from_this<tcp_connection<Resolver>> {
public:
    tcp_connection(boost::asio::any_io_executor executor, const tcp_options& options,
                   Resolver resolver)
        : names{std::move(resolver)},
          options_{checked(options)},
          socket_{executor},
          timer_{executor} {}

    Resolver names;
    waker event;                                     ///< to call after each event
    boost::asio::io_context* own_context = nullptr;  ///< none on the user's executor

    std::vector<tcp_endpoint> endpoints;
    std::string interface_name;

    /// Its descriptor; -1 when it is closed.
    [[nodiscard]] int socket() noexcept { return socket_.is_open() ? socket_.native_handle() : -1; }
    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
    [[nodiscard]] const io_result& connected() const noexcept { return connected_; }
    [[nodiscard]] boost::asio::any_io_executor executor() { return socket_.get_executor(); }

    void connect(std::size_t index) {
        close();
        if (index >= endpoints.size()) {
            connected_ = {0, make_error_code(errc::no_address)};
            return;
        }
        if (const auto error = open(endpoints[index])) {
            connected_ = {0, error};
            return;
        }
        connected_ = io_result::pending();
        await_connection();
    }

    void close() noexcept {
        ++generation_;
        reading_ = writing_ = false;
        widest_window_ = 0;
        connected_ = {0, make_error_code(errc::end_of_stream)};
        boost::system::error_code ignored;  // nothing can be done for a socket that fails to close
        socket_.close(ignored);
    }

    /// Takes back the bytes that the peer's machine does not have: after an ordinary close, the
    /// kernel would go on sending them, and end them with an ordinary end of stream.
    void abort() noexcept {
        reset_when_closed(socket());
        close();
    }

    void stall_timeout(nanoseconds time) noexcept { stall_timeout_ = time; }

    [[nodiscard]] std::size_t window_deficit() noexcept {
        if (!is_open()) {
            return 0;
        }
        const std::size_t window = peer_window(socket()).value_or(0);
        widest_window_ = (std::max)(widest_window_, window);
        return widest_window_ - window;
    }

    /// Starts the waits that are not under way yet. An earlier deadline replaces a later one; a
    /// later one leaves the timer: an early event costs less than a cancelled timer each time.
    void arm(bool readable, bool writable, instant until) {
        if (socket_.is_open() && !connected_.would_block()) {
            // Notes each wait as under way after its start: if memory ran out, the caller can ask
            // again.
            if (readable && !reading_) {
                socket_.async_wait(descriptor::wait_read,
                                   operation{this, awaited::bytes, generation_});
                reading_ = true;
            }
            if (writable && !writing_) {
                socket_.async_wait(descriptor::wait_write,
                                   operation{this, awaited::room, generation_});
                writing_ = true;
            }
        }
        if (until < alarm_) {
            alarm_ = instant::never();
            timer_.wait(until, operation{this, awaited::alarm, until.ns});
            alarm_ = until;
        }
    }

    /// Any thread. On our own context it needs no memory: run_one() looks for the flag.
    void wake() {
        if (own_context != nullptr) {
            woken_ = true;
            own_context->stop();
        } else {
            boost::asio::post(executor(), [self = this->shared_from_this()] { self->event(); });
        }
    }
    void tell_if_woken() {
        if (woken_.exchange(false)) {
            event();
        }
    }

    /// The resolver's thread calls this when it has an answer.
    void answered() noexcept {
        try {
            wake();
        } catch (const std::bad_alloc&) {
            // The driver sees the answer when the look-up times out, at the latest.
        }
    }

    /// Ends all work under way; no more events follow.
    void rest() noexcept {
        event = {};
        names.forget();
        close();
        timer_.cancel();
    }

    /// Keeps this object for ever.
    void stay() noexcept { immortal_ = this->shared_from_this(); }

private:
    using descriptor = boost::asio::posix::stream_descriptor;

    enum class awaited : std::uint8_t { connection, bytes, room, alarm };

    /// One type for all waits: the compiler instantiates Asio's templates for each type.
    struct operation {
        operation(tcp_connection* connection, awaited event, std::int64_t which)
            : self{connection->shared_from_this()},
              memory{&connection->memory_},
              what{event},
              mark{which} {}

        using allocator_type = operation_allocator<void*>;
        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type{*memory};
        }

        void operator()(boost::system::error_code) { self->came(what, mark); }

        std::shared_ptr<tcp_connection> self;
        operation_memory* memory;  // self's
        awaited what;
        std::int64_t mark;  ///< the connection's generation, or when the alarm is due
    };

    /// Notes the outcome and reports it, unless a later operation has replaced this one.
    void came(awaited what, std::int64_t mark) {
        if (mark != (what == awaited::alarm ? alarm_.ns : generation_)) {
            return;
        }
        switch (what) {
            case awaited::connection:
                if (!is_decided()) {
                    await_connection();
                    return;
                }
                connected_ = {0, outcome()};
                break;
            case awaited::bytes: reading_ = false; break;
            case awaited::room: writing_ = false; break;
            case awaited::alarm: alarm_ = instant::never(); break;
        }
        event();
    }

    /// Begins to connect. Asio gets the socket only after that: its reactor would report a socket
    /// that is neither connected nor connecting.
    std::error_code open(const tcp_endpoint& to) {
        const int fd = open_tcp_socket(to.family());
        if (fd < 0) {
            return last_error();
        }
        apply(options_, stall_timeout_, fd);
        std::error_code refused;
        if (!interface_name.empty() && !bind_to_interface(fd, interface_name)) {
            refused = last_error();
        } else if (::connect(fd, to.data(), to.size()) != 0 && errno != EINPROGRESS &&
                   errno != EINTR) {
            refused = last_error();
        }
        boost::system::error_code error;
        try {
            if (!refused) {
                socket_.assign(fd, error);
            }
        } catch (...) {
            ::close(fd);
            throw;
        }
        if (error) {
            refused = {error.value(), std::system_category()};
        }
        if (refused) {
            ::close(fd);
        }
        return refused;
    }
    static std::error_code last_error() noexcept { return {errno, std::system_category()}; }

    void await_connection() {
        socket_.async_wait(descriptor::wait_write,
                           operation{this, awaited::connection, generation_});
    }
    /// Reactors now and then report readiness that is not there.
    bool is_decided() noexcept {
        pollfd one{socket(), POLLOUT, 0};
        return ::poll(&one, 1, 0) != 0;
    }
    std::error_code outcome() noexcept {
        const int error = pending_error(socket());
        return error != 0 ? std::error_code{error, std::system_category()} : check_ends();
    }

    /// A connection to a port of our own machine that nobody listens on can meet itself: the system
    /// picks that very port for our side. It would echo and acknowledge every line.
    std::error_code check_ends() noexcept {
        tcp_endpoint here;
        tcp_endpoint there;
        if (!here.take(socket(), ::getsockname) || !there.take(socket(), ::getpeername)) {
            return last_error();
        }
        if (here != there) {
            return {};
        }
        // At once and with a reset: left open, or in TIME_WAIT, it would keep the receiver from its
        // port.
        reset_when_closed(socket());
        boost::system::error_code ignored;
        socket_.close(ignored);
        return errc::self_connected;
    }

    operation_memory memory_;  // first: operations of the members below use it until the end
    tcp_options options_;
    nanoseconds stall_timeout_{0};
    descriptor socket_;
    deadline timer_;
    std::atomic<bool> woken_{false};
    instant alarm_ = instant::never();
    io_result connected_ = {0, make_error_code(errc::end_of_stream)};
    std::int64_t generation_ = 0;
    std::size_t widest_window_ = 0;
    std::shared_ptr<tcp_connection> immortal_;  // itself, or nobody
    bool reading_ = false;
    bool writing_ = false;
};

}  // namespace backends::detail
