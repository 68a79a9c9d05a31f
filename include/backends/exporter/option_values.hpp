// SPDX-License-Identifier: BSL-1.0
//
// The allowed values of an option. Each kind reads its values from text, writes them, checks them
// and describes them in words, so that one row of the option table (option_table.hpp) serves C++,
// files, flags and the documentation. All of this runs only while an exporter is set up.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/same_word.hpp>
#include <backends/core/time.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// The values of an option of type T. A returned reason is empty where the value can be used.
/// - `read(text, out)`  parses the whole text into `out`, or returns the reason why not
/// - `why_not(value)`   why the value cannot be used
/// - `text(value)`      in the form for read(), or, if it cannot be used, in a readable one
/// - `allowed()`        the allowed values in words; empty where every value is
template <class Values, class T>
concept option_values =
    requires(const Values& values, const T& value, std::string_view text, T& out) {
        { values.read(text, out) } -> std::same_as<std::string>;
        { values.why_not(value) } -> std::same_as<std::string>;
        { values.text(value) } -> std::same_as<std::string>;
        { values.allowed() } -> std::same_as<std::string>;
    };

namespace detail {

/// Reads a whole number with nothing around it. Numbers beyond int64 become its end, which no
/// option allows.
inline bool read_whole(std::string_view text, std::int64_t& out) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    if (error == std::errc::result_out_of_range) {
        out = text.starts_with('-') ? INT64_MIN : INT64_MAX;
    }
    return error != std::errc::invalid_argument && stop == end;
}

/// A readable time span. A value at an end of its type stands for more than that.
inline std::string written(std::int64_t n, std::string_view unit, std::string_view longest) {
    if (n == INT64_MAX || n == INT64_MIN) {
        return joined({n < 0 ? "-" : "", longest, n < 0 ? " or less" : " or more"});
    }
    return joined({number_text(n), unit});
}
inline std::string written(seconds s) { return written(s.value, " s", "292 billion years"); }
inline std::string written(nanoseconds t) {
    if (t.value % 1'000'000'000 == 0) {
        return written(t.value / 1'000'000'000, " s", "");
    }
    return t.value % 1'000'000 == 0 ? written(t.value / 1'000'000, " ms", "")
                                    : written(t.value, " ns", "292 years");
}

/// A range of numbers, in a unit; 0 may be allowed below it, with a meaning of its own.
struct number_range {
    std::int64_t least;
    std::int64_t most;
    std::string_view unit;
    std::string_view zero = {};

    [[nodiscard]] constexpr bool has(std::int64_t n) const noexcept {
        return (n >= least && n <= most) || (n == 0 && !zero.empty());
    }
    [[nodiscard, gnu::noinline]] std::string allowed() const {
        return joined({number_text(least), " to ", number_text(most), " ", unit,
                       zero.empty() ? "" : ", or 0: ", zero});
    }
    [[gnu::noinline]] std::string refusal() const { return joined({"must be ", allowed()}); }
    /// Reads a number of the range, or returns the reason why not.
    std::string read(std::string_view text, std::int64_t& out) const {
        return !read_whole(text, out) ? joined({"not a whole number of ", unit})
               : has(out)             ? std::string{}
                                      : refusal();
    }
};

}  // namespace detail

/// Any text, also an empty one.
struct any_text {
    static std::string read(std::string_view text, std::string& out) {
        out = text;
        return {};
    }
    static std::string why_not(const std::string&) { return {}; }
    static std::string text(const std::string& value) { return value; }
    static std::string allowed() { return {}; }
};

/// Names with dots between them, or nothing.
struct dotted_name : any_text {
    static std::string why_not(const std::string& value) {
        const bool empty_part =
            value.starts_with('.') || value.ends_with('.') || value.find("..") != std::string::npos;
        return detail::string_of(empty_part ? "a dot stands between two names; the one after the "
                                              "last is the wire format's own"
                                            : "");
    }
    static std::string allowed() { return "no dot at either end"; }
};

/// The path of a folder.
struct folder_path : any_text {
    static std::string why_not(const std::string& value) {
        return detail::string_of(value.find('\0') == value.npos ? "" : "a path has no zero byte");
    }
};

/// Yes or no, in the usual words, in any case.
struct yes_or_no {
    static std::string read(std::string_view text, bool& out) {
        constexpr std::array<std::string_view, 8> words{"no",  "yes", "false", "true",
                                                        "off", "on",  "0",     "1"};
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (detail::same_word(text, words[i])) {
                out = i % 2 != 0;
                return {};
            }
        }
        return "neither yes nor no";
    }
    static std::string why_not(bool) { return {}; }
    static std::string text(bool value) { return detail::string_of(value ? "yes" : "no"); }
    static std::string allowed() { return "yes or no"; }
};

