// SPDX-License-Identifier: BSL-1.0
//
// Any bytes as an INI file: a config_error, or the settings that a reading of its own gives. The
// numbers among them are compared with strtoll's.
#include <backends/core/errors.hpp>
#include <backends/select/settings.hpp>

#include "fuzz/harness.hpp"

#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace {

using backends::select::settings;
using fuzz::require;
using texts = std::map<std::string, std::string>;

// A file without a disk.
std::string file_with(std::string_view text) {
    static const int fd = ::memfd_create("settings", MFD_CLOEXEC);
    require(fd >= 0 && ::ftruncate(fd, 0) == 0, "a file in memory");
    require(::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()),
            "a file in memory");
    return "/proc/self/fd/" + std::to_string(fd);
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// The [backend] section; nothing when the file must be refused. A section without keys is as good as
// none, and may come again.
std::optional<texts> section_of(std::string_view text) {
    std::map<std::string, texts> sections;
    std::set<std::string> loose;  // in front of the first section
    std::string current;
    bool inside = false;
    for (bool more = true; more;) {
        const std::size_t end = text.find('\n');
        more = end != std::string_view::npos;
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(more ? end + 1 : text.size());
        if (line.empty() || line[0] == ';' || line[0] == '#') {
            continue;
        }
        if (line[0] == '[') {
            const std::size_t close = line.find(']');
            if (close == std::string_view::npos) {
                return std::nullopt;
            }
            current = trimmed(line.substr(1, close - 1));
            inside = true;
            if (!sections[current].empty() || loose.contains(current)) {
                return std::nullopt;
            }
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            return std::nullopt;
        }
        const std::string key{trimmed(line.substr(0, equals))};
        const bool is_new =
            inside ? sections[current].emplace(key, trimmed(line.substr(equals + 1))).second
                   : loose.insert(key).second;
        if (!is_new) {
            return std::nullopt;
        }
    }
    texts found = sections["backend"];
    for (const auto& [key, value] : found) {
        if (std::ranges::find(backends::select::keys, key) == backends::select::keys.end()) {
            return std::nullopt;
        }
    }
    return found.empty() ? std::nullopt : std::optional{found};
}

void check_number(const texts& section, const char* key, std::int64_t n) {
    if (const auto found = section.find(key); found != section.end()) {
        char* end = nullptr;
        const long long expected = std::strtoll(found->second.c_str(), &end, 10);
        require(end == found->second.c_str() + found->second.size() && n == expected && n > 0,
                "a number is the number that was written", found->second);
    }
}

void check_meaning(const settings& read, const texts& section) {
    try {
        const bool on = read.enabled();
        require(!on || section.contains("enabled"), "off unless it says otherwise");
    } catch (const backends::config_error& e) {
        require(e.key() == "enabled", "the error names the key", e.what());
    }
    try {
        const backends::options o = read.merged_into();
        check_number(section, "update every", o.update_every.value);
        check_number(section, "buffer on failures",
                     static_cast<std::int64_t>(o.buffer_on_failures));
        check_number(section, "timeout ms", o.timeout.value / 1'000'000);
    } catch (const backends::config_error& e) {
        require(section.contains(e.key()), "the error names a key of the file", e.what());
    }
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto expected = section_of(text);
    std::optional<settings> read;
    try {
        read = backends::select::settings_from_file(file_with(text));
    } catch (const backends::config_error&) {}
    require(read.has_value() == expected.has_value(), "read or refused, as it should be", text);
    if (read) {
        for (const std::string_view key : backends::select::keys) {
            const auto found = expected->find(std::string{key});
            require(read->text(key, "\x01") == (found == expected->end() ? "\x01" : found->second),
                    "the text of a key", text);
        }
        check_meaning(*read, *expected);
    }
    return 0;
}
