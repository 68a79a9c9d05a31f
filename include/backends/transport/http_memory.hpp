// SPDX-License-Identifier: BSL-1.0
//
// The memory of one connection's requests, and the bytes of a request in it: its head, what stands
// before the records, and those.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>
#include <backends/transport/http_body.hpp>
#include <backends/transport/http_encoding.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// Allocates in start() alone, and there only what has not been enough before.
template <http_encoding Encoding, request_body Body>
class http_memory {
public:
    /// For so many requests of so many bytes.
    http_memory(std::size_t most, std::size_t depth) : most_{most}, depth_{depth} {}

    void resource(std::string_view text) { around_.resource(text); }
    /// Begins a connection. `head` is what precedes the digits of a length.
    void start(std::string head) {
        head_ = std::move(head);
        const std::size_t room = head_.size() + longest_length + around_.room();
        if (room > head_room_) {
            head_room_ = room + 512;
            bytes_.resize((head_room_ + most_) * depth_);
            if constexpr (!Encoding::name.empty()) {
                encoded_.resize(head_room_ + encoding_.bound(most_ + around_.room()));
            }
        }
    }

    /// Where the records of a request are.
    [[nodiscard]] char* body(std::size_t at) noexcept {
        return bytes_.data() + at * (head_room_ + most_) + head_room_;
    }

    /// Makes a request of n bytes of records. Its head overwrites what stands before them: room, or
    /// settled bytes. Empty: the encoding failed.
    std::span<const char> request(char* first, std::size_t n) noexcept {
        char* begin = around_.begin(first, n);
        Body::end(first + n);
        auto size = static_cast<std::size_t>(first + n - begin);
        if constexpr (!Encoding::name.empty()) {
            char* const room = encoded_.data() + head_room_;
            size = encoding_.encode({begin, size}, {room, encoded_.size() - head_room_});
            begin = room;
            if (size == 0) {
                return {};
            }
        }
        char* const head = put_head(begin, head_, size);
        return {head, static_cast<std::size_t>(begin - head) + size};
    }
    /// What stands before n bytes of records that are elsewhere. It ends at body(at).
    std::span<const char> head(std::size_t at, std::size_t n) noexcept {
        char* const first = body(at);
        char* const begin = around_.begin(first, n);
        char* const head = put_head(begin, head_, static_cast<std::size_t>(first + n - begin));
        return {head, static_cast<std::size_t>(first - head)};
    }

private:
    std::size_t most_;
    std::size_t depth_;
    [[no_unique_address]] Encoding encoding_;
    http_body<Body> around_;
    std::string head_;
    std::size_t head_room_ = 0;
    std::vector<char> bytes_;    // for each request: room for a head, and a body
    std::vector<char> encoded_;  // the same for the one that is being sent
};

}  // namespace backends::detail
