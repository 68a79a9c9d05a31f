// SPDX-License-Identifier: BSL-1.0
//
// The records of one request: how many bytes there are, and how they fill it.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

enum class http_verdict : std::uint8_t { none, accepted, partly, refused };

struct http_slot {
    std::size_t begin = 0;  // of what is not settled
    std::size_t size = 0;
    std::size_t whole = 0;  // bytes of whole records
    bool is_sent = false;
    bool is_lent = false;                      // its records are not here, but where they came from
    http_verdict answer = http_verdict::none;  // if elders are not settled
    std::uint64_t rejected = 0;                // records that an answer excepts

    [[nodiscard]] bool inside_record() const noexcept { return whole != size; }

    /// Copies bytes after those that are there, up to a record's end, and returns how many: 0 where
    /// no record fits. Only the first record may come in parts: the rest of a later one might not
    /// fit.
    ///
    /// @tparam Ends   the record_ends of the records
    /// @param body    where the request's bytes are
    /// @param most    so many bytes it holds
    /// @param limit   and so many it should have
    template <class Ends>
    std::size_t fill(std::span<const char> bytes, char* body, std::size_t most,
                     std::size_t limit) noexcept {
        const std::size_t n = (std::min)(bytes.size(), most - size);
        const std::size_t begun = size - whole;
        std::copy_n(bytes.data(), n, body + size);
        const std::string_view text{body + whole, begun + n};
        limit -= (std::min)(limit, whole);
        std::size_t end = Ends::last(text.substr(0, limit));
        if (end == 0 && whole == 0) {
            end = Ends::first(text);  // a record that is longer than the limit
        }
        const bool takes_all = whole == 0 && n == bytes.size();
        const std::size_t taken = end != 0 ? end - begun : takes_all ? n : 0;
        whole += end;
        size += taken;
        return taken;
    }
};

/// A ring of requests, each of which keeps its place.
class http_slots {
public:
    void resize(std::size_t most) { slots_.resize(most); }
    void clear() noexcept { first_ = count_ = 0; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] std::size_t place_of(std::size_t nth) const noexcept {
        return (first_ + nth) % slots_.size();
    }
    [[nodiscard]] std::size_t last_place() const noexcept { return place_of(count_ - 1); }
    [[nodiscard]] http_slot& at(std::size_t place) noexcept { return slots_[place]; }
    [[nodiscard]] http_slot& front() noexcept { return slots_[first_]; }
    [[nodiscard]] const http_slot& front() const noexcept { return slots_[first_]; }
    [[nodiscard]] http_slot& last() noexcept { return slots_[last_place()]; }
    [[nodiscard]] std::size_t front_place() const noexcept { return first_; }
    /// Precondition: there are fewer than there may be.
    void push() noexcept {
        ++count_;
        last() = {};
    }
    void pop() noexcept {
        first_ = place_of(1);
        --count_;
    }

private:
    std::vector<http_slot> slots_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

/// The requests that wait for their answers, by their places: a ring.
class http_on_way {
public:
    void resize(std::size_t most) { places_.resize(most); }
    void clear() noexcept { first_ = count_ = 0; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// Precondition: there are fewer than there may be.
    void push(std::size_t place) noexcept { places_[(first_ + count_++) % places_.size()] = place; }
    /// The oldest. Precondition: there is one.
    std::size_t pop() noexcept {
        --count_;
        return places_[std::exchange(first_, (first_ + 1) % places_.size())];
    }

private:
    std::vector<std::size_t> places_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace backends::detail
