// SPDX-License-Identifier: BSL-1.0
//
// Any bytes as prefix, hostname, tags, labels, chart and dimension give exactly one line in each
// format: the line that the rules for names, written out here a second time, ask for, or a refusal
// that the format's limits explain. The laws hold for it, with the parser that follows from the
// grammar, a JSON line is read by Boost.JSON as well, which knows nothing of the library, and an
// Influx line by a reader written here as its document has it.
#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/json_text.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/statsd.hpp>
#include <backends/number/number.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "fuzz/harness.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace backends;
using fuzz::require;

struct given {
    identity exporter;
    std::vector<tag> labels;
    std::string chart;
    std::string dimension;
    unix_seconds at = 0;
    double value = 0;
    std::string number;
    // In UTF-8.
    std::string mended_prefix;
    std::string mended_hostname;
    std::string mended_chart;
    std::string mended_dimension;
};

// Mostly short, so that the limits are reached now and then.
std::string name_from(fuzz::decisions& in) {
    const unsigned size = in.up_to(255);
    return std::string{in.text(size < 240 ? size % 24 : (size - 239) * 40)};
}

bool is_one_of(char c, std::string_view bytes) { return bytes.find(c) != std::string_view::npos; }
bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A path: each of its components has a byte at least, and none that the format would split at.
std::string path_of(std::string_view raw, std::string_view also) {
    std::string path;
    for (bool more = true; more;) {
        const std::size_t dot = raw.find('.');
        more = dot != std::string_view::npos;
        std::string component{raw.substr(0, dot)};
        raw.remove_prefix(more ? dot + 1 : raw.size());
        for (char& c : component) {
            c = is_letter_or_digit(c) || is_one_of(c, "_-") || is_one_of(c, also) ? c : '_';
        }
        path += (component.empty() ? "_" : component) + (more ? "." : "");
    }
    return path;
}

std::string with_changes(std::string text, bool (*keeps)(char)) {
    std::replace_if(text.begin(), text.end(), [=](char c) { return !keeps(c); }, '_');
    return text.empty() ? "_" : text;
}

using tag_text = std::pair<std::string, std::string>;
using tag_texts = std::vector<tag_text>;

bool is_visible(char c) { return c > ' ' && c < 0x7f; }

tag_text tag_of(const tag& t, graphite_plaintext) {
    std::string name =
        with_changes(t.name, [](char c) { return is_visible(c) && !is_one_of(c, ";!^="); });
    std::string value = with_changes(t.value, [](char c) { return is_visible(c) && c != ';'; });
    value[0] = value[0] == '~' ? '_' : value[0];
    return {name == "name" ? "_name" : name, value};
}
tag_text tag_of(const tag& t, opentsdb_telnet) {
    constexpr auto keeps = [](char c) { return is_letter_or_digit(c) || is_one_of(c, "_-./"); };
    const std::string name = with_changes(t.name, keeps);
    return {name == "host" ? "_host" : name, with_changes(t.value, keeps)};
}

tag_text tag_of(const tag& t, dogstatsd) { return tag_of(t, opentsdb_telnet{}); }
tag_text tag_of(const tag& t, statsd) { return {t.name, t.value}; }  // each is refused

// The bytes at the front that can still become a character, and whether they are one. Decided by
// the range of code points that the bytes leave open.
std::pair<std::size_t, bool> front_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(text[i]) & 0xffU; };
    const std::size_t size = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
    if (size == 1) {
        return {1, true};
    }
    if (byte(0) < 0xc0 || byte(0) > 0xf7) {
        return {1, false};
    }
    constexpr std::array<std::uint32_t, 5> first{0, 0, 0x80, 0x800, 0x1'0000};
    std::uint32_t code = byte(0) & (0x7fU >> size);
    for (std::size_t n = 1; n <= size; ++n) {
        if (n != 1) {
            if (n - 1 == text.size() || (byte(n - 1) & 0xc0U) != 0x80) {
                return {n - 1, false};
            }
            code = code << 6 | (byte(n - 1) & 0x3fU);
        }
        const std::size_t open = 6 * (size - n);
        const std::uint32_t least = code << open;
        const std::uint32_t most = least | ((1U << open) - 1);
        const bool surrogate = least >= 0xd800 && most <= 0xdfff;
        if (most < first[size] || least > 0x10'ffff || surrogate) {
            return {n == 1 ? 1 : n - 1, false};
        }
    }
    return {size, true};
}

