// SPDX-License-Identifier: BSL-1.0
#include <backends/monitor/monitor.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;
using test::stepped_clock;

namespace {

struct stepped : default_policies {
    using clock = stepped_clock;
    using observer = no_observer;
};

/// An exporter whose lines are kept.
template <class Source>
struct exporting {
    explicit exporting(seconds update_every) : every{update_every} {
        stepped_clock::wall = 1'600'000'000 / every.value * every.value;
        e.poll(stepped_clock::steady);
        pass(1);
    }

    /// Nobody drives it for so many periods, and then somebody does.
    void pass(std::int64_t periods) {
        stepped_clock::wall += periods * every.value;
        stepped_clock::steady = stepped_clock::steady + seconds{periods * every.value};
        CHECK(c.record(stepped_clock::wall, {1.0}));
        e.poll(stepped_clock::steady);
    }

    struct line {
        std::string name;
        double value;
        unix_seconds stamp;
    };
    [[nodiscard]] std::vector<line> lines() const {
        std::vector<line> all;
        std::istringstream received{peer->received()};
        for (line one; received >> one.name >> one.value >> one.stamp;) {
            all.push_back(one);
        }
        return all;
    }
    [[nodiscard]] std::vector<double> values(const std::string& name) const {
        std::vector<double> found;
        for (const line& one : lines()) {
            if (one.name == "p.h." + name) {
                found.push_back(one.value);
            }
        }
        return found;
    }
    /// All lines, but for the exporter's own in the newest cycle: they are not counted yet.
    [[nodiscard]] double counted() const {
        const auto all = lines();
        const auto is_new = [&](const line& one) {
            return one.stamp == all.back().stamp && one.name.find(".backend_") != std::string::npos;
        };
        return static_cast<double>(std::find_if_not(all.rbegin(), all.rend(), is_new).base() -
                                   all.begin());
    }

    seconds every;
    std::shared_ptr<memory_peer> peer = std::make_shared<memory_peer>();
    backends::host h{"h"};
    chart& c = h.add("c", {"x"}, {.update_every = every});
    exporter<Source, graphite_plaintext, memory, backends::host, stepped> e{
        h, {.prefix = "p", .update_every = every}, memory{peer}};
};

double total(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Knows charts of the default type alone.
struct newest_of_default {
    static constexpr std::string_view name = "newest";
    static constexpr std::size_t variants = 1;
    static constexpr std::string_view variant_name(std::size_t) noexcept { return ""; }
    struct cursor {
        slot_number next = INT64_MIN;
    };

    template <class Emit>
    static read_result read(const chart& from, cursor& at, unix_seconds before,
                            Emit&& emit) noexcept {
        const slot_range fresh = from.unread(at.next);
        at.next = fresh.empty() ? at.next : fresh.end;
        return fresh.empty() ? read_result{} : read_window(from, 0, before, emit);
    }
    template <class Emit>
    static read_result read_window(const chart& from, unix_seconds, unix_seconds before,
                                   Emit&& emit) noexcept {
        for (std::size_t i = 0; i < from.width(); ++i) {
            emit(i, std::size_t{0}, before, from.collected(i).as_double());
        }
        return {from.width(), 0};
    }
};
static_assert(data_source<newest_of_default>);

}  // namespace

TEST_CASE("every line is counted once, in cycles that are late as in others") {
    const seconds every = GENERATE(seconds{1}, seconds{10}, seconds{3600}, seconds{86'400});
    INFO("every " << every.value << " s");
    exporting<sum> one{every};
    std::size_t cycles = 1;
    for (const std::int64_t periods : {1, 1, 2, 1, 3, 4, 5, 1, 6, 7, 100, 1, 1, 1000, 2}) {
        INFO("late by " << periods - 1);
        one.pass(periods);
        ++cycles;
        REQUIRE(one.values("p.backend_metrics.buffered").size() == cycles);
        REQUIRE(total(one.values("p.backend_metrics.buffered")) == one.counted());
        REQUIRE(one.values("p.backend_rows.refused") == std::vector<double>(cycles, 0.0));
    }
    CHECK(one.e.counters().overrun == 0);
}

TEST_CASE("what a chart had no time for when the clock was set back, it has later") {
    exporting<sum> one{seconds{10}};
    one.pass(1);
    for (const std::int64_t back : {1, 2, 3, 50}) {
        stepped_clock::wall -= back * one.every.value;
        for (int n = 0; n != 20; ++n) {
            stepped_clock::wall += one.every.value;
            stepped_clock::steady = stepped_clock::steady + one.every;
            one.e.poll(stepped_clock::steady);
        }
        CHECK(total(one.values("p.backend_metrics.buffered")) == one.counted());
    }
}

TEST_CASE("whatever is exported of charts is exported of the exporter's own") {
    SECTION("a reduction") {
        exporting<average> one{seconds{10}};
        one.pass(1);
        one.pass(3);
        CHECK(total(one.values("p.backend_metrics.buffered")) == one.counted());
        CHECK(one.values("p.backend_metrics.lost") == std::vector<double>{0, 0, 0});
    }
    SECTION("several reductions") {
        exporting<fused<sum, maximum>> one{seconds{10}};
        one.pass(1);
        one.pass(3);
        CHECK(total(one.values("p.backend_metrics.buffered.sum")) == one.counted());
        CHECK(one.values("p.backend_metrics.buffered.sum") ==
              one.values("p.backend_metrics.buffered.maximum"));
    }
    SECTION("values as they were collected") {
        exporting<as_collected> one{seconds{10}};
        one.pass(1);
        one.pass(3);
        CHECK(total(one.values("p.backend_metrics.buffered")) == one.counted());
        CHECK(one.values("p.backend_thread_cpu.user").size() == 3);
    }
    SECTION("a source that knows one type of charts") {
        exporting<newest_of_default> one{seconds{10}};
        one.pass(1);
        one.pass(3);
        CHECK(total(one.values("p.backend_metrics.buffered")) == one.counted());
    }
}
