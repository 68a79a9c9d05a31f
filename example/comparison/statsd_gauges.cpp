// SPDX-License-Identifier: BSL-1.0
//
// The tutorial's first program as a statsd client: a datagram for each value, which nobody answers.
//! [program]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

class statsd {
public:
    explicit statsd(int port) noexcept {
        to_.sin_family = AF_INET;
        to_.sin_port = htons(static_cast<in_port_t>(port));
        to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    statsd(const statsd&) = delete;
    ~statsd() { ::close(socket_); }

    [[nodiscard]] bool gauge(const char* name, double value) const noexcept {
        char line[128];
        const int n = std::snprintf(line, sizeof line, "%s:%g|g", name, value);
        const auto bytes = static_cast<std::size_t>(n);
        return n > 0 && bytes < sizeof line &&
               ::sendto(socket_, line, bytes, 0, reinterpret_cast<const sockaddr*>(&to_),
                        sizeof to_) == n;
    }

private:
    int socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in to_{};
};

int main(int argc, char** argv) {
    const statsd metrics{argc > 1 ? std::atoi(argv[1]) : 8125};
    const bool sent =
        metrics.gauge("app.queue.depth", 3) && metrics.gauge("app.queue.wait_ms", 1.5);
    return sent ? 0 : 1;
}
//! [program]
