// SPDX-License-Identifier: BSL-1.0
//
// A transport of your own: lines over a serial line. A transport only moves bytes, without ever
// blocking; when to connect, what to write again, what to drop and how to count it is decided
// above. The reactor that it derives from waits for it.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/reactor.hpp>
#include <backends/transport/transport.hpp>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

//! [transport]
class serial_line : public backends::reactor {
public:
    /// Nobody acknowledges anything on this wire: a line counts as delivered once it was written.
    static constexpr backends::evidence proves = backends::evidence::none;

    explicit serial_line(std::string device = "/dev/ttyS0") : device_{std::move(device)} {}
    serial_line(serial_line&& other) noexcept
        : reactor{std::move(other)},
          device_{std::move(other.device_)},
          file_{std::exchange(other.file_, -1)} {}
    serial_line& operator=(serial_line&&) = delete;
    ~serial_line() { close(); }

    void resolve(const backends::destination&) noexcept {}
    backends::io_result resolved() noexcept { return {.count = 1, .error = {}}; }

    void connect(std::size_t) {
        file_ = ::open(device_.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    backends::io_result connected() noexcept {
        return file_ >= 0 ? backends::io_result{} : failed();
    }

    backends::io_result write_some(std::span<const char> bytes) noexcept {
        return moved(::write(file_, bytes.data(), bytes.size()));
    }
    backends::io_result read_some(std::span<char> room) noexcept {
        return moved(::read(file_, room.data(), room.size()));
    }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return std::nullopt;
    }

    void half_close() noexcept {}
    void close() noexcept {
        if (file_ >= 0) {
            unwatch();
            ::close(std::exchange(file_, -1));
        }
    }
    /// What the system still holds is not sent any more.
    void abort() noexcept {
        ::tcflush(file_, TCOFLUSH);
        close();
    }

    void arm(bool readable, bool writable, backends::instant until) {
        watch(file_, readable, writable, until);
    }

private:
    static backends::io_result failed() noexcept {
        const std::error_code why{errno, std::system_category()};
        return why == std::errc::operation_would_block
                   ? backends::io_result::pending()
                   : backends::io_result{.count = 0, .error = why};
    }
    static backends::io_result moved(ssize_t n) noexcept {
        return n >= 0 ? backends::io_result{.count = static_cast<std::size_t>(n), .error = {}}
                      : failed();
    }

    std::string device_;
    int file_ = -1;
};
static_assert(backends::waiting_transport<serial_line>);
//! [transport]

/// The other end of the wire: a pseudo-terminal, since not every machine has a serial port.
class other_end {
public:
    other_end() : file_{::posix_openpt(O_RDWR | O_NOCTTY)} {
        termios raw{};
        if (file_ < 0 || ::grantpt(file_) != 0 || ::unlockpt(file_) != 0 ||
            ::tcgetattr(file_, &raw) != 0) {
            std::perror("pseudo-terminal");
            std::exit(1);
        }
        ::cfmakeraw(&raw);
        ::tcsetattr(file_, TCSANOW, &raw);
    }
    ~other_end() { ::close(file_); }
    other_end(const other_end&) = delete;
    other_end& operator=(const other_end&) = delete;

    [[nodiscard]] std::string device() const { return ::ptsname(file_); }

    /// What has come over the wire.
    [[nodiscard]] std::string read() const {
        std::array<char, 4096> room{};
        pollfd waiting{.fd = file_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, 1000) != 1) {
            return {};
        }
        const ssize_t n = ::read(file_, room.data(), room.size());
        return {room.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
    }

private:
    int file_;
};

int main() {
    const other_end far;
    backends::host host{"pump-7"};
    auto& pump = host.add("pump", {"bar", "rpm"});
    bool taken = pump.record(1'700'000'000, {2.5, 1400.0});

    //! [policies]
    struct written_is_enough : backends::default_policies {
        using confirmation = backends::confirm::written;
    };
    backends::exporter<backends::average, backends::graphite_plaintext, serial_line, backends::host,
                       written_is_enough>
        exporter{host, {.prefix = "plant", .self_monitoring = false}, serial_line{far.device()}};
    //! [policies]

    exporter.start();
    const bool complete = exporter.stop(std::chrono::seconds{1}).complete();
    const std::string arrived = far.read();
    std::printf("%s", arrived.c_str());
    const bool right = taken && complete && exporter.counters().confirmed.lines == 2 &&
                       arrived.starts_with("plant.pump-7.pump.bar 2.5000000 ") &&
                       arrived.find("\nplant.pump-7.pump.rpm 1400.0000000 ") != std::string::npos;
    return right ? 0 : 1;
}
