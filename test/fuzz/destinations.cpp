// SPDX-License-Identifier: BSL-1.0
//
// Any text as a destination list: refused with a config_error that names the key, or read, as a second
// reading of the grammar says that is written out here. What was read, to_string() carries through
// another reading, also with another default port.
#include <backends/core/errors.hpp>
#include <backends/delivery/destination.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using backends::destination;
using fuzz::require;
using std::string_view;

bool has(string_view text, char c) { return text.find(c) != string_view::npos; }
bool starts(string_view text, string_view with) { return text.substr(0, with.size()) == with; }
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

// `text`, behind one %, if there is one, names an interface.
bool names_interface(std::optional<string_view> text) {
    return !text || (!text->empty() && text->find_first_of("[]%/") == string_view::npos);
}

std::optional<destination> item_of(string_view item, string_view default_service) {
    for (const char c : item) {
        if ((c >= 0 && c < ' ') || c == 0x7f) {
            return std::nullopt;
        }
    }
    if (starts(item, "udp:") || starts(item, "unix:")) {
        return std::nullopt;
    }
    item.remove_prefix(starts(item, "tcp:") ? 4 : 0);

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
        if (!consists_of(address.front, "0123456789abcdefABCDEF:.") || !has(address.front, ':')) {
            return std::nullopt;
        }
    } else {
        behind = split(item, ':');
        address = split(behind.front, '%');
        if (address.front.empty() || address.front.find_first_of("[]/") != string_view::npos) {
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
