// SPDX-License-Identifier: BSL-1.0
//
// The wire format concept: a name, a default port, a line grammar, a spelling of names, limits. A
// format is a declaration, not a function; the library derives rendering and parsing from it. See
// docs/concepts/wire_format.md.
#pragma once

#include <backends/format/grammar.hpp>
#include <backends/format/safe_name.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// What a format's receivers accept. The renderer checks it when a series is registered.
struct format_limits {
    std::size_t line = 16'384;  ///< bytes of a whole line, newline included
    std::size_t component = 0;  ///< bytes of one path component; 0: only the line's limit applies
    std::size_t tags = 0;       ///< an exporter's tags; a format without field::tags has none

    friend constexpr bool operator==(format_limits, format_limits) = default;
};

/// A wire format. Every member is static and constant:
/// - `name`, and `aliases`, its other names in configuration;
/// - `default_port`, a TCP port;
/// - `line`, a result of grammar();
/// - `spelling`, how it writes names;
/// - `limits`;
/// - `is_rejection(reply)`: true if a line from the receiver reports a refused line;
/// - `adds(line)`, optional, noexcept: true for a line, newline included, whose value receivers add
///   to the one that they have. The exporter writes the same line with the value 0 before it, and
///   counts two;
/// - `in_datagrams`, optional: true where receivers take datagrams. Settings then choose among
///   transports of datagrams, and among the others for all other formats;
/// - `histogram`, optional: a histogram_record, for receivers that take whole histograms. A cycle
///   then writes one record a histogram, without it (or where it is void) lines of its quantiles.
template <class Format>
concept wire_format = name_spelling<typename Format::spelling> &&
                      detail::is_line_grammar<std::remove_cvref_t<decltype(Format::line)>> &&
                      requires(std::string_view reply) {
                          { Format::name } -> std::convertible_to<std::string_view>;
                          { Format::aliases.size() } -> std::convertible_to<std::size_t>;
                          { Format::default_port } -> std::convertible_to<std::uint16_t>;
                          { Format::limits } -> std::convertible_to<format_limits>;
                          { Format::is_rejection(reply) } noexcept -> std::same_as<bool>;
                      };

namespace detail {
/// A format whose requests begin with what it says of the exporter: `resource`, a message of
/// field::message().
template <class Format>
concept has_resource = requires { Format::resource; };
/// Makes its bytes, resource_text.hpp.
template <class Format, class Rule>
struct resource_text;
/// A format with native histograms.
template <class Format>
concept has_histograms =
    requires { typename Format::histogram; } && !std::is_void_v<typename Format::histogram>;
/// What the renderer makes a series' name of.
struct series_name {
    std::string_view chart;
    std::string_view dimension;
};
/// Makes what their records say of a series, histogram_text.hpp.
template <class Format, class Rule>
class histogram_text;
/// A format with lines whose values receivers add.
template <class Format>
concept has_adding_lines = requires(std::string_view line) {
    { Format::adds(line) } noexcept -> std::same_as<bool>;
};
/// A format whose receivers take datagrams, or a transport that sends such.
template <class FormatOrTransport>
inline constexpr bool is_in_datagrams = requires { requires FormatOrTransport::in_datagrams; };
}  // namespace detail

/// The common part of most formats: derive from it and declare name, default_port and line. Names
/// are dotted paths of `[A-Za-z0-9_.-]`; tags have the same bytes.
struct format_defaults {
    /// The bytes of a tag.
    struct plain_tags {
        /// Whether this byte stays as it is.
        static constexpr bool keeps(name_field, char c) noexcept {
            return detail::is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
        }
        /// No name or value is.
        static constexpr bool reserved(name_field, std::string_view) noexcept { return false; }
    };
    using spelling = detail::path_spelling<'\0', plain_tags>;    ///< dotted paths
    static constexpr std::array<std::string_view, 0> aliases{};  ///< none
    /// Of carbon, with which most receivers agree.
    static constexpr format_limits limits{.line = 4'096, .component = 255, .tags = 16};
    /// Receivers do not reply.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

}  // namespace backends
