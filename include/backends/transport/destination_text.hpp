// SPDX-License-Identifier: BSL-1.0
//
// Transport: the texts of which a destination consists: hosts, interfaces, ports. Each that cannot
// be one is an error that says what would be right.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Throws config_error. What stands before an @ may be a password, and is not shown.
[[noreturn, gnu::noinline]] inline void refuse_destination(std::string_view item,
                                                           std::string_view why) {
    const std::size_t at = item.rfind('@');
    if (at != std::string_view::npos) {
        refuse("destination", joined({"***", item.substr(at)}), why);
    }
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

inline void check_control_bytes(std::string_view item) {
    for (const char c : item) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            refuse_destination(item, "control characters may not stand here");
        }
    }
}

/// Throws for bytes that neither a host nor a port contains, and names the likely mistake.
inline void check_bytes(std::string_view item, std::string_view text) {
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
         {'@', "no user stands here; HTTP has options for user and password"},
         {'*', "* is every address of a machine that listens; name one host"},
         {'=', "= does not stand in a receiver, which is HOST:PORT"},
         {'?', "? does not stand in a receiver, which is HOST:PORT"},
         {'/', "a receiver is HOST:PORT, without a path"}}};
    for (const char c : text) {
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

}  // namespace backends::detail
