// SPDX-License-Identifier: BSL-1.0
//
// The transport to a receiver of datagrams on the same machine: a socket with a path. Models
// waiting_transport.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/transport/datagram_socket.hpp>
#include <backends/transport/scheme.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>

namespace backends::inline BACKENDS_ISA {

/// Settings of a unix_datagram.
struct unix_datagram_options {
    /// A datagram holds at most so many bytes, 512 to 65,507. Datadog's agent takes 8,192.
    std::size_t datagram_bytes = 8'192;
};

/// Sends lines in datagrams to `unixgram:/PATH`, or a path alone. Not thread-safe except for
/// wake(). On the user's executor as basic_udp is.
///
/// Nothing is lost on the way: where the receiver does not read, the sender waits. What a dying
/// receiver has not read is lost, and nobody knows: the level `written` is the only one of the
/// library's that compiles.
class unix_datagram : public detail::datagram_transport {
public:
    /// `unixgram:/PATH`; DogStatsD's clients call it `unix:///PATH`.
    static constexpr std::array<scheme, 2> schemes{
        {{"unixgram", 0, &path_alone}, {"unix", 0, &path_alone}}};

    /// For start() and poll(). Throws config_error for an option that cannot work,
    /// std::system_error when no file descriptor is left.
    explicit unix_datagram(unix_datagram_options options = {})
        : datagram_transport{options.datagram_bytes} {}
    /// For async_run(), on this executor: include <backends/transport/executor.hpp> too. Throws
    /// like the other constructor.
    template <class Executor>
        requires(!std::is_base_of_v<unix_datagram, Executor> &&
                 !std::convertible_to<Executor, unix_datagram_options>)
    explicit unix_datagram(Executor executor, unix_datagram_options options = {})
        : datagram_transport{std::move(executor), options.datagram_bytes} {}

    unix_datagram(unix_datagram&&) noexcept = default;
    unix_datagram& operator=(unix_datagram&&) = delete;
    /// In a fork's child it leaves everything as it is: the parent shares the socket.
    ~unix_datagram() {
        if (!in_child()) {
            close();
        }
    }

    /// Keeps the path: there is nothing to look up.
    void resolve(const destination& where) { path_ = where.host; }
    /// One endpoint, at once.
    static io_result resolved() noexcept { return {1, {}}; }

    /// Connects at once, or fails where nobody listens at the path.
    void connect(std::size_t) noexcept {
        close();
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        if (path_.empty() || path_.size() >= sizeof to.sun_path) {
            socket().fail(errc::no_address);
            return;
        }
        std::memcpy(to.sun_path, path_.data(), path_.size());
        socket().open(AF_UNIX);
        socket().connect(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }

private:
    std::string path_;
};

}  // namespace backends
