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
#include <map>
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

/// A section among several.
struct ini_part {
    std::string section;       ///< as written between the brackets
    std::string name;          ///< of [SECTION:NAME]; empty without
    std::string_view text;     ///< from its bracket on, up to the next section
    std::size_t lines_before;  ///< of the file
};

/// The reader of one file, given as text.
class ini_reader {
public:
    ini_reader(std::string_view path, std::string_view section) : path_{path}, wanted_{section} {}

    /// @param lines_before  of the file, above the text
    std::vector<ini_entry> read(std::string_view text, std::size_t lines_before = 0) {
        line_ = lines_before;
        each_line(text, [this](std::string_view line) { take(line); });
        require(found_);
        return std::move(entries_);
    }

    /// The sections [WANTED] and [WANTED:NAME]. Throws if there is none, or one of them twice.
    std::vector<ini_part> family(std::string_view text) {
        std::vector<ini_part> all;
        std::map<std::string, std::string> known;  // names in lower case, as first written
        const char* last = nullptr;                // the last of them begins there and is not over
        const auto close = [&](const char* end) {
            if (last != nullptr) {
                all.back().text = {last, static_cast<std::size_t>(end - last)};
            }
            last = nullptr;
        };
        each_line(text, [&](std::string_view line) {
            if (!line.starts_with('[')) {
                return;
            }
            close(line.data());
            begin_section(line);
            const std::string_view section = trimmed(line.substr(1, line.find(']') - 1));
            const std::size_t colon = (std::min)(section.find(':'), section.size());
            if (!backends::detail::same_word(trimmed(section.substr(0, colon)), wanted_)) {
                return;
            }
            const bool is_named = colon != section.size();
            const std::string_view name = is_named ? trimmed(section.substr(colon + 1)) : "";
            if (is_named && name.empty()) {
                refuse("a name follows the colon of [" + std::string{section} + "]");
            }
            const auto [first, is_new] = known.try_emplace(lower_case(name), section);
            if (!is_new) {
                refuse("the section [" + first->second + "] begins a second time");
            }
            all.push_back({std::string{section}, std::string{name}, {}, line_ - 1});
            last = line.data();
        });
        close(text.data() + text.size());
        require(!all.empty());
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

    static std::string lower_case(std::string_view text) {
        std::string lower{text};
        for (char& c : lower) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return lower;
    }

    void require(bool is_found) const {
        if (!is_found) {
            refuse_without_line("has no section [" + wanted_ + "]" +
                                (others_.empty() ? "" : "; it has " + others_));
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

    ini_entry entry(std::string_view line) {
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
        const auto [earlier, is_new] = keys_.try_emplace(lower_case(key), line_);
        if (!is_new) {
            refuse("`" + key + "` stands in line " + std::to_string(earlier->second) + " already");
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
    std::map<std::string, std::size_t> keys_;  // in lower case, with their lines
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
