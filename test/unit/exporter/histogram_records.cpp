// SPDX-License-Identifier: BSL-1.0
//
// Histograms in a format that has them: a record has exactly what was recorded in its window, by a
// model that looks for each value's bucket among the boundaries.
#include <backends/exporter/histogram_records.hpp>

#include <backends/exporter/cycle.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/average.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>
#include <backends/testing/histogram_record_archetype.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"
#include "charts_of_widths.hpp"
#include "unit/format/messages.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

struct recorded_hits {
    backends::counter hits;
    backends::histogram<std::chrono::microseconds> latency;
    backends::histogram<int> size;
};
BOOST_HANA_ADAPT_STRUCT(recorded_hits, hits, latency, size);

using namespace backends;
using charts_of_widths::text_queue;

namespace {

constexpr unix_seconds start = 1'700'000'000;

/// A data point as an independent reader has it.
struct point {
    std::string name;
    std::string labels;  // `key=value,`
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t count = 0;
    std::int64_t scale = 0;
    std::uint64_t below = 0;
    std::map<std::int64_t, std::uint64_t> buckets;  // those that are not empty
    std::map<std::string, double> numbers;          // sum, min, max, threshold
};
std::int64_t zigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1U) * ((v & 1U) != 0 ? -1 : 1) -
           static_cast<std::int64_t>(v & 1U);
}
void read_buckets(std::string_view message, point& into) {
    std::int64_t index = 0;
    for (const messages::field& one : messages::fields(message)) {
        if (one.number == 1) {
            index = zigzag(one.value);
            continue;
        }
        REQUIRE(one.number == 2);
        std::string_view rest = one.bytes;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        for (bool is_first = true; !rest.empty(); is_first = false) {
            last = messages::varint(rest);
            first = is_first ? last : first;
            if (last != 0) {
                into.buckets[index] = last;
            }
            ++index;
        }
        CHECK((first != 0 && last != 0));  // no empty ones at the ends
    }
}
point read_point(std::string_view metric) {
    point found;
    const auto fields = messages::fields(metric);
    REQUIRE(fields.size() == 2);
    found.name = std::string{fields[0].bytes};
    REQUIRE(fields[1].number == 10);
    const auto data = messages::fields(fields[1].bytes);
    REQUIRE(data.size() == 2);
    CHECK((data[1].number == 2 && data[1].value == 1));
    for (const messages::field& one : messages::fields(data[0].bytes)) {
        const double number = std::bit_cast<double>(one.value);
        switch (one.number) {
            case 1: {
                const auto pair = messages::fields(one.bytes);
                found.labels += std::string{pair[0].bytes} + "=" +
                                std::string{messages::only(pair[1].bytes, 1)} + ",";
                break;
            }
            case 2: found.begin = one.value / 1'000'000'000; break;
            case 3: found.end = one.value / 1'000'000'000; break;
            case 4: found.count = one.value; break;
            case 5: found.numbers["sum"] = number; break;
            case 6: found.scale = zigzag(one.value); break;
            case 7: found.below = one.value; break;
            case 8: read_buckets(one.bytes, found); break;
            case 12: found.numbers["min"] = number; break;
            case 13: found.numbers["max"] = number; break;
            case 14: found.numbers["threshold"] = number; break;
            default: FAIL("a field that nobody needs");
        }
    }
    return found;
}
/// The histograms among the records.
std::vector<point> points_of(const std::string& text) {
    std::vector<point> all;
    for (const messages::field& one : messages::fields(text)) {
        REQUIRE(one.number == 2);
        const auto fields = messages::fields(one.bytes);
        if (fields.back().number == 10) {
            all.push_back(read_point(one.bytes));
        }
    }
    return all;
}

/// What should be in a record of these values, found value by value.
struct model {
    int scale = 3;
    std::int64_t first = 0;  // bucket, and how many there are
    std::int64_t size = 160;

