// SPDX-License-Identifier: BSL-1.0
#include <backends/format/dogstatsd.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/statsd.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Any bytes in any name give exactly one valid line. "Valid" is judged twice: by the laws, with the
// format's own parser, and by readers that know nothing of the library.

namespace {

using namespace backends;

// Of all pairs of bytes, every so many-th. Where nothing is optimised a pair takes ten times as
// long. 7 has no factor in common with 256, so that each byte stands in both places.
#if defined(__OPTIMIZE__)
constexpr int pair_step = 1;
#else
constexpr int pair_step = 7;
#endif

constexpr unix_seconds at = 1'795'367'461;
constexpr double value = 86.5;

template <class Format>
constexpr bool has_tags = Format::limits.tags != 0;

struct names {
    identity of_exporter{"p", "h", {{"t", "v"}}};
    std::string chart = "c";
    std::string dimension = "d";
};

// The six positions of a name.
constexpr std::size_t positions = 6;
std::string& position(names& all, std::size_t i) {
    switch (i) {
        case 0: return all.of_exporter.prefix;
        case 1: return all.of_exporter.hostname;
        case 2: return all.chart;
        case 3: return all.dimension;
        case 4: return all.of_exporter.tags[0].name;
        default: return all.of_exporter.tags[0].value;
    }
}

// What carbon does: line.strip().split() into three fields.
std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> fields(1);
    for (const char c : text) {
        if (c == separator) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    return fields;
}

bool plain_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

bool no_empty_component(std::string_view path) {
    const auto parts = split(path, '.');
    return std::none_of(parts.begin(), parts.end(), [](const std::string& s) { return s.empty(); });
}

std::string complaint(graphite_plaintext, const names& all, const std::string& line) {
    const auto fields = split(line, ' ');
    if (fields.size() != 3 || !plain_ascii(line)) {
        return "not three fields";
    }
    const auto tags = split(fields[0], ';');
    const std::size_t equals = tags.size() == 2 ? tags[1].find('=') : std::string::npos;
    if (equals == std::string::npos || equals == 0 || equals + 1 == tags[1].size() ||
        tags[1][equals + 1] == '~' || tags[1].substr(0, equals) == "name") {
        return "not a path and one tag";
    }
    const std::ptrdiff_t dots = all.of_exporter.prefix.empty() ? 2 : 3;
    if (!no_empty_component(tags[0]) || std::count(tags[0].begin(), tags[0].end(), '.') < dots) {
        return "an empty component";
    }
    return fields[1] == "86.5000000" && fields[2] == "1795367461" ? "" : "other value or time";
}

std::string complaint(opentsdb_telnet, const names&, const std::string& line) {
    const auto fields = split(line, ' ');
    if (fields.size() != 6 || !plain_ascii(line) || fields[0] != "put") {
        return "not a put with two tags";
    }
    if (!no_empty_component(fields[1]) || fields[2] != "1795367461" || fields[3] != "86.5000000") {
        return "other metric, value or time";
    }
    for (const auto& tag : {fields[4], fields[5]}) {
        if (split(tag, '=').size() != 2 || tag.front() == '=' || tag.back() == '=') {
            return "a tag without name or value";
        }
    }
    return fields[4].starts_with("host=") && !fields[5].starts_with("host=") ? "" : "host twice";
}

// What statsd does: names have no `:`, a value ends with `|`, and so does a type. Its key keeps
// these bytes alone.
bool is_metric(std::string_view path, std::ptrdiff_t dots) {
    return no_empty_component(path) && std::count(path.begin(), path.end(), '.') >= dots &&
           std::all_of(path.begin(), path.end(), [](char c) {
               return detail::is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
           });
}

std::string complaint(statsd, const names& all, const std::string& line) {
    const auto parts = split(line, ':');
    const std::ptrdiff_t dots = all.of_exporter.prefix.empty() ? 2 : 3;
    if (parts.size() != 2 || !is_metric(parts[0], dots)) {
        return "not a name";
    }
    return parts[1] == "86.5000000|g" ? "" : "other value or type";
}

std::string complaint(dogstatsd, const names& all, const std::string& line) {
    const auto parts = split(line, '|');
    if (parts.size() != 4 || !plain_ascii(line)) {
        return "not four parts";
    }
    const auto metric = split(parts[0], ':');
    const std::ptrdiff_t dots = all.of_exporter.prefix.empty() ? 1 : 2;
    if (metric.size() != 2 || !is_metric(metric[0], dots) || metric[1] != "86.5000000") {
        return "other name or value";
    }
    const auto tags = split(parts[2], ',');
    if (tags.size() != 2 || !tags[0].starts_with("#host:") || tags[1].starts_with("host:")) {
        return "not a host and one tag";
    }
    for (const auto& tag : tags) {
        const auto pair = split(tag, ':');
        if (pair.size() != 2 || pair[0].empty() || pair[1].empty()) {
            return "a tag without name or value";
        }
    }
    return parts[1] == "g" && parts[3] == "T1795367461" ? "" : "other type or time";
}

std::string complaint(json_plaintext, const names& all, const std::string& line) {
    boost::json::error_code error;
    const boost::json::value read = boost::json::parse(line, error);
    const bool has_prefix = !all.of_exporter.prefix.empty();
    if (error || !read.is_object() || read.as_object().size() != (has_prefix ? 7 : 6)) {
        return "not an object of seven members, six without a prefix";
    }
    const auto& object = read.as_object();
    const auto as_given = [](const boost::json::value& member, const std::string& raw) {
        const std::string text{member.as_string()};
        return text == raw || text.find("\xef\xbf\xbd") != std::string::npos;
    };
    const auto& labels = object.at("labels").as_object();
    if ((has_prefix && !as_given(object.at("prefix"), all.of_exporter.prefix)) ||
        !as_given(object.at("hostname"), all.of_exporter.hostname) ||
        !as_given(object.at("id"), all.chart) || !as_given(object.at("subid"), all.dimension) ||
        labels.size() != 1 || !as_given(labels.begin()->value(), all.of_exporter.tags[0].value)) {
        return "other names";
    }
    return object.at("value") == value && object.at("timestamp") == at ? "" : "other value or time";
}

// Names of the exporter need a renderer each; the two of the series share one.
template <class Format>
class judge {
public:
    void operator()(names all, bool new_exporter) {
        if (!has_tags<Format>) {
            all.of_exporter.tags.clear();
        }
        std::string line;
        std::string broken;
        if (new_exporter) {
            broken = testing::wire_format_laws<Format>::broken(all.of_exporter, all.chart,
                                                               all.dimension, at, value, &line);
        } else {
            broken = testing::wire_format_laws<Format>::broken(shared_, all.chart, all.dimension,
                                                               at, value, &line);
        }
        if (broken.empty()) {
            broken = complaint(Format{}, all, line);
        }
        if (!broken.empty()) {
            FAIL(broken << " -- " << line);
        }
    }

private:
    static identity given() {
        const names usual;
        identity all = usual.of_exporter;
        all.tags.resize(has_tags<Format> ? all.tags.size() : 0);
        return all;
    }

