// SPDX-License-Identifier: BSL-1.0
//
// What follows for the requests of an HTTP connection from their answers.
#pragma once

#include <backends/transport/http_requests.hpp>

namespace backends::inline BACKENDS_ISA::detail {

template <http_encoding Encoding, request_body Body>
std::size_t http_requests<Encoding, Body>::accepted(std::uint64_t rejected) noexcept {
    const std::size_t at = on_way_.pop();
    slots_.at(at).rejected = rejected;
    if (at != slots_.front_place()) {
        slots_.at(at).answer = rejected == 0 ? verdict::accepted : verdict::partly;
        return 0;
    }
    limit_ = (std::min)(most_, limit_ * 2);
    return settle_partly();
}

template <http_encoding Encoding, request_body Body>
std::size_t http_requests<Encoding, Body>::refused() noexcept {
    const std::size_t at = on_way_.pop();
    if (at != slots_.front_place()) {
        slots_.at(at).answer = verdict::refused;
        return 0;
    }
    return divide();
}

template <http_encoding Encoding, request_body Body>
std::size_t http_requests<Encoding, Body>::answered_before() noexcept {
    settle_accepted();
    const verdict what =
        slots_.count() == 0 ? verdict::none : std::exchange(slots_.front().answer, verdict::none);
    return what == verdict::refused ? divide() : what == verdict::partly ? settle_partly() : 0;
}

/// Has the records of the front request here. It has none settled while they are lent.
template <http_encoding Encoding, request_body Body>
void http_requests<Encoding, Body>::keep_front() noexcept {
    http_slot& front = slots_.front();
    if (std::exchange(front.is_lent, false)) {
        lent_.copy(lent_.keeper, unanswered_, {body(slots_.front_place()), front.size});
    }
}

/// The part of the front request up to its end was accepted, or refused for good.
template <http_encoding Encoding, request_body Body>
void http_requests<Encoding, Body>::settle(std::size_t upto) noexcept {
    http_slot& front = slots_.front();
    unanswered_ -= upto - front.begin;
    front.begin = upto;
    part_.settled();
    if (part_.empty()) {
        slots_.pop();
    }
}

/// What was accepted before its elders were. Not before a refusal is told.
template <http_encoding Encoding, request_body Body>
void http_requests<Encoding, Body>::settle_accepted() noexcept {
    if (accepted_to_ != 0) {
        settle(std::exchange(accepted_to_, 0));
    }
    while (slots_.count() != 0 && slots_.front().answer == verdict::accepted) {
        unanswered_ -= slots_.front().size;
        slots_.pop();
    }
}

/// The part of the front request that is tried now was accepted, but for its first records. Returns
/// their bytes; the rest counts after they are told.
template <http_encoding Encoding, request_body Body>
std::size_t http_requests<Encoding, Body>::settle_partly() noexcept {
    http_slot& front = slots_.front();
    accepted_to_ = tried();
    std::size_t n = 0;
    if (front.rejected != 0) {
        keep_front();
        n = bytes_of<ends>({body(slots_.front_place()) + front.begin, accepted_to_ - front.begin},
                           front.rejected);
    }
    unanswered_ -= n;
    front.begin += n;
    if (n == 0) {
        settle_accepted();
    }
    return n;
}

/// The part of the front request that is tried now was refused. Returns its bytes, or tries its
/// first half.
template <http_encoding Encoding, request_body Body>
std::size_t http_requests<Encoding, Body>::divide() noexcept {
    const std::size_t begin = slots_.front().begin;
    const std::size_t end = tried();
    if (divides_) {
        keep_front();
        if (part_.halve({body(slots_.front_place()), end}, begin, end)) {
            return 0;
        }
    }
    settle(end);
    return end - begin;
}

}  // namespace backends::detail
