// SPDX-License-Identifier: BSL-1.0
//
// The requests of one HTTP connection: bodies that fill up, wait, are on their way, and are
// answered in order. Sans-I/O. Bodies are copies: the records of a request must stay the same until
// its answer, while the queue may drop records that nobody has begun to send.
#pragma once

#include <backends/core/record_ends.hpp>
#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>
#include <backends/transport/http_body.hpp>
#include <backends/transport/http_encoding.hpp>
#include <backends/transport/http_refused_part.hpp>
#include <backends/transport/http_slot.hpp>

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
        : most_{request_bytes}, depth_{requests}, divides_{divides} {}

    /// Before start(): see resource_transport.
    void resource(std::string_view text) { around_.resource(text); }
    /// Begins a connection. `head` is what precedes the digits of a length.
    void start(std::string head) {
        head_ = std::move(head);
        const std::size_t room = head_.size() + longest_length + around_.room();
        if (slots_.empty() || room > head_room_) {
            head_room_ = room + 512;
            bytes_.resize((head_room_ + most_) * depth_);
            slots_.resize(depth_);
            on_way_.resize(depth_);
            if constexpr (!Encoding::name.empty()) {
                encoded_.resize(head_room_ + encoding_.bound(most_ + around_.room()));
            }
        }
        clear();
    }
    /// Forgets all requests.
    void clear() noexcept {
        accepted_to_ = first_ = count_ = unanswered_ = 0;
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

    /// The next bytes of a request on its way; empty: wait for an answer, or for records. Several
    /// go at once as soon as the connection is known to stay. A request that is not full waits for
    /// the answers to all others, and grows meanwhile.
    [[nodiscard]] std::span<const char> to_send() noexcept {
        if (wire_.empty() && accepted_to_ == 0) {
            if (!part_.empty()) {
                if (on_way_.count() == 0) {
                    send(first_);
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
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    /// Bytes taken, and not settled.
    [[nodiscard]] std::size_t unanswered() const noexcept { return unanswered_; }

    /// The receiver closes the connection after it has refused a request of many records: from now
    /// on requests are smaller, and grow again as they are accepted.
    void shrink() noexcept {
        limit_ = (std::max<std::size_t>)((std::min)(limit_, slots_[first_].size) / 2, 1);
    }

    /// The receiver keeps the connection: several requests may be on their way.
    void pipeline() noexcept { pipelines_ = true; }

    /// The oldest request on its way was accepted, but for its first `rejected` records. Returns
    /// their bytes where they are the oldest. Precondition: there is one.
    std::size_t accepted(std::uint64_t rejected = 0) noexcept {
        const std::size_t at = on_way_.pop();
        slots_[at].rejected = rejected;
        if (at != first_) {
            slots_[at].answer = rejected == 0 ? verdict::accepted : verdict::partly;
            return 0;
        }
        limit_ = (std::min)(most_, limit_ * 2);
        return settle_partly();
    }
    /// It was refused. Returns how many of the oldest bytes are refused for good: 0 when its
    /// records go again, in halves, or wait for the answers to older ones. Precondition: as above.
    [[nodiscard]] std::size_t refused() noexcept {
        const std::size_t at = on_way_.pop();
        if (at != first_) {
            slots_[at].answer = verdict::refused;
            return 0;
        }
        return divide();
    }
    /// Goes on with what was answered before its elders were settled: as accepted() does, and as
    /// refused() does for the first that was refused. 0 if there is none.
    [[nodiscard]] std::size_t answered_before() noexcept {
        settle_accepted();
        const verdict what =
            count_ == 0 ? verdict::none : std::exchange(slots_[first_].answer, verdict::none);
        return what == verdict::refused ? divide() : what == verdict::partly ? settle_partly() : 0;
    }

private:
    using verdict = http_verdict;
    using slot = http_slot;

    [[nodiscard]] std::size_t place_of(std::size_t nth) const noexcept {
        return (first_ + nth) % depth_;
    }
    [[nodiscard]] std::size_t last_place() const noexcept { return place_of(count_ - 1); }
    [[nodiscard]] slot& last() noexcept { return slots_[last_place()]; }
    [[nodiscard]] char* body(std::size_t at) noexcept {
        return bytes_.data() + at * (head_room_ + most_) + head_room_;
    }

    bool open() noexcept {
        if (count_ == (pipelines_ ? depth_ : 1)) {
            return false;
        }
        ++count_;
        last() = {};
        is_filling_ = true;
        return true;
    }
    std::size_t fill(std::span<const char> bytes) noexcept {
        return last().template fill<ends>(bytes, body(last_place()), most_, limit_);
    }

    void send_next() noexcept {
        for (std::size_t i = 0; i < count_; ++i) {
            slot& one = slots_[place_of(i)];
            if (one.is_sent) {
                continue;
            }
            const bool fills = is_filling_ && i + 1 == count_;
            if (fills && (on_way_.count() != 0 || one.inside_record())) {
                return;
            }
            is_filling_ = is_filling_ && !fills;
            one.is_sent = true;
            send(place_of(i));
            return;
        }
    }

    /// Makes the request for the bytes that are tried now. Its head overwrites what stands
    /// before them: room, or settled bytes.
    void send(std::size_t at) noexcept {
        const std::size_t records = (at == first_ ? tried() : slots_[at].size) - slots_[at].begin;
        char* const first = body(at) + slots_[at].begin;
        char* begin = around_.begin(first, records);
        Body::end(first + records);
        auto size = static_cast<std::size_t>(first + records - begin);
        if constexpr (!Encoding::name.empty()) {
            char* const room = encoded_.data() + head_room_;
            size = encoding_.encode({begin, size}, {room, encoded_.size() - head_room_});
            begin = room;
            if (size == 0) {
                is_broken_ = true;
                return;
            }
        }
        char* const head = put_head(begin, head_, size);
        wire_ = {head, static_cast<std::size_t>(begin - head) + size};
        on_way_.push(at);
    }
    /// The part of the front request up to its end was accepted, or refused for good.
    void settle(std::size_t upto) noexcept {
        slot& front = slots_[first_];
        unanswered_ -= upto - front.begin;
        front.begin = upto;
        part_.settled();
        if (part_.empty()) {
            drop_first();
        }
    }
    /// What was accepted before its elders were. Not before a refusal is told.
    void settle_accepted() noexcept {
        if (accepted_to_ != 0) {
            settle(std::exchange(accepted_to_, 0));
        }
        while (count_ != 0 && slots_[first_].answer == verdict::accepted) {
            unanswered_ -= slots_[first_].size;
            drop_first();
        }
    }
    void drop_first() noexcept {
        first_ = place_of(1);
        --count_;
    }
    /// The part of the front request that is tried now was accepted, but for its first records.
    /// Returns their bytes; the rest counts after they are told.
    std::size_t settle_partly() noexcept {
        slot& front = slots_[first_];
        const std::size_t size = tried() - front.begin;
        const std::size_t n = bytes_of<ends>({body(first_) + front.begin, size}, front.rejected);
        accepted_to_ = tried();
        unanswered_ -= n;
        front.begin += n;
        if (n == 0) {
            settle_accepted();
        }
        return n;
    }
    [[nodiscard]] std::size_t tried() const noexcept {
        return part_.empty() ? slots_[first_].size : part_.end();
    }
    [[nodiscard]] std::size_t divide() noexcept {
        const std::size_t begin = slots_[first_].begin;
        const std::size_t end = tried();
        if (divides_ && part_.halve({body(first_), end}, begin, end)) {
            return 0;
        }
        settle(end);
        return end - begin;
    }

    std::size_t most_;
    std::size_t depth_;
    bool divides_;
    bool is_filling_ = false;
    bool pipelines_ = false;
    bool is_too_long_ = false;
    bool is_broken_ = false;
    [[no_unique_address]] Encoding encoding_;
    http_body<Body> around_;
    std::string head_;
    std::size_t head_room_ = 0;
    std::vector<char> bytes_;    // for each request: room for a head, and a body
    std::vector<char> encoded_;  // the same for the one that is being sent
    std::vector<slot> slots_;    // a ring
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    http_on_way on_way_;
    std::size_t unanswered_ = 0;
    std::span<const char> wire_;
    refused_part<ends> part_;      // of the front request
    std::size_t accepted_to_ = 0;  // of the front request; settled when its refused part is told
    std::size_t limit_ = most_;
};

}  // namespace detail
}  // namespace backends
