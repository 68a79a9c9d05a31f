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
#include <backends/transport/http_body.hpp>
#include <backends/transport/http_encoding.hpp>
#include <backends/transport/http_memory.hpp>
#include <backends/transport/http_refused_part.hpp>
#include <backends/transport/http_slot.hpp>
#include <backends/transport/lent_bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// Bytes move through it in order: taken > settled. A body is settled from its beginning on, so the
/// bytes that nobody has answered are always the last ones that were taken.
///
/// Not thread-safe. Allocates in start() alone, and there only what has not been enough before.
template <http_encoding Encoding = not_encoded, request_body Body = line_body>
class http_requests {
    using ends = record_ends<Body::ends>;

public:
    http_requests(std::size_t request_bytes, std::size_t requests, bool divides)
        : most_{request_bytes},
          depth_{requests},
          divides_{divides},
          memory_{request_bytes, requests} {}

    /// Before start(): see resource_transport.
    void resource(std::string_view text) { memory_.resource(text); }
    /// Before start(): what was taken is kept there until it is settled.
    void borrow(lent_bytes from) noexcept { lent_ = from; }
    /// Begins a connection. `head` is what precedes the digits of a length.
    void start(std::string head) {
        memory_.start(std::move(head));
        slots_.resize(depth_);
        on_way_.resize(depth_);
        clear();
    }
    /// Forgets all requests.
    void clear() noexcept {
        accepted_to_ = unanswered_ = 0;
        slots_.clear();
        on_way_.clear();
        part_.clear();
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
        if (n == 0 && last().size != 0 && !last().inside_record()) {
            is_filling_ = false;
            n = open() ? fill(bytes) : 0;
        }
        if (!is_filling_) {
            return 0;
        }
        is_too_long_ = n == 0;
        unanswered_ += n;
        is_filling_ = n == bytes.size() || last().inside_record();
        return n;
    }
    [[nodiscard]] bool is_too_long() const noexcept { return is_too_long_; }

    /// A request that goes at once: its head, and its records where they are. Empty: take() them.
    struct straight {
        std::span<const char> head;
        std::span<const char> records;
    };
    /// Makes one of the first whole records. The caller sends it, and says how far it came.
    [[nodiscard]] straight go(std::span<const char> bytes) noexcept {
        const std::size_t most = (std::min)(bytes.size(), limit_);
        if (!lent_ || !may_go(most)) {
            return {};
        }
        const std::size_t n = ends::last({bytes.data(), most});
        if (n == 0 || !open()) {
            return {};
        }
        is_filling_ = false;
        last() = {.size = n, .whole = n, .is_sent = true, .is_lent = true};
        on_way_.push(slots_.last_place());
        unanswered_ += n;
        return {memory_.head(slots_.last_place(), n), bytes.first(n)};
    }
    /// The first n bytes of its head and its records were sent. The rest waits here.
    void went(const straight& all, std::size_t n) noexcept {
        if (n < all.head.size() + all.records.size()) {
            std::copy(all.records.begin(), all.records.end(), body(slots_.last_place()));
            last().is_lent = false;
            wire_ = {all.head.data() + n, all.head.size() + all.records.size() - n};
        }
    }

    /// The next bytes of a request on its way; empty: wait for an answer, or for records. Several
    /// go at once as soon as the connection is known to stay. A request that is not full waits for
    /// the answers to all others, and grows meanwhile.
    [[nodiscard]] std::span<const char> to_send() noexcept {
        if (wire_.empty() && accepted_to_ == 0) {
            if (!part_.empty()) {
                if (on_way_.count() == 0) {
                    send(slots_.front_place());
                }
            } else if (on_way_.count() < (pipelines_ ? depth_ : 1)) {
                send_next();
            }
        }
        return wire_;
    }
    void sent(std::size_t n) noexcept { wire_ = wire_.subspan(n); }
    [[nodiscard]] bool is_sending() const noexcept { return !wire_.empty(); }
    /// The encoding failed; no more can be sent.
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