// What is not UTF-8 becomes U+FFFD.
std::string mended(std::string_view raw) {
    std::string text;
    while (!raw.empty()) {
        const auto [bytes, good] = front_character(raw);
        text += good ? raw.substr(0, bytes) : "\xef\xbf\xbd";
        raw.remove_prefix(bytes);
    }
    return text;
}

given read(unsigned tags, fuzz::decisions& in) {
    given all;
    all.exporter.prefix = name_from(in);
    all.exporter.hostname = name_from(in);
    all.chart = name_from(in);
    all.dimension = name_from(in);
    // Three at most, or any number up to more than OpenTSDB takes.
    for (unsigned i = 0; i != (tags < 12 ? tags % 4 : tags - 6); ++i) {
        std::string name = name_from(in);
        all.exporter.tags.push_back({std::move(name), name_from(in)});
    }
    all.value = in.take<double>();
    if (!is_printable(all.value) || all.value == 0) {
        all.value = 86.5;
    }
    all.at = in.take<unix_seconds>() & (INT64_MAX >> 1);
    all.at += all.at == 0 ? 1 : 0;
    std::array<char, 400> text;
    const int size = std::snprintf(text.data(), text.size(), "%.7f", all.value);
    all.number.assign(text.data(), static_cast<std::size_t>(size));
    if (all.number == "-0.0000000") {
        all.number.erase(0, 1);
    }
    // The last of the tags are the chart's own.
    for (unsigned i = in.up_to(255); i != 0 && !all.exporter.tags.empty(); i >>= 1U) {
        all.labels.push_back(std::move(all.exporter.tags.back()));
        all.exporter.tags.pop_back();
    }
    std::stable_sort(all.labels.begin(), all.labels.end(),
                     [](const tag& one, const tag& other) { return one.name < other.name; });
    all.mended_prefix = mended(all.exporter.prefix);
    all.mended_hostname = mended(all.exporter.hostname);
    all.mended_chart = mended(all.chart);
    all.mended_dimension = mended(all.dimension);
    return all;
}

std::string quoted(std::string_view utf8) {
    std::string text = "\"";
    for (const char c : utf8) {
        constexpr std::string_view special = "\"\\\b\f\n\r\t";
        if (is_one_of(c, special)) {
            text += '\\';
            text += "\"\\bfnrt"[special.find(c)];
        } else if (c >= 0 && c < 0x20) {
            std::array<char, 8> code;
            std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
            text += code.data();
        } else {
            text += c;
        }
    }
    return text + '"';
}

// A name with a backslash in front of what separates there.
std::string escaped(std::string_view utf8, std::string_view separators) {
    std::string text;
    for (const char c : utf8) {
        if (is_one_of(c, separators)) {
            text += '\\';
        }
        text += (c >= 0 && c < 0x20) || is_one_of(c, "\"\\\x7f") ? '_' : c;
    }
    return text.empty() ? "_" : text;
}
// The names of things, which may not begin with everything.
std::string influx_name(std::string_view utf8, std::string_view separators, std::string_view first,
                        std::string_view taken) {
    std::string text = escaped(utf8, separators);
    text[0] = is_one_of(text[0], first) ? '-' : text[0];
    const bool is_taken = text == taken || (text == "time" && !taken.empty());
    return is_taken ? text + '_' : text;
}
std::string measurement(std::string_view utf8) { return influx_name(utf8, ", ", "_#", ""); }

tag_text tag_of(const tag& t, influx_lines) {
    return {influx_name(mended(t.name), ",= ", "_", "host"), escaped(mended(t.value), ",= ")};
}

