// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/family.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using backends::instant;
using backends::options;
using backends::seconds;
using test::stepped_clock;

namespace {

struct stepped : backends::default_policies {
    using clock = stepped_clock;
    using observer = backends::no_observer;
};

std::array<backends::amount, backends::drop_reasons> drops_seen;

struct counts_drops {
    static void on_dropped(backends::drop_reason why, backends::amount what) noexcept {
        drops_seen[static_cast<std::size_t>(why)] += what;
    }
};

struct watched : stepped {
    using observer = counts_drops;
};

struct replays : stepped {
    using confirmation = backends::confirm::acked_replay<std::size_t{64} << 10>;
};

/// Its peer's acknowledgement arrives after the question that follows a write.
class memory_of_late_acknowledgements : public backends::memory {
public:
    using memory::memory;

    backends::io_result write_some(std::span<const char> bytes) noexcept {
        const backends::io_result done = memory::write_some(bytes);
        just_written_ += done.count;
        return done;
    }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return std::exchange(just_written_, 0);
    }

private:
    mutable std::size_t just_written_ = 0;
};

/// Counts what it is asked.
class memory_asked : public backends::memory {
public:
    using memory::memory;

    static inline int questions = 0;
    static inline int writes = 0;

    backends::io_result write_some(std::span<const char> bytes) noexcept {
        ++writes;
        return memory::write_some(bytes);
    }
    backends::io_result read_some(std::span<char> room) noexcept {
        ++questions;
        return memory::read_some(room);
    }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        ++questions;
        return memory::unacknowledged();
    }
};

template <class Source, class Policies = stepped, class Transport = backends::memory>
struct exported {
    using exporter_type = backends::exporter<Source, backends::graphite_plaintext, Transport,
                                             backends::host, Policies>;

    explicit exported(options o = {})
        : peer{std::make_shared<backends::memory_peer>()},
          exporter{host, quiet(std::move(o)), Transport{peer}} {
        stepped_clock::wall = 1'700'000'000;
        exporter.poll(stepped_clock::steady);
    }

    exported(const exported&) = delete;
    exported& operator=(const exported&) = delete;
    ~exported() {
        exporter.request_stop(seconds{0});
        after(0);
    }

    /// Runs the cycle that is due in `n` seconds and what follows from it.
    void after(std::int64_t n) {
        stepped_clock::steady = stepped_clock::steady + seconds{n};
        stepped_clock::wall += n;
        exporter.poll(stepped_clock::steady);
        exporter.poll(stepped_clock::steady);
    }

    std::string received() { return peer->received(); }

    static options quiet(options o) {
        o.update_every = seconds{10};
        o.align = false;
        o.self_monitoring = false;
        return o;
    }

    backends::host host{"web-1"};
    std::shared_ptr<backends::memory_peer> peer;
    exporter_type exporter;
};

}  // namespace

