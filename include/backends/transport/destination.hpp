// SPDX-License-Identifier: BSL-1.0
//
// Transport: The `destination` setting: a list of receivers in order of preference, parsed without
// touching the network.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/same_word.hpp>
#include <backends/transport/destination_text.hpp>
#include <backends/transport/scheme.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// One receiver.
struct destination {
    std::string host;                 ///< a name or an address, without brackets; or a path
    std::string interface_name;       ///< name or number of the interface to use; mostly empty
    std::string service;              ///< a port number or a service name
    bool bracketed = false;           ///< written in [ ]: an IPv6 address, not a name
    std::string_view scheme = "tcp";  ///< the name of one of the transport's
    std::string path = {};            ///< what follows the port: from the / on, with a query

    friend bool operator==(const destination&, const destination&) = default;
};

/// The form that parse_destinations() reads back: in full, since a host may be called tcp.
inline std::string to_string(const destination& d) {
    if (d.host.starts_with('/')) {
        return detail::joined({d.scheme, ":", d.host});
    }
    const std::string_view device = d.interface_name;
    const bool like_an_escape = device.starts_with("25") &&
                                device.find_first_not_of("0123456789") != std::string_view::npos;
    return detail::joined({d.scheme, d.scheme == "tcp" ? ":" : "://", d.bracketed ? "[" : "",
                           d.host,
                           device.empty()   ? ""
                           : like_an_escape ? "%25"
                                            : "%",
                           device, d.bracketed ? "]" : "", ":", d.service, d.path});
}

namespace detail {

/// Parses `[HOST%INTERFACE]` or `[HOST]%INTERFACE`; leaves the text after it in `rest`.
inline void parse_bracketed(std::string_view item, std::string_view& rest, destination& d) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) {
        refuse_destination(item, "the bracket is not closed");
    }
    std::string_view host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    std::string_view scope;
    if (const std::size_t at = host.find('%'); at != std::string_view::npos) {
        scope = host.substr(at);
        host = host.substr(0, at);
    }
    if (rest.starts_with('%')) {
        if (!scope.empty()) {
            refuse_destination(item, "one interface follows one %");
        }
        scope = rest.substr(0, rest.find(':'));
        rest.remove_prefix(scope.size());
    }
    if (!is_ipv6(host)) {
        refuse_destination(item, "what stands in [ ] is no IPv6 address");
    }
    if (!rest.empty() && rest.front() != ':') {
        refuse_destination(item, "a colon stands between ] and the port");
    }
    d.bracketed = true;
    d.host = host;
    if (!scope.empty()) {
        d.interface_name = interface_of(item, scope.substr(1));
    }
}

/// Parses `HOST%INTERFACE`.
inline void parse_plain(std::string_view item, std::string_view& rest, destination& d) {
    const std::string_view address = rest.substr(0, rest.find('%'));
    if (is_ipv6(address)) {
        refuse_destination(
            item, joined({"an IPv6 address stands in [ ], a port after them: [", rest, "]"}));
    }
    const std::string_view host = rest.substr(0, rest.find_first_of(":%"));
    rest.remove_prefix(host.size());
    if (rest.starts_with('%')) {
        const std::string_view scope = rest.substr(0, rest.find(':'));
        rest.remove_prefix(scope.size());
        d.interface_name = interface_of(item, scope.substr(1));
    }
    check_host(item, host);
    d.host = host;
}

[[noreturn, gnu::noinline]] inline void refuse_scheme(std::string_view item, std::string_view name,
                                                      std::span<const scheme> all,
                                                      std::string_view rest) {
    std::string names;
    for (const scheme& one : all) {
        append(names, {names.empty() ? "" : " or ", one.name});
    }
    const std::string_view place = rest.substr(0, rest.find('/'));
    refuse_destination(item, joined({name, " is not spoken here, only ", names,
                                     "; HOST:PORT is: ", place.substr(place.rfind('@') + 1)}));
}
/// What may be meant by a word before a colon.
inline constexpr std::array<std::string_view, 12> known_schemes{
    "udp",  "unix", "unixgram", "tcp", "tcp4", "tcp6",
    "udp4", "udp6", "tls",      "ssl", "http", "https"};

inline const scheme* scheme_called(std::string_view name, std::span<const scheme> all) {
    for (const scheme& one : all) {
        if (same_word(name, one.name)) {
            return &one;
        }
    }
    return nullptr;
}