tag_text tag_of(const tag& t, json_plaintext) { return {mended(t.name), mended(t.value)}; }

template <class Format>
tag_texts tags_of(const given& all, Format format) {
    tag_texts tags;
    for (const std::vector<tag>* const list : {&all.exporter.tags, &all.labels}) {
        for (const tag& t : *list) {
            tags.push_back(tag_of(t, format));
        }
    }
    return tags;
}

// A line as the format's document has it, without the newline, and the part that its parser calls
// the path.
struct written {
    std::string path;
    std::string line;
};

// And the separator behind it.
std::string prefix_of(const given& all, const char* extra) {
    return all.exporter.prefix.empty() ? "" : path_of(all.exporter.prefix, extra) + '.';
}

written line_of(const given& all, const tag_texts& tags, graphite_plaintext) {
    written out{prefix_of(all, "") + path_of(all.exporter.hostname, "") + '.' +
                    path_of(all.chart, "") + '.' + path_of(all.dimension, ""),
                {}};
    out.line = out.path;
    for (const auto& [name, value] : tags) {
        out.line += ';' + name + '=' + value;
    }
    out.line += ' ' + all.number + ' ' + std::to_string(all.at);
    return out;
}

written line_of(const given& all, const tag_texts& tags, opentsdb_telnet) {
    written out{prefix_of(all, "/") + path_of(all.chart, "/") + '.' + path_of(all.dimension, "/"),
                {}};
    out.line = "put " + out.path + ' ' + std::to_string(all.at) + ' ' + all.number +
               " host=" + path_of(all.exporter.hostname, "/");
    for (const auto& [name, value] : tags) {
        out.line += ' ' + name + '=' + value;
    }
    return out;
}

written line_of(const given& all, const tag_texts& tags, json_plaintext) {
    std::string labels;
    for (const auto& [name, value] : tags) {
        labels += (labels.empty() ? ",\"labels\":{" : ",") + quoted(name) + ':' + quoted(value);
    }
    const std::string prefix =
        all.exporter.prefix.empty() ? "" : "\"prefix\":" + quoted(all.mended_prefix) + ",";
    return {"", "{" + prefix + "\"hostname\":" + quoted(all.mended_hostname) + labels +
                    (labels.empty() ? "" : "}") + ",\"id\":" + quoted(all.mended_chart) +
                    ",\"subid\":" + quoted(all.mended_dimension) + ",\"value\":" + all.number +
                    ",\"timestamp\": " + std::to_string(all.at) + '}'};
}

written line_of(const given& all, const tag_texts& tags, influx_lines) {
    written out{(all.exporter.prefix.empty() ? "" : measurement(all.mended_prefix) + '.') +
                    measurement(all.mended_chart),
                {}};
    out.line = out.path + ",host=" + escaped(all.mended_hostname, ",= ");
    for (const auto& [name, value] : tags) {
        out.line += ',' + name + '=' + value;
    }
    out.line += ' ' + influx_name(all.mended_dimension, ",= ", "_", "time") + '=' + all.number +
                ' ' + std::to_string(all.at);
    return out;
}

written line_of(const given& all, const tag_texts&, statsd) {
    written out{prefix_of(all, "") + path_of(all.exporter.hostname, "") + '.' +
                    path_of(all.chart, "") + '.' + path_of(all.dimension, ""),
                {}};
    out.line = out.path + ':' + all.number + "|g";
    return out;
}

written line_of(const given& all, const tag_texts& tags, dogstatsd) {
    written out{prefix_of(all, "") + path_of(all.chart, "") + '.' + path_of(all.dimension, ""), {}};
    out.line = out.path + ':' + all.number + "|g|#host:" + path_of(all.exporter.hostname, "");
    for (const auto& [name, value] : tags) {
        out.line += ',' + name + ':' + value;
    }
    out.line += "|T" + std::to_string(all.at);
    return out;
}