    renderer<Format> shared_{given()};
};

}  // namespace

TEMPLATE_TEST_CASE("one byte of any value, in any position, gives one valid line", "",
                   graphite_plaintext, opentsdb_telnet, json_plaintext, statsd, dogstatsd) {
    judge<TestType> check;
    for (std::size_t where = 0; where < positions; ++where) {
        for (int byte = 0; byte < 256; ++byte) {
            for (const auto* around : {"", "a", "."}) {
                names all;
                position(all, where) = around + std::string(1, static_cast<char>(byte)) + around;
                check(all, true);
            }
        }
    }
    SUCCEED();
}

TEMPLATE_TEST_CASE("two bytes of any value, in any position, give one valid line", "",
                   graphite_plaintext, opentsdb_telnet, json_plaintext, statsd, dogstatsd) {
    judge<TestType> check;
    for (std::size_t where = 0; where < positions; ++where) {
        names all;
        const bool of_exporter = where != 2 && where != 3;
        for (int pair = 0; pair < 65'536; pair += pair_step) {
            position(all, where) = {static_cast<char>(pair >> 8), static_cast<char>(pair & 255)};
            check(all, of_exporter);
        }
    }
    SUCCEED();
}

TEMPLATE_TEST_CASE("random bytes in every position at once give one valid line", "",
                   graphite_plaintext, opentsdb_telnet, json_plaintext, statsd, dogstatsd) {
    judge<TestType> check;
    std::mt19937 random{3};
    for (int i = 0; i < 20'000; ++i) {
        names all;
        for (std::size_t where = 0; where < positions; ++where) {
            std::string& name = position(all, where);
            name.clear();
            for (std::size_t n = random() % 20; n > 0; --n) {
                static constexpr std::string_view likely = ".. ;=~\n\"\\{}%\xed\xa0\x80\xc0\xff";
                name += random() % 2 == 0 ? static_cast<char>(random())
                                          : likely[random() % likely.size()];
            }
        }
        check(all, true);
    }
    SUCCEED();
}

TEMPLATE_TEST_CASE("names of no bytes at all give one valid line", "", graphite_plaintext,
                   opentsdb_telnet, json_plaintext, statsd, dogstatsd) {
    judge<TestType> check;
    names all;
    for (std::size_t where = 0; where < positions; ++where) {
        position(all, where).clear();
    }
    check(all, true);
    SUCCEED();
}