    /// Whether a request is on its way.
    [[nodiscard]] bool awaits_answer() const noexcept { return on_way_.count() != 0; }
    /// Whether the next answer is to a request that is still being sent.
    [[nodiscard]] bool answered_early() const noexcept {
        return on_way_.count() == 1 && !wire_.empty();
    }
    [[nodiscard]] bool empty() const noexcept { return slots_.count() == 0; }
    /// Bytes taken, and not settled.
    [[nodiscard]] std::size_t unanswered() const noexcept { return unanswered_; }

    /// The receiver closes the connection after it has refused a request of many records: from now
    /// on requests are smaller, and grow again as they are accepted.
    void shrink() noexcept {
        limit_ = (std::max<std::size_t>)((std::min)(limit_, slots_.front().size) / 2, 1);
    }

    /// The receiver keeps the connection: several requests may be on their way.
    void pipeline() noexcept { pipelines_ = true; }

    /// The oldest request on its way was accepted, but for its first `rejected` records. Returns
    /// their bytes where they are the oldest. Precondition: there is one.
    std::size_t accepted(std::uint64_t rejected = 0) noexcept;
    /// It was refused. Returns how many of the oldest bytes are refused for good: 0 when its
    /// records go again, in halves, or wait for the answers to older ones. Precondition: as above.
    [[nodiscard]] std::size_t refused() noexcept;
    /// Goes on with what was answered before its elders were settled: as accepted() does, and as
    /// refused() does for the first that was refused. 0 if there is none.
    [[nodiscard]] std::size_t answered_before() noexcept;

private:
    using verdict = http_verdict;
    using slot = http_slot;

    [[nodiscard]] slot& last() noexcept { return slots_.last(); }
    [[nodiscard]] char* body(std::size_t at) noexcept { return memory_.body(at); }

    bool open() noexcept {
        if (slots_.count() == (pipelines_ ? depth_ : 1)) {
            return false;
        }
        slots_.push();
        is_filling_ = true;
        return true;
    }
    std::size_t fill(std::span<const char> bytes) noexcept {
        return last().template fill<ends>(bytes, body(slots_.last_place()), most_, limit_);
    }

    void send_next() noexcept {
        for (std::size_t i = 0; i < slots_.count(); ++i) {
            slot& one = slots_.at(slots_.place_of(i));
            if (one.is_sent) {
                continue;
            }
            const bool fills = is_filling_ && i + 1 == slots_.count();
            if (fills && (on_way_.count() != 0 || one.inside_record())) {
                return;
            }
            is_filling_ = is_filling_ && !fills;
            one.is_sent = true;
            send(slots_.place_of(i));
            return;
        }
    }

    /// Whether a request of so many bytes may go at once: all others are on their way, and it is
    /// not so small that it had better grow.
    [[nodiscard]] bool may_go(std::size_t n) noexcept {
        return !is_filling_ && wire_.empty() && accepted_to_ == 0 && part_.empty() &&
               (slots_.count() == 0 || last().is_sent) && (on_way_.count() == 0 || n >= limit_ / 2);
    }

    /// Makes the request for the bytes that are tried now.
    void send(std::size_t at) noexcept {
        const slot& one = slots_.at(at);
        wire_ = memory_.request(body(at) + one.begin,
                                (at == slots_.front_place() ? tried() : one.size) - one.begin);
        is_broken_ = wire_.empty();
        if (!is_broken_) {
            on_way_.push(at);
        }
    }
    [[nodiscard]] std::size_t tried() const noexcept {
        return part_.empty() ? slots_.front().size : part_.end();
    }
    void keep_front() noexcept;
    void settle(std::size_t upto) noexcept;
    void settle_accepted() noexcept;
    std::size_t settle_partly() noexcept;
    std::size_t divide() noexcept;

    std::size_t most_;
    std::size_t depth_;
    bool divides_;
    bool is_filling_ = false;
    bool pipelines_ = false;
    bool is_too_long_ = false;
    bool is_broken_ = false;
    http_memory<Encoding, Body> memory_;
    lent_bytes lent_;
    http_slots slots_;
    http_on_way on_way_;
    std::size_t unanswered_ = 0;
    std::span<const char> wire_;
    refused_part<ends> part_;      // of the front request
    std::size_t accepted_to_ = 0;  // of the front request; settled when its refused part is told
    std::size_t limit_ = most_;
};

}  // namespace detail
}  // namespace backends

#include <backends/transport/http_settling.hpp>
