// SPDX-License-Identifier: BSL-1.0
//
// The other end of a connection: an address and a port in the system's form. Asio's own endpoint
// would bring all of Asio's addresses, sockets and streams into every compilation.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace backends::inline BACKENDS_ISA {

/// A TCP address, v4 or v6, with its port. A default one goes nowhere.
class tcp_endpoint {
public:
    tcp_endpoint() = default;
    /// Truncates an address that is longer than TCP's; fits() tells.
    tcp_endpoint(const void* address, std::size_t size) noexcept
        : size_{static_cast<socklen_t>(detail::smaller(size, sizeof address_))} {
        std::memcpy(&address_, address, size_);
    }
    /// From any type in the system's form, such as boost::asio::ip::tcp::endpoint.
    template <class Endpoint>
        requires requires(const Endpoint& of) {
            of.data();
            of.size();
        }
    tcp_endpoint(const Endpoint& of) noexcept  // NOLINT(google-explicit-constructor)
        : tcp_endpoint{of.data(), of.size()} {}

    /// Whether an address of so many bytes does.
    static bool fits(std::size_t size) noexcept { return size <= sizeof address_; }

    /// AF_INET, AF_INET6 or another.
    [[nodiscard]] int family() const noexcept {
        return size_ == 0 ? AF_UNSPEC : address_.any.sa_family;
    }
    [[nodiscard]] const sockaddr* data() const noexcept { return &address_.any; }
    [[nodiscard]] socklen_t size() const noexcept { return size_; }  ///< bytes of the address

    /// Takes one end of a socket: `which` is getsockname or getpeername. False with errno set
    /// when there is none.
    template <class Call>
    bool take(int socket, Call which) noexcept {
        size_ = sizeof address_;
        return which(socket, &address_.any, &size_) == 0;
    }

    /// Whether all bytes of the addresses are equal.
    friend bool operator==(const tcp_endpoint& a, const tcp_endpoint& b) noexcept {
        return a.size_ == b.size_ && std::memcmp(&a.address_, &b.address_, a.size_) == 0;
    }

private:
    union {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    } address_{};
    socklen_t size_ = 0;
};

}  // namespace backends
