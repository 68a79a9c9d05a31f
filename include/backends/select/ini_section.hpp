// SPDX-License-Identifier: BSL-1.0
//
// One section of an INI file, as people write them: it accepts a byte order mark, Windows' line
// ends, quotes, and comments after a value. It refuses every other line that is not `key = value`,
// with its number. A value is what its writer meant, or an error; never a part of it.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/exporter/option_values.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::select {

/// One `key = value` of a file.
struct ini_entry {
    std::string key;    ///< as written
    std::string value;  ///< without blanks around it
    std::size_t line;   ///< in the file, from 1 on
};

namespace detail {

constexpr std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\v\f";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

constexpr bool is_comment(std::string_view text) noexcept {
    return text.starts_with('#') || text.starts_with(';');
}

/// The reader of one file, given as text.
class ini_reader {
public:
    ini_reader(std::string_view path, std::string_view section) : path_{path}, wanted_{section} {}

    std::vector<ini_entry> read(std::string_view text) {
        each_line(text, [this](std::string_view line) { take(line); });
        if (!found_) {
            refuse_without_line("has no section [" + wanted_ + "]" +
                                (others_.empty() ? "" : "; it has " + others_));
        }
        return std::move(entries_);
    }

    /// The sections [WANTED] and [WANTED:NAME], as they are written. Throws if there is none.
    std::vector<std::string> family(std::string_view text) {
        std::vector<std::string> all;
        each_line(text, [&](std::string_view line) {
            if (!line.starts_with('[')) {
                return;
            }
            begin_section(line);
            const std::string_view name = trimmed(line.substr(1, line.find(']') - 1));
            const std::size_t colon = (std::min)(name.find(':'), name.size());
            if (!backends::detail::same_word(trimmed(name.substr(0, colon)), wanted_)) {
                return;
            }
            if (colon != name.size() && trimmed(name.substr(colon + 1)).empty()) {
                refuse("a name follows the colon of [" + std::string{name} + "]");
            }
            all.emplace_back(name);
        });
        if (all.empty()) {
            refuse_without_line("has no section [" + wanted_ + "]" +
                                (others_.empty() ? "" : "; it has " + others_));
        }
        return all;
    }

private:
    template <class Take>
    void each_line(std::string_view text, Take take_line) {
        if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
            throw config_error{"file", path_, "is UTF-16; save it as UTF-8"};
        }
        if (text.starts_with("\xef\xbb\xbf")) {
            text.remove_prefix(3);
        }
        for (bool more = true; more;) {
            const std::size_t end = text.find('\n');
            more = end != std::string_view::npos;
            ++line_;
            take_line(trimmed(text.substr(0, end)));
            text.remove_prefix(more ? end + 1 : text.size());
        }
    }

    [[noreturn]] void refuse_without_line(const std::string& why) const {
        throw config_error{"file", path_, why};
    }
    [[noreturn]] void refuse(const std::string& why) const {
        refuse_without_line("line " + std::to_string(line_) + ": " + why);
    }

    void take(std::string_view line) {
        if (line.empty() || is_comment(line)) {
            return;
        }
        if (line.front() == '[') {
            begin_section(line);
        } else if (!inside_any_) {
            refuse("stands before the first section; [" + wanted_ + "] comes above its keys");
        } else if (inside_) {
            entries_.push_back(entry(line));
        }
    }

    void begin_section(std::string_view line) {
        const std::size_t close = line.find(']');
        if (close == std::string_view::npos) {
            refuse("the bracket of a section is not closed");
        }
        const std::string_view rest = trimmed(line.substr(close + 1));
        if (!rest.empty() && !is_comment(rest)) {
            refuse("nothing but a comment may stand after a section's ]");
        }
        const std::string_view name = trimmed(line.substr(1, close - 1));
        inside_any_ = true;
        inside_ = backends::detail::same_word(name, wanted_);
        if (!inside_) {
            others_ += (others_.empty() ? "[" : ", [") + std::string{name} + "]";
        } else if (found_) {
            refuse("the section [" + wanted_ + "] begins a second time");
        }
        found_ = found_ || inside_;
    }

    ini_entry entry(std::string_view line) const {
        for (const char c : line) {
            if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
                refuse("holds a control character");
            }
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            refuse("is no `key = value`; a value ends with its line");
        }
        const std::string key{trimmed(line.substr(0, equals))};
        if (key.empty()) {
            refuse("has no key before the =");
        }
        for (const ini_entry& earlier : entries_) {
            if (backends::detail::same_word(earlier.key, key)) {
                refuse("`" + key + "` stands in line " + std::to_string(earlier.line) + " already");
            }
        }
        return {key, value(key, trimmed(line.substr(equals + 1))), line_};
    }

    std::string value(const std::string& key, std::string_view text) const {
        if (text.starts_with('"') || text.starts_with('\'')) {
            const std::size_t close = text.find(text.front(), 1);
            if (close == std::string_view::npos) {
                refuse("the quote of `" + key + "` is not closed");
            }
            const std::string_view rest = trimmed(text.substr(close + 1));
            if (!rest.empty() && !is_comment(rest)) {
                refuse("nothing but a comment may stand after the quotes of `" + key + "`");
            }
            return std::string{text.substr(1, close - 1)};
        }
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (!is_comment(text.substr(i))) {
                continue;
            }
            if (i != 0 && text[i - 1] != ' ' && text[i - 1] != '\t') {
                refuse("a blank stands before a comment, quotes around a value with " +
                       std::string{text[i]} + ": `" + key + "`");
            }
            return std::string{trimmed(text.substr(0, i))};
        }
        return std::string{text};
    }

    std::string path_;
    std::string wanted_;
    std::string others_;  // sections
    std::size_t line_ = 0;
    bool inside_any_ = false;
    bool inside_ = false;
    bool found_ = false;
    std::vector<ini_entry> entries_;
};

}  // namespace detail

namespace detail {
/// A whole file. Throws config_error when it cannot be read.
inline std::string text_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text;
    std::array<char, 4096> some;
    while (file.read(some.data(), some.size()) || file.gcount() != 0) {
        text.append(some.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) {  // a folder opens, but cannot be read
        throw config_error{"file", path, "cannot be read"};
    }
    return text;
}
}  // namespace detail

/// The entries of a section, in order; it ignores other programs' sections. Section names match in
/// any case. A comment begins with # or ; at a line's start or after a blank. Single or double
/// quotes enclose a value. Throws config_error when the file cannot be read, has no such section or
/// has it twice, when a key comes twice, and for each line of the section that is neither empty nor
/// a comment nor `key = value`.
inline std::vector<ini_entry> read_ini_section(const std::string& path, std::string_view section) {
    return detail::ini_reader{path, section}.read(detail::text_of(path));
}

}  // namespace backends::select
