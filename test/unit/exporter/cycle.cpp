// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/cycle.hpp>

#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "charts_of_widths.hpp"

#include <cstdint>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

using namespace backends;

using namespace charts_of_widths;

TEMPLATE_TEST_CASE("a cycle writes what its source emits, value by value", "",
                   (setting<double_cell, average, graphite_plaintext>),
                   (setting<double_cell, sum, json_plaintext>),
                   (setting<double_cell, maximum, graphite_plaintext>),
                   (setting<double_cell, fused<average, maximum>, graphite_plaintext>),
                   (setting<float_cell, average, opentsdb_telnet>),
                   (setting<packed_cell, average, json_plaintext>),
                   (setting<packed_cell, sum, graphite_plaintext>),
                   (setting<double_cell, as_collected, graphite_plaintext>),
                   (setting<double_cell, as_collected, json_plaintext, std::int64_t>),
                   (setting<packed_cell, as_collected, graphite_plaintext, std::uint64_t>)) {
    TestType s;
    typename TestType::reference expected{s};
    typename TestType::cycle_type charts{s.names};
    typename TestType::cycle_type lines{s.names};
    no_observer nobody;
    cycle_counters of_charts{};
    cycle_counters of_lines{};
    charts.follow(s.charts, nobody, of_charts);
    lines.follow(s.charts, nobody, of_lines);
    REQUIRE(of_charts.refused_series == 6 * TestType::source::variants);

    std::mt19937_64 random{23};
    unix_seconds now = 1'700'000'000;
    for (int n = 0; n < 40; ++n) {
        for (std::uint64_t rows = random() % 20; rows > 0; --rows) {
            now += random() % 8 == 0 ? 2 : 1;
            s.record(random, now);
        }
        text_queue by_charts{true};
        text_queue by_lines{false};
        charts.run(now, by_charts, of_charts);
        lines.run(now, by_lines, of_lines);
        const std::string text = expected.run(s, now);
        REQUIRE(by_charts.text() == text);
        REQUIRE(by_lines.text() == text);
        REQUIRE(by_charts.lines() == newlines(text));
    }
    CHECK(of_charts.not_finite == expected.not_finite);
    CHECK(of_lines.not_finite == expected.not_finite);
    CHECK(of_charts.samples == of_lines.samples);
    CHECK(of_charts.overrun == of_lines.overrun);
}

TEST_CASE("a cycle over more charts than a cache holds reads every one of them") {
    basic_host<double_cell, 16> host{"web-1"};
    for (int c = 0; c < 600; ++c) {
        host.add("chart." + std::to_string(c), {"a", "b"});
    }
    cycle<average, graphite_plaintext, basic_host<double_cell, 16>> lines{{"p", "web-1", {}}};
    no_observer nobody;
    cycle_counters count{};
    lines.follow(host, nobody, count);
    for (unix_seconds now = 1; now < 40; ++now) {
        for (std::size_t c = 0; c < host.size(); ++c) {
            REQUIRE(host.chart_at(c).record(now, {static_cast<double>(c), 0.5}));
        }
        if (now % 13 == 0) {
            text_queue queue{true};
            lines.run(now, queue, count);
            std::string expected;
            for (std::size_t c = 0; c < host.size(); ++c) {
                const std::string begin = "p.web-1.chart." + std::to_string(c);
                const std::string end = " " + std::to_string(now) + "\n";
                expected += begin + ".a " + std::to_string(c) + ".0000000" + end;
                expected += begin + ".b 0.5000000" + end;
            }
            REQUIRE(queue.text() == expected);
        }
    }
    CHECK(count.samples == 2 * 600 * 39);
}

namespace {

/// Spells no name with "bad" in it while `fails`, as if there were no memory.
struct short_of_memory : graphite_plaintext {
    static inline bool fails = true;

    struct spelling : graphite_plaintext::spelling {
        static bool spell(name_field f, std::string_view raw, std::string& out) {
            if (fails && raw.find("bad") != std::string_view::npos) {
                throw std::bad_alloc{};
            }
            return graphite_plaintext::spelling::spell(f, raw, out);
        }
    };
};

struct sees_postponed {
    std::vector<std::string> charts;
    void on_postponed(std::string_view chart, std::error_code why) noexcept {
        CHECK(why == std::errc::not_enough_memory);
        charts.emplace_back(chart);
    }
};

}  // namespace

