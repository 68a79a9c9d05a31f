// SPDX-License-Identifier: BSL-1.0
//
// A receiver of datagrams on a free loopback port or at a path, made of plain system calls so that
// it shares nothing with the library. Any datagram that is no whole lines is an error of the test.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

class datagram_peer {
public:
    /// On a free port of the IPv4 or IPv6 loopback, or on `port` again.
    explicit datagram_peer(std::uint16_t port = 0, int family = AF_INET) : family_{family} {
        port_ = port;
        open();
    }
    /// At a path.
    explicit datagram_peer(std::string path) : path_{std::move(path)}, family_{AF_UNIX} { open(); }
    datagram_peer(const datagram_peer&) = delete;
    datagram_peer& operator=(const datagram_peer&) = delete;
    ~datagram_peer() { go_away(); }

    void open() {
        fd_ = ::socket(family_, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const int room = 4 << 20;
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        if (family_ == AF_UNIX) {
            sockaddr_un at{};
            at.sun_family = AF_UNIX;
            std::memcpy(at.sun_path, path_.data(), std::min(path_.size(), sizeof at.sun_path - 1));
            ::unlink(path_.c_str());
            bind_to(at);
        } else if (family_ == AF_INET6) {
            sockaddr_in6 at{};
            at.sin6_family = AF_INET6;
            at.sin6_addr = in6addr_loopback;
            at.sin6_port = htons(port_);
            port_ = ntohs(bind_to(at).sin6_port);
        } else {
            sockaddr_in at{};
            at.sin_family = AF_INET;
            at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            at.sin_port = htons(port_);
            port_ = ntohs(bind_to(at).sin_port);
        }
    }
    /// Nobody listens there any more.
    void go_away() {
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string address() const {
        return family_ == AF_UNIX
                   ? "unixgram:" + path_
                   : "udp://" + std::string{family_ == AF_INET6 ? "[::1]:" : "127.0.0.1:"} +
                         std::to_string(port_);
    }

    /// Reads datagrams until about n bytes have come, or none comes within `wait_ms`.
    void read(std::size_t n = SIZE_MAX, int wait_ms = 0) {
        std::array<char, 65'536> room;
        for (std::size_t got = 0; got < n;) {
            pollfd one{fd_, POLLIN, 0};
            if (::poll(&one, 1, wait_ms) != 1) {
                return;
            }
            const ssize_t size =
                ::recvfrom(fd_, room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&from_),
                           &(from_size_ = sizeof from_));
            if (size < 0) {
                return;
            }
            const std::string_view text{room.data(), static_cast<std::size_t>(size)};
            if (!text.ends_with('\n')) {
                throw std::runtime_error{"a datagram ends inside a line: " + std::string{text}};
            }
            got += text.size();
            longest_ = std::max(longest_, text.size());
            text_ += text;
            datagrams_.emplace_back(text);
        }
    }
    /// Says something to the last sender.
    void say(std::string_view text) const {
        ::sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&from_),
                 from_size_);
    }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const std::vector<std::string>& datagrams() const noexcept { return datagrams_; }
    [[nodiscard]] std::size_t longest() const noexcept { return longest_; }
    [[nodiscard]] std::size_t lines() const {
        return static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n'));
    }

private:
    template <class Address>
    Address bind_to(Address at) const {
        socklen_t size = sizeof at;
        auto* const any = reinterpret_cast<sockaddr*>(&at);
        if (::bind(fd_, any, size) != 0 || ::getsockname(fd_, any, &size) != 0) {
            throw std::runtime_error{std::string{"bind: "} + std::strerror(errno)};
        }
        return at;
    }

    std::string path_;
    int family_;
    int fd_ = -1;
    std::uint16_t port_ = 0;
    sockaddr_storage from_{};
    socklen_t from_size_ = 0;
    std::string text_;
    std::vector<std::string> datagrams_;
    std::size_t longest_ = 0;
};

}  // namespace test
