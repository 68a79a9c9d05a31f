// SPDX-License-Identifier: BSL-1.0
//
// Any text as a destination list: a config_error that names the key, or receivers that to_string()
// carries through a second reading, also with another default port.
#include <backends/core/errors.hpp>
#include <backends/delivery/destination.hpp>

#include "fuzz/harness.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace {

using fuzz::require;

std::size_t items_of(std::string_view text) {
    constexpr std::string_view separators = " \t\r\n,";
    std::size_t items = 0;
    bool inside = false;
    for (const char c : text) {
        const bool separates = separators.find(c) != std::string_view::npos;
        items += !inside && !separates ? 1 : 0;
        inside = !separates;
    }
    return items;
}

bool is_safe(std::string_view text) {
    return text.find_first_of(" \t\r\n,[]%/") == std::string_view::npos &&
           text.find('\0') == std::string_view::npos;
}

void check(const backends::destination& d, std::string_view text) {
    require(!d.host.empty() && !d.service.empty(), "a host and a service", text);
    require(is_safe(d.host) && is_safe(d.interface_name) && is_safe(d.service), "no punctuation",
            text);
    require(d.bracketed == (d.host.find(':') != std::string::npos), "IPv6 in brackets", text);
    if (d.service.find_first_not_of("0123456789") == std::string::npos) {
        require(d.service.size() <= 5 && d.service[0] != '0', "a plain port", text);
        const int port = std::stoi(d.service);
        require(port >= 1 && port <= 65535, "a port between 1 and 65535", text);
    }
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    std::vector<backends::destination> read;
    try {
        read = backends::parse_destinations(text, 2003);
    } catch (const backends::config_error& e) {
        require(e.key() == "destination", "the error names the key", e.what());
        return 0;
    }
    require(read.size() == items_of(text), "a receiver for each item", text);
    std::string again;
    for (const backends::destination& d : read) {
        check(d, text);
        again += backends::to_string(d) + ", ";
    }
    require(backends::parse_destinations(again, 4242) == read, "the same, read again", again);
    return 0;
}
