// SPDX-License-Identifier: BSL-1.0
//
// Testing. The laws of transports, for a user's models and any test framework: each broken law
// gives a sentence, an empty text means that all hold. A transport on another one keeps them too.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/evidence.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/request_body.hpp>
#include <backends/transport/transport.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// The other end of a transport, which a test writes:
/// - `turn(n)` reads about n bytes and answers as the protocol asks;
/// - `taken()` gives the records' bytes that it has read, of all connections, in order.
template <class Peer>
concept transport_peer = requires(Peer peer, std::size_t n) {
    peer.turn(n);
    { peer.taken() } -> std::convertible_to<std::string>;
};

/// 1. What write_some() took reaches the peer, in order, once, or the connection ends.
/// 2. unacknowledged() grows only by writing, and comes to 0 when the peer has everything.
/// 3. After half_close() the peer's end of stream comes, and nothing is lost.
/// 4. close() and abort() may be called at any time and any number of times; a later connect()
///    starts afresh.
/// 5. What would block has moved nothing.
///
/// The records are what the transport's body takes: lines, without a word about it.
template <transport Transport, transport_peer Peer>
class transport_laws {
public:
    /// @param on    not connected
    /// @param peer  its other end, which accepts every record
    static std::string broken(Transport& on, Peer& peer, const destination& where,
                              std::uint32_t seed = 1) {
        transport_laws run{on, peer, where, seed};
        for (int i = 0; i != 8; ++i) {
            if (std::string why = run.connection(i); !why.empty()) {
                return why;
            }
        }
        return {};
    }

private:
    transport_laws(Transport& on, Peer& peer, const destination& where, std::uint32_t seed)
        : on_{on}, peer_{peer}, where_{where}, random_{seed} {}

    std::string connection(int number) {
        on_.close();
        on_.abort();
        if (!opened()) {
            return "it cannot connect";
        }
        if (on_.unacknowledged().value_or(0) != 0) {
            return "a connection begins with unacknowledged bytes";
        }
        before_ = peer_.taken();
        text_.clear();
        ends_.clear();
        written_ = waiting_ = 0;
        for (std::size_t lines = random_() % 400; lines != 0; --lines) {
            text_ += record(std::to_string(next_++) + std::string(random_() % 40, '.'));
            ends_.push_back(text_.size());
        }
        const bool whole = number % 2 == 0;  // others are given up in the middle
        const std::size_t upto = whole ? text_.size() : text_.size() / 2;
        for (int steps = 0; written_ < upto; ++steps) {
            if (std::string why = write_on(); !why.empty()) {
                return why;
            }
            if (steps == max_steps) {
                return "it takes nothing more, though the peer reads";
            }
        }
        std::string why = whole ? end() : std::string{};
        number % 4 == 1 ? on_.abort() : on_.close();
        on_.close();
        for (int i = 0; i != 20; ++i) {
            peer_.turn(100'000);  // what was written before a close() may still arrive
        }
        if (why.empty() && !is_beginning(peer_.taken())) {
            why = "what the peer read is not what was written, in order and once";
        }
        return why;
    }

    bool opened() {
        on_.resolve(where_);
        io_result found = on_.resolved();
        for (int i = 0; i != max_steps && found.would_block(); ++i) {
            peer_.turn(0);
            found = on_.resolved();
        }
        if (found.error || found.count == 0) {
            return false;
        }
        on_.connect(0);
        io_result connected = on_.connected();
        for (int i = 0; i != max_steps && connected.would_block(); ++i) {
            peer_.turn(0);
            connected = on_.connected();
        }
        return !connected.error;
    }

    std::string write_on() {
        const std::string_view rest = std::string_view{text_}.substr(written_);
        const std::size_t wanted = (std::min)(rest.size() - 1, random_() % 3'000);
        const auto end = std::upper_bound(ends_.begin(), ends_.end(), written_ + wanted);
        const io_result done = on_.write_some(rest.substr(0, *end - written_));
        if (done.error && !done.would_block()) {
            return "it fails to write: " + done.error.message();
        }
        if (done.would_block() && done.count != 0) {
            return "a write that would block has moved bytes";
        }
        if (done.count > rest.size()) {
            return "it takes more than it was given";
        }
        written_ += done.count;
        waiting_ += done.count;
        return exchange();
    }

    static std::string record(std::string text) {
        if constexpr (backends::detail::body_of<Transport>::ends == record_end::newline) {
            return text + '\n';
        } else {
            std::replace(text.begin(), text.end(), '.', '\n');
            return std::string{'\n', static_cast<char>(text.size())} + text;
        }
    }
    /// The peer has a turn, and answers are read.
    std::string exchange() {
        peer_.turn(random_() % 3'000);
        std::array<char, 512> room;
        const io_result done = on_.read_some(room);
        if (done.error && !done.would_block()) {
            return done.error == errc::end_of_stream ? "the stream ends though nobody ended it"
                                                     : "it fails to read: " + done.error.message();
        }
        if (done.would_block() && done.count != 0) {
            return "a read that would block has moved bytes";
        }
        if (const std::optional<std::size_t> now = on_.unacknowledged()) {
            if (*now > waiting_) {
                return "unacknowledged() grows by more than was written";
            }
            waiting_ = *now;
        } else if (Transport::proves != evidence::none) {
            return "unacknowledged() does not answer on an open connection";
        }
        return {};
    }

    std::string end() {
        for (int i = 0; Transport::proves != evidence::none && waiting_ != 0; ++i) {
            if (std::string why = exchange(); !why.empty()) {
                return why;
            }
            if (i == max_steps) {
                return "unacknowledged() never comes to 0, though the peer reads";
            }
        }
        on_.half_close();
        for (int i = 0; i != max_steps; ++i) {
            peer_.turn(100'000);
            std::array<char, 512> room;
            const io_result done = on_.read_some(room);
            if (done.error == errc::end_of_stream) {
                return peer_.taken() == before_ + text_ ? "" : "half_close() loses bytes";
            }
            if (done.error && !done.would_block()) {
                return "it fails to end: " + done.error.message();
            }
        }
        return "the peer's end of stream never comes";
    }

    [[nodiscard]] bool is_beginning(std::string_view taken) const {
        return taken.starts_with(before_) &&
               std::string_view{text_}.starts_with(taken.substr(before_.size()));
    }

    static constexpr int max_steps = 100'000;

    Transport& on_;
    Peer& peer_;
    const destination& where_;
    std::mt19937 random_;
    std::string before_;  // taken before this connection
    std::string text_;
    std::vector<std::size_t> ends_;  // of its records
    std::size_t written_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t next_ = 0;
};

}  // namespace backends::testing
