// SPDX-License-Identifier: BSL-1.0
//
// The records of a connection that have no answer yet, in the order in which they were taken: as
// requests, or as parts of a refused one. Where a receiver refuses whole bodies, dividing them
// finds the records that it refuses.
#pragma once

#include <backends/isa.hpp>
#include <backends/transport/http_slot.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// The bytes of the first n of these whole records, or of all.
template <class Ends>
std::size_t bytes_of(std::string_view text, std::uint64_t n) noexcept {
    std::string_view rest = text;
    for (; n != 0 && !rest.empty(); --n) {
        rest.remove_prefix(Ends::first(rest));
    }
    return text.size() - rest.size();
}

/// Answers come in the order in which requests go; records are settled in the order in which they
/// were taken, from the beginning on.
///
/// Allocates in reserve() alone.
///
/// @tparam Ends  the record_ends of the records
template <class Ends>
class http_unsettled {
public:
    /// For so many requests.
    void reserve(std::size_t requests) {
        most_ = requests;
        slots_.reserve(requests + divisions * (parts - 1));
    }
    void clear() noexcept {
        slots_.clear();
        requests_ = next_place_ = on_way_ = bytes_ = 0;
    }

    [[nodiscard]] bool empty() const noexcept { return slots_.empty(); }
    /// Of all records.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// Requests, each with its parts.
    [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
    /// Whether the oldest is a part of a request.
    [[nodiscard]] bool is_dividing() const noexcept { return slots_.size() > requests_; }
    /// How many requests and parts wait for their answers.
    [[nodiscard]] std::size_t on_way() const noexcept { return on_way_; }

    /// Begins a request. Precondition: there are fewer than there may be.
    void open() noexcept {
        slots_.push_back({.place = next_place_});
        next_place_ = (next_place_ + 1) % most_;
        ++requests_;
    }
    /// Takes the last request back. Precondition: it has no record.
    void withdraw() noexcept {
        next_place_ = slots_.back().place;
        slots_.pop_back();
        --requests_;
    }
    /// The last request has n bytes more.
    void took(std::size_t n) noexcept { bytes_ += n; }

    /// Precondition of both: there is one.
    [[nodiscard]] http_slot& last() noexcept { return slots_.back(); }
    [[nodiscard]] http_slot& front() noexcept { return slots_.front(); }
    /// The first that has not gone; nullptr: there is none.
    [[nodiscard]] http_slot* waiting() noexcept {
        const auto found = std::find_if(slots_.begin(), slots_.end(), [](const http_slot& s) {
            return s.state == http_state::waits;
        });
        return found == slots_.end() ? nullptr : &*found;
    }
    /// Its sending begins.
    void send(http_slot& one) noexcept {
        one.state = http_state::on_way;
        one.nth = sends_++;
        ++on_way_;
    }

    /// The answer to the oldest on its way, whose length is returned. Precondition: there is one.
    std::size_t answered(http_state state, std::uint64_t rejected) noexcept {
        const auto age = [](const http_slot& s) {
            return s.state == http_state::on_way ? s.nth : std::uint64_t(-1);
        };
        const auto oldest =
            std::min_element(slots_.begin(), slots_.end(),
                             [&](const auto& a, const auto& b) { return age(a) < age(b); });
        oldest->state = state;
        oldest->rejected = rejected;
        --on_way_;
        return oldest->size();
    }

    /// Settles what can be, up to records that are refused for good. Returns their bytes: they are
    /// the oldest of those that were not settled before. 0: there are none, the rest waits.
    ///
    /// @param divides  whether a refused part of several records goes again, in parts
    /// @param text_of  called with the oldest: its bytes in memory, from 0 to its end
    template <class TextOf>
    std::size_t settle(bool divides, TextOf text_of) noexcept {
        while (!slots_.empty()) {
            http_slot& oldest = slots_.front();
            if (oldest.state == http_state::accepted && oldest.rejected == 0) {
                pop();
            } else if (oldest.state == http_state::accepted) {
                const std::size_t n = bytes_of<Ends>(text_of(oldest).substr(oldest.begin),
                                                     std::exchange(oldest.rejected, 0));
                oldest.begin += n;
                bytes_ -= n;
                return n;
            } else if (oldest.state != http_state::refused) {
                return 0;
            } else if (!divides || !divide(text_of(oldest))) {
                const std::size_t n = oldest.size();
                pop();
                return n;
            }
        }
        return 0;
    }

private:
    static constexpr std::size_t parts = 4;
    // Of one request. Each after the first divides a part with at most half of the bytes of what
    // was divided before: 31 for 2^30 bytes.
    static constexpr std::size_t divisions = 31;

    /// Parts of the oldest take its place. False: it is one record.
    bool divide(std::string_view text) noexcept {
        http_slot first = slots_.front();
        first.state = http_state::waits;
        const auto middle = [&](std::size_t begin, std::size_t end) {
            return begin + Ends::half(text.substr(begin, end - begin));
        };
        const std::size_t half = middle(first.begin, first.end);
        if (half == first.end) {
            return false;
        }
        const std::array ends{middle(first.begin, half), half, middle(half, first.end), first.end};
        static_assert(ends.size() == parts);
        std::array<http_slot, parts> made;
        std::size_t count = 0;
        for (const std::size_t end : ends) {
            if (first.begin != end) {
                made[count] = first;
                made[count].end = made[count].whole = end;
                first.begin = end;
                ++count;
            }
        }
        slots_.front() = made[0];
        slots_.insert(slots_.begin() + 1, made.begin() + 1,
                      made.begin() + static_cast<std::ptrdiff_t>(count));
        return true;
    }
    void pop() noexcept {
        bytes_ -= slots_.front().size();
        const bool is_last_part = slots_.size() == 1 || slots_[1].place != slots_.front().place;
        requests_ -= is_last_part ? 1U : 0U;
        slots_.erase(slots_.begin());
    }

    std::vector<http_slot> slots_;
    std::size_t most_ = 0;  // requests
    std::size_t requests_ = 0;
    std::size_t next_place_ = 0;
    std::size_t on_way_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t sends_ = 0;
};

}  // namespace backends::detail