/// The scheme of an item; leaves the text after it in `rest`. Throws for one that is not among
/// `all`.
inline const scheme& scheme_of(std::string_view item, std::string_view& rest,
                               std::span<const scheme> all) {
    rest = item;
    if (const std::size_t end = item.find("://"); end != std::string_view::npos) {
        const std::string_view name = item.substr(0, end);
        rest.remove_prefix(end + 3);
        if (const scheme* const found = scheme_called(name, all)) {
            return *found;
        }
        refuse_scheme(item, name, all, rest);
    }
    // With a path after the port the colon alone would be that of a host and its port.
    const std::string_view name = item.substr(0, item.find(':'));
    const scheme* const found = scheme_called(name, all);
    if (found != nullptr && (found->path == nullptr || found->path->replaces_host) &&
        name.size() != item.size()) {
        rest.remove_prefix(name.size() + 1);
        return *found;
    }
    // As hosts they would never resolve. A host of such a name must give its port in digits.
    const std::string_view after = item.substr(detail::smaller(item.size(), name.size() + 1));
    for (const std::string_view other : known_schemes) {
        const bool is_never_a_host = other == "udp" || other.starts_with("unix");
        if (same_word(name, other) && name.size() != item.size() &&
            (is_never_a_host || after.find_first_not_of("0123456789") == 0)) {
            if (found != nullptr) {
                refuse_destination(item, joined({"two slashes follow: ", name, "://HOST:PORT"}));
            }
            refuse_scheme(item, name, all, after);
        }
    }
    return all.front();
}

/// Takes the path from the end of `rest`.
inline void parse_path(std::string_view item, std::string_view& rest, destination& d) {
    const std::size_t at = detail::smaller(rest.find_first_of("/?"), rest.size());
    const std::string_view path = rest.substr(at);
    rest = rest.substr(0, at);
    bool is_ascii = true;
    for (const char c : path) {
        is_ascii = is_ascii && static_cast<unsigned char>(c) < 0x80;
    }
    if (!is_ascii || path.find_first_of("\"'#<>\\^`{|}") != std::string_view::npos) {
        refuse_destination(item, "a path has no quotes, brackets or #; others are spelled %XX");
    }
    d.path = path.starts_with('?') ? joined({"/", path}) : std::string{path};
}

/// The longest path of a socket is 107 bytes everywhere.
inline void parse_file(std::string_view item, std::string_view& rest, destination& d) {
    if (!rest.starts_with('/') || rest.ends_with('/') || rest.size() > 107) {
        refuse_destination(item, joined({"a path of 2 to 107 bytes follows, from its / on: ",
                                         d.scheme, ":/run/receiver.sock"}));
    }
    d.host = rest;
}

inline void parse_destination(std::string_view item, std::string_view default_service,
                              std::span<const scheme> all, destination& d) {
    check_control_bytes(item);
    std::string_view rest;
    const scheme& spoken = scheme_of(item, rest, all);
    d.scheme = spoken.name;
    if (spoken.path != nullptr) {
        spoken.path->read(item, rest, d);
        if (spoken.path->replaces_host) {
            return;
        }
    }
    check_bytes(item, rest);
    if (rest.starts_with('[')) {
        parse_bracketed(item, rest, d);
    } else {
        parse_plain(item, rest, d);
    }
    if (!rest.empty() && rest.find(':', 1) != std::string_view::npos) {
        refuse_destination(item, "one colon and one port follow the host");
    }
    d.service = !rest.empty()      ? checked_service(item, rest.substr(1))
                : spoken.port != 0 ? number_text(spoken.port)
                                   : string_of(default_service);
}

}  // namespace detail

/// `/PATH?QUERY` after host and port: destination::path.
inline constexpr path_form path_after_port{false, &detail::parse_path};
/// `NAME:/PATH` instead of host and port: destination::host.
inline constexpr path_form path_alone{true, &detail::parse_file};

/// Parses a list of `[SCHEME://]HOST[%INTERFACE][:PORT or service][/PATH]`, separated by blanks and
/// commas; `tcp:` without slashes is a scheme too, and `unix:/PATH` has a path alone.
/// HOST is a name, an IPv4 address, or an IPv6 address in [ ]. The brackets may hold the interface
/// too, as in a URL (`%25eth0`, RFC 6874) or after a plain %. An interface is a name or a number. A
/// host without a port gets its scheme's, or `default_port`. Keeps the order: the first is the
/// preferred one.
///
/// @param schemes  those that the transport serves; a destination without one has the first
///
/// @throws config_error naming the key `destination` and the item that cannot be read
inline std::vector<destination> parse_destinations(std::string_view text,
                                                   std::uint16_t default_port,
                                                   std::span<const scheme> schemes = tcp_schemes) {
    constexpr std::string_view separators = " \t\r\n,";
    const std::string default_service = detail::number_text(default_port);
    std::vector<destination> list;
    std::string_view rest = text;
    while (true) {
        const std::size_t start = rest.find_first_not_of(separators);
        if (start == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(start);
        const std::string_view item = rest.substr(0, rest.find_first_of(separators));
        rest.remove_prefix(item.size());
        detail::parse_destination(item, default_service, schemes, list.emplace_back());
    }
    if (list.empty()) {
        detail::refuse_destination(text, "names no receiver");
    }
    return list;
}

}  // namespace backends