// What is refused: two tags that have become one, too many of them, a component or a line too long.
// The longest number and the longest time must have room in every line.
template <class Format>
bool is_refused(const given& all, tag_texts tags, const written& expected) {
    std::sort(tags.begin(), tags.end());
    const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
    constexpr bool has_time = !std::is_same_v<Format, statsd>;
    const std::size_t constant = expected.line.size() + 1 - all.number.size() -
                                 (has_time ? std::to_string(all.at).size() : 0);
    const std::size_t longest_number = 318;
    const std::size_t longest_time = has_time ? 20 : 0;
    if (std::adjacent_find(tags.begin(), tags.end(), same_name) != tags.end() ||
        tags.size() > Format::limits.tags ||
        constant + longest_number + longest_time > Format::limits.line) {
        return true;
    }
    std::size_t longest = 0;
    std::size_t length = 0;
    for (const char c : expected.path) {
        length = c == '.' ? 0 : length + 1;
        longest = std::max(longest, length);
    }
    return Format::limits.component != 0 && longest > Format::limits.component;
}

// ---- what readers find in the line

void check_fields(const given& all, const tag_texts& tags, const written&, const std::string& line,
                  json_plaintext) {
    const parsed_line read = parse<json_plaintext>(line).line;
    require(json_unescape(read.prefix) == all.mended_prefix, "the prefix", line);
    require(json_unescape(read.hostname) == all.mended_hostname, "the hostname", line);
    require(json_unescape(read.chart) == all.mended_chart, "the chart", line);
    require(json_unescape(read.dimension) == all.mended_dimension, "the dimension", line);

    boost::json::error_code error;
    const boost::json::value json = boost::json::parse(line, error);
    require(!error && json.is_object(), "Boost.JSON reads the line", line);
    const auto& object = json.as_object();
    const bool has_prefix = !all.exporter.prefix.empty();
    require(object.size() == std::size_t{5} + (has_prefix ? 1 : 0) + (tags.empty() ? 0 : 1),
            "the members are there", line);
    const auto is = [](const boost::json::value& member, const std::string& name) {
        return std::string_view{member.as_string()} == name;
    };
    require((!has_prefix || is(object.at("prefix"), all.mended_prefix)) &&
                is(object.at("hostname"), all.mended_hostname) &&
                is(object.at("id"), all.mended_chart) &&
                is(object.at("subid"), all.mended_dimension) && object.at("timestamp") == all.at,
            "each member is the given one", line);
    if (!tags.empty()) {
        const auto& labels = object.at("labels").as_object();
        require(labels.size() == tags.size(), "as many labels as tags", line);
        for (const auto& [name, value] : tags) {
            const auto* const found = labels.if_contains(name);
            require(found != nullptr && is(*found, value), "each label is there", line);
        }
    }
}

// As the protocol's document has it: what is not escaped separates, and a backslash in front of
// anything else is one.
class influx_reader {
public:
    explicit influx_reader(std::string_view line) : rest_{line} {}

    // Up to one of these bytes, which is taken too, and what it stands for.
    std::string upto(std::string_view ends, std::string_view escapes) {
        std::string text;
        while (!rest_.empty() && !is_one_of(rest_[0], ends)) {
            const bool escape =
                rest_.size() > 1 && rest_[0] == '\\' && is_one_of(rest_[1], escapes);
            text += rest_[escape ? 1 : 0];
            rest_.remove_prefix(escape ? 2 : 1);
        }
        end_ = rest_.empty() ? '\0' : rest_[0];
        rest_.remove_prefix(rest_.empty() ? 0 : 1);
        return text;
    }
    [[nodiscard]] char end() const { return end_; }

private:
    std::string_view rest_;
    char end_ = '\0';
};

std::string unescaped(std::string_view text, std::string_view escapes) {
    return influx_reader{text}.upto("", escapes);
}