    /// With more digits than the values have, since some of them are beside it.
    [[nodiscard]] long double boundary(std::int64_t i) const {
        return std::exp2(static_cast<long double>(i) / (1 << scale));
    }
    void check(const point& found, const std::vector<double>& values) const {
        std::map<std::int64_t, std::uint64_t> buckets;
        std::uint64_t below = 0;
        double sum = 0;
        for (const double v : values) {
            std::int64_t i = first - 1;
            while (i<first + size&& static_cast<long double>(v)> boundary(i + 1)) {
                ++i;
            }
            ++(i < first ? below : buckets[i]);
            sum += v;
        }
        const double width = static_cast<double>(boundary(1)) * (1 + 1e-12);
        const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
        CHECK(found.count == values.size());
        CHECK(found.scale == scale);
        CHECK(found.below == below);
        CHECK(found.buckets == buckets);
        CHECK(found.numbers.at("threshold") == static_cast<double>(boundary(first)));
        CHECK(found.numbers.at("max") >= *greatest);
        CHECK(found.numbers.at("min") <= *least);
        if (!buckets.empty() && buckets.rbegin()->first < first + size) {
            CHECK(found.numbers.at("max") <= *greatest * width);
        }
        if (below == 0 && buckets.begin()->first < first + size) {
            CHECK(found.numbers.at("min") * width >= *least);
        }
        if (*least >= 0) {
            CHECK(std::abs(found.numbers.at("sum") - sum) <= 1e-4);  // sums of 10^10
        }
    }
};

/// A cycle by itself.
template <class Format = otlp_http, class Rule = replace>
class cycles {
public:
    explicit cycles(const host& from, series_filter which = {},
                    std::size_t longest = Format::limits.line)
        : host_{from}, lines_{{"shop", "web-1", {{"dc", "fra"}}}, std::move(which), longest} {}

    std::string text(unix_seconds before) {
        text_queue queue{true};
        lines_.follow(host_, nobody_, count);
        lines_.run(before, queue, count);
        lines_written = queue.lines();
        return queue.text();
    }
    std::vector<point> points(unix_seconds before) { return points_of(text(before)); }

    cycle_counters count{};
    std::size_t lines_written = 0;

private:
    const host& host_;
    cycle<sum, Format, host, Rule> lines_;
    no_observer nobody_;
};

double draw(std::mt19937_64& random, int kind) {
    const double part = std::generate_canonical<double, 53>(random);
    switch (kind) {
        case 0: return std::exp2(static_cast<double>(random() % 24) - 1);  // boundaries
        case 1: return std::exp2(21 * part);
        case 2: return 1000 * part;
        case 3: return part;
        default: return std::exp2(static_cast<double>(random() % 161) / 8);
    }
}

}  // namespace

