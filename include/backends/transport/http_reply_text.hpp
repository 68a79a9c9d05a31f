// SPDX-License-Identifier: BSL-1.0
//
// What a receiver says about a request that it did not accept, for observers of replies.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// The text of an answer that is not 2xx, as one line for the observer: status, and the beginning
/// of the body.
class http_reply_text {
public:
    void clear() noexcept { size_ = given_ = 0; }
    [[nodiscard]] bool is_empty() const noexcept { return given_ == size_; }

    void set(unsigned status, std::string_view body) noexcept {
        given_ = 0;
        constexpr std::string_view intro = "HTTP ";
        char* end = std::copy(intro.begin(), intro.end(), text_.data());
        end = std::to_chars(end, end + 10, status).ptr;
        *end++ = ' ';
        const std::size_t n = (std::min)(body.size(), text_.size() - 20);
        end = std::transform(body.data(), body.data() + n, end,
                             [](char c) { return c == '\n' || c == '\r' ? ' ' : c; });
        *end++ = '\n';
        size_ = static_cast<std::size_t>(end - text_.data());
    }
    std::size_t give(std::span<char> room) noexcept {
        const std::size_t n = (std::min)(room.size(), size_ - given_);
        std::copy_n(text_.data() + given_, n, room.data());
        given_ += n;
        return n;
    }

private:
    std::array<char, 256> text_{};
    std::size_t size_ = 0;
    std::size_t given_ = 0;
};

}  // namespace backends::detail
