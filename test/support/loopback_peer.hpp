// SPDX-License-Identifier: BSL-1.0
//
// A receiver on a free loopback port, made of plain system calls so that it shares nothing with the
// library. The test's own thread steps it, so that every run is the same.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

class loopback_peer {
public:
    /// Listens on any free port, or on `port` again after a restart.
    explicit loopback_peer(std::uint16_t port = 0, int receive_buffer = 0)
        : receive_buffer_{receive_buffer} {
        listen_on(port);
    }
    loopback_peer(const loopback_peer&) = delete;
    loopback_peer& operator=(const loopback_peer&) = delete;
    ~loopback_peer() {
        close_connection();
        stop_listening();
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

    /// Every byte read so far, a string for each connection, the last one the living one.
    [[nodiscard]] const std::vector<std::string>& connections() const noexcept { return received_; }
    [[nodiscard]] bool connected() const noexcept { return connection_ >= 0; }
    [[nodiscard]] bool saw_end() const noexcept { return saw_end_; }

    /// Waits up to a millisecond for something to happen, then accepts what waits to be accepted
    /// and, unless told otherwise, reads what is there.
    void step() {
        std::array<pollfd, 2> watched{pollfd{connection_ < 0 ? listener_ : -1, POLLIN, 0},
                                      pollfd{reads ? connection_ : -1, POLLIN, 0}};
        ::poll(watched.data(), watched.size(), 1);
        if (connection_ < 0 && listener_ >= 0) {
            connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (connection_ >= 0) {
                received_.emplace_back();
                saw_end_ = false;
            }
        }
        if (connection_ >= 0 && reads) {
            read_available();
        }
    }

    /// Like step(), but the bytes are thrown away, and nothing is allocated once it is connected.
    void skip() {
        if (connection_ < 0) {
            step();
            return;
        }
        pollfd watched{connection_, POLLIN, 0};
        ::poll(&watched, 1, 1);
        std::array<char, 65536> room;
        while (::recv(connection_, room.data(), room.size(), 0) > 0) {}
    }

    /// Says something.
    void reply(std::string_view text) {
        static_cast<void>(::send(connection_, text.data(), text.size(), MSG_NOSIGNAL));
    }

    /// Ends the living connection in order.
    void close_connection() {
        if (connection_ >= 0) {
            ::close(std::exchange(connection_, -1));
        }
    }
    /// Ends it with a reset.
    void reset_connection() {
        const linger now{1, 0};
        ::setsockopt(connection_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close_connection();
    }
    void stop_listening() {
        if (listener_ >= 0) {
            ::close(std::exchange(listener_, -1));
        }
    }
    void listen_again() { listen_on(port_); }

    bool reads = true;              ///< false: accepts and leaves the bytes where they are
    std::size_t reads_at_most = 0;  ///< bytes a step; 0 = all there are

private:
    void listen_on(std::uint16_t port) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (receive_buffer_ > 0) {
            ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_,
                         sizeof receive_buffer_);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_, 8) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error{"cannot listen on a loopback port"};
        }
        port_ = ntohs(address.sin_port);
    }

    void read_available() {
        std::array<char, 65536> room;
        for (std::size_t left = reads_at_most == 0 ? SIZE_MAX : reads_at_most; left > 0;) {
            const ssize_t n = ::recv(connection_, room.data(), std::min(room.size(), left), 0);
            if (n > 0) {
                received_.back().append(room.data(), static_cast<std::size_t>(n));
                left -= static_cast<std::size_t>(n);
            } else {
                if (n == 0) {
                    saw_end_ = true;
                    close_connection();
                }
                return;
            }
        }
    }

    int receive_buffer_ = 0;
    int listener_ = -1;
    int connection_ = -1;
    std::uint16_t port_ = 0;
    bool saw_end_ = false;
    std::vector<std::string> received_;
};

/// A loopback port on which nobody listens, and nobody will while this lives.
class closed_port {
public:
    closed_port() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    closed_port(const closed_port&) = delete;
    closed_port& operator=(const closed_port&) = delete;
    ~closed_port() { ::close(socket_); }

    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    int socket_;
    std::uint16_t port_ = 0;
};

}  // namespace test