TEST_CASE("a record has the buckets of its window") {
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    auto& fine = h.instrument<histogram<double, 6, 600, -3>>("fine");
    cycles<> often{h};
    cycles<> rarely{h};
    std::mt19937_64 random{7};
    std::vector<double> of_rarely;
    unix_seconds last_often = 0;
    unix_seconds last_rarely = 0;
    for (int window = 0; window < 60; ++window) {
        std::vector<double> values;
        for (auto n = random() % (window % 7 == 0 ? 3'000 : 20); n != 0; --n) {
            values.push_back(draw(random, window % 5));
            latency.record(values.back());
            fine.record(values.back());
        }
        of_rarely.insert(of_rarely.end(), values.begin(), values.end());
        const auto check = [](const std::vector<point>& found, const std::vector<double>& wanted,
                              unix_seconds now, unix_seconds& last) {
            REQUIRE(found.size() == (wanted.empty() ? 0 : 2));
            if (!found.empty()) {
                CHECK(found[0].name == "latency");
                CHECK(found[0].end == static_cast<std::uint64_t>(now));
                CHECK(found[0].begin == static_cast<std::uint64_t>(last));
                CHECK(found[0].labels.empty());
                model{}.check(found[0], wanted);
                CHECK(found[1].name == "fine");
                // 601 buckets of the longest numbers have no room: two are one there.
                model{5, -96, 300}.check(found[1], wanted);
            }
            last = !wanted.empty() || last == 0 ? now : last;
        };
        check(often.points(start + window), values, start + window, last_often);
        CHECK(often.lines_written == (values.empty() ? 0 : 2));
        if (window % 4 == 3) {
            check(rarely.points(start + window), of_rarely, start + window, last_rarely);
            of_rarely.clear();
        }
    }
    CHECK(often.count.not_finite == 0);
}

TEST_CASE("a struct's histograms are named by their members, and have the unit and the labels") {
    host h{"h"};
    auto& http = h.instrument<recorded_hits>("http", {.labels = {{"path", "/cart"}}});
    cycles<> one{h};
    for (int n = 1; n <= 1000; ++n) {
        http.latency.record(std::chrono::milliseconds{n});
        http.size.record(n);
    }
    http.hits.add();
    h.sample(start);
    const auto found = one.points(start + 1);
    CHECK(one.lines_written == 3);
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "http.latency");
    CHECK(found[0].labels == "path=/cart,");
    CHECK(found[0].numbers.at("sum") == 500'500'000);
    CHECK(found[0].numbers.at("min") == 1'000);
    CHECK(found[0].numbers.at("max") == 1'000'000);
    CHECK(found[1].name == "http.size");
    CHECK(found[1].numbers.at("sum") == 500'500);
    CHECK(found[1].below == 1);  // 1 is no more than the first boundary
}

TEST_CASE("what is outside of the buckets is counted, and no sum is told of what may be negative") {
    host h{"h"};
    auto& latency = h.instrument<histogram<double, 3, 16>>("latency");  // 1 to 4
    cycles<> one{h};
    for (const double v : {0.0, 0.25, 1.0, 3.0, 4.0, 4.1, 1e3}) {
        latency.record(v);
    }
    auto found = one.points(start);
    REQUIRE(found.size() == 1);
    CHECK(found[0].below == 3);
    CHECK(found[0].numbers.at("threshold") == 1);
    CHECK(found[0].buckets == std::map<std::int64_t, std::uint64_t>{{12, 1}, {15, 1}, {16, 2}});
    CHECK(found[0].numbers.at("max") == 1e3);
    CHECK(found[0].numbers.at("min") == 0);
    CHECK(found[0].numbers.contains("sum"));
    latency.record(-5);
    latency.record(2);
    found = one.points(start + 1);
    REQUIRE(found.size() == 1);
    CHECK((found[0].count == 2 && found[0].below == 1));
    CHECK(found[0].numbers.at("min") == -5);
    CHECK(!found[0].numbers.contains("sum"));
    latency.record(2);
    found = one.points(start + 2);
    REQUIRE(found.size() == 1);
    CHECK(found[0].numbers.at("sum") == 2);
    CHECK(one.count.not_finite == 0);
}

TEST_CASE("what is not finite is counted, and in no record") {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    cycles<> one{h};
    latency.record(std::numeric_limits<double>::quiet_NaN());
    latency.record(2);
    auto found = one.points(start);
    REQUIRE(found.size() == 1);
    CHECK(found[0].count == 1);
    CHECK(one.count.not_finite == 1);
    latency.record(infinite);
    found = one.points(start + 1);
    REQUIRE(found.size() == 1);
    CHECK(found[0].count == 1);
    CHECK(!found[0].numbers.contains("sum"));
    CHECK(!found[0].numbers.contains("max"));
    CHECK(found[0].numbers.contains("min"));
    CHECK(one.count.not_finite == 3);
}

TEST_CASE("a time that a record cannot have is counted, and its values are in none") {
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    cycles<> one{h};
    for (const unix_seconds at : {unix_seconds{0}, nanos_form::end}) {
        CHECK(one.text(at).empty());
        CHECK(one.count.not_finite == 0);
        latency.record(2);
        CHECK(one.text(at).empty());
        CHECK(one.count.not_finite == 1);
        one.count.not_finite = 0;
    }
    latency.record(2);
    CHECK(one.points(start).size() == 1);
    latency.record(2);
    const auto earlier = one.points(start - 100);  // a clock that was set
    REQUIRE(earlier.size() == 1);
    CHECK(earlier[0].begin == 0);
}

TEST_CASE("a window begins at a time that a record can have, or at none that is known") {
    for (const unix_seconds at : {unix_seconds{-5}, unix_seconds{0}, nanos_form::end}) {
        host h{"h"};
        auto& latency = h.instrument<histogram<>>("latency");
        cycles<> one{h};
        CHECK(one.text(at).empty());
        latency.record(2);
        auto found = one.points(start);
        REQUIRE(found.size() == 1);
        CHECK(found[0].begin == 0);
        CHECK(one.text(at).empty());  // begins no window
        latency.record(2);
        found = one.points(start + 10);
        REQUIRE(found.size() == 1);
        CHECK(found[0].begin == start);
        CHECK(one.count.not_finite == 0);
    }
}

TEST_CASE("a filter of dimensions sees a histogram's name") {
    host h{"h"};
    auto& http = h.instrument<recorded_hits>("http");
    auto& alone = h.instrument<histogram<>>("alone");
    cycles<> sizes{h, series_filter{options{.dimensions_matching = "size"}}};
    cycles<> values{h, series_filter{options{.dimensions_matching = "value"}}};
    http.size.record(2);
    http.latency.record(std::chrono::seconds{1});
    alone.record(1);
    const auto of_sizes = sizes.points(start);
    REQUIRE(of_sizes.size() == 1);
    CHECK(of_sizes[0].name == "http.size");
    const auto of_values = values.points(start);
    REQUIRE(of_values.size() == 1);
    CHECK(of_values[0].name == "alone");
    CHECK(sizes.count.refused_series == 0);
}

TEST_CASE("a series that the format cannot express is refused, and the others go on") {
    host h{"h"};
    auto& http = h.instrument<recorded_hits>("http");
    auto& too_long = h.instrument<histogram<>>(std::string(3'000, 'x'));
    auto& blank = h.instrument<histogram<>>("a blank");
    auto& much_too_long = h.instrument<histogram<>>(std::string(4'000, 'y'));
    cycles<otlp_http, reject> one{h};
    http.size.record(2);
    much_too_long.record(2);
    too_long.record(2);
    blank.record(2);
    const auto found = one.points(start);
    CHECK(one.count.refused_series == 2);
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "http.size");
    CHECK(found[0].scale == 3);
    CHECK(found[1].name == std::string(3'000, 'x'));  // has room for the half of its buckets
    CHECK(found[1].scale == 2);
}

TEST_CASE("a chart that is removed has its last record, and the others keep theirs") {
    host h{"h"};
    const auto first = h.lease<histogram<>>("first");
    auto& second = h.instrument<recorded_hits>("second");
    cycles<> one{h};
    for (int round = 0; round < 4; ++round) {
        if (round < 3) {
            first->record(4);
        }
        second.size.record(5);
        second.latency.record(std::chrono::microseconds{7});
        if (round == 2) {
            h.remove(first);
        }
        const auto found = one.points(start + round);
        REQUIRE(found.size() == (round < 3 ? 3 : 2));
        CHECK(found.front().name == (round < 3 ? "first" : "second.latency"));
        CHECK(found.back().name == "second.size");
        CHECK(found.back().numbers.at("sum") == 5);
    }
}

namespace {
struct recorded_shop {
    counter hits;
    histogram<int> latency;
};
struct names_told {
    std::string all;
    void on_merged_name(std::string_view chart, std::string_view line) {
        all += std::string{chart} + " " + std::string{line} + ";";
    }
};
/// What is told of a host, and what its cycle counts.
template <class Rule = replace>
std::string merged_names(const host& from) {
    cycle<sum, otlp_http, host, Rule> one{{"shop", "web-1", {}}};
    names_told told;
    cycle_counters count{};
    one.follow(from, told, count);
    return told.all + std::to_string(count.merged_names);
}
}  // namespace
BOOST_HANA_ADAPT_STRUCT(recorded_shop, hits, latency);

TEST_CASE("a name that a histogram shares is told, whatever the other one is") {
    host two{"h"};
    two.instrument<recorded_shop>("a.shop");
    two.instrument<histogram<>>("a.shop.latency");
    CHECK(merged_names(two) == "a.shop.latency value;1");

    host turned{"h"};
    turned.instrument<histogram<>>("a.shop.latency");
    turned.instrument<recorded_shop>("a.shop");
    CHECK(merged_names(turned) == "a.shop latency;1");

    host of_sums{"h"};
    of_sums.add("shop", {"latency"});
    of_sums.instrument<histogram<>>("shop.latency");
    CHECK(merged_names(of_sums) == "shop.latency value;1");

    for (const bool gauge_is_last : {false, true}) {
        host levels{"h"};
        cycle<average, otlp_http, host> one{{"shop", "web-1", {}}};
        gauge_is_last ? void(levels.instrument<histogram<>>("shop.latency"))
                      : void(levels.add("shop", {"latency"}));
        gauge_is_last ? void(levels.add("shop", {"latency"}))
                      : void(levels.instrument<histogram<>>("shop.latency"));
        names_told told;
        cycle_counters count{};
        one.follow(levels, told, count);
        CHECK(count.merged_names == 1);
        CHECK(told.all == (gauge_is_last ? "shop latency;" : "shop.latency value;"));
    }
}

TEST_CASE("other names, and other labels, are not told as shared") {
    host h{"h"};
    h.instrument<histogram<>>("shop.latency");
    h.instrument<recorded_shop>("shop", {.labels = {{"path", "/cart"}}});
    h.instrument<histogram<>>("latency");
    h.add("latency.value", {"p99"});
    h.add("shop.latency.value", {"x"});
    h.instrument<histogram<>>(".a");
    h.instrument<histogram<>>("a.");
    CHECK(merged_names(h) == "0");
    h.instrument<histogram<>>("a b");
    h.instrument<histogram<>>("a_b");  // as "a b" is spelled
    CHECK(merged_names(h) == "a_b value;1");
    CHECK(merged_names<flat_dimensions>(h) == "a_b value;1");
}

TEST_CASE("a histogram's name is free when its chart is removed") {
    host h{"h"};
    const auto gone = h.lease<histogram<>>("shop.latency");
    cycle<sum, otlp_http, host> one{{"shop", "web-1", {}}};
    names_told told;
    cycle_counters count{};
    text_queue queue{true};
    one.follow(h, told, count);
    h.remove(gone);
    one.follow(h, told, count);
    one.run(start, queue, count);
    h.instrument<recorded_shop>("shop");
    one.follow(h, told, count);
    CHECK(count.merged_names == 0);
    h.add("shop", {"latency"}, {.labels = {{"a", "b"}}});
    one.follow(h, told, count);
    CHECK(count.merged_names == 0);
}

TEST_CASE("a queue without room refuses a record and counts one line") {
    struct full_queue {
        std::size_t bytes = 0;
        std::size_t lines = 0;
        [[nodiscard]] bool fits(std::size_t) const noexcept { return false; }
        char* reserve(std::size_t) noexcept { return nullptr; }
        void commit(std::size_t, std::size_t) noexcept { FAIL("there is no room"); }
        void refuse(std::size_t n, std::size_t m) noexcept {
            bytes += n;
            lines += m;
        }
    };
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    cycle<sum, otlp_http, host> of_full{{"shop", "web-1", {}}};
    cycles<> other{h};
    no_observer nobody;
    cycle_counters count{};
    of_full.follow(h, nobody, count);
    latency.record(3);
    full_queue full;
    of_full.run(start, full, count);
    CHECK(full.lines == 1);
    CHECK(full.bytes == other.text(start).size());
}

namespace {
//! [in_lines]
// Histograms go as gauges and sums, to receivers that know no exponential buckets.
struct otlp_in_lines : backends::otlp_http {
    using histogram = void;
};
//! [in_lines]
struct otlp_of_names : otlp_http {
    using histogram = testing::histogram_record_archetype;
};
}  // namespace

TEST_CASE("formats without histograms, and those that want none, have lines of quantiles") {
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    cycles<prometheus_remote_write> samples{h};
    cycles<otlp_in_lines> metrics{h};
    cycles<graphite_plaintext> lines{h};
    latency.record(3);
    CHECK(samples.text(start).find("shop_latency_p99") != std::string::npos);
    CHECK(metrics.text(start).find("latency.p99") != std::string::npos);
    CHECK(lines.text(start).find("shop.web-1.latency.p99;dc=fra 3.0000000 1700000000\n") !=
          std::string::npos);
    CHECK(metrics.lines_written == 6);
    CHECK(samples.lines_written == 6);
}

TEST_CASE("a format has records of its own") {
    host h{"h"};
    auto& http = h.instrument<recorded_hits>("http");
    auto& alone = h.instrument<histogram<>>("alone", {.labels = {{"a", "b"}}});
    cycles<otlp_of_names> one{h};
    http.size.record(2);
    alone.record(2);
    CHECK(one.text(start) ==
          "\x12\x0b\x0a\x09http.size\x12\x11\x0a\x05"
          "alone\x12\x08\x0a\x01"
          "a\x12\x03\x0a\x01"
          "b");
}