void check_fields(const given& all, const tag_texts& tags, const written& expected,
                  const std::string& line, influx_lines) {
    influx_reader read{line};
    require(read.upto(", ", ", ") == unescaped(expected.path, ", "), "the measurement", line);
    require(read.end() == ',' && read.upto("=, ", "=, ") == "host" && read.end() == '=',
            "the host's name", line);
    require(read.upto("=, ", "=, ") == unescaped(escaped(all.mended_hostname, "=, "), "=, "),
            "the host", line);
    for (const auto& [name, value] : tags) {
        require(read.end() == ',' && read.upto("=, ", "=, ") == unescaped(name, "=, ") &&
                    read.end() == '=' && read.upto("=, ", "=, ") == unescaped(value, "=, "),
                "a tag", line);
    }
    require(read.end() == ' ', "no other tag", line);
    const std::string field = read.upto("=, ", "=, ");
    require(read.end() == '=' &&
                field == unescaped(influx_name(all.mended_dimension, "=, ", "_", "time"), "=, "),
            "the field", line);
    require(read.upto(", ", "") == all.number && read.end() == ' ', "its value", line);
    require(read.upto("", "") == std::to_string(all.at), "the time", line);
}

// Receivers of both split at blanks.
template <class Format>
void check_fields(const given& all, const tag_texts& tags, const written& expected,
                  const std::string& line, Format) {
    constexpr bool is_graphite = std::is_same_v<Format, graphite_plaintext>;
    const auto count = [](std::string_view text, char c) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
    };
    require(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7f; }),
            "printable ASCII", line);
    require(count(line, ' ') == (is_graphite ? 2 : 4 + tags.size()), "as many fields", line);

    const parsed_line read = parse<Format>(line).line;
    require(read.path == expected.path, "the path", line);
    if constexpr (is_graphite) {
        require(count(read.tags, ';') == tags.size(), "as many tags", line);
    } else {
        require(read.hostname == path_of(all.exporter.hostname, "/"), "the hostname", line);
        require(count(line, '=') == 1 + tags.size(), "as many tags", line);
    }
}

// What splits where receivers do: a name, a value and a type, in DogStatsD tags and a time too.
void check_statsd(const std::string& line, std::size_t parts, std::size_t colons) {
    const auto count = [&](char c) {
        return static_cast<std::size_t>(std::count(line.begin(), line.end(), c));
    };
    require(std::all_of(line.begin(), line.end(), [](char c) { return c > ' ' && c < 0x7f; }),
            "printable ASCII without a blank", line);
    require(count('|') + 1 == parts && count(':') == colons, "as many parts", line);
    require(count('#') == (parts == 2 ? 0U : 1U) && count('@') == 0, "no other mark", line);
}
void check_fields(const given&, const tag_texts&, const written&, const std::string& line, statsd) {
    check_statsd(line, 2, 1);
}
void check_fields(const given&, const tag_texts& tags, const written&, const std::string& line,
                  dogstatsd) {
    check_statsd(line, 4, 2 + tags.size());
}

template <class Format>
void check(const given& all) {
    const tag_texts tags = tags_of(all, Format{});
    const written expected = line_of(all, tags, Format{});
    const bool refused = is_refused<Format>(all, tags, expected);
    const std::string labels = detail::pack(all.labels);
    std::string line;
    try {
        const std::string broken = testing::wire_format_laws<Format>::broken(
            all.exporter, all.chart, all.dimension, all.at, all.value, &line, label_list{labels});
        if (broken.starts_with("add: ")) {
            require(refused, "refused without a reason", broken);
            return;
        }
        require(broken.empty(), Format::name, broken);
    } catch (const config_error& e) {
        require(refused, "refused without a reason", e.key());
        return;
    }
    require(!refused, "taken in spite of a limit", line);
    require(line == expected.line, "the line that the rules ask for", line);
    check_fields(all, tags, expected, line, Format{});
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const unsigned first = in.up_to(95);
    const given all = read(first % 48 / 3, in);
    if (first >= 80) {
        first < 88   ? check<influx_lines>(all)
        : first < 92 ? check<statsd>(all)
                     : check<dogstatsd>(all);
        return 0;
    }
    switch (first % 3) {
        case 0: check<graphite_plaintext>(all); return 0;
        case 1: check<opentsdb_telnet>(all); return 0;
        default: check<json_plaintext>(all); return 0;
    }
}
