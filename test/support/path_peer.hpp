// SPDX-License-Identifier: BSL-1.0
//
// A receiver of streams at a path, made of plain system calls. The test's own thread steps it.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace test {

class path_peer {
public:
    explicit path_peer(std::string path)
        : path_{std::move(path)}, listener_{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)} {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::memcpy(at.sun_path, path_.data(), std::min(path_.size(), sizeof at.sun_path - 1));
        if (::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
            ::listen(listener_, 4) != 0) {
            throw std::runtime_error{std::string{"bind: "} + std::strerror(errno)};
        }
    }
    path_peer(const path_peer&) = delete;
    path_peer& operator=(const path_peer&) = delete;
    ~path_peer() {
        hang_up();
        ::close(listener_);
    }

    [[nodiscard]] std::string address() const { return "unix:" + path_; }

    /// Reads about n bytes; at the end of a connection it hangs up, and takes the next one.
    void turn(std::size_t n) {
        if (connection_ < 0) {
            connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        }
        std::array<char, 4'096> room;
        for (std::size_t got = 0; connection_ >= 0 && got <= n;) {
            const ssize_t size = ::recv(connection_, room.data(), room.size(), 0);
            if (size > 0) {
                got += static_cast<std::size_t>(size);
                taken_.append(room.data(), static_cast<std::size_t>(size));
            } else if (size == 0 || errno != EAGAIN) {
                hang_up();
            } else {
                return;
            }
        }
    }
    [[nodiscard]] const std::string& taken() const noexcept { return taken_; }

private:
    void hang_up() {
        if (connection_ >= 0) {
            ::close(std::exchange(connection_, -1));
        }
    }

    std::string path_;
    int listener_;
    int connection_ = -1;
    std::string taken_;
};

}  // namespace test