/// One of a few words; each stands for a value, such as an enumerator.
template <class T, std::size_t N>
struct one_of {
    std::array<std::pair<std::string_view, T>, N> choices;  ///< each word and its value

    std::string read(std::string_view text, T& out) const {
        for (const auto& [word, value] : choices) {
            if (detail::same_word(text, word)) {
                out = value;
                return {};
            }
        }
        return detail::joined({"not one of ", allowed()});
    }
    std::string why_not(const T& value) const {
        return word_of(value).empty() ? detail::joined({"not one of ", allowed()}) : std::string{};
    }
    /// An enumerator without a word is written as a number.
    std::string text(const T& value) const {
        if constexpr (std::is_enum_v<T>) {
            if (word_of(value).empty()) {
                return detail::number_text(static_cast<std::underlying_type_t<T>>(value));
            }
        }
        return detail::string_of(word_of(value));
    }
    /// The value's word, or "".
    std::string_view word_of(const T& value) const noexcept {
        for (const auto& [word, other] : choices) {
            if (other == value) {
                return word;
            }
        }
        return {};
    }
    std::string allowed() const {
        std::string all;
        for (const auto& [word, value] : choices) {
            detail::append(all, {all.empty() ? "" : ", ", word});
        }
        return all;
    }
};

/// Whole numbers from `least` to `most`.
struct whole_numbers {
    std::int64_t least;     ///< the least allowed
    std::int64_t most;      ///< the greatest allowed
    std::string_view unit;  ///< the counted thing: "bytes"

    std::string read(std::string_view text, std::size_t& out) const {
        std::int64_t n = 0;
        std::string why = range().read(text, n);
        out = why.empty() ? static_cast<std::size_t>(n) : out;
        return why;
    }
    std::string why_not(std::size_t value) const {
        const bool good = std::cmp_less_equal(least, value) && std::cmp_less_equal(value, most);
        return good ? std::string{} : range().refusal();
    }
    static std::string text(std::size_t value) { return detail::number_text(value); }
    std::string allowed() const { return range().allowed(); }

private:
    constexpr detail::number_range range() const noexcept { return {least, most, unit}; }
};

/// Time spans from `least` to `most`; texts are whole numbers of `unit`s.
///
/// @tparam Span  seconds or nanoseconds
template <class Span>
struct spans {
    Span least;                  ///< the shortest allowed
    Span most;                   ///< the longest allowed
    Span unit;                   ///< what a text counts
    std::string_view unit_name;  ///< "seconds"
    std::string_view zero = {};  ///< the meaning of 0, where 0 is below `least` and still allowed

    std::string read(std::string_view text, Span& out) const {
        std::int64_t n = 0;
        std::string why = range().read(text, n);
        out = why.empty() ? Span{n * unit.value} : out;
        return why;
    }
    std::string why_not(Span value) const {
        const bool good = (value >= least && value <= most) || (value == Span{} && !zero.empty());
        return good ? std::string{} : range().refusal();
    }
    std::string text(Span value) const {
        return why_not(value).empty() && value.value % unit.value == 0
                   ? detail::number_text(value.value / unit.value)
                   : detail::written(value);
    }
    std::string allowed() const { return range().allowed(); }

private:
    /// In units, so that no product overflows.
    constexpr detail::number_range range() const noexcept {
        return {least.value / unit.value, most.value / unit.value, unit_name, zero};
    }
};

/// The `name=value` pairs of every line, separated by blanks and commas.
struct tag_texts {
    static std::string read(std::string_view text, std::vector<tag>& out) {
        constexpr std::string_view separators = " \t,";
        std::vector<tag> all;
        while (true) {
            const std::size_t start = text.find_first_not_of(separators);
            if (start == std::string_view::npos) {
                break;
            }
            text.remove_prefix(start);
            const std::string_view one = text.substr(0, text.find_first_of(separators));
            text.remove_prefix(one.size());
            const std::size_t equals = one.find('=');
            if (equals == std::string_view::npos) {
                return detail::joined({"`", one, "` is not name=value"});
            }
            all.push_back(
                {std::string{one.substr(0, equals)}, std::string{one.substr(equals + 1)}});
        }
        if (std::string why = why_not(all); !why.empty()) {
            return why;
        }
        out = std::move(all);
        return {};
    }
    static std::string why_not(const std::vector<tag>& value) {
        for (const tag& one : value) {
            if (one.name.empty() || one.value.empty()) {
                return detail::string_of("a tag has a name and a value");
            }
        }
        return {};
    }
    static std::string text(const std::vector<tag>& value) {
        std::string all;
        for (const tag& one : value) {
            detail::append(all, {all.empty() ? "" : " ", one.name, "=", one.value});
        }
        return all;
    }
    static std::string allowed() { return "name=value, separated by blanks or commas"; }
};

}  // namespace backends