TEST_CASE("each cycle sends the reduction of what is new, stamped with its time") {
    exported<backends::average> e;
    auto& queue = e.host.add("app.queue", {"depth"});
    REQUIRE(queue.record(1'700'000'003, {3.0}));
    REQUIRE(queue.record(1'700'000'004, {4.0}));
    e.after(10);
    CHECK(e.received() == "netdata.web-1.app.queue.depth 3.5000000 1700000010\n");
    REQUIRE(queue.record(1'700'000'012, {10.0}));
    e.after(10);
    CHECK(e.received() ==
          "netdata.web-1.app.queue.depth 3.5000000 1700000010\n"
          "netdata.web-1.app.queue.depth 10.0000000 1700000020\n");
    CHECK(e.exporter.counters().samples == 3);
}

TEST_CASE("a cycle without anything new sends nothing") {
    exported<backends::average> e;
    e.host.add("app.queue", {"depth"});
    e.after(10);
    CHECK(e.received().empty());
    CHECK(e.exporter.counters().ticks == 1);
}

TEST_CASE("missed cycles are folded into one and counted, and no sample is missed") {
    exported<backends::sum> e;
    auto& queue = e.host.add("app.queue", {"depth"});
    for (int i = 1; i <= 55; ++i) {
        REQUIRE(queue.record(1'700'000'000 + i, {1.0}));
    }
    e.after(55);
    CHECK(e.received() == "netdata.web-1.app.queue.depth 55.0000000 1700000055\n");
    CHECK(e.exporter.counters().ticks == 1);
    CHECK(e.exporter.counters().missed_ticks == 4);
    REQUIRE(queue.record(1'700'000'060, {2.0}));
    e.after(5);  // the schedule goes on where it was
    CHECK(e.exporter.counters().ticks == 2);
}

TEST_CASE("setting the system's clock loses no sample and repeats none") {
    exported<backends::sum> e;
    auto& queue = e.host.add("app.queue", {"depth"});
    REQUIRE(queue.record(1'700'000'005, {1.0}));
    stepped_clock::wall -= 3600;
    e.after(10);
    CHECK(e.received() == "netdata.web-1.app.queue.depth 1.0000000 1699996410\n");
    stepped_clock::wall += 31'536'000;
    REQUIRE(queue.record(1'700'000'015, {2.0}));
    e.after(10);
    CHECK(e.exporter.counters().samples == 2);
    CHECK(e.exporter.counters().accepted.lines == 2);
}

TEST_CASE("two cycles in one second do not give a series two values of one time") {
    exported<backends::sum> e;
    auto& queue = e.host.add("app.queue", {"depth"});
    REQUIRE(queue.record(1'700'000'009, {1.0}));
    e.after(10);
    REQUIRE(queue.record(1'700'000'010, {2.0}));
    e.exporter.request_stop(seconds{1});
    e.after(0);
    CHECK(e.received() ==
          "netdata.web-1.app.queue.depth 1.0000000 1700000010\n"
          "netdata.web-1.app.queue.depth 2.0000000 1700000011\n");
}

TEST_CASE(
    "aligned, every period has one line of each series, the exporter's own and the last ones too") {
    std::mt19937 random{7};
    for (const int start : {0, 4, 9}) {
        const auto peer = std::make_shared<backends::memory_peer>();
        backends::host host{"web-1"};
        auto& chart = host.add("c", {"d"});
        stepped_clock::wall = 1'700'000'000 + start;
        backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                           backends::host, stepped>
            e{host, {}, backends::memory{peer}};
        const instant steady = stepped_clock::steady;
        e.poll(steady);
        constexpr int cycles = 200;
        for (int n = 1; n <= cycles; ++n) {
            for (int i = 0; i < 10; ++i) {
                REQUIRE(chart.record(1'700'000'000 + start + 10 * n - 9 + i, {1.0}));
            }
            const auto late = static_cast<std::int64_t>(random() % 5000);  // milliseconds
            stepped_clock::steady = steady + seconds{10 * n} + backends::milliseconds(late);
            stepped_clock::wall = 1'700'000'000 + start + 10 * n + late / 1000;
            e.poll(stepped_clock::steady);
        }
        REQUIRE(chart.record(stepped_clock::wall + 1, {1.0}));
        e.request_stop(seconds{1});
        while (!e.finished()) {
            e.poll(stepped_clock::steady);
        }
        std::map<std::string, std::vector<long long>> stamps;
        std::istringstream lines{peer->received()};
        std::string name;
        std::string value;
        for (long long stamp = 0; lines >> name >> value >> stamp;) {
            stamps[name].push_back(stamp);
        }
        REQUIRE(stamps.size() >= 15);
        for (const auto& [series, all] : stamps) {
            INFO(series << " from second " << start);
            // A rate has no value in its first cycle.
            const bool is_rate = series.find("thread_cpu") != std::string::npos;
            REQUIRE(all.size() == cycles + 1 - (is_rate ? 1 : 0));
            for (std::size_t i = 1; i < all.size(); ++i) {
                REQUIRE(all[i] == all[i - 1] + 10);
            }
            CHECK(all.front() % 10 == 0);
            CHECK(all.back() == stamps.begin()->second.back());
        }
        CHECK(e.counters().samples >= 10 * cycles + 1);
    }
}

TEST_CASE("polled as it asks for, hosts export at times of their own, each within every period") {
    std::set<std::int64_t> seconds_of_a_period;
    for (int n = 0; n < 40; ++n) {
        stepped_clock::wall = 1'700'000'000;
        backends::host host{"web-" + std::to_string(n)};
        host.add("c", {"d"});
        backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                           backends::host, stepped>
            e{host};
        const instant until = e.poll(stepped_clock::steady);
        const std::int64_t wait = (until - stepped_clock::steady).value;
        CHECK(wait > 0);
        CHECK(wait <= backends::nanoseconds{seconds{10}}.value);
        seconds_of_a_period.insert(wait / 1'000'000'000);
        e.poll(until);
        CHECK(e.counters().ticks == 1);
        CHECK(e.poll(until) == until + seconds{10});
    }
    CHECK(seconds_of_a_period.size() >= 8);
}

TEST_CASE("polled at the end of time it returns, whatever its receiver does") {
    for (const bool refuses : {false, true}) {
        exported<backends::sum> e;
        e.peer->with([&](auto& peer) { peer.refuses = refuses; });
        auto& chart = e.host.add("c", {"d"});
        REQUIRE(chart.record(1'700'000'001, {1.0}));
        for (int n = 0; n < 3; ++n) {
            e.exporter.poll(instant::never());
        }
        CHECK(e.exporter.counters().ticks == 1);
        CHECK(e.exporter.counters().samples == 1);
        CHECK(e.exporter.counters().balanced());
        REQUIRE(chart.record(1'700'000'002, {1.0}));
        e.exporter.request_stop(seconds{1});
        e.exporter.poll(instant::never());
        CHECK(e.exporter.finished());
    }
}

TEST_CASE("what a cycle counts it tells, once a chart and cycle") {
    struct told {
        std::vector<std::string>* events;
        void on_overrun(std::string_view id, std::uint64_t n) noexcept {
            events->push_back("overrun " + std::string{id} + " " + std::to_string(n));
        }
        void on_not_finite(std::string_view id, std::uint64_t n) noexcept {
            events->push_back("not finite " + std::string{id} + " " + std::to_string(n));
        }
        void on_missed_ticks(std::uint64_t n) noexcept {
            events->push_back("missed " + std::to_string(n));
        }
        void on_stamp_step(seconds by) noexcept {
            events->push_back("step " + std::to_string(by.value));
        }
    };
    struct policies : stepped {
        using observer = told;
    };
    using small_host = backends::basic_host<backends::double_cell, 8>;
    for (const bool align : {true, false}) {
        stepped_clock::wall = 1'700'000'000;
        std::vector<std::string> events;
        small_host host{"h"};
        auto& a = host.add("a", {"x", "y"});
        auto& b = host.add("b", {"x"});
        backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                           small_host, policies>
            e{host, {.align = align, .self_monitoring = false}, backends::memory{}, told{&events}};
        e.poll(stepped_clock::steady);
        const auto pass = [&](std::int64_t n) {
            stepped_clock::steady = stepped_clock::steady + seconds{n};
            stepped_clock::wall += n;
            e.poll(stepped_clock::steady);
        };
        for (int i = 1; i <= 10; ++i) {
            static_cast<void>(a.record(1'700'000'000 + i, {1.0, 1.0}));
            static_cast<void>(b.record(1'700'000'000 + i, {1.7e308}));
        }
        pass(10);
        using list = std::vector<std::string>;
        CHECK(events == list{"overrun a 4", "overrun b 2", "not finite b 1"});
        events.clear();
        pass(10);
        CHECK(events.empty());
        pass(30);
        CHECK(events == list{"missed 2"});
        events.clear();
        stepped_clock::wall += 3600;
        pass(10);
        CHECK(events == list{"step 3600"});
        CHECK(e.counters().stamp_steps == 1);
        CHECK(e.counters().overrun == 6);
        CHECK(e.counters().not_finite == 1);
    }
}

/// Charts that are 330 KB of lines.
template <class Exported>
std::vector<backends::host::chart_type*> add_many(Exported& e) {
    std::vector<backends::new_dimension> names;
    for (int i = 0; i < 100; ++i) {
        names.push_back({"dimension_" + std::to_string(i)});
    }
    std::vector<backends::host::chart_type*> charts;
    for (int i = 0; i < 60; ++i) {
        charts.push_back(&e.host.add("chart_" + std::to_string(i), names));
    }
    return charts;
}

TEST_CASE("a cycle asks the system nothing between its slices while there is room in flight") {
    exported<backends::average, stepped, memory_asked> e{
        {.queue_bytes = std::size_t{4} << 20U, .unacknowledged_bytes = std::size_t{4} << 20U}};
    const auto charts = add_many(e);
    const std::vector<double> row(charts.front()->width(), 1.0);
    e.after(10);  // connects
    const auto asked_in_a_cycle = [&](std::size_t size, std::int64_t at) {
        for (std::size_t i = 0; i < size; ++i) {
            REQUIRE(charts[i]->record(at, row));
        }
        memory_asked::questions = memory_asked::writes = 0;
        e.after(10);
        return memory_asked::questions;
    };
    const int of_one_chart = asked_in_a_cycle(1, 1'700'000'011);
    CHECK(memory_asked::writes == 1);
    CHECK(asked_in_a_cycle(charts.size(), 1'700'000'021) == of_one_chart);
    CHECK(memory_asked::writes > 3);
    CHECK(e.exporter.counters().accepted == e.exporter.counters().confirmed);
}

/// Three cycles of 330 KB of lines, to a receiver that reads at once.
template <class Policies, class Transport>
backends::counters after_three_cycles(std::size_t queue_kib, std::size_t unacknowledged_kib) {
    exported<backends::average, Policies, Transport> e{
        {.queue_bytes = queue_kib << 10U, .unacknowledged_bytes = unacknowledged_kib << 10U}};
    const auto charts = add_many(e);
    e.after(10);  // connects
    for (int cycle = 0; cycle < 3; ++cycle) {
        for (auto* chart : charts) {
            REQUIRE(
                chart->record(stepped_clock::wall + 1, std::vector<double>(chart->width(), 1.0)));
        }
        e.after(10);
    }
    e.after(1);
    return e.exporter.counters();
}

TEMPLATE_TEST_CASE(
    "a cycle of more bytes than the queue holds loses nothing to a receiver that keeps up", "",
    backends::memory, memory_of_late_acknowledgements) {
    using sizes = std::pair<std::size_t, std::size_t>;
    for (const auto& [queue, unacknowledged] :
         {sizes{64, 32}, sizes{64, 256}, sizes{256, 256}, sizes{300, 256}, sizes{256, 1024}}) {
        const auto c = after_three_cycles<stepped, TestType>(queue, unacknowledged);
        INFO(queue << " KiB of queue, " << unacknowledged << " KiB unacknowledged");
        CHECK(c.accepted.bytes > 900'000);
        CHECK(c.accepted == c.confirmed);
        CHECK(c.lost() == backends::amount{});
    }
}

TEST_CASE("a cycle larger than the queue loses nothing either where lines are kept for a replay") {
    const auto c = after_three_cycles<replays, backends::memory>(256, 128);
    CHECK(c.lost() == backends::amount{});
    CHECK(c.queued == backends::amount{});
}

TEST_CASE("the last lines of a cycle do not wait when the peer has acknowledged all before them") {
    exported<backends::average> e{
        {.queue_bytes = std::size_t{4} << 20U, .unacknowledged_bytes = std::size_t{256} << 10U}};
    const auto charts = add_many(e);
    e.after(10);  // connects
    for (auto* chart : charts) {
        REQUIRE(chart->record(1'700'000'011, std::vector<double>(chart->width(), 1.0)));
    }
    e.after(10);  // time stands still until it returns
    CHECK(e.exporter.counters().accepted.bytes > std::size_t{256} << 10U);
    CHECK(e.exporter.counters().confirmed == e.exporter.counters().accepted);
}

TEST_CASE("charts may be added while the exporter runs") {
    exported<backends::sum> e;
    e.after(10);
    REQUIRE(e.host.add("late", {"x"}).record(1'700'000'011, {7.0}));
    e.after(10);
    CHECK(e.received() == "netdata.web-1.late.x 7.0000000 1700000020\n");
}

TEST_CASE("a fused source sends one line for each of its reductions") {
    exported<backends::fused<backends::average, backends::maximum>> e;
    auto& queue = e.host.add("q", {"depth"});
    REQUIRE(queue.record(1'700'000'001, {1.0}));
    REQUIRE(queue.record(1'700'000'002, {2.0}));
    e.after(10);
    CHECK(e.received() ==
          "netdata.web-1.q.depth.average 1.5000000 1700000010\n"
          "netdata.web-1.q.depth.maximum 2.0000000 1700000010\n");
}

TEST_CASE("collected integers keep their 64 bits and their own time") {
    exported<backends::as_collected> e;
    auto& counter =
        e.host.add<std::uint64_t>("net", {"in", "out"}, {.algorithm = backends::incremental});
    REQUIRE(counter.record(1'700'000'007,
                           {std::uint64_t{18'446'744'073'709'551'615U}, std::uint64_t{1}}));
    e.after(10);
    CHECK(e.received() ==
          "netdata.web-1.net.in 18446744073709551615 1700000007\n"
          "netdata.web-1.net.out 1 1700000007\n");
    e.after(10);
    CHECK(e.exporter.counters().accepted.lines == 2);
}

TEST_CASE("values that are not finite stay off the wire, counted") {
    exported<backends::sum> e;
    auto& queue = e.host.add("q", {"x"});
    REQUIRE(queue.record(1'700'000'001, {1.7e308}));
    REQUIRE(queue.record(1'700'000'002, {1.7e308}));
    e.after(10);
    CHECK(e.received().empty());
    CHECK(e.exporter.counters().not_finite == 1);
}

TEST_CASE("the exporter's own counters arrive as charts, under the prefix") {
    const auto peer = std::make_shared<backends::memory_peer>();
    backends::host host{"web-1"};
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                       backends::host, stepped>
        e{host, {.prefix = "shop"}, backends::memory{peer}};
    auto& queue = host.add("q", {"x"});
    e.poll(stepped_clock::steady);
    for (int i = 0; i < 2; ++i) {
        REQUIRE(queue.record(stepped_clock::wall + 5, {1.0}));
        stepped_clock::steady = stepped_clock::steady + seconds{10};
        stepped_clock::wall += 10;
        e.poll(stepped_clock::steady);
    }
    const std::string got = peer->received();
    for (const char* name : {"metrics.buffered", "metrics.lost", "metrics.sent", "bytes.received",
                             "ops.write", "ops.discard", "ops.reconnect", "ops.failure", "ops.read",
                             "thread_cpu.user", "thread_cpu.system"}) {
        INFO(name);
        CHECK(got.find(std::string{"shop.web-1.shop.backend_"} + name + " ") != std::string::npos);
    }
    CHECK(got.find("shop.web-1.shop.backend_metrics.buffered 1.0000000 ") != std::string::npos);
}

TEST_CASE(
    "merged names are counted as often as they are told, with and without charts of its own") {
    struct sees_merged {
        int* told;
        void on_merged_name(std::string_view, std::string_view) noexcept { ++*told; }
    };
    struct policies : stepped {
        using observer = sees_merged;
    };
    for (const bool own : {false, true}) {
        backends::host host{"h"};
        host.add("a b", {"d"});
        host.add("a/b", {"d", "e"});
        int told = 0;
        backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                           backends::host, policies>
            e{host, {.self_monitoring = own}, backends::memory{}, sees_merged{&told}};
        e.poll(stepped_clock::steady);
        host.add("a_b", {"d"});
        e.poll(stepped_clock::steady + seconds{11});
        CHECK(told == 2);
        CHECK(e.counters().merged_names == 2);
    }
}

TEST_CASE("without a prefix lines begin with the host, the exporter's own charts with their name") {
    exported<backends::sum> e{{.prefix = ""}};
    REQUIRE(e.host.add("q", {"x"}).record(stepped_clock::wall + 5, {1.0}));
    e.after(10);
    CHECK(e.received().starts_with("web-1.q.x 1.0000000 "));
    const auto peer = std::make_shared<backends::memory_peer>();
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                       backends::host, stepped>
        own{e.host, {.prefix = ""}, backends::memory{peer}};
    own.poll(stepped_clock::steady);
    own.poll(stepped_clock::steady + seconds{10});
    CHECK(peer->received().find("web-1.backend_metrics.sent ") != std::string::npos);
}

TEST_CASE("a series that the format cannot express is refused and counted, the others go on") {
    exported<backends::sum> e;
    REQUIRE(e.host.add(std::string(70'000, 'x'), {"a"}).record(1'700'000'001, {1.0}));
    REQUIRE(e.host.add("fine", {"a"}).record(1'700'000'001, {1.0}));
    e.after(10);
    CHECK(e.received() == "netdata.web-1.fine.a 1.0000000 1700000010\n");
    CHECK(e.exporter.counters().refused_series == 1);
}

TEST_CASE("options that cannot be used are refused before anything starts") {
    using refused = backends::config_error;
    backends::host host{"h"};
    const auto made_with = [&](options o) {
        backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory> e{host,
                                                                                            o};
    };
    CHECK_THROWS_AS(made_with({.destination = "[::1]junk"}), refused);
    CHECK_THROWS_AS(made_with({.destination = "a:70000"}), refused);
    CHECK_THROWS_AS(made_with({.destination = " , "}), refused);
    CHECK_THROWS_AS(made_with({.update_every = seconds{0}}), refused);
    CHECK_THROWS_AS(made_with({.buffer_on_failures = 0}), refused);
    CHECK_THROWS_AS(made_with({.prefix = std::string(5000, 'p')}), refused);
}

TEST_CASE("the observer is told of every line that is given up, whenever that happens") {
    drops_seen = {};
    exported<backends::average, watched> e{{.buffer_on_failures = 1, .max_age = seconds{25}}};
    e.peer->with([](auto& peer) { peer.refuses = true; });
    auto& chart = e.host.add("c", {"d"});
    for (int i = 1; i <= 4; ++i) {  // a batch too many each time
        REQUIRE(chart.record(1'700'000'000 + i, {1.0}));
        e.after(10);
    }
    e.after(30);  // the last batch is too old
    REQUIRE(chart.record(1'700'000'100, {1.0}));
    e.exporter.request_stop(seconds{0});
    e.after(0);
    const auto c = e.exporter.counters();
    CHECK(c.lost().lines == 5);
    CHECK(drops_seen == c.dropped);
    CHECK(drops_seen[static_cast<std::size_t>(backends::drop_reason::overflow)].lines == 3);
    CHECK(drops_seen[static_cast<std::size_t>(backends::drop_reason::expired)].lines == 1);
    CHECK(drops_seen[static_cast<std::size_t>(backends::drop_reason::shutdown)].lines == 1);
}

TEST_CASE("a stop exports what was removed, and under a time of its own what has its id now") {
    exported<backends::sum> e;
    for (const double value : {1.0, 2.0, 4.0}) {
        auto& old = e.host.add("c", {"d"});
        REQUIRE(old.record(1'700'000'000, {value}));
        e.host.remove(old);
    }
    e.exporter.request_stop(seconds{1});
    e.after(0);
    e.after(0);
    std::map<std::string, std::string> value_at;
    std::istringstream lines{e.peer->received()};
    for (std::string name, value, at; lines >> name >> value >> at;) {
        CHECK(value_at.emplace(at, value).second);
    }
    REQUIRE(value_at.size() == 3);
    CHECK(value_at.begin()->second == "1.0000000");
    CHECK(value_at.rbegin()->second == "4.0000000");
    CHECK(e.exporter.counters().merged_names == 0);
}

TEST_CASE("an exporter that leaves the rest to another one exports what was removed itself") {
    for (const bool removes : {false, true}) {
        exported<backends::sum> e;
        auto& gone = e.host.add("gone", {"d"});
        REQUIRE(gone.record(1'700'000'000, {1.0}));
        if (removes) {
            e.host.remove(gone);
        }
        e.exporter.skip_last_cycle();
        e.exporter.request_stop(seconds{1});
        e.after(0);
        e.after(0);
        CHECK(e.peer->received().empty() != removes);
    }
}

TEST_CASE("a stop brings itself forward when less time is asked for") {
    exported<backends::sum> e;
    auto& chart = e.host.add("c", {"d"});
    e.peer->with([](auto& p) { p.refuses = true; });
    static_cast<void>(chart.record(stepped_clock::wall + 1, {1.0}));
    CHECK_FALSE(e.exporter.request_stop(seconds{100}));
    e.after(1);
    CHECK_FALSE(e.exporter.finished());
    CHECK_FALSE(e.exporter.request_stop(seconds{3}));
    CHECK_FALSE(e.exporter.request_stop(seconds{50}));  // the earliest counts
    e.after(2);
    CHECK_FALSE(e.exporter.finished());
    e.after(1);
    CHECK(e.exporter.finished());
    CHECK(e.exporter.request_stop(seconds{1}) == backends::errc::stopped);
    CHECK(e.exporter.counters().lost().lines == 1);
}

TEST_CASE("a step looks at the time again, however much a receiver takes") {
    constexpr std::size_t most = std::size_t{4} << 20U;
    exported<backends::average> e{
        {.buffer_on_failures = 100, .queue_bytes = std::size_t{16} << 20U}};
    const auto charts = add_many(e);
    e.peer->with([](auto& p) { p.refuses = true; });
    for (std::int64_t cycle = 0; cycle < 40; ++cycle) {
        for (auto* chart : charts) {
            static_cast<void>(
                chart->record(stepped_clock::wall + 1, std::vector<double>(chart->width(), 1.0)));
        }
        stepped_clock::wall += 10;
        stepped_clock::steady = stepped_clock::steady + seconds{10};
        e.exporter.poll(stepped_clock::steady);
    }
    REQUIRE(e.exporter.counters().queued.bytes > 2 * most);
    e.peer->with([](auto& p) { p.refuses = false; });
    std::uint64_t sent = 0;
    for (int steps = 0; e.exporter.counters().queued.bytes != 0; ++steps) {
        REQUIRE(steps < 100);
        const instant until = e.exporter.poll(stepped_clock::steady);
        const std::uint64_t now = e.exporter.counters().sent_bytes;
        CHECK(now - sent < most + (std::size_t{1} << 20U));
        if (now == sent) {
            stepped_clock::steady = stepped_clock::steady + seconds{1};  // it backs off
        } else {
            CHECK((until <= stepped_clock::steady || e.exporter.counters().queued.bytes == 0));
        }
        sent = now;
    }
}

TEST_CASE(
    "an exporter that was never driven is gone at once, and says that nothing was delivered") {
    exported<backends::sum> e;
    backends::host host{"h"};
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory> idle{host};
    const backends::stop_result end = idle.stop();
    CHECK(end.error == backends::errc::not_driven);
    CHECK(end.counters.accepted == backends::amount{});
    CHECK_FALSE(end.complete());  // whatever was recorded, no line was made of it
}

namespace {

struct told {
    std::string chart;
    std::uint64_t refused;
    std::uint64_t steps;
    friend bool operator==(const told&, const told&) = default;
};
std::vector<told> told_of_charts;

struct listens_to_charts {
    static void on_refused_rows(std::string_view chart, std::uint64_t rows) noexcept {
        told_of_charts.push_back({std::string{chart}, rows, 0});
    }
    static void on_clock_steps(std::string_view chart, std::uint64_t times) noexcept {
        told_of_charts.push_back({std::string{chart}, 0, times});
    }
    static void on_folded(std::string_view family, std::uint64_t times) noexcept {
        told_of_charts.push_back({"family " + std::string{family}, times, 0});
    }
    static void on_not_finite(std::string_view chart, std::uint64_t values) noexcept {
        told_of_charts.push_back({"not finite: " + std::string{chart}, values, 0});
    }
    static void on_merged_name(std::string_view chart, std::string_view) noexcept {
        told_of_charts.push_back({"merged: " + std::string{chart}, 0, 0});
    }
};
struct listening : stepped {
    using observer = listens_to_charts;
};

/// With charts of its own.
struct monitored {
    monitored() {
        stepped_clock::wall = 1'700'000'000;
        exporter.poll(stepped_clock::steady);
    }
    void pass(int n) {
        for (; n != 0; --n) {
            stepped_clock::steady = stepped_clock::steady + seconds{1};
            ++stepped_clock::wall;
            exporter.poll(stepped_clock::steady);
        }
    }

    backends::host host{"web-1"};
    std::shared_ptr<backends::memory_peer> peer = std::make_shared<backends::memory_peer>();
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::memory,
                       backends::host, listening>
        exporter{host, {.prefix = "p", .update_every = seconds{10}}, backends::memory{peer}};
};

}  // namespace

TEST_CASE("rows that charts refuse are counted, told once a chart and cycle, and exported") {
    told_of_charts.clear();
    monitored e;
    auto& a = e.host.add("a", {"d"});
    auto& b = e.host.add("b", {"d"});
    const backends::unix_seconds start = stepped_clock::wall;
    REQUIRE(a.record(start, {1.0}));
    REQUIRE_FALSE(a.record(start, {1.0}));
    REQUIRE_FALSE(a.record(start - 1, {1.0}));
    REQUIRE(b.record(start, {1.0}));
    REQUIRE(b.record(start - 3600, {1.0}));
    REQUIRE_FALSE(b.record(start - 3600, {1.0}));
    e.pass(20);
    CHECK(told_of_charts == std::vector<told>{{"a", 2, 0}, {"b", 1, 0}, {"b", 0, 1}});
    CHECK(e.exporter.counters().refused_rows == 3);
    CHECK(e.exporter.counters().clock_steps == 1);
    CHECK(e.exporter.counters().samples >= 3);
    e.pass(20);
    CHECK(told_of_charts.size() == 3);
    REQUIRE_FALSE(b.record(start - 3600, {1.0}));
    e.pass(20);
    CHECK(told_of_charts.size() == 4);
    CHECK(e.exporter.counters().refused_rows == 4);
    const std::string received = e.peer->received();
    CHECK(received.find("p.backend_rows.refused 3.0000000") != std::string::npos);
    CHECK(received.find("p.backend_rows.clock_steps 1.0000000") != std::string::npos);
}

TEST_CASE("what a family folds is counted, told once a cycle, and exported") {
    told_of_charts.clear();
    monitored e;
    using family = backends::family<backends::counter, "x">;
    auto by = std::make_unique<family>(e.host, "by", backends::family_options{.most = 1});
    family roomy{e.host, "roomy"};
    family full{e.host, "full", {.most = 0}};
    by->at(1)->add();
    roomy.at(1)->add();
    e.pass(20);
    CHECK(told_of_charts.empty());
    full.at(1)->add();
    e.pass(10);
    CHECK(told_of_charts == std::vector<told>{{"family full", 1, 0}});
    told_of_charts.clear();
    by->at(2)->add();
    by->at(3)->add();
    e.pass(10);
    CHECK(told_of_charts == std::vector<told>{{"family by", 2, 0}});
    CHECK(e.exporter.counters().folded == 3);
    e.pass(10);
    CHECK(told_of_charts.size() == 1);
    CHECK(e.peer->received().find("p.backend_rows.folded 2.0000000") != std::string::npos);

    by->at(4)->add();
    by.reset();  // what it folded since the last cycle is told of those that have ended
    family other{e.host, "by", {.most = 0}};
    other.at(1)->add();
    e.pass(10);
    CHECK(told_of_charts ==
          std::vector<told>{{"family by", 2, 0}, {"family ", 1, 0}, {"family by", 1, 0}});
    CHECK(e.exporter.counters().folded == 5);
    e.pass(20);
    CHECK(told_of_charts.size() == 3);
}

TEST_CASE("the observer hears the labels of a chart besides its id") {
    told_of_charts.clear();
    monitored e;
    auto& chart = e.host.add("c", {"d"}, {.labels = {{"b", "2"}, {"a", "1"}}});
    REQUIRE(chart.record(stepped_clock::wall, {1.0}));
    REQUIRE_FALSE(chart.record(stepped_clock::wall, {1.0}));
    auto& latency = e.host.instrument<backends::histogram<>>("h", {.labels = {{"a", "1"}}});
    latency.record(std::numeric_limits<double>::quiet_NaN());
    e.host.add("m?", {"d"}, {.labels = {{"a", "1"}}});
    e.host.add("m!", {"d"}, {.labels = {{"a", "1"}}});
    e.pass(20);
    CHECK(told_of_charts == std::vector<told>{{"merged: m!;a=1", 0, 0},
                                              {"c;a=1;b=2", 1, 0},
                                              {"not finite: h;a=1", 1, 0}});
}

TEST_CASE("the exporter's own charts go on when the clock is set") {
    for (const std::int64_t step : {-15L * 31'557'600, -3600L, -25L, 3600L, 31'557'600L}) {
        INFO("by " << step << " s");
        monitored e;
        e.pass(100);
        stepped_clock::wall += step;
        e.peer->with([](auto& p) { p.received.clear(); });
        e.pass(600);
        std::size_t lines = 0;
        const std::string received = e.peer->received();
        for (std::size_t at = 0;
             (at = received.find("p.backend_ops.write ", at)) != std::string::npos; ++at) {
            ++lines;
        }
        CHECK(lines >= 55);
        CHECK(lines <= 61);
    }
}
