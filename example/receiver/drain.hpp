// SPDX-License-Identifier: BSL-1.0
//
// Ends a connection so that its sender hears the last answer.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace receiver {

/// How long a sender may talk on whose request was refused.
struct drain_bounds {
    std::uint64_t bytes = std::uint64_t{16} << 20U;
    std::chrono::milliseconds time = std::chrono::seconds{5};
};

/// Sends no more, and reads what still comes until the sender ends too, within the bounds. A socket
/// that is closed with bytes unread is reset, and a reset destroys the answer on its way. Returns
/// the bytes that were read.
inline boost::asio::awaitable<std::uint64_t> drain(
    std::shared_ptr<boost::asio::ip::tcp::socket> peer, std::span<char> room,
    drain_bounds most = {}) {
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    boost::system::error_code ignored;
    peer->shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    boost::asio::steady_timer patience{peer->get_executor(), most.time};
    patience.async_wait([peer](const boost::system::error_code& error) {
        boost::system::error_code none;
        if (!error) {
            peer->close(none);
        }
    });
    std::uint64_t bytes = 0;
    while (bytes < most.bytes) {
        auto [error, n] =
            co_await peer->async_read_some(boost::asio::buffer(room.data(), room.size()), token);
        if (error) {
            break;
        }
        bytes += n;
    }
    co_return bytes;
}

}  // namespace receiver
