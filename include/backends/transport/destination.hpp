// SPDX-License-Identifier: BSL-1.0
//
// Transport: The `destination` setting: a list of receivers in order of preference, parsed without
// touching the network.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace backends::inline BACKENDS_ISA {

/// One receiver.
struct destination {
    std::string host;            ///< a name or an address, without brackets
    std::string interface_name;  ///< name or number of the interface to use; mostly empty
    std::string service;         ///< a port number or a service name
    bool bracketed = false;      ///< written in [ ]: an IPv6 address, not a name

    friend bool operator==(const destination&, const destination&) = default;
};

/// The form that parse_destinations() reads back: in full, since a host may be called tcp.
inline std::string to_string(const destination& d) {
    const std::string_view device = d.interface_name;
    const bool like_an_escape = device.starts_with("25") &&
                                device.find_first_not_of("0123456789") != std::string_view::npos;
    return detail::joined({"tcp:", d.bracketed ? "[" : "", d.host,
                           device.empty()   ? ""
                           : like_an_escape ? "%25"
                                            : "%",
                           device, d.bracketed ? "]" : "", ":", d.service});
}

namespace detail {

[[noreturn, gnu::noinline]] inline void refuse_destination(std::string_view item,
                                                           std::string_view why) {
    refuse("destination", item, why);
}

// A service is a port from 1 to 65535 without leading zeros, or a name as in /etc/services.
inline std::string checked_service(std::string_view item, std::string_view text) {
    if (text.empty()) {
        refuse_destination(item, "a port or a service name follows the colon, without a blank");
    }
    if (text.find_first_not_of("0123456789") == std::string_view::npos) {
        std::uint32_t port = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (error != std::errc{} || port == 0 || port > 65535) {
            refuse_destination(item, "the port is not between 1 and 65535");
        }
        return number_text(port);
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
    return string_of(text);
}

/// Whether `text` begins with `lower`, in any case. `lower` has no capital letters.
[[gnu::noinline]] inline bool begins_with(std::string_view text, std::string_view lower) noexcept {
    bool same = text.size() >= lower.size();
    for (std::size_t i = 0; same && i < lower.size(); ++i) {
        same = (text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]) == lower[i];
    }
    return same;
}

/// Throws for bytes that no receiver contains, and names the likely mistake.
inline void check_bytes(std::string_view item) {
    struct refused_byte {
        char byte;
        std::string_view why;
    };
    static constexpr std::array<refused_byte, 10> refused{
        {{'"', "quotes do not belong here"},
         {'\'', "quotes do not belong here"},
         {'#', "a comment may not stand here"},
         {';', "receivers are separated by blanks or commas"},
         {'|', "receivers are separated by blanks or commas"},
         {'@', "a receiver has no user name, only HOST:PORT"},
         {'*', "* is every address of a machine that listens; name one host"},
         {'=', "= does not stand in a receiver, which is HOST:PORT"},
         {'?', "? does not stand in a receiver, which is HOST:PORT"},
         {'/', "a receiver is HOST:PORT, without a path"}}};
    for (const char c : item) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            refuse_destination(item, "control characters may not stand here");
        }
    }
    if (begins_with(item, "udp:") || begins_with(item, "unix:")) {
        refuse_destination(item, "only tcp is spoken here");
    }
    if (const std::size_t scheme = item.find("://"); scheme != std::string_view::npos) {
        const std::string_view rest = item.substr(scheme + 3);
        refuse_destination(
            item, joined({"a URL is no receiver; HOST:PORT is: ", rest.substr(0, rest.find('/'))}));
    }
    // As hosts they would never resolve. A host of such a name must give its port in digits.
    for (const std::string_view other :
         {"tcp4:", "tcp6:", "udp4:", "udp6:", "tls:", "ssl:", "http:", "https:"}) {
        const std::string_view rest = item.substr((std::min)(item.size(), other.size()));
        if (begins_with(item, other) && rest.find_first_not_of("0123456789") == 0) {
            refuse_destination(item, "only tcp is spoken here");
        }
    }
    for (const char c : item) {
        for (const refused_byte& one : refused) {
            if (c == one.byte) {
                refuse_destination(item, one.why);
            }
        }
    }
}

[[gnu::noinline]] inline bool is_address(int family, std::string_view text) {
    in6_addr ignored;  // the larger one
    return ::inet_pton(family, string_of(text).c_str(), &ignored) == 1;
}
inline bool is_ipv6(std::string_view text) { return is_address(AF_INET6, text); }

/// Throws unless `host` is an IPv4 address, or a name that a resolver can look up.
inline void check_host(std::string_view item, std::string_view host) {
    if (host.empty()) {
        refuse_destination(item, "the host is missing before the colon");
    }
    if (host.find_first_not_of("0123456789.") == std::string_view::npos) {
        if (!is_address(AF_INET, host)) {
            refuse_destination(item,
                               host.find('.') == std::string_view::npos
                                   ? "a number is no host; a port follows its host and a colon"
                                   : "an IPv4 address is four numbers of 0 to 255");
        }
        return;
    }
    std::size_t label = 0;  // bytes since the last dot
    for (const char c : host) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!good) {
            refuse_destination(item,
                               "a host name has letters, digits, - and _; others are spelled xn--");
        }
        if (c == '.' ? label == 0 : c == '-' && label == 0) {
            refuse_destination(item, "a part of a host name begins with a letter or a digit");
        }
        label = c == '.' ? 0 : label + 1;
        if (label > 63 || host.size() > 253) {
            refuse_destination(item, "a host name has 253 bytes at the most, a part of it 63");
        }
    }
}

/// RFC 6874 writes the % before an interface as %25. A number alone is a number: `%25` is interface
/// 25.
inline std::string_view interface_of(std::string_view item, std::string_view text) {
    if (text.starts_with("25") && text.find_first_not_of("0123456789") != std::string_view::npos) {
        text.remove_prefix(2);
    }
    if (text.empty() || text.size() > 15) {
        refuse_destination(item, "an interface of 1 to 15 bytes, or its number, follows the %");
    }
    if (text.find_first_of("[]%:") != std::string_view::npos) {
        refuse_destination(item, "one interface follows one %");
    }
    return text;
}

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

inline void parse_destination(std::string_view item, std::string_view default_service,
                              destination& d) {
    check_bytes(item);
    std::string_view rest = item;
    if (begins_with(rest, "tcp:")) {
        rest.remove_prefix(4);
    }
    if (rest.starts_with('[')) {
        parse_bracketed(item, rest, d);
    } else {
        parse_plain(item, rest, d);
    }
    if (!rest.empty() && rest.find(':', 1) != std::string_view::npos) {
        refuse_destination(item, "one colon and one port follow the host");
    }
    d.service = rest.empty() ? string_of(default_service) : checked_service(item, rest.substr(1));
}

}  // namespace detail

/// Parses a list of `[tcp:]HOST[%INTERFACE][:PORT or service]`, separated by blanks and commas.
/// HOST is a name, an IPv4 address, or an IPv6 address in [ ]. The brackets may hold the interface
/// too, as in a URL (`%25eth0`, RFC 6874) or after a plain %. An interface is a name or a number. A
/// host without a port gets `default_port`. Keeps the order: the first is the preferred one.
///
/// @throws config_error naming the key `destination` and the item that cannot be read
inline std::vector<destination> parse_destinations(std::string_view text,
                                                   std::uint16_t default_port) {
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
        detail::parse_destination(item, default_service, list.emplace_back());
    }
    if (list.empty()) {
        detail::refuse_destination(text, "names no receiver");
    }
    return list;
}

}  // namespace backends
