// SPDX-License-Identifier: BSL-1.0
//
// An exporter's settings as text, from an INI file's [backend] section or from flags, and their
// strict parser: text that it does not understand is an error that names the key and the value. It
// never replaces a value. The keys are those of the option table and three more.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/exporter/option_table.hpp>
#include <backends/exporter/options.hpp>
#include <backends/select/ini_section.hpp>

#include <boost/hana/for_each.hpp>
#include <boost/hana/unpack.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::select {

/// A key and its meaning.
struct documented_key {
    std::string_view key;      ///< as in a file
    std::string_view meaning;  ///< one line
};

/// The keys without an option: whether there is an exporter, and of which type.
inline constexpr std::array<documented_key, 3> choices{
    {{"enabled", "whether there is an exporter at all: yes or no; must be said"},
     {"data source", "`average` (default), `sum` = `volume`, `total`, or `as collected`"},
     {"type",
      "the wire format: `graphite` (default), `opentsdb`, `json`, `influx`; over HTTP also "
      "`opentsdb_http`, `remote_write`, `otlp`; in datagrams `statsd`, `dogstatsd`"}}};

/// The keys of transports. One that the transport in use does not have is an error.
inline constexpr std::array<documented_key, 14> transport_keys{
    {{"http content type", "of the requests; the format's own if nothing is said"},
     {"http headers", "`NAME: VALUE` of every request, separated by `|`"},
     {"http user", "basic authorisation"},
     {"http password", "the user's"},
     {"http token file", "a file with a bearer token, read again at each connection"},
     {"http gzip", "whether bodies are compressed: `no` (default) or `yes`"},
     {"http request bytes", "of a body, at most: `131072`"},
     {"http divide refused", "whether refused requests go again in parts: `yes` (default) or `no`"},
     {"tls ca file", "certificates to trust, PEM; the system's if nothing is said"},
     {"tls certificate file", "our own certificate, for receivers that ask"},
     {"tls key file", "its key"},
     {"tls server name", "the name in the receiver's certificate; the destination's host"},
     {"tls verify", "whether the receiver must prove its name: `yes` (default) or `no`"},
     {"datagram bytes", "of a datagram, at most: `1432` over `udp`, `8192` to a path"}}};

/// All keys: those without an option, the options', in their order, and the transports'.
inline constexpr auto documented_keys = boost::hana::unpack(option_table, [](const auto&... row) {
    std::array<documented_key, choices.size() + sizeof...(row) + transport_keys.size()> all{
        choices[0], choices[1], choices[2], documented_key{row.key, row.meaning}...};
    std::copy_backward(transport_keys.begin(), transport_keys.end(), all.end());
    return all;
});
/// Without their meanings.
inline constexpr auto keys = [] {
    std::array<std::string_view, documented_keys.size()> only{};
    std::transform(documented_keys.begin(), documented_keys.end(), only.begin(),
                   [](const documented_key& one) { return one.key; });
    return only;
}();

/// Texts by key. A key that was never set keeps its default.
class settings {
public:
    settings() = default;
    /// @param source  what errors call the settings as a whole, such as a file's path
    explicit settings(std::string source) : source_{std::move(source)} {}

    /// @param key    in any case
    /// @param value  the whole text, unchanged
    /// @param where  what errors say of its origin: "line 3 of x.ini"
    ///
    /// Throws config_error when there is no such key.
    settings& set(std::string_view key, std::string value, std::string where = {}) {
        const auto known = std::find_if(keys.begin(), keys.end(), [key](std::string_view one) {
            // netdata sends `send charts matching`.
            return backends::detail::same_word(one, key) ||
                   (one.ends_with(" matching") && key.size() > 5 &&
                    backends::detail::same_word(key.substr(0, 5), "send ") &&
                    backends::detail::same_word(one, key.substr(5)));
        });
        if (known == keys.end()) {
            std::string all;
            for (const std::string_view one : keys) {
                all += (all.empty() ? "" : ", ") + std::string{one};
            }
            throw config_error{key, value,
                               "there is no such key" + in(where) + "; keys are " + all};
        }
        texts_.insert_or_assign(*known, entry{std::move(value), std::move(where)});
        return *this;
    }

    /// Whether the key was set; `key` is in lower case.
    [[nodiscard]] bool has(std::string_view key) const { return texts_.contains(key); }
    /// The key's text, or `fallback` if it was not set.
    [[nodiscard]] std::string text(std::string_view key, std::string_view fallback) const {
        const auto found = texts_.find(key);
        return found == texts_.end() ? std::string{fallback} : found->second.text;
    }

