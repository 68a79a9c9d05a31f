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

struct destination;

/// A path in a destination: `path_after_port` or `path_alone`. A program has the code of those that
/// its transports name.
struct path_form {
    bool replaces_host;  ///< whether the path stands instead of host and port
    /// Takes the path from the end of `rest`, which is a part of `item`. Throws config_error.
    void (*read)(std::string_view item, std::string_view& rest, destination& d);
};

/// A scheme: `NAME://HOST:PORT`, or `NAME:/PATH`.
///
///     static constexpr std::array<scheme, 2> schemes{
///         {{"http", 80, &path_after_port}, {"https", 443, &path_after_port}}};
struct scheme {
    std::string_view name;            ///< in lower case; a destination may have it in any case
    std::uint16_t port = 0;           ///< of a destination without one; 0: the wire format's
    const path_form* path = nullptr;  ///< nullptr: it has none
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