TEST_CASE("a chart that cannot be registered keeps no other away, and loses nothing until it can") {
    short_of_memory::fails = true;
    host h{"h"};
    std::vector<chart*> charts;
    cycle<sum, short_of_memory, host> lines{{"p", "h", {}}};
    sees_postponed observer;
    cycle_counters count{};
    const auto record = [&] {
        for (chart* const one : charts) {
            REQUIRE(
                one->record(one->recorded().kept.end + 1, std::vector<double>(one->width(), 1.0)));
        }
    };
    const auto cycle_at = [&](unix_seconds now) {
        record();
        text_queue queue{true};
        lines.follow(h, observer, count);
        lines.run(now, queue, count);
        return queue.text();
    };
    charts.push_back(&h.add("a", {"x"}));
    charts.push_back(&h.add("b", {"x", "bad", "y"}));
    charts.push_back(&h.add("bad", {"x"}));
    charts.push_back(&h.add("c", {"x"}));
    CHECK(cycle_at(10) == "p.h.a.x 1.0000000 10\np.h.c.x 1.0000000 10\n");
    charts.push_back(&h.add("d", {"x"}));
    CHECK(cycle_at(20) == "p.h.a.x 1.0000000 20\np.h.c.x 1.0000000 20\np.h.d.x 1.0000000 20\n");
    CHECK(count.postponed == 4);
    CHECK(observer.charts == std::vector<std::string>{"b", "bad", "b", "bad"});
    CHECK(count.refused_series == 0);

    short_of_memory::fails = false;
    CHECK(cycle_at(30) ==
          "p.h.a.x 1.0000000 30\np.h.c.x 1.0000000 30\np.h.d.x 1.0000000 30\n"
          "p.h.b.x 3.0000000 30\np.h.b.bad 3.0000000 30\np.h.b.y 3.0000000 30\n"
          "p.h.bad.x 3.0000000 30\n");
    CHECK(count.postponed == 4);
    CHECK(count.samples == 3 + 3 + 2 + 9 + 3);
    CHECK(count.overrun == 0);
}

TEST_CASE("charts of one id and other labels have lines of their own") {
    host h{"h"};
    for (const char* const status : {"200", "404", "500"}) {
        auto& c = h.add("http", {"requests"}, {.labels = {{"status", status}}});
        REQUIRE(c.record(1'700'000'000, {static_cast<double>(status[0] - '0')}));
    }
    cycle<sum, opentsdb_telnet, host> lines{identity{"p", "h", {}}};
    no_observer nobody;
    cycle_counters count;
    lines.follow(h, nobody, count);
    text_queue queue{true};
    lines.run(1'700'000'000, queue, count);
    REQUIRE(queue.text() ==
            "put p.http.requests 1700000000 2.0000000 host=h status=200\n"
            "put p.http.requests 1700000000 4.0000000 host=h status=404\n"
            "put p.http.requests 1700000000 5.0000000 host=h status=500\n");
    CHECK(count.merged_names == 0);
}

TEST_CASE("a series that its labels keep off the wire is counted and told") {
    struct observing {
        std::vector<std::error_code> why;
        void on_refused_series(std::string_view, std::string_view, std::error_code e) noexcept {
            why.push_back(e);
        }
    };
    host h{"h"};
    std::vector<tag> many;
    for (char c = 'a'; c <= 'h'; ++c) {
        many.emplace_back(std::string(1, c), "v");
    }
    REQUIRE(h.add("many", {"x", "y"}, {.labels = many}).record(1'700'000'000, {1.0, 2.0}));
    REQUIRE(h.add("again", {"x"}, {.labels = {{"dc", "ber"}}}).record(1'700'000'000, {1.0}));
    many.pop_back();
    many.pop_back();
    REQUIRE(h.add("good", {"x"}, {.labels = many}).record(1'700'000'000, {1.0}));
    cycle<sum, opentsdb_telnet, host> lines{identity{"p", "h", {{"dc", "fra"}}}};
    observing told;
    cycle_counters count;
    lines.follow(h, told, count);
    CHECK(count.refused_series == 3);
    CHECK(told.why == std::vector<std::error_code>{errc::too_many_tags, errc::too_many_tags,
                                                   errc::tag_repeated});
    text_queue queue{true};
    lines.run(1'700'000'000, queue, count, told);
    CHECK(queue.text() ==
          "put p.good.x 1700000000 1.0000000 host=h dc=fra a=v b=v c=v d=v e=v f=v\n");
}
