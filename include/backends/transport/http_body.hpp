// SPDX-License-Identifier: BSL-1.0
//
// What a request's body has besides its records.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// The same for all requests of an exporter.
template <request_body Body>
class http_body {
public:
    /// What the format says of the exporter.
    void resource(std::string_view text) { resource_ = text; }
    /// Bytes that begin() writes at most.
    [[nodiscard]] std::size_t room() const noexcept { return Body::room + resource_.size(); }
    char* begin(char* p, std::size_t n) const noexcept {
        if constexpr (begins_with_resource<Body>) {
            return Body::begin(p, n, resource_);
        } else {
            return Body::begin(p, n);
        }
    }

private:
    std::string resource_;
};

/// Whether records go as they are: nobody encodes them, and their end is not written over.
template <class Encoding, request_body Body>
inline constexpr bool goes_as_it_is = Encoding::name.empty() && ends_plainly<Body>();

inline constexpr std::size_t longest_length = 24;  // digits and two line ends
/// Writes head, length and the lines' ends before a body, and returns where that begins.
inline char* put_head(char* body, std::string_view head, std::size_t size) noexcept {
    std::array<char, longest_length> length;
    char* end = std::to_chars(length.data(), length.data() + 20, size).ptr;
    end = std::copy_n("\r\n\r\n", 4, end);
    char* const digits = body - (end - length.data());
    std::copy(length.data(), end, digits);
    std::copy_n(head.data(), head.size(), digits - head.size());
    return digits - head.size();
}

/// What an answer says of single records.
template <request_body Body>
body_rejection rejected_by([[maybe_unused]] std::string_view answer) noexcept {
    if constexpr (reads_rejections<Body>) {
        return Body::rejected(answer);
    } else {
        return {};
    }
}

}  // namespace backends::detail
