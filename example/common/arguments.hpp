// SPDX-License-Identifier: BSL-1.0
//
// The command line of the example programs: `--name VALUE`, `--name=VALUE`, switches without a
// value, and the rest by position. Whatever is wrong is one line that names the flag and the value,
// before the program has started anything, and exit status 2.
#pragma once

#include <backends/core/errors.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace program {

/// One flag that a program knows. A flag with an empty `value` is a switch.
struct flag {
    std::string_view name;   ///< without the two dashes
    std::string_view value;  ///< what the help calls its value, such as "SECONDS"
    std::string_view help;
};

/// The command line as a whole is wrong: an unknown flag, a missing value.
class usage_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The whole of `text` as a number from `least` to `most`. Throws config_error under `key`.
template <class Int>
Int number(std::string_view key, std::string_view text, Int least, Int most) {
    Int n{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size() || n < least || n > most) {
        throw backends::config_error{
            key, text,
            "not a whole number from " + std::to_string(least) + " to " + std::to_string(most)};
    }
    return n;
}

class arguments {
public:
    /// Throws usage_error.
    arguments(std::span<const flag> known, int argc, const char* const* argv) {
        bool flags_end = false;
        for (int i = 1; i < argc; ++i) {
            const std::string_view word = argv[i];
            if (flags_end || !word.starts_with("--")) {
                positional_.push_back(word);
            } else if (word == "--") {
                flags_end = true;
            } else {
                const auto equals = word.find('=');
                const auto name = word.substr(2, equals == word.npos ? equals : equals - 2);
                const auto it = std::ranges::find(known, name, &flag::name);
                if (it == known.end()) {
                    throw usage_error{"unknown flag --" + std::string{name}};
                }
                if (it->value.empty() && equals != word.npos) {
                    throw usage_error{"--" + std::string{name} + " takes no value"};
                }
                if (it->value.empty()) {
                    given_[name] = {};
                } else if (equals != word.npos) {
                    given_[name] = word.substr(equals + 1);
                } else if (i + 1 < argc) {
                    given_[name] = argv[++i];
                } else {
                    throw usage_error{"--" + std::string{name} +
                                      " needs a value: " + std::string{it->value}};
                }
            }
        }
    }

    [[nodiscard]] bool has(std::string_view name) const { return given_.contains(name); }

    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const {
        const auto it = given_.find(name);
        return it == given_.end() ? std::nullopt : std::optional{it->second};
    }

    template <class Int>
    [[nodiscard]] Int number(std::string_view name, Int otherwise, Int least, Int most) const {
        const auto text = value(name);
        return text ? program::number<Int>("--" + std::string{name}, *text, least, most)
                    : otherwise;
    }

    [[nodiscard]] const std::vector<std::string_view>& positional() const { return positional_; }

private:
    std::map<std::string_view, std::string_view> given_;
    std::vector<std::string_view> positional_;
};

inline void print_help(std::string_view usage, std::span<const flag> known) {
    std::printf("usage: %.*s\n", static_cast<int>(usage.size()), usage.data());
    for (const flag& f : known) {
        const std::string left = "--" + std::string{f.name} + " " + std::string{f.value};
        std::printf("  %-26s %.*s\n", left.c_str(), static_cast<int>(f.help.size()), f.help.data());
    }
}

/// Reads the command line, gives it to `body`, and turns what it throws into one line on standard
/// error. Returns the exit status: body's own, 2 for a command line or a setting that cannot be
/// used, 1 for anything else.
template <class Body>
int run(std::string_view usage, std::span<const flag> known, int argc, const char* const* argv,
        Body body) {
    const std::string_view path = argc > 0 ? argv[0] : "program";
    const std::string name{path.substr(path.rfind('/') + 1)};
    try {
        const arguments given{known, argc, argv};
        if (given.has("help")) {
            print_help(usage, known);
            return 0;
        }
        return body(given);
    } catch (const usage_error& error) {
        std::fprintf(stderr, "%s: %s; --help lists the flags\n", name.c_str(), error.what());
        return 2;
    } catch (const backends::config_error& error) {
        std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
        return 2;
    } catch (const std::system_error& error) {
        // message(), not what(): Boost's what() shows the paths of its sources.
        std::fprintf(stderr, "%s: %s\n", name.c_str(), error.code().message().c_str());
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
        return 1;
    }
}

}  // namespace program
