// SPDX-License-Identifier: BSL-1.0
//
// Any text as a destination list: refused with a config_error that names the key, or read, as a
// second reading of the grammar says that is written out here. What was read, to_string() carries
// through another reading, also with another default port.
#include <backends/core/errors.hpp>
#include <backends/transport/destination.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <netdb.h>
#include <sys/socket.h>

namespace {

using backends::destination;
using fuzz::require;
using std::string_view;

bool has(string_view text, char c) { return text.find(c) != string_view::npos; }
bool starts(string_view text, string_view with) { return text.substr(0, with.size()) == with; }
bool starts_in_any_case(string_view text, string_view with) {
    return text.size() >= with.size() &&
           std::equal(with.begin(), with.end(), text.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + ('a' - 'A')) : b);
           });
}
bool consists_of(string_view text, string_view bytes) {
    return std::all_of(text.begin(), text.end(), [=](char c) { return has(bytes, c); });
}
constexpr string_view digits = "0123456789";
constexpr string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

// A text and what stands behind the first `by`, if that is there.
struct halves {
    string_view front;
    std::optional<string_view> back;
};
halves split(string_view text, char by) {
    const std::size_t at = text.find(by);
    if (at == string_view::npos) {
        return {text, std::nullopt};
    }
    return {text.substr(0, at), text.substr(at + 1)};
}

// The text of a port or service, or nothing.
std::optional<std::string> service_of(string_view text) {
    if (!text.empty() && consists_of(text, digits)) {
        text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
        // Digit by digit, the longer number is the larger one.
        const bool fits = text.size() < 5 || (text.size() == 5 && text <= "65535");
        return text.empty() || !fits ? std::nullopt : std::optional<std::string>{text};
    }
    string_view rest = text;
    bool letter = false;
    for (; !rest.empty(); rest.remove_prefix(1)) {
        letter = letter || has(letters, rest[0]);
        if (!has(letters, rest[0]) && !has(digits, rest[0]) && !has("-_.", rest[0])) {
            return std::nullopt;
        }
    }
    return letter && !has(digits, text[0]) ? std::optional<std::string>{text} : std::nullopt;
}

// The name or number behind one %, if there is one; without the 25 of RFC 6874 in front of a name.
bool names_interface(std::optional<string_view>& text) {
    if (text && starts(*text, "25") && !consists_of(*text, digits)) {
        text->remove_prefix(2);
    }
    return !text || (!text->empty() && text->size() < 16 &&
                     text->find_first_of("[]%:") == string_view::npos);
}

// The resolver's own reader of addresses.
bool is_address(int family, string_view text) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    const std::string name{text};
    if (has(text, '\0') || ::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) {
        return false;
    }
    ::freeaddrinfo(found);
    return true;
}

// A number that begins with 0 and goes on.
bool has_octal(string_view text) {
    bool at_begin = true;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (at_begin && text[i] == '0' && text[i + 1] != '.') {
            return true;
        }
        at_begin = text[i] == '.';
    }
    return false;
}

bool is_host(string_view text) {
    if (text.empty() || text.size() > 253) {
        return false;
    }
    if (consists_of(text, "0123456789.")) {  // in full, and no octal numbers
        return std::count(text.begin(), text.end(), '.') == 3 && is_address(AF_INET, text) &&
               !has_octal(text);
    }
    halves label = split(text, '.');
    while (true) {
        const bool last = !label.back || label.back->empty();
        string_view part = label.front;
        if (part.empty() || part.size() > 63 || part[0] == '-') {
            return false;
        }
        for (const char c : part) {
            if (!has(letters, c) && !has(digits, c) && c != '-' && c != '_') {
                return false;
            }
        }
        if (last) {
            return true;
        }
        label = split(*label.back, '.');
    }
}

std::optional<destination> item_of(string_view item, string_view default_service) {
    const bool has_slashes = starts_in_any_case(item, "tcp://");
    const string_view whole = item;
    item.remove_prefix(has_slashes ? 6 : 0);
    for (const char c : item) {
        if ((c >= 0 && c < ' ') || c == 0x7f || has("\"'#;|@*=?/", c)) {
            return std::nullopt;
        }
    }
    for (const string_view other : {"udp:", "unix:"}) {
        if (starts_in_any_case(whole, other)) {
            return std::nullopt;
        }
    }
    for (const string_view other :
         {"tcp4:", "tcp6:", "udp4:", "udp6:", "tls:", "ssl:", "http:", "https:"}) {
        if (!has_slashes && starts_in_any_case(item, other) && item.size() > other.size() &&
            !has(digits, item[other.size()])) {
            return std::nullopt;
        }
    }
    item.remove_prefix(!has_slashes && starts_in_any_case(item, "tcp:") ? 4 : 0);

    destination read;
    halves address;  // host and interface
    halves behind;   // interface and service
    read.bracketed = starts(item, "[");
    if (read.bracketed) {
        const halves closed = split(item.substr(1), ']');
        if (!closed.back) {
            return std::nullopt;
        }
        address = split(closed.front, '%');
        behind = split(*closed.back, ':');
        if (!behind.front.empty()) {
            if (behind.front[0] != '%' || address.back) {
                return std::nullopt;
            }
            address.back = behind.front.substr(1);
        }
        if (!consists_of(address.front, "0123456789abcdefABCDEF:.") ||
            !is_address(AF_INET6, address.front)) {
            return std::nullopt;
        }
    } else {
        behind = split(item, ':');
        address = split(behind.front, '%');
        if (!is_host(address.front)) {
            return std::nullopt;
        }
    }
    if (!names_interface(address.back) || (behind.back && has(*behind.back, ':'))) {
        return std::nullopt;
    }
    const auto service =
        behind.back ? service_of(*behind.back) : std::optional<std::string>{default_service};
    if (!service) {
        return std::nullopt;
    }
    read.host = address.front;
    read.interface_name = address.back.value_or("");
    read.service = *service;
    return read;
}

std::optional<std::vector<destination>> list_of(string_view text, string_view default_service) {
    constexpr string_view separators = " \t\r\n,";
    std::vector<destination> list;
    while (!text.empty()) {
        if (has(separators, text[0])) {
            text.remove_prefix(1);
            continue;
        }
        const string_view item = text.substr(0, text.find_first_of(separators));
        auto read = item_of(item, default_service);
        if (!read) {
            return std::nullopt;
        }
        list.push_back(*std::move(read));
        text.remove_prefix(item.size());
    }
    return list.empty() ? std::nullopt : std::optional{std::move(list)};
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    const string_view text{reinterpret_cast<const char*>(data), size};
    const auto expected = list_of(text, "2003");
    std::vector<destination> read;
    try {
        read = backends::parse_destinations(text, 2003);
    } catch (const backends::config_error& e) {
        require(e.key() == "destination", "the error names the key", e.key());
        require(!expected, "refused without a reason", text);
        return 0;
    }
    require(expected.has_value(), "taken in spite of the grammar", text);
    require(read == *expected, "the receivers that the grammar says", text);
    std::string again;
    for (const destination& d : read) {
        again += backends::to_string(d) + ", ";
    }
    require(backends::parse_destinations(again, 4242) == read, "the same, read again", again);
    return 0;
}
