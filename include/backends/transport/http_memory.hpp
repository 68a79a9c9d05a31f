// SPDX-License-Identifier: BSL-1.0
//
// The memory of one connection's requests, and the bytes of a request: its head, with what stands
// before the records, and those.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>
#include <backends/transport/http_body.hpp>
#include <backends/transport/http_encoding.hpp>
#include <backends/transport/http_slot.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// What of a request is still to be sent, in two pieces.
struct http_wire {
    std::span<const char> head;
    std::span<const char> records;

    [[nodiscard]] std::size_t size() const noexcept { return head.size() + records.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// Its first n bytes were sent.
    void consume(std::size_t n) noexcept {
        const std::size_t of_head = (std::min)(n, head.size());
        head = head.subspan(of_head);
        records = records.subspan(n - of_head);
    }
};

/// One request is sent at a time: its head, and its encoded form, are there once. Allocates in
/// start() alone, and there only what has not been enough before.
template <http_encoding Encoding, request_body Body>
class http_memory {
public:
    /// For so many requests of so many bytes.
    ///
    /// @param joins  both pieces of a request lie in a row: the transport below takes no pieces
    http_memory(std::size_t most, std::size_t requests, bool joins)
        : most_{most}, requests_{requests}, joins_{joins} {}

    void resource(std::string_view text) { around_.resource(text); }
    /// Begins a connection. `head` is what precedes the digits of a length.
    void start(std::string head) {
        begin_ = std::move(head);
        before_ = around_.room();
        head_.resize(begin_.size() + longest_length + before_);
        bytes_.resize((before_ + most_) * requests_);
        if constexpr (!Encoding::name.empty()) {
            kept_.resize(before_);
            encoded_.resize(encoding_.bound(before_ + most_));
        }
        if (joins_) {
            joined_.resize(head_.size() + (std::max)(most_, encoded_.size()));
        }
    }

    /// Where the records of a request are.
    [[nodiscard]] char* body(std::size_t place) noexcept {
        return bytes_.data() + place * (before_ + most_) + before_;
    }

    /// Makes the request for these records. Empty: the encoding failed.
    http_wire request(const http_slot& of) noexcept {
        char* const first = body(of.place) + of.begin;
        Body::end(first + of.size());
        http_wire made;
        if constexpr (Encoding::name.empty()) {
            made = around({first, of.size()});
        } else {
            made = encoded(first, of.size());
        }
        return joins_ ? joined(made) : made;
    }
    /// The same for records that are elsewhere, and go as they are.
    http_wire around(std::span<const char> records) noexcept {
        char* const end = head_.data() + head_.size();
        char* const begin = around_.begin(end, records.size());
        return {head(begin, static_cast<std::size_t>(end - begin) + records.size()), records};
    }

private:
    /// The records before these may still be needed: they are there again afterwards.
    http_wire encoded(char* first, std::size_t n) noexcept {
        std::copy_n(first - before_, before_, kept_.data());
        const char* const begin = around_.begin(first, n);
        const std::size_t size =
            encoding_.encode({begin, static_cast<std::size_t>(first - begin) + n}, encoded_);
        std::copy_n(kept_.data(), before_, first - before_);
        if (size == 0) {
            return {};
        }
        return {head(head_.data() + head_.size(), size), {encoded_.data(), size}};
    }
    http_wire joined(const http_wire& one) noexcept {
        std::copy(one.records.begin(), one.records.end(),
                  std::copy(one.head.begin(), one.head.end(), joined_.begin()));
        return {{}, {joined_.data(), one.size()}};
    }
    /// What precedes a body of so many bytes. It ends where the head's memory does; what is from
    /// `to` on belongs to the body, and is there.
    std::span<const char> head(char* to, std::size_t size) noexcept {
        const char* const begin = put_head(to, begin_, size);
        return {begin, static_cast<std::size_t>(head_.data() + head_.size() - begin)};
    }

    std::size_t most_;
    std::size_t requests_;
    bool joins_;
    [[no_unique_address]] Encoding encoding_;
    http_body<Body> around_;
    std::string begin_;  // of each head
    std::vector<char> head_;
    std::size_t before_ = 0;     // bytes that a body may have before its records
    std::vector<char> bytes_;    // for each request: these, and its records
    std::vector<char> kept_;     // what stood before the records that are being encoded
    std::vector<char> encoded_;  // the request that is being sent
    std::vector<char> joined_;   // the same, if its pieces lie in a row
};

}  // namespace backends::detail
