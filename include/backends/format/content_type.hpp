// SPDX-License-Identifier: BSL-1.0
//
// The type of a format's requests over HTTP.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>

#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// The format's `http_content_type`, or what its body says.
template <class Format>
consteval std::string_view content_type_of() noexcept {
    if constexpr (requires { Format::http_content_type; }) {
        return Format::http_content_type;
    } else {
        return body_of<Format>::content_type;
    }
}

}  // namespace backends::detail
