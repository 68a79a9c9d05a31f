// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Where to: the `destination` setting, a list of receivers in order of preference,
// read without touching the network.
#pragma once

#include <backends/core/errors.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// One receiver.
struct destination {
    std::string host;            ///< a name or an address, without brackets
    std::string interface_name;  ///< the scope of a link-local address; mostly empty
    std::string service;         ///< a port number or a service name
    bool bracketed = false;      ///< written in [ ]: an IPv6 address, not a name

    friend bool operator==(const destination&, const destination&) = default;
};

/// As parse_destinations() reads it back: in full, since a host may be called tcp.
inline std::string to_string(const destination& d) {
    const std::string host =
        d.host + (d.interface_name.empty() ? std::string{} : "%" + d.interface_name);
    return "tcp:" + (d.bracketed ? "[" + host + "]" : host) + ":" + d.service;
}

namespace detail {

[[noreturn]] inline void refuse_destination(std::string_view item, std::string_view why) {
    throw config_error{"destination", item, why};
}

// A service is a port from 1 to 65535 without leading zeros, or a name as in /etc/services.
inline std::string checked_service(std::string_view item, std::string_view text) {
    if (text.empty()) {
        refuse_destination(item, "a port or a service name must follow the colon");
    }
    if (text.find_first_not_of("0123456789") == std::string_view::npos) {
        std::uint32_t port = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error != std::errc{} || port == 0 || port > 65535) {
            refuse_destination(item, "the port is not between 1 and 65535");
        }
        return std::to_string(port);
    }
    bool letter = false;
    for (const char c : text) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        letter = letter || is_letter;
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.') {
            refuse_destination(item, "the port or service name holds other characters");
        }
    }
    if (!letter || (text[0] >= '0' && text[0] <= '9')) {
        refuse_destination(item, "the port is a number with a tail");
    }
    return std::string{text};
}

inline destination parse_destination(std::string_view item, std::string_view default_service) {
    destination d;
    std::string_view rest = item;
    if (rest.substr(0, 4) == "tcp:") {
        rest.remove_prefix(4);
    } else if (rest.substr(0, 4) == "udp:" || rest.substr(0, 5) == "unix:") {
        refuse_destination(item, "only tcp is known");
    }
    std::string_view host;
    if (rest.substr(0, 1) == "[") {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos) {
            refuse_destination(item, "the bracket is not closed");
        }
        host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        d.bracketed = true;
        if (!rest.empty() && rest[0] != ':' && rest[0] != '%') {
            refuse_destination(item, "only a port or an interface may follow the bracket");
        }
    } else {
        host = rest.substr(0, rest.find_first_of(":%"));
        rest.remove_prefix(host.size());
    }
    // The interface may stand inside the brackets, as in RFC 4007, or behind them.
    if (const std::size_t scope = host.find('%'); scope != std::string_view::npos) {
        d.interface_name = host.substr(scope + 1);
        host = host.substr(0, scope);
        if (d.interface_name.empty() || rest.substr(0, 1) == "%") {
            refuse_destination(item, "the interface must be named once, behind one %");
        }
    } else if (rest.substr(0, 1) == "%") {
        d.interface_name = rest.substr(1, rest.find(':') - 1);
        rest.remove_prefix(1 + d.interface_name.size());
        if (d.interface_name.empty()) {
            refuse_destination(item, "an interface must follow the %");
        }
    }
    if (host.empty()) {
        refuse_destination(item, "the host is empty");
    }
    if (host.find_first_of("[]%/") != std::string_view::npos ||
        d.interface_name.find_first_of("[]%/") != std::string::npos) {
        refuse_destination(item, "brackets, % and / may not stand here");
    }
    if (d.bracketed &&
        host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
        refuse_destination(item, "what stands in brackets is not an IPv6 address");
    }
    if (d.bracketed && host.find(':') == std::string_view::npos) {
        refuse_destination(item, "what stands in brackets is not an IPv6 address");
    }
    d.host = host;
    if (!rest.empty() && rest.find(':', 1) != std::string_view::npos) {
        refuse_destination(item, "an IPv6 address must stand in [ ]");
    }
    d.service = rest.empty() ? std::string{default_service} : checked_service(item, rest.substr(1));
    return d;
}

}  // namespace detail

/// Reads a list of `[tcp:]HOST[%INTERFACE][:PORT or service]`, separated by blanks and commas, an
/// IPv6 address in [ ]. A host without a port gets `default_port`. The order is kept: the first is
/// the preferred one.
///
/// \throws config_error naming the key `destination` and the item that cannot be read
inline std::vector<destination> parse_destinations(std::string_view text,
                                                   std::uint16_t default_port) {
    constexpr std::string_view separators = " \t\r\n,";
    const std::string default_service = std::to_string(default_port);
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
        for (const char c : item) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                detail::refuse_destination(item, "control characters may not stand here");
            }
        }
        list.push_back(detail::parse_destination(item, default_service));
    }
    if (list.empty()) {
        detail::refuse_destination(text, "names no receiver");
    }
    return list;
}

}  // namespace backends
