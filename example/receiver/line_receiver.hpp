// SPDX-License-Identifier: BSL-1.0
//
// A receiver of lines and of binary records that a program can embed, over TCP and over HTTP: it
// listens, reads what arrives as the format has it, gives each line to a callable, and counts. One
// thread of its own does it all; the counts may be read from any thread.
#pragma once

#include "answers.hpp"
#include "counted_lines.hpp"
#include "drain.hpp"
#include "post_requests.hpp"
#include "tally.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace receiver {

namespace asio = boost::asio;

/// OnLine is called in the receiver's thread as `on_line(line, seen)` for every complete line,
/// where `seen` is a `const std::optional<line_seen>&`, empty for a malformed line; binary samples
/// are told as lines of text. If it has such members, it is called as `on_line.end_of_block()`
/// after the lines of each read, and as `on_line.not_taken(why)` for requests and samples that are
/// not taken.
template <class OnLine>
class line_receiver {
public:
    /// Listens at once, on `port` of `address`; 0 takes a free one. Throws
    /// boost::system::system_error when that cannot be had.
    line_receiver(format_reader read, OnLine on_line, std::uint16_t port = 0,
                  const std::string& address = "127.0.0.1", misbehaviour asked = {})
        : lines_{read, std::move(on_line)}, asked_{std::move(asked)} {
        const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(address), port};
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(asio::socket_base::reuse_address{true});
        if (asked_.slow_bytes_per_second != 0 || asked_.stop_reading_after != 0) {
            // With the default buffer the kernel would take megabytes before a sender noticed.
            acceptor_.set_option(asio::socket_base::receive_buffer_size{16 * 1024});
        }
        acceptor_.bind(endpoint);
        acceptor_.listen();
        port_ = acceptor_.local_endpoint().port();
        acceptor_.non_blocking(true);
        asio::co_spawn(io_, accept(), asio::detached);
        thread_ = std::thread{[this] { io_.run(); }};
    }

    ~line_receiver() {
        io_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    line_receiver(const line_receiver&) = delete;
    line_receiver& operator=(const line_receiver&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] tally counts() const { return lines_.counts(); }

    /// Listens no longer, tells the senders that it is going (it closes its own side), and reads on
    /// until they have closed theirs, but not longer than `within`. True: everything that was sent
    /// has been read. Call it once.
    bool finish(std::chrono::milliseconds within) {
        asio::post(io_, [this, within] {
            finishing_ = true;
            accept_waiting();  // a sender may have connected, written and gone already
            acceptor_.close();
            for (const auto& peer : open_) {
                say_goodbye(*peer);
            }
            deadline_.expires_after(within);
            deadline_.async_wait([this](const boost::system::error_code& error) {
                if (!error) {
                    io_.stop();
                }
            });
            end_when_idle();
        });
        thread_.join();
        return open_.empty();
    }

private:
    using socket = asio::ip::tcp::socket;
    static constexpr auto token = asio::as_tuple(asio::use_awaitable);

    asio::awaitable<void> accept() {
        asio::steady_timer pause{io_};
        while (acceptor_.is_open()) {
            auto [error, peer] = co_await acceptor_.async_accept(token);
            if (!error) {
                begin(std::move(peer));
            } else {  // out of descriptors, perhaps: wait for some to be closed
                pause.expires_after(std::chrono::milliseconds{10});
                co_await pause.async_wait(token);
            }
        }
        accepting_ = false;
        end_when_idle();
    }

    void accept_waiting() {
        for (;;) {
            boost::system::error_code error;
            socket peer = acceptor_.accept(error);
            if (error) {
                return;
            }
            begin(std::move(peer));
        }
    }

    void begin(socket peer) {
        count([](tally& t) { ++t.connections; });
        auto shared = std::make_shared<socket>(std::move(peer));
        open_.insert(shared);
        if (finishing_) {
            say_goodbye(*shared);
        }
        asio::co_spawn(io_, serve(shared), asio::detached);
        if (asked_.flood) {
            asio::co_spawn(io_, flood(shared), asio::detached);
        }
    }

    static void say_goodbye(socket& peer) {
        boost::system::error_code ignored;
        peer.shutdown(socket::shutdown_send, ignored);
    }

    asio::awaitable<void> serve(std::shared_ptr<socket> peer) {
        std::array<char, 64 * 1024> block;
        std::string begun;  // the line whose newline has not come yet
        std::string start;  // until it is known whether they are requests
        std::optional<bool> is_http;
        post_requests requests{lines_.format().messages != nullptr ? longest_message
                                                                   : post_requests::longest_lines};
        std::uint64_t seen_bytes = 0;
        std::uint64_t seen_lines = 0;
        asio::steady_timer pause{io_};
        for (;;) {
            const std::size_t most = next_read(seen_bytes, block.size());
            if (most == 0) {  // told to stop reading: the connection stays as it is
                pause.expires_at(asio::steady_timer::time_point::max());
                co_await pause.async_wait(token);
            }
            auto [error, n] =
                co_await peer->async_read_some(asio::buffer(block.data(), most), token);
            if (error) {
                break;
            }
            seen_bytes += n;
            count([arrived = n](tally& t) { t.bytes += arrived; });
            std::string_view bytes{block.data(), n};
            if (!is_http) {
                start += bytes;
                is_http = post_requests::begin_with(start);
                bytes = is_http ? std::string_view{start} : std::string_view{};
            }
            std::uint64_t lines = 0;
            if (is_http.value_or(false)) {
                std::string answers;
                const std::string_view why = requests.take(bytes, [&](const post_request& one) {
                    answers += answer_to(one, lines_, asked_.status, lines);
                });
                if (!why.empty()) {
                    lines_.refused(true, why);
                    answers += refusal(lines_.format().messages, why);
                }
                co_await say(*peer, answers);
                if (!why.empty()) {
                    const std::uint64_t more = co_await drain(peer, block);
                    count([more](tally& t) { t.bytes += more; });
                    break;
                }
            } else if (is_http) {
                lines = lines_.take(bytes, begun);
            }
            seen_lines += lines;
            if (!is_http.value_or(true) && !asked_.reply.empty() && lines != 0) {
                co_await reply(*peer, lines);
            }
            if (asked_.reset_after != 0 && seen_bytes >= asked_.reset_after) {
                boost::system::error_code ignored;
                peer->set_option(asio::socket_base::linger{true, 0}, ignored);
                break;
            }
            if (asked_.close_after_lines != 0 && seen_lines >= asked_.close_after_lines) {
                break;
            }
            if (asked_.slow_bytes_per_second != 0) {
                pause.expires_after(
                    std::chrono::nanoseconds{1'000'000'000 * n / asked_.slow_bytes_per_second});
                co_await pause.async_wait(token);
            }
        }
        if (!begun.empty() || requests.inside_a_request() || (!is_http && !start.empty())) {
            count([](tally& t) { ++t.torn_tails; });
        }
        boost::system::error_code ignored;
        peer->close(ignored);
        open_.erase(peer);
        end_when_idle();
    }

    /// How many bytes the next read may take; 0 once this receiver was told to read no more.
    std::size_t next_read(std::uint64_t seen, std::size_t room) const {
        std::uint64_t most = room;
        if (asked_.slow_bytes_per_second != 0) {  // ten reads a second
            most = std::min<std::uint64_t>(most, asked_.slow_bytes_per_second / 10 + 1);
        }
        if (asked_.reset_after != 0) {
            most = std::min(most, asked_.reset_after - seen);
        }
        if (asked_.stop_reading_after != 0) {
            most = std::min(most, asked_.stop_reading_after - seen);
        }
        return static_cast<std::size_t>(most);
    }

    asio::awaitable<void> reply(socket& peer, std::uint64_t lines) {
        std::string text;
        for (std::uint64_t i = 0; i < lines; ++i) {
            text += asked_.reply;
            text += '\n';
        }
        co_await say(peer, text);
    }

    asio::awaitable<void> say(socket& peer, const std::string& text) {
        auto [error, n] = co_await asio::async_write(peer, asio::buffer(text), token);
        count([sent = n](tally& t) { t.reply_bytes += sent; });
    }

    asio::awaitable<void> flood(std::shared_ptr<socket> peer) {
        const std::string block(16 * 1024, '#');
        for (;;) {
            auto [error, n] = co_await peer->async_write_some(asio::buffer(block), token);
            if (error) {
                co_return;
            }
            count([sent = n](tally& t) { t.reply_bytes += sent; });
        }
    }

    void end_when_idle() {
        if (finishing_ && !accepting_ && open_.empty()) {
            io_.stop();
        }
    }

    template <class Change>
    void count(Change change) {
        lines_.count(change);
    }

    asio::io_context io_{1};
    asio::ip::tcp::acceptor acceptor_{io_};
    std::uint16_t port_ = 0;
    asio::steady_timer deadline_{io_};
    counted_lines<OnLine> lines_;
    misbehaviour asked_;
    std::set<std::shared_ptr<socket>> open_;  // connections; the receiver's thread only
    bool accepting_ = true;
    bool finishing_ = false;
    std::thread thread_;  // last: it uses everything above
};

}  // namespace receiver