    /// The yes or no of a key, or `fallback`. Throws config_error when it is neither.
    [[nodiscard]] bool flag(std::string_view key, bool fallback) const {
        const auto found = texts_.find(key);
        if (found == texts_.end()) {
            return fallback;
        }
        bool value = false;
        if (const std::string why = yes_or_no::read(found->second.text, value); !why.empty()) {
            refuse(*found, why);
        }
        return value;
    }

    /// The whole number of a key, or `fallback`. Throws config_error when it is none.
    [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t fallback) const {
        const auto found = texts_.find(key);
        if (found != texts_.end() && !backends::detail::read_whole(found->second.text, fallback)) {
            refuse(*found, "not a whole number");
        }
        return fallback;
    }

    /// An error about a key that was set. What may be a secret is not shown.
    [[nodiscard]] config_error error(std::string_view key, const std::string& why) const {
        const auto found = texts_.find(key);
        const bool is_secret = key == "http password" || key == "http headers";
        return found == texts_.end() ? config_error{key, "", why}
                                     : config_error{key, is_secret ? "***" : found->second.text,
                                                    why + in(found->second.where)};
    }

    /// Whether to make an exporter. Throws config_error when the settings do not say: nobody would
    /// soon notice that an exporter is missing.
    [[nodiscard]] bool enabled() const {
        if (!has("enabled")) {
            throw config_error{"enabled", "", "is missing, yes exports, no does not" + in(source_)};
        }
        return flag("enabled", false);
    }

    /// The options of these settings, with `o` as the defaults. exporter_from() reads the type, the
    /// data source and the destination. Throws config_error.
    [[nodiscard]] options merged_into(options o = {}) const {
        boost::hana::for_each(option_table, [this, &o](const auto& row) {
            const auto found = texts_.find(row.key);
            if (found == texts_.end()) {
                return;
            }
            auto& value = o.*row.member;
            std::string why = row.values.read(found->second.text, value);
            if (why.empty()) {
                why = row.values.why_not(value);
            }
            if (!why.empty()) {
                refuse(*found, why);
            }
        });
        validate(o);
        return o;
    }

    /// The same error in the settings' words: an exporter names the member of `options` that it
    /// cannot use, a file has a key and a line.
    [[nodiscard]] config_error in_own_words(const config_error& e) const {
        config_error own = e;
        boost::hana::for_each(option_table, [this, &e, &own](const auto& row) {
            const auto found = row.name == e.key() ? texts_.find(row.key) : texts_.end();
            if (found != texts_.end()) {
                own = {row.key, e.value(), e.why() + in(found->second.where)};
            }
        });
        return own;
    }

private:
    struct entry {
        std::string text;
        std::string where;
    };
    using texts = std::map<std::string_view, entry>;  // the keys are constants

    static std::string in(const std::string& where) {
        return where.empty() ? "" : " (" + where + ")";
    }
    [[noreturn]] static void refuse(const texts::value_type& one, const std::string& why) {
        throw config_error{one.first, one.second.text, why + in(one.second.where)};
    }

    std::string source_;
    texts texts_;
};

namespace detail {
inline settings settings_of(const std::string& path, std::string_view text,
                            std::string_view section, std::size_t lines_before = 0) {
    settings read{section == "backend" ? path : "[" + std::string{section} + "] of " + path};
    for (ini_entry& one : ini_reader{path, section}.read(text, lines_before)) {
        read.set(one.key, std::move(one.value), "line " + std::to_string(one.line) + " of " + path);
    }
    return read;
}
}  // namespace detail

/// A section of an INI file, as read_ini_section() reads it. Throws config_error, also for an
/// unknown key.
inline settings settings_from_file(const std::string& path, std::string_view section = "backend") {
    return detail::settings_of(path, detail::text_of(path), section);
}

/// The settings of one exporter among several.
struct named_settings {
    std::string name;  ///< of `[backend:NAME]`; empty: of `[backend]`
    settings chosen;   ///< what it says
};

/// The sections `[backend]` and `[backend:NAME]` of an INI file, any number, in their order. Throws
/// config_error when there is none, when one comes twice, and as settings_from_file() does.
inline std::vector<named_settings> sections(const std::string& path) {
    const std::string text = detail::text_of(path);
    std::vector<named_settings> all;
    for (detail::ini_part& one : detail::ini_reader{path, "backend"}.family(text)) {
        all.push_back({std::move(one.name),
                       detail::settings_of(path, one.text, one.section, one.lines_before)});
    }
    return all;
}

}  // namespace backends::select
