// SPDX-License-Identifier: BSL-1.0
//
// Any bytes as prefix, hostname, tags, chart and dimension give exactly one valid line in each format,
// or a refusal that the format's limits explain. The line is judged by the laws, with the parser that
// follows from the grammar, and a JSON line by Boost.JSON, which knows nothing of the library.
#include <backends/core/errors.hpp>
#include <backends/core/names.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/number.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/testing/wire_format_laws.hpp>

#include "fuzz/harness.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace backends;
using fuzz::require;

struct given {
    identity exporter;
    std::string chart;
    std::string dimension;
    unix_seconds at = 0;
    double value = 0;
};

// Mostly short, so that the limits are reached now and then.
std::string name_from(fuzz::decisions& in) {
    const unsigned size = in.up_to(255);
    return std::string{in.text(size < 240 ? size % 24 : (size - 239) * 40)};
}

given read(fuzz::decisions& in) {
    given all;
    const unsigned tags = in.up_to(3);
    all.exporter.prefix = name_from(in);
    all.exporter.hostname = name_from(in);
    all.chart = name_from(in);
    all.dimension = name_from(in);
    for (unsigned i = 0; i != tags; ++i) {
        std::string name = name_from(in);
        all.exporter.tags.push_back({std::move(name), name_from(in)});
    }
    all.value = in.take<double>();
    if (!is_printable(all.value)) {
        all.value = 86.5;
    }
    all.at = in.take<unix_seconds>() & (INT64_MAX >> 1);
    all.at += all.at == 0 ? 1 : 0;
    return all;
}

// A format that refuses says why; small names are never refused.
bool is_small(const given& all) {
    std::size_t bytes = all.exporter.prefix.size() + all.exporter.hostname.size() +
                        all.chart.size() + all.dimension.size();
    for (const tag& t : all.exporter.tags) {
        bytes += t.name.size() + t.value.size();
    }
    return bytes < 80 && all.exporter.tags.size() < 2;
}

bool carries(std::string_view text, std::string_view raw) {
    return text == raw || text.find("\xef\xbf\xbd") != std::string_view::npos;
}

void check_content(const given& all, const std::string& line, json_plaintext) {
    boost::json::error_code error;
    boost::json::parse_options exactly;
    const boost::json::value read = boost::json::parse(line, error, {}, exactly);
    require(!error && read.is_object(), "Boost.JSON reads the line", line);
    const auto& object = read.as_object();
    require(object.size() == (all.exporter.tags.empty() ? 6 : 7), "the members are there", line);
    const auto text_of = [&](std::string_view key) {
        return std::string_view{object.at(key).as_string()};
    };
    require(carries(text_of("prefix"), all.exporter.prefix), "the prefix is the given one", line);
    require(carries(text_of("hostname"), all.exporter.hostname), "the hostname is", line);
    require(carries(text_of("id"), all.chart), "the chart is", line);
    require(carries(text_of("subid"), all.dimension), "the dimension is", line);
    require(object.at("timestamp") == all.at, "the time is", line);
    if (!all.exporter.tags.empty()) {
        const auto& labels = object.at("labels").as_object();
        require(labels.size() == all.exporter.tags.size(), "as many labels as tags", line);
        for (const tag& t : all.exporter.tags) {
            const auto* const found = labels.if_contains(t.name);
            require(found == nullptr || carries(std::string_view{found->as_string()}, t.value),
                    "each label is the given one", line);
        }
    }
}

// Receivers of both split at blanks; the tags of Graphite stand in its first field.
template <class Format>
void check_content(const given& all, const std::string& line, Format) {
    constexpr bool is_graphite = std::is_same_v<Format, graphite_plaintext>;
    std::size_t blanks = 0;
    std::size_t equals = 0;
    for (const char c : line) {
        require(c >= ' ' && c < 0x7f, "printable ASCII", line);
        blanks += c == ' ' ? 1 : 0;
        equals += c == '=' ? 1 : 0;
    }
    require(blanks == (is_graphite ? 2 : 4 + all.exporter.tags.size()), "as many fields", line);
    if (is_graphite) {
        std::string_view tags = std::string_view{line}.substr(0, line.find(' '));
        for (std::size_t at = tags.find(';'); at != tags.npos; at = tags.find(';')) {
            tags.remove_prefix(at + 1);
            const std::size_t equal = tags.substr(0, tags.find(';')).find('=');
            require(equal != tags.npos && equal != 0 && tags.substr(0, equal) != "name" &&
                        tags.substr(equal + 1, 1) != "~",
                    "each tag is one that carbon takes", line);
        }
    } else {
        require(equals == 1 + all.exporter.tags.size(), "as many tags", line);
        require(line.find(" host=") == line.rfind(" host="), "one host", line);
    }
}

template <class Format>
void check(const given& all) {
    std::string line;
    try {
        const std::string broken = testing::wire_format_laws<Format>::broken(
            all.exporter, all.chart, all.dimension, all.at, all.value, &line);
        if (broken.starts_with("add: ")) {
            require(!is_small(all), "small names are taken", broken);
            return;
        }
        require(broken.empty(), Format::name, broken);
    } catch (const config_error& e) {
        require(!is_small(all), "small names are taken", e.what());
        return;
    }
    check_content(all, line, Format{});
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const given all = read(in);
    check<graphite_plaintext>(all);
    check<opentsdb_telnet>(all);
    check<json_plaintext>(all);
    return 0;
}
