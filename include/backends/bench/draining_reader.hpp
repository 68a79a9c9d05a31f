// SPDX-License-Identifier: BSL-1.0
//
// Bench: a receiver on the loopback interface that reads and counts as fast as it can, on a thread
// of its own. It does not sleep while a tick is under way, nor in the few milliseconds between two:
// a virtual machine takes up to 40 us to wake a processor, which is as long as the library needs
// for thousands of lines.
#pragma once

#include <backends/isa.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::bench {

/// Takes one connection.
class draining_reader {
public:
    draining_reader() : listening_{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof where;
        auto* const address = reinterpret_cast<sockaddr*>(&where);
        if (listening_ < 0 || ::bind(listening_, address, size) != 0 ||
            ::listen(listening_, 1) != 0 || ::getsockname(listening_, address, &size) != 0) {
            throw std::runtime_error{"no listening socket"};
        }
        port_ = ntohs(where.sin_port);
        thread_ = std::thread{[this] { read(); }};
    }
    draining_reader(const draining_reader&) = delete;
    draining_reader& operator=(const draining_reader&) = delete;
    ~draining_reader() {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
    }

    /// On the loopback interface.
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Read so far, over all connections. Any thread.
    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return bytes_.load(std::memory_order_acquire);
    }

    /// A blocking socket that is connected to it.
    [[nodiscard]] int connect() const {
        const int connecting = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        where.sin_port = htons(port_);
        if (connecting < 0 ||
            ::connect(connecting, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
            throw std::runtime_error{"no connection"};
        }
        return connecting;
    }

private:
    static constexpr int looks_before_sleep = 40'000;  // about 20 ms: from tick to tick

    void read() {
        const int connection = ::accept(listening_, nullptr, nullptr);
        std::vector<char> room(std::size_t{256} << 10);
        for (;;) {
            pollfd ready{connection, POLLIN, 0};
            for (int n = 0; n < looks_before_sleep && ::poll(&ready, 1, 0) == 0; ++n) {}
            const ssize_t n = ::recv(connection, room.data(), room.size(), 0);
            if (n <= 0) {
                break;
            }
            bytes_.fetch_add(static_cast<std::uint64_t>(n), std::memory_order_release);
        }
        if (connection >= 0) {
            ::close(connection);
        }
    }

    int listening_;
    std::uint16_t port_ = 0;
    std::atomic<std::uint64_t> bytes_{0};
    std::thread thread_;
};

}  // namespace backends::bench
