// SPDX-License-Identifier: BSL-1.0
//
// The requests of one HTTP connection: bodies that fill up, wait, are on their way, and are
// answered in order. Sans-I/O. Bodies that wait are copies: the records of a request must stay the
// same until its answer, while the queue may drop records that nobody has begun to send. What goes
// at once goes from where it is, if that is kept: then it is copied if it is refused.
#pragma once

#include <backends/core/record_ends.hpp>
#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>
#include <backends/transport/http_encoding.hpp>
#include <backends/transport/http_memory.hpp>
#include <backends/transport/http_slot.hpp>
#include <backends/transport/http_unsettled.hpp>
#include <backends/transport/lent_bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Bytes move through it in order: taken > settled. A body is settled from its beginning on, so the
/// bytes that nobody has answered are always the last ones that were taken.
///
/// Not thread-safe. Allocates in start() alone, and there only what has not been enough before.
template <http_encoding Encoding = not_encoded, request_body Body = line_body>
class http_requests {
    using ends = record_ends<Body::ends>;

public:
    /// @param divides  whether the records of a refused request go again in parts
    /// @param joins    whether to_send() gives one piece
    http_requests(std::size_t request_bytes, std::size_t requests, bool divides, bool joins)
        : most_{request_bytes},
          depth_{requests},
          divides_{divides},
          memory_{request_bytes, requests, joins} {}

    /// Before start(): see resource_transport.
    void resource(std::string_view text) { memory_.resource(text); }
    /// Before start(): what was taken is kept there until it is settled.
    void borrow(lent_bytes from) noexcept { lent_ = from; }
    /// Begins a connection. `head` is what precedes the digits of a length.
    void start(std::string head) {
        memory_.start(std::move(head));
        all_.reserve(depth_);
        clear();
    }
    /// Forgets all requests. Where one was being divided, the next ones are as short as its oldest
    /// part: connections that end before a division does would begin it anew for ever.
    void clear() noexcept {
        if (all_.is_dividing()) {
            limit_ = (std::min)(limit_, all_.front().size());
        }
        all_.clear();
        wire_ = {};
        is_filling_ = pipelines_ = is_broken_ = false;
    }

    /// Copies as many whole records as fit into one request; bytes without a record's end are the
    /// beginning of one, or its rest. Returns how many: 0 when there is no room, and also for a
    /// record that no request can hold: then is_too_long().
    std::size_t take(std::span<const char> bytes) noexcept {
        is_too_long_ = false;
        if (bytes.empty() || (!is_filling_ && !open())) {
            return 0;
        }
        std::size_t n = fill(bytes);
        if (n == 0 && all_.last().end != 0 && !all_.last().inside_record()) {
            is_filling_ = false;
            n = open() ? fill(bytes) : 0;
        }
        if (!is_filling_) {
            return 0;
        }
        is_too_long_ = n == 0;
        if (all_.last().end == 0 && n == 0) {
            all_.withdraw();
            is_filling_ = false;
            return 0;
        }
        all_.took(n);
        is_filling_ = n == bytes.size() || all_.last().inside_record();
        return n;
    }
    [[nodiscard]] bool is_too_long() const noexcept { return is_too_long_; }

    /// Makes a request of the first whole records that goes at once, from where they are. The
    /// caller sends it, and says how far it came. Empty: take() them.
    [[nodiscard]] http_wire go(std::span<const char> bytes) noexcept {
        const std::size_t most = (std::min)(bytes.size(), limit_);
        if (!lent_ || !may_go(most)) {
            return {};
        }
        const std::size_t n = ends::last({bytes.data(), most});
        if (n == 0 || !open()) {
            return {};
        }
        is_filling_ = false;
        http_slot& one = all_.last();
        one.end = one.whole = n;
        one.is_lent = true;
        all_.took(n);
        all_.send(one);
        return memory_.around(bytes.first(n));
    }
    /// Its first n bytes were sent. The rest waits here.
    void went(const http_wire& all, std::size_t n) noexcept {
        if (n < all.size()) {
            all_.last().is_lent = false;
            char* const body = memory_.body(all_.last().place);
            std::copy(all.records.begin(), all.records.end(), body);
            wire_ = {all.head, {body, all.records.size()}};
            wire_.consume(n);
        }
    }

    /// The next bytes of a request on its way; empty: wait for an answer, or for records. Several
    /// go at once as soon as the connection is known to stay. A request that is not full waits for
    /// the answers to all others, and grows meanwhile.
    [[nodiscard]] const http_wire& to_send() noexcept {
        if (wire_.empty() && all_.on_way() < window()) {
            send_next();
        }
        return wire_;
    }
    void sent(std::size_t n) noexcept { wire_.consume(n); }
    [[nodiscard]] bool is_sending() const noexcept { return !wire_.empty(); }
    /// The encoding failed; no more can be sent.
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

