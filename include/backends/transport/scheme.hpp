// SPDX-License-Identifier: BSL-1.0
//
// Transport: what may stand before the host of a destination. A transport declares its schemes; one
// that does not has `tcp`.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A scheme: `NAME://HOST:PORT`, or `NAME:/PATH`.
///
///     static constexpr std::array<scheme, 2> schemes{{{"http", 80, true}, {"https", 443, true}}};
struct scheme {
    std::string_view name;   ///< in lower case; a destination may have it in any case
    std::uint16_t port = 0;  ///< of a destination without one; 0: the wire format's
    bool has_path = false;   ///< whether `/path?query` may follow the port
    bool is_file = false;    ///< whether a path stands instead of host and port
};

/// Of a transport that declares none.
inline constexpr std::array<scheme, 1> tcp_schemes{{{"tcp"}}};

namespace detail {
/// The first is that of a destination without a scheme.
template <class Transport>
constexpr std::span<const scheme> schemes_of() noexcept {
    if constexpr (requires { Transport::schemes; }) {
        static_assert(
            requires { std::span<const scheme>{Transport::schemes}; },
            "backends: a transport's schemes are a constant array of backends::scheme");
        static_assert(std::span<const scheme>{Transport::schemes}.size() != 0,
                      "backends: a transport has a scheme at least");
        return Transport::schemes;
    } else {
        return tcp_schemes;
    }
}
}  // namespace detail

}  // namespace backends
