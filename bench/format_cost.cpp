// SPDX-License-Identifier: BSL-1.0
//
// What a tick costs in each format, in turn: text, fields and binary records by the library, and
// the same binary requests by libprotobuf, where it is installed. A row per way: its name, the
// least time in nanoseconds a value, instructions and bytes a value; `-` where valgrind is missing.
//
//   format_cost [SERIES] [ROUNDS]      1000 and 700 if not said
#include <backends/bench/callgrind.hpp>
#include <backends/bench/library_cycle.hpp>
#include <backends/cell/double_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/resource_text.hpp>
#include <backends/format/safe_name.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>

#ifdef BENCH_HAS_PROTOBUF
#include "peers/protobuf_requests.hpp"
#endif
#ifdef BENCH_HAS_SNAPPY
#include <snappy.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t window = 10;

/// One way to make a tick's records.
struct way {
    std::string name;
    std::function<void()> prepare;      // not timed
    std::function<std::size_t()> tick;  // returns its bytes
    double least_ns = std::numeric_limits<double>::infinity();
    std::size_t bytes = 0;
};

template <class Format, class Source = backends::average>
using cycle_of = backends::bench::library_cycle<backends::double_cell, Source, Format>;

/// The library's whole tick.
template <class Format, class Source = backends::average>
way library(std::string name, std::size_t series, std::size_t values_a_record = 1) {
    auto system = std::make_shared<cycle_of<Format, Source>>(series);
    return {std::move(name), [system] { system->record(window); },
            [=] {
                const backends::bench::output made = system->tick();
                if (made.lines * values_a_record != series) {
                    throw std::runtime_error{"a series has no value"};
                }
                return made.bytes;
            }};
}

#ifdef BENCH_HAS_PROTOBUF
using namespace bench::peers;

template <class Format>
std::string records(std::size_t series) {
    cycle_of<Format> system{series};
    backends::bench::all_lines lines;
    system.record(window);
    system.tick_into(lines);
    return std::string{lines.text()};
}

/// The body of a whole request.
std::string otlp_body(std::size_t series) {
    const std::string of_tick = records<backends::otlp_http>(series);
    const std::string resource =
        backends::detail::resource_text<backends::otlp_http, backends::replace>::of(
            {"netdata", "web-1", {}});
    std::string all(backends::otlp_body::room + resource.size(), '\0');
    const std::size_t head = all.size();
    all += of_tick;
    char* const begin = backends::otlp_body::begin(all.data() + head, of_tick.size(), resource);
    all.erase(0, static_cast<std::size_t>(begin - all.data()));
    return all;
}

/// libprotobuf's. `after(text)` is what follows serialising.
template <class Records, class Make, class After>
way protobuf(std::string name, std::shared_ptr<const Records> records, Make make, After after) {
    auto text = std::make_shared<std::string>();
    return {std::move(name), [] {},
            [=] {
                make(*records, *text);
                return after(*text);
            }};
}

template <class Records>
void add_protobuf(std::vector<way>& all, const std::string& name, const std::string& body) {
    const auto records = records_of<Records>(body);
    const auto nothing = [](const std::string& text) { return text.size(); };
    const objects_again<typename Records::message> again;
    all.push_back(protobuf(name + "/protobuf", records, new_objects{}, nothing));
    all.push_back(protobuf(name + "/protobuf_arena", records, objects_in_arena{}, nothing));
    all.push_back(protobuf(name + "/protobuf_again", records, again, nothing));
#ifdef BENCH_HAS_SNAPPY
    if (name == "remote_write") {
        auto packed = std::make_shared<std::string>();
        all.push_back(protobuf(name + "/protobuf_again_snappy", records, again,
                               [packed](const std::string& text) {
                                   return snappy::Compress(text.data(), text.size(), packed.get());
                               }));
    }
#endif
}
#endif

std::vector<way> all_ways(std::size_t series) {
    std::vector<way> all;
    all.push_back(library<backends::graphite_plaintext>("graphite", series));
    all.push_back(library<backends::influx_lines>("influx", series, backends::bench::chart_width));
    all.push_back(library<backends::prometheus_remote_write>("remote_write", series));
    all.push_back(library<backends::otlp_http>("otlp", series));
    // Reduces nothing, as libprotobuf does not.
    all.push_back(
        library<backends::otlp_http, backends::as_collected>("otlp/as_collected", series));
#ifdef BENCH_HAS_PROTOBUF
    add_protobuf<remote_write_samples>(all, "remote_write",
                                       records<backends::prometheus_remote_write>(series));
    add_protobuf<otlp_points>(all, "otlp", otlp_body(series));
#endif
    return all;
}

void time(way& one) {
    using clock = std::chrono::steady_clock;
    one.prepare();
    const auto begin = clock::now();
    one.bytes = one.tick();
    const std::chrono::duration<double, std::nano> taken = clock::now() - begin;
    one.least_ns = (std::min)(one.least_ns, taken.count());
}

/// Under valgrind: a tick of each, and its line for read_callgrind().
void count(std::vector<way>& all, std::size_t series, const char* path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> report{std::fopen(path, "w"),
                                                                 &std::fclose};
    if (!report) {
        throw std::runtime_error{std::string{"there is no file "} + path};
    }
    for (way& one : all) {
        one.prepare();
        one.tick();
        one.prepare();
        backends::bench::counted_by_callgrind([&] { one.bytes = one.tick(); });
        std::fprintf(report.get(), "%zu %s\n", series, one.name.c_str());
    }
}

void run(std::size_t series, long rounds, const char* report) {
    if (series == 0 || series % backends::bench::chart_width != 0) {
        throw std::runtime_error{"the number of series is a multiple of ten"};
    }
    std::vector<way> all = all_ways(series);
    if (report != nullptr) {
        count(all, series, report);
        return;
    }
    const auto counted = backends::bench::count_by_callgrind({std::to_string(series)});
    for (long n = 0; n < rounds; ++n) {
        for (way& one : all) {
            // The first finds what the others left in the caches.
            for (int tick = 0; tick < 3; ++tick) {
                time(one);
            }
        }
    }
    const auto values = static_cast<double>(series);
    for (const way& one : all) {
        const auto found = counted.instructions.find(one.name);
        const std::string instructions =
            found == counted.instructions.end() ? "-" : std::to_string(found->second);
        std::printf("%-34s %8.2f %10s %7.2f\n", one.name.c_str(), one.least_ns / values,
                    instructions.c_str(), static_cast<double>(one.bytes) / values);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view flag = backends::bench::report_flag;
    try {
        std::vector<const char*> numbers;
        const char* report = nullptr;
        for (int i = 1; i < argc; ++i) {
            if (std::string_view{argv[i]}.substr(0, flag.size()) == flag) {
                report = argv[i] + flag.size();
            } else {
                numbers.push_back(argv[i]);
            }
        }
        run(!numbers.empty() ? std::strtoul(numbers[0], nullptr, 10) : 1'000,
            numbers.size() > 1 ? std::strtol(numbers[1], nullptr, 10) : 700, report);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "format_cost: %s\n", error.what());
        return 1;
    }
    return 0;
}
