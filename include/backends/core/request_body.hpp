// SPDX-License-Identifier: BSL-1.0
//
// The request_body concept: how a format's records become the body of a request, for transports
// that make requests of them.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/isa.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// What an answer says of the records that the receiver has not taken, although it has the others.
struct body_rejection {
    std::uint64_t records = 0;  ///< how many; 0: the answer says nothing of them
    std::string_view why = {};  ///< the receiver's words; empty: none
};

namespace detail {
template <class B>
concept begins_plainly = requires(char* p, std::size_t n) {
    { B::begin(p, n) } noexcept -> std::same_as<char*>;
};
template <class B>
concept begins_with_resource = requires(char* p, std::size_t n, std::string_view resource) {
    { B::begin(p, n, resource) } noexcept -> std::same_as<char*>;
};
template <class B>
concept reads_rejections = requires(std::string_view answer) {
    { B::rejected(answer) } noexcept -> std::same_as<body_rejection>;
};
}  // namespace detail

/// The body of a request. Every member is static:
/// - `ends`, what ends its records;
/// - `target`, `content_type`, `headers`: the path and the type of its requests, and further
///   headers, pairs of name and value;
/// - `query`, optional: a part of the query without which receivers misread the records;
/// - `retries_server_errors`, whether every status of 5xx means "later", or those of overload only;
/// - `room`, the most bytes that begin() writes;
/// - `begin(p, n)` writes what stands before n bytes of records, up to `p`, and returns where that
///   begins; or `begin(p, n, resource)` with what the format says of the exporter, whose bytes
///   count besides `room`;
/// - `end(p)` ends a body whose records end at `p`. It may change their last bytes, but not where
///   the records end: what has been a part of a body later becomes one of its own;
/// - `rejected(answer)`, optional: reads the body of an answer of 2xx, or of one that refuses the
///   request. Without a word about single records, a refusal is one of the whole request.
template <class B>
concept request_body =
    (detail::begins_plainly<B> || detail::begins_with_resource<B>) && requires(char* p) {
        { B::ends } -> std::convertible_to<record_end>;
        { B::target } -> std::convertible_to<std::string_view>;
        { B::content_type } -> std::convertible_to<std::string_view>;
        { B::headers.size() } -> std::convertible_to<std::size_t>;
        { B::retries_server_errors } -> std::convertible_to<bool>;
        { B::room } -> std::convertible_to<std::size_t>;
        { B::end(p) } noexcept;
    };

/// Lines, and nothing around them. Derive from it for other bodies. Models request_body.
struct line_body {
    static constexpr record_end ends = record_end::newline;                        ///< as lines do
    static constexpr std::string_view target = "/";                                ///< the root
    static constexpr std::string_view content_type = "text/plain; charset=utf-8";  ///< text
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 0>
        headers{};                                        ///< none
    static constexpr bool retries_server_errors = false;  ///< overload
    static constexpr std::size_t room = 0;                ///< none
    /// Nothing stands before lines.
    static constexpr char* begin(char* p, std::size_t) noexcept { return p; }
    /// Nothing stands after them.
    static constexpr void end(char*) noexcept {}
};

namespace detail {
/// The part of the query that a body cannot do without; empty: none.
template <class Body>
consteval std::string_view query_of() noexcept {
    if constexpr (requires { Body::query; }) {
        return Body::query;
    } else {
        return {};
    }
}

/// Whether a format needs a body, or a transport makes requests with one. `void` is none.
template <class T>
concept names_body = requires { typename T::body; } && !std::is_void_v<typename T::body>;

template <class T>
struct body_of_type {
    using type = line_body;
};
template <names_body T>
struct body_of_type<T> {
    using type = typename T::body;
};
/// The body that a format needs, or that a transport makes: without a word about it, lines.
template <class FormatOrTransport>
using body_of = typename body_of_type<FormatOrTransport>::type;

/// Whether the last record stays as it is.
template <class Body>
consteval bool ends_plainly() noexcept {
    if constexpr (requires {
                      { &Body::end } -> std::same_as<decltype(&line_body::end)>;
                  }) {
        return &Body::end == &line_body::end;
    } else {
        return false;
    }
}
/// Whether nothing stands around the records: they go without requests too.
template <class Body>
consteval bool stands_alone() noexcept {
    if constexpr (requires {
                      { &Body::begin } -> std::same_as<decltype(&line_body::begin)>;
                  }) {
        return &Body::begin == &line_body::begin && ends_plainly<Body>() &&
               Body::ends == line_body::ends && Body::headers.empty();
    } else {
        return false;
    }
}
/// Whether a transport takes the records of a format as they are.
template <class Transport, class Format>
concept carries = std::same_as<body_of<Transport>, body_of<Format>> ||
                  (!names_body<Transport> && stands_alone<body_of<Format>>());
}  // namespace detail

}  // namespace backends
