// SPDX-License-Identifier: BSL-1.0
//
// What requests of HTTP take from the format of their lines.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/isa.hpp>

#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// A format may declare each as a static member called `http_` and the name here. Its body says
/// what it does not.
template <class Format>
struct http_request {
    /// The path and the query where the destination names none.
    static constexpr std::string_view target = [] {
        if constexpr (requires { Format::http_target; }) {
            return std::string_view{Format::http_target};
        } else {
            return std::string_view{detail::body_of<Format>::target};
        }
    }();
    /// The type of the bodies.
    static constexpr std::string_view content_type = [] {
        if constexpr (requires { Format::http_content_type; }) {
            return std::string_view{Format::http_content_type};
        } else {
            return std::string_view{detail::body_of<Format>::content_type};
        }
    }();
    /// A part of the query without which receivers would take a line for another; empty: none.
    static constexpr std::string_view query = [] {
        if constexpr (requires { Format::http_query; }) {
            return std::string_view{Format::http_query};
        } else {
            return std::string_view{};
        }
    }();
};

}  // namespace backends
