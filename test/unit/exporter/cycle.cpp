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

#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

using namespace backends;

namespace {

/// Takes every line, as one text; whole charts at once, or only line by line.
class text_queue {
public:
    explicit text_queue(bool takes_charts) : takes_charts_{takes_charts} {}

    [[nodiscard]] bool fits(std::size_t) const noexcept { return takes_charts_; }
    char* reserve(std::size_t n) {
        text_.resize(used_ + n);
        return text_.data() + used_;
    }
    void commit(std::size_t bytes, std::size_t lines) {
        used_ += bytes;
        lines_ += lines;
    }
    void refuse(std::size_t, std::size_t) { FAIL("there is room for every line"); }
    [[nodiscard]] std::string text() const { return text_.substr(0, used_); }
    [[nodiscard]] std::size_t lines() const { return lines_; }

private:
    bool takes_charts_;
    std::string text_;
    std::size_t used_ = 0;
    std::size_t lines_ = 0;
};

double sample(std::mt19937_64& random, int kind) {
    const auto size = static_cast<double>(random() % 10'000'000) / 1000.0;
    switch (kind == 0 ? 0 : random() % 16) {
        case 1: return std::numeric_limits<double>::quiet_NaN();
        case 2: return -size;
        case 3: return std::ldexp(size, static_cast<int>(random() % 80) - 40);
        case 4: return 99'999'999.99999999;
        case 5: return (static_cast<double>(random() % 1000) + 0.5) / 1e7;
        case 6: return 3e307;
        default: return size;
    }
}

template <class Cell, class Source, class Format, class T = double>
struct setting {
    using host = basic_host<Cell, 16>;
    using source = as_source<Source>;
    using cycle_type = cycle<Source, Format, host>;
    using value = T;

    host charts{"web-1"};
    identity names{"netdata", "web-1", {}};

    setting() {
        for (std::size_t width = 1; width <= 30; ++width) {
            std::vector<new_dimension> dimensions;
            for (std::size_t i = 0; i < width; ++i) {
                // Now and then a name that makes the line too long, so that its series is refused.
                const bool is_refused = width % 5 == 0 && i == width / 2;
                dimensions.emplace_back("d" + std::to_string(i) +
                                        (is_refused ? std::string(20'000, 'x') : ""));
            }
            chart_options options;
            if (width % 3 == 0) {
                options.labels = {{"w", std::to_string(width)}, {"v", "x y"}};
            }
            charts.template add<T>("chart." + std::to_string(width), dimensions, options);
        }
    }
    static T as_cell(double v) {
        if constexpr (std::is_integral_v<T>) {
            return std::abs(v) > 9e18 ? T{} : static_cast<T>(static_cast<std::int64_t>(v));
        } else {
            return static_cast<T>(v);
        }
    }
    void record(std::mt19937_64& random, unix_seconds at) {
        for (std::size_t c = 0; c < charts.size(); ++c) {
            auto& chart = charts.chart_at(c);
            for (std::size_t i = 0; i < chart.width(); ++i) {
                if (const double v = sample(random, static_cast<int>(c % 3)); v == v) {
                    chart.set(i, as_cell(v));
                }
            }
            REQUIRE(chart.commit(at));
        }
    }

    /// One value after the other, by the renderer's simplest form.
    struct reference {
        renderer<Format> lines;
        std::vector<typename source::cursor> cursors;
        std::vector<std::vector<std::uint32_t>> series;
        std::uint64_t not_finite = 0;

        explicit reference(const setting& s) : lines{s.names}, cursors(s.charts.size()) {
            for (std::size_t c = 0; c < s.charts.size(); ++c) {
                const auto& chart = s.charts.chart_at(c);
                series.emplace_back();
                for (std::size_t n = 0; n < chart.width() * source::variants; ++n) {
                    const std::string suffix{source::variant_name(n % source::variants)};
                    std::uint32_t number = UINT32_MAX;
                    if (lines.add(chart.id(),
                                  std::string{chart.dimension(n / source::variants).id} +
                                      (suffix.empty() ? "" : "." + suffix),
                                  number, chart.labels())) {
                        number = UINT32_MAX;
                    }
                    series.back().push_back(number);
                }
            }
        }
        std::string run(const setting& s, unix_seconds before) {
            std::string all;
            for (std::size_t c = 0; c < s.charts.size(); ++c) {
                source::read(s.charts.chart_at(c), cursors[c], before,
                             [&](std::size_t i, std::size_t variant, unix_seconds at, auto v) {
                                 const std::uint32_t n = series[c][i * source::variants + variant];
                                 if (!is_printable(v)) {
                                     ++not_finite;
                                 } else if (n != UINT32_MAX) {
                                     std::string line(lines.max_line() + lines.line_slack, '\0');
                                     char* const end = lines.line(line.data(), n, at, v);
                                     all.append(line.data(), end);
                                 }
                             });
            }
            return all;
        }
    };
};

std::size_t newlines(const std::string& text) {
    std::size_t n = 0;
    for (const char c : text) {
        n += c == '\n' ? 1 : 0;
    }
    return n;
}

}  // namespace

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
