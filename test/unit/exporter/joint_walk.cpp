// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/joint_walk.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>

#include "catch.hpp"
#include "charts_of_widths.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

using namespace backends;
using namespace charts_of_widths;

namespace {

struct place {
    const int* chart;
    int cursor;
};

/// Which charts each of three cycles has read, in their order, and how many reads that took.
struct walked {
    std::array<std::vector<const int*>, 3> charts;
    std::size_t reads = 0;
};
walked walk(std::array<std::vector<place>, 3>& lists) {
    detail::joint_places<place, 3> places;
    for (std::size_t i = 0; i < 3; ++i) {
        places.put(i, lists[i].data(), lists[i].data() + lists[i].size());
    }
    walked found;
    places.walk([&](std::size_t first, detail::chosen_ones equal) {
        REQUIRE((equal >> first & 1U) != 0);
        ++found.reads;
        for (std::size_t i = 0; i < 3; ++i) {
            if ((equal >> i & 1U) != 0) {
                REQUIRE(places.next(i).chart == places.next(first).chart);
                REQUIRE(places.next(i).cursor == places.next(first).cursor);
                found.charts[i].push_back(places.next(i).chart);
            }
        }
    });
    return found;
}

}  // namespace

TEST_CASE("each cycle of a joint walk reads its charts in their order, and once") {
    std::mt19937_64 random{7};
    const std::vector<int> charts(40);
    for (int n = 0; n < 2'000; ++n) {
        std::array<std::vector<place>, 3> lists;
        const bool is_shuffled = n % 2 == 0;
        std::size_t most = 0;
        std::size_t all = 0;
        for (auto& list : lists) {
            const std::uint64_t kept = random() % 5;
            for (const int& one : charts) {
                if (random() % 4 < kept) {
                    list.push_back({&one, is_shuffled && random() % 4 == 0 ? 1 : 0});
                }
            }
            if (is_shuffled && !list.empty()) {
                const auto from = static_cast<std::ptrdiff_t>(random() % list.size());
                std::shuffle(list.begin() + from, list.end(), random);
            }
            most = std::max(most, list.size());
            all += list.size();
        }
        const walked found = walk(lists);
        for (std::size_t i = 0; i < 3; ++i) {
            REQUIRE(std::equal(
                found.charts[i].begin(), found.charts[i].end(), lists[i].begin(), lists[i].end(),
                [](const int* one, const place& expected) { return one == expected.chart; }));
        }
        REQUIRE(found.reads >= most);
        REQUIRE(found.reads <= all);
    }
}

TEST_CASE("what a filter leaves to a cycle is read together with the others' charts") {
    const std::vector<int> charts(100);
    std::array<std::vector<place>, 3> lists;
    for (std::size_t c = 0; c < charts.size(); ++c) {
        lists[0].push_back({&charts[c], 0});
        if (c % 9 == 5) {
            lists[1].push_back({&charts[c], 0});
        }
        if (c % 2 == 1) {
            lists[2].push_back({&charts[c], 0});
        }
    }
    CHECK(walk(lists).reads == charts.size());
}

TEST_CASE("charts that the longest list has not are read together too") {
    const std::vector<int> charts(19);
    std::array<std::vector<place>, 3> lists;
    for (std::size_t c = 0; c < charts.size(); ++c) {
        for (std::size_t i = 0; i < 3; ++i) {
            if ((i == 0) == (c % 2 == 0)) {
                lists[i].push_back({&charts[c], 0});
            }
        }
    }
    CHECK(walk(lists).reads == charts.size());
}

namespace {

/// The cycles of three formats over one host, each alone and all together.
template <class Setting, class Source, class Other>
struct three_cycles {
    using host = typename Setting::host;
    using alike = typename Setting::cycle_type;
    using fields = cycle<Source, influx_lines, host>;
    using other = cycle<Source, Other, host>;

    explicit three_cycles(const Setting& s) : one{s.names}, two{s.names, {}, 400}, three{s.names} {
        one.follow(s.charts, nobody, count[0]);
        two.follow(s.charts, nobody, count[1]);
        three.follow(s.charts, nobody, count[2]);
    }
    /// Their lines, one cycle's after the other.
    std::string run(unix_seconds now, bool together, bool takes_charts, detail::chosen_ones which) {
        std::array<text_queue, 3> queues{text_queue{takes_charts}, text_queue{takes_charts},
                                         text_queue{true}};
        detail::walking_cycle a{one, queues[0], count[0], nobody};
        detail::walking_cycle b{two, queues[1], count[1], nobody};
        detail::walking_cycle c{three, queues[2], count[2], nobody};
        if (together) {
            detail::walk_together<as_source<Source>>(now, which, a, b, c);
        } else {
            if ((which & 1U) != 0) {
                one.run(now, queues[0], count[0], nobody);
            }
            if ((which & 2U) != 0) {
                two.run(now, queues[1], count[1], nobody);
            }
            if ((which & 4U) != 0) {
                three.run(now, queues[2], count[2], nobody);
            }
        }
        return queues[0].text() + queues[1].text() + queues[2].text();
    }

    alike one;
    fields two;
    other three;
    no_observer nobody;
    std::array<cycle_counters, 3> count{};
};

}  // namespace

TEMPLATE_TEST_CASE("cycles that walk together write what each writes alone", "",
                   (setting<double_cell, fused<average, maximum>, graphite_plaintext>),
                   (setting<packed_cell, average, json_plaintext>),
                   (setting<double_cell, as_collected, graphite_plaintext, std::int64_t>)) {
    using reduced = typename TestType::source;
    TestType s;
    three_cycles<TestType, reduced, otlp_http> alone{s};
    three_cycles<TestType, reduced, otlp_http> joint{s};
    std::mt19937_64 random{29};
    unix_seconds now = 1'700'000'000;
    for (int n = 0; n < 60; ++n) {
        for (std::uint64_t rows = random() % 20; rows > 0; --rows) {
            now += random() % 8 == 0 ? 2 : 1;
            s.record(random, now);
        }
        const bool takes_charts = random() % 4 != 0;
        const auto which = static_cast<detail::chosen_ones>(random() % 3 == 0 ? random() % 8 : 7);
        REQUIRE(joint.run(now, true, takes_charts, which) ==
                alone.run(now, false, takes_charts, which));
        for (std::size_t i = 0; i < 3; ++i) {
            REQUIRE(joint.count[i] == alone.count[i]);
        }
    }
    CHECK(alone.count[0].samples != 0);
}
