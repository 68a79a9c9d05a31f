// SPDX-License-Identifier: BSL-1.0
#include "baseline/growing_buffer.hpp"

#include <cstdarg>
#include <cstdio>

#include <sys/socket.h>

namespace baseline {

void growing_buffer::print(const char* format, ...) {
    for (;;) {
        const std::size_t room = bytes_.size() - length_;
        std::va_list arguments;
        va_start(arguments, format);
        const int wanted = std::vsnprintf(bytes_.data() + length_, room, format, arguments);
        va_end(arguments);
        if (wanted < 0) {
            return;
        }
        if (static_cast<std::size_t>(wanted) < room) {
            length_ += static_cast<std::size_t>(wanted);
            return;
        }
        bytes_.resize(bytes_.size() + step);
    }
}

bool send_all(int socket, std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace baseline
