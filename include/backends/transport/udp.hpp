// SPDX-License-Identifier: BSL-1.0
//
// The UDP transport: whole lines in datagrams, to receivers such as statsd. Models
// waiting_transport.
#pragma once

#include <backends/transport/datagram_socket.hpp>
#include <backends/transport/named_endpoints.hpp>
#include <backends/transport/resolver.hpp>
#include <backends/transport/scheme.hpp>

#include <array>
#include <cerrno>
#include <concepts>
#include <cstddef>
#include <system_error>
#include <utility>

#include <sys/socket.h>

namespace backends::inline BACKENDS_ISA {

/// Settings of a UDP socket.
struct udp_options {
    /// A datagram holds at most so many bytes, 512 to 65,507. The system cuts one that is longer
    /// than a link's packets, and it is lost with each of its parts: 1,432 fits Ethernet and a few
    /// tunnels.
    std::size_t datagram_bytes = 1'432;
};

/// Sends lines over UDP, v4 and v6. Nobody acknowledges a datagram, and each may be lost: the level
/// `written` is the only one of the library's that compiles.
///
/// A receiver's machine may say that nobody listens at the port. That is told one datagram late, as
/// the error of a later call: the earlier datagram is lost, the present lines are kept, and the
/// connection begins anew after the back-off.
///
/// @tparam Resolver  turns names into endpoints (resolver.hpp)
///
/// Not thread-safe except for wake(). Destroy a transport that runs on the user's executor on that
/// executor, or while nothing runs it, and before its context.
template <resolver Resolver = thread_resolver>
class basic_udp : public detail::datagram_transport {
public:
    /// `udp://HOST:PORT`, or HOST:PORT alone.
    static constexpr std::array<scheme, 1> schemes{{{"udp"}}};

    /// For start() and poll(). Throws config_error for an option that cannot work,
    /// std::system_error when no file descriptor is left.
    explicit basic_udp(udp_options options = {}, Resolver names = {})
        : datagram_transport{options.datagram_bytes}, names_{std::move(names)} {}

    /// For async_run(), on this executor (reactor.hpp): include <backends/transport/executor.hpp>
    /// too. Throws like the other constructor.
    template <class Executor>
        requires(!std::convertible_to<Executor, udp_options>)
    explicit basic_udp(Executor executor, udp_options options = {}, Resolver names = {})
        : datagram_transport{std::move(executor), options.datagram_bytes},
          names_{std::move(names)} {}

    basic_udp(basic_udp&&) noexcept = default;
    basic_udp& operator=(basic_udp&&) = delete;

    /// In a fork's child it leaves everything as it is: the parent shares the socket.
    ~basic_udp() {
        if (names_.is_here() && !in_child()) {
            finish(errc::stopped);
        }
    }

    /// Begins to look up the name.
    void resolve(const destination& where) { names_.look_up(where, waking()); }
    /// Pending, an error, or the number of endpoints.
    io_result resolved() { return names_.result(); }
    /// Connects at once, without a word to the receiver: errors come later.
    void connect(std::size_t index) {
        close();
        const tcp_endpoint* const to = names_.at(index);
        if (to == nullptr) {
            socket().fail(errc::no_address);
            return;
        }
        socket().open(to->family());
        if (socket().descriptor() >= 0 && !names_.interface_name().empty() &&
            !detail::bind_to_interface(socket().descriptor(), names_.interface_name())) {
            socket().fail({errno, std::system_category()});
            return;
        }
        socket().connect(to->data(), to->size());
    }

    /// Gives the connection and the look-up up as well.
    void finish(std::error_code error) noexcept {
        names_.forget();
        datagram_transport::finish(error);
    }

private:
    detail::named_endpoints<Resolver> names_;
};

/// With the default resolver.
using udp = basic_udp<>;

}  // namespace backends
