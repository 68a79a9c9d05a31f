// SPDX-License-Identifier: BSL-1.0
//
// The http_encoding concept: how the bodies of requests are compressed, if at all.
#pragma once

#include <backends/isa.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// How a body is encoded:
/// - `name`, for the header Content-Encoding; empty: not at all, and nothing else is called;
/// - `bound(n)`, the longest encoding of n bytes;
/// - `encode(body, room)`, its length, or 0 when it failed.
template <class E>
concept http_encoding =
    std::default_initializable<E> && std::movable<E> &&
    requires(E e, std::size_t n, std::span<const char> body, std::span<char> room) {
        { E::name } -> std::convertible_to<std::string_view>;
        { e.bound(n) } -> std::same_as<std::size_t>;
        { e.encode(body, room) } noexcept -> std::same_as<std::size_t>;
    };

/// Bodies go as they are. Models http_encoding.
struct not_encoded {
    static constexpr std::string_view name = "";  ///< no header
    /// As long as it is.
    static constexpr std::size_t bound(std::size_t n) noexcept { return n; }
    /// Nobody calls it.
    static constexpr std::size_t encode(std::span<const char>, std::span<char>) noexcept {
        return 0;
    }
};

}  // namespace backends