    /// Whether a request is on its way.
    [[nodiscard]] bool awaits_answer() const noexcept { return all_.on_way() != 0; }
    /// Whether the next answer is to a request that is still being sent.
    ///
    /// @param is_held  whether the transport below still has bytes of what was sent last
    [[nodiscard]] bool answered_early(bool is_held) const noexcept {
        return all_.on_way() == 1 && (!wire_.empty() || is_held);
    }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    /// Bytes taken, and not settled.
    [[nodiscard]] std::size_t unanswered() const noexcept { return all_.bytes(); }

    /// The receiver closes the connection after it has refused a request of many records: from now
    /// on requests are at most half as long as the oldest part, or twice as long as one that is
    /// accepted later. Precondition: not empty().
    void shrink() noexcept {
        limit_ = (std::max<std::size_t>)((std::min)(limit_, all_.front().size()) / 2, 1);
    }

    /// The same for a request that the receiver finds too long before it has all of it. Does
    /// nothing for one record, which cannot be shorter, and returns whether there are more.
    [[nodiscard]] bool shrink_early() noexcept {
        const std::string_view text = text_of(all_.front()).substr(all_.front().begin);
        const bool is_divisible = ends::first(text) != text.size();
        if (is_divisible) {
            shrink();
        }
        return is_divisible;
    }

    /// @param keeps  the receiver keeps the connection: several requests may be on their way
    void pipeline(bool keeps) noexcept { pipelines_ = pipelines_ || keeps; }

    /// The oldest request on its way was accepted, but for its first `rejected` records. Returns as
    /// settle() does. Precondition: there is one.
    [[nodiscard]] std::size_t accepted(std::uint64_t rejected = 0) noexcept {
        const std::size_t n = all_.answered(http_state::accepted, rejected);
        limit_ = (std::max)(limit_, (std::min)(most_, 2 * n));
        return settle();
    }
    /// It was refused. Unless it has one record, its records go again in parts.
    [[nodiscard]] std::size_t refused() noexcept {
        all_.answered(http_state::refused, 0);
        return settle();
    }
    /// Settles what was answered, up to records that are refused for good. Returns how many of the
    /// oldest bytes these are; 0: none.
    [[nodiscard]] std::size_t settle() noexcept {
        return all_.settle(divides_,
                           [this](http_slot& oldest) noexcept { return text_of(oldest); });
    }

private:
    std::string_view text_of(http_slot& oldest) noexcept {
        char* const body = memory_.body(oldest.place);
        if (std::exchange(oldest.is_lent, false)) {  // so none of it is settled
            lent_.copy(lent_.keeper, all_.bytes(), {body, oldest.end});
        }
        return {body, oldest.end};
    }

    [[nodiscard]] std::size_t window() const noexcept { return pipelines_ ? depth_ : 1; }

    bool open() noexcept {
        if (all_.requests() == window()) {
            return false;
        }
        all_.open();
        is_filling_ = true;
        return true;
    }
    std::size_t fill(std::span<const char> bytes) noexcept {
        return all_.last().template fill<ends>(bytes, memory_.body(all_.last().place), most_,
                                               limit_);
    }

    void send_next() noexcept {
        http_slot* const next = all_.waiting();
        if (next == nullptr) {
            return;
        }
        const bool fills = is_filling_ && next == &all_.last();
        if (fills && (all_.on_way() != 0 || next->inside_record())) {
            return;
        }
        is_filling_ = is_filling_ && !fills;
        wire_ = memory_.request(*next);
        is_broken_ = wire_.empty();
        if (!is_broken_) {
            all_.send(*next);
        }
    }

    /// Whether a request of so many bytes may go at once: no other waits, and it is not so small
    /// that it had better grow.
    [[nodiscard]] bool may_go(std::size_t n) noexcept {
        return !is_filling_ && wire_.empty() && all_.waiting() == nullptr &&
               all_.on_way() < window() && (all_.on_way() == 0 || n >= limit_ / 2);
    }

    std::size_t most_;
    std::size_t depth_;
    bool divides_;
    bool is_filling_ = false;
    bool pipelines_ = false;
    bool is_too_long_ = false;
    bool is_broken_ = false;
    http_memory<Encoding, Body> memory_;
    lent_bytes lent_;
    http_unsettled<ends> all_;
    http_wire wire_;
    std::size_t limit_ = most_;
};

}  // namespace backends::detail
