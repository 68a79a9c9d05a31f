// SPDX-License-Identifier: BSL-1.0
//
// Reads golden cases on standard input and prints the nine lines of each, by the library's own
// storage, sources and formats. README.md in this folder has the two forms.
#include "golden_case.hpp"

#include <backends/cell/packed_cell.hpp>
#include <backends/core/export_names.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/unsynchronized.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using golden::golden_case;
/// Cases have times of their own, of this century and the next.
struct at_the_end_of_time : backends::unsynchronized {
    static backends::wall_time wall_clock() noexcept { return {backends::latest_time}; }
};
using packed_host =
    backends::basic_host<backends::packed_cell, backends::dynamic_capacity, at_the_end_of_time>;
using packed_chart = packed_host::chart_type;

/// The chart of a case, everything stored that was.
packed_chart& stored_chart(packed_host& host, const golden_case& c) {
    packed_chart& chart = host.add(c.chart, {c.dim},
                                   {.update_every = backends::seconds{c.update_every},
                                    .entries = static_cast<std::size_t>(c.entries)});
    std::int64_t at = c.last - (static_cast<std::int64_t>(c.values.size()) - 1) * c.update_every;
    for (const auto& value : c.values) {
        // A gap is a row without the dimension. It takes its slot as a value does.
        if (value) {
            chart.set(0, *value);
        }
        if (!chart.commit(at)) {
            throw std::logic_error{"a row of case " + c.name + " is refused"};
        }
        at += c.update_every;
    }
    return chart;
}

/// The chart that says what was collected last: a case gives that apart from what was stored.
packed_chart& collected_chart(packed_host& host, const golden_case& c) {
    packed_chart& chart = host.add<std::int64_t>(c.chart, {c.dim});
    if (c.collected_time != 0 && !chart.record(c.collected_time, {c.collected_value})) {
        throw std::logic_error{"the collected value of case " + c.name + " is refused"};
    }
    return chart;
}

template <class Source, class Format>
void print_line(const golden_case& c, const packed_chart& chart, std::string& out) {
    backends::renderer<Format> names{{.prefix = c.prefix, .hostname = c.hostname}};
    std::uint32_t series = 0;
    if (const auto error = names.add(chart.id(), chart.dimension(0).id, series)) {
        throw std::system_error{error};
    }
    std::vector<char> line(names.max_line() + names.line_slack);
    std::string_view printed = "-\n";
    Source::read_window(
        chart, c.after, c.before,
        [&](std::size_t, std::size_t, backends::unix_seconds at, auto value) noexcept {
            const char* end = names.line(line.data(), series, at, value);
            printed = {line.data(), static_cast<std::size_t>(end - line.data())};
        });
    out.append(c.name).append(1, '\t').append(Source::name).append(1, '\t');
    out.append(Format::name).append(1, '\t').append(printed);
}

template <class Source>
void print_lines(const golden_case& c, const packed_chart& chart, std::string& out) {
    print_line<Source, backends::graphite_plaintext>(c, chart, out);
    print_line<Source, backends::opentsdb_telnet>(c, chart, out);
    print_line<Source, backends::json_plaintext>(c, chart, out);
}

std::string lines_of(const golden_case& c) {
    packed_host stored{c.hostname};
    packed_host collected{c.hostname};
    std::string out;
    print_lines<backends::stored<backends::average>>(c, stored_chart(stored, c), out);
    print_lines<backends::stored<backends::sum>>(c, stored.chart_at(0), out);
    print_lines<backends::as_collected>(c, collected_chart(collected, c), out);
    return out;
}

}  // namespace

int main() {
    try {
        golden::case_reader cases{std::cin};
        while (const auto c = cases.next()) {
            try {
                std::cout << lines_of(*c);
            } catch (const std::exception& error) {  // a name, say, that a format cannot carry
                throw golden::malformed_case{cases.line(), "case " + c->name + ": " + error.what()};
            }
        }
    } catch (const std::exception& error) {
        std::cout.flush();
        std::cerr << "golden_lines: " << error.what() << '\n';
        return 1;
    }
    std::cout.flush();
    return std::cout ? 0 : 1;
}
