// SPDX-License-Identifier: BSL-1.0
//
// An exporter's settings as text, from an INI file's [backend] section or from flags, and their
// strict reading: whatever is not understood is an error that names the key and the value. Nothing
// is silently replaced.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/exporter/options.hpp>

#include <boost/property_tree/ini_parser.hpp>
#include <boost/property_tree/ptree.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::select {

/// The keys that are understood.
inline constexpr std::array<std::string_view, 11> keys{
    "enabled",      "data source",        "type",       "destination",     "prefix",    "hostname",
    "update every", "buffer on failures", "timeout ms", "spool directory", "spool sync"};

/// Texts by key. A key that was never set keeps its default.
class settings {
public:
    /// Throws config_error when there is no such key.
    settings& set(std::string_view key, std::string value) {
        if (std::ranges::find(keys, key) == keys.end()) {
            throw config_error{key, value, "there is no such key"};
        }
        texts_.insert_or_assign(std::string{key}, std::move(value));
        return *this;
    }

    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const {
        const auto found = texts_.find(key);
        return found == texts_.end() ? std::string{fallback} : found->second;
    }

    /// `yes`/`no`, `true`/`false`, `on`/`off`, `1`/`0`; no by default.
    [[nodiscard]] bool enabled() const { return yes_or_no("enabled", false); }

    /// The options that these settings mean, over `o` as the defaults. The type, the data source
    /// and the destination are read by exporter_from(). Throws config_error.
    [[nodiscard]] options merged_into(options o = {}) const {
        o.destination = text("destination", o.destination);
        o.prefix = text("prefix", o.prefix);
        o.hostname = text("hostname", o.hostname);
        o.spool_directory = text("spool directory", o.spool_directory);
        o.spool_sync = yes_or_no("spool sync", o.spool_sync);
        if (texts_.contains("update every")) {
            o.update_every = seconds{number("update every", 1, 31'536'000)};
        }
        if (texts_.contains("buffer on failures")) {
            o.buffer_on_failures =
                static_cast<std::size_t>(number("buffer on failures", 1, 1'000'000));
        }
        if (texts_.contains("timeout ms")) {
            o.timeout = milliseconds(number("timeout ms", 1, 86'400'000));
        }
        validate(o);
        return o;
    }

private:
    [[nodiscard]] bool yes_or_no(std::string_view key, bool fallback) const {
        const std::string value = text(key, fallback ? "yes" : "no");
        for (const std::string_view yes : {"yes", "true", "on", "1"}) {
            if (value == yes) {
                return true;
            }
        }
        for (const std::string_view no : {"no", "false", "off", "0"}) {
            if (value == no) {
                return false;
            }
        }
        throw config_error{key, value, "neither yes nor no"};
    }

    /// A whole number and nothing behind it.
    [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t least,
                                      std::int64_t most) const {
        const std::string value = text(key, "");
        std::int64_t n = 0;
        const char* const end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, n);
        if (error == std::errc::invalid_argument || stop != end) {
            throw config_error{key, value, "not a whole number"};
        }
        if (error != std::errc{} || n < least || n > most) {
            throw config_error{
                key, value, "not within " + std::to_string(least) + " to " + std::to_string(most)};
        }
        return n;
    }

    std::map<std::string, std::string, std::less<>> texts_;
};

/// The [backend] section of an INI file (`key = value` lines, `#` and `;` start comments). Other
/// sections are other programs'. Throws config_error when the file cannot be read, is no INI file,
/// has no such section, or the section has an unknown key.
inline settings settings_from_file(const std::string& path) {
    namespace property_tree = boost::property_tree;
    property_tree::ptree file;
    try {
        property_tree::read_ini(path, file);
    } catch (const property_tree::ini_parser_error& e) {
        const std::string where = e.line() > 0 ? "line " + std::to_string(e.line()) + ": " : "";
        throw config_error{"file", path, where + e.message()};
    }
    const auto section = file.get_child_optional("backend");
    if (!section || section->empty()) {  // a key of this name has no children
        throw config_error{"file", path, "has no section [backend]"};
    }
    settings read;
    for (const auto& [key, value] : *section) {
        read.set(key, value.data());
    }
    return read;
}

}  // namespace backends::select
