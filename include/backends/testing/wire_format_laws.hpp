// SPDX-License-Identifier: BSL-1.0
//
// The laws of a wire format, for any bytes and any test framework or fuzzer: each broken law gives
// a sentence. test/unit/format holds the provided formats to them.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/time.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/number/number.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// The laws of every format, for names and labels of any bytes:
/// 1. a line of text has one newline, its last byte;
/// 2. it is not longer than max_line(), which is at most the format's limit;
/// 3. the format's own parser accepts it, and returns its number and time;
/// 4. it does not depend on the buffer's old bytes, nor on earlier lines.
template <wire_format Format, name_rule Rule = replace>
struct wire_format_laws {
    /// The first broken law for this line, or an empty text; `line` is the line itself, without its
    /// newline. Preconditions: the names fit the format's limits; is_printable(v); at > 0. Throws
    /// config_error for an identity that the format refuses.
    template <class Value>
    static std::string broken(const identity& names, std::string_view chart,
                              std::string_view dimension, unix_seconds at, Value v,
                              std::string* line = nullptr, label_list labels = {}) {
        renderer<Format, Rule> lines{names};
        return broken(lines, chart, dimension, at, v, line, labels);
    }

    /// The same with a reused renderer; adds a series to it.
    template <class Value>
    static std::string broken(renderer<Format, Rule>& lines, std::string_view chart,
                              std::string_view dimension, unix_seconds at, Value v,
                              std::string* line = nullptr, label_list labels = {}) {
        std::uint32_t series = 0;
        if (const auto error = lines.add(chart, dimension, series, labels)) {
            return "add: " + error.message();
        }
        const std::string text = render(lines, series, at, v, '\n');
        if (line != nullptr) {
            *line = text.substr(0, text.size() - newlines);
        }
        if (text.empty() || (newlines == 1 && (text.back() != '\n' ||
                                               std::count(text.begin(), text.end(), '\n') != 1))) {
            return "the line does not end with its only newline: " + text;
        }
        if (text.size() > lines.max_line() || lines.max_line() > Format::limits.line) {
            return "the line is longer than was promised: " + text;
        }
        (void)render(lines, series, at + 1, v, 'x');
        if (render(lines, series, at, v, 'x') != text) {
            return "the line depends on more than its series, time and value: " + text;
        }
        const std::string_view content = std::string_view{text}.substr(0, text.size() - newlines);
        const parse_result parsed = parse<Format>(content);
        if (!parsed) {
            return "the parser stops at byte " + std::to_string(parsed.position) + ": " + text;
        }
        constexpr bool has_time = line_type::template count<no_time_element> == 0;
        if (parsed.line.number != number_text(v) || parsed.line.at != (has_time ? at : 0)) {
            return "the parser reads another value or time: " + text;
        }
        return {};
    }

private:
    using line_type = std::remove_cvref_t<decltype(Format::line)>;
    static constexpr std::size_t newlines = line_type::is_binary ? 0 : 1;

    template <class Value>
    static std::string render(renderer<Format, Rule>& lines, std::uint32_t series, unix_seconds at,
                              Value v, char background) {
        std::vector<char> room(lines.max_line() + lines.line_slack, background);
        return {room.data(), lines.line(room.data(), series, at, v)};
    }

    template <class Value>
    static std::string number_text(Value v) {
        char room[max_number_chars<Value> + number_slack];
        return {room, renderer<Format, Rule>::write_value(room, v)};
    }
};

}  // namespace backends::testing
