// SPDX-License-Identifier: BSL-1.0
//
// Any bytes as an INI file: a config_error, or the settings that a reading of its own gives. The
// numbers among them are compared with strtoll's.
#include <backends/core/errors.hpp>
#include <backends/select/settings.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
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

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
}

// Without quotes and the comment behind it; nothing when it must be refused.
std::optional<std::string> value_of(std::string_view written) {
    const auto comment = [](std::string_view text) {
        return text.empty() || text[0] == '#' || text[0] == ';';
    };
    if (!written.empty() && (written[0] == '"' || written[0] == '\'')) {
        const std::size_t last = written.substr(1).find(written[0]);
        if (last == std::string_view::npos || !comment(trimmed(written.substr(last + 2)))) {
            return std::nullopt;
        }
        return std::string{written.substr(1, last)};
    }
    const std::size_t mark = written.find_first_of("#;");
    if (mark == std::string_view::npos) {
        return std::string{written};
    }
    if (mark != 0 && written[mark - 1] != ' ' && written[mark - 1] != '\t') {
        return std::nullopt;
    }
    return std::string{trimmed(written.substr(0, mark))};
}

// The [backend] section; nothing when the file must be refused.
std::optional<texts> section_of(std::string_view text) {
    if (text.substr(0, 2) == "\xff\xfe" || text.substr(0, 2) == "\xfe\xff") {
        return std::nullopt;
    }
    if (text.substr(0, 3) == "\xef\xbb\xbf") {
        text.remove_prefix(3);
    }
    std::optional<texts> found;
    enum { nowhere, ours, theirs } place = nowhere;
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
            const std::string_view behind =
                close == std::string_view::npos ? "x" : trimmed(line.substr(close + 1));
            if (!behind.empty() && behind[0] != ';' && behind[0] != '#') {
                return std::nullopt;
            }
            place = lower(trimmed(line.substr(1, close - 1))) == "backend" ? ours : theirs;
            if (place == ours) {
                if (found) {
                    return std::nullopt;
                }
                found.emplace();
            }
            continue;
        }
        if (place == theirs) {
            continue;
        }
        const std::size_t equals = line.find('=');
        const bool control = std::ranges::any_of(
            line, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; });
        if (place == nowhere || control || equals == std::string_view::npos || equals == 0) {
            return std::nullopt;
        }
        const std::string key = lower(trimmed(line.substr(0, equals)));
        const auto value = value_of(trimmed(line.substr(equals + 1)));
        if (!value || !found->emplace(key, *value).second ||
            std::ranges::find(backends::select::keys, key) == backends::select::keys.end()) {
            return std::nullopt;
        }
    }
    return found;
}

void check_number(const texts& section, const char* key, std::int64_t n) {
    if (const auto found = section.find(key); found != section.end()) {
        char* end = nullptr;
        const long long expected = std::strtoll(found->second.c_str(), &end, 10);
        require(end == found->second.c_str() + found->second.size() && n == expected && n >= 0,
                "a number is the number that was written", found->second);
    }
}

void check_meaning(const settings& read, const texts& section) {
    try {
        static_cast<void>(read.enabled());
        require(section.contains("enabled"), "neither on nor off unless it says so");
    } catch (const backends::config_error& e) {
        require(e.key() == "enabled", "the error names the key", e.what());
    }
    try {
        const backends::options o = read.merged_into();
        check_number(section, "update every", o.update_every.value);
        check_number(section, "buffer on failures",
                     static_cast<std::int64_t>(o.buffer_on_failures));
        check_number(section, "timeout ms", o.timeout.value / 1'000'000);
        check_number(section, "max age", o.max_age.value / 1'000'000'000);
        check_number(section, "queue bytes", static_cast<std::int64_t>(o.queue_bytes));
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
