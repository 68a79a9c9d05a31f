// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/positions.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace backends;
using test::stepped_clock;

namespace {

struct stepped : default_policies {
    using clock = stepped_clock;
    using observer = no_observer;
};

template <class Source, class Format = graphite_plaintext, class Host = host>
using exporter_of = exporter<Source, Format, memory, Host, stepped>;

void pass(std::int64_t n) {
    stepped_clock::steady = stepped_clock::steady + seconds{n};
    stepped_clock::wall += n;
}

template <class Exporter>
void end(Exporter& e) {
    e.request_stop(seconds{1});
    while (!e.finished()) {
        e.poll(stepped_clock::steady);
    }
}

struct line {
    std::string name;
    double value;
    unix_seconds at;
};

/// Graphite's or OpenTSDB's.
std::vector<line> lines_in(const std::string& text) {
    std::vector<line> all;
    std::istringstream in{text};
    for (std::string one; std::getline(in, one);) {
        std::istringstream words{one};
        line l;
        words >> l.name;
        if (l.name == "put") {
            words >> l.name >> l.at >> l.value;
        } else {
            words >> l.value >> l.at;
        }
        all.push_back(l);
    }
    return all;
}

/// Keeps an hour.
using long_host = basic_host<double_cell, 3600>;

/// What an exporter that is made now, on a host with a past, sends of it in its first cycle.
template <class Source>
std::string first_lines(long_host& h, begin_at where) {
    const auto peer = std::make_shared<memory_peer>();
    exporter_of<Source, graphite_plaintext, long_host> e{
        h, {.prefix = "p", .align = false, .begin = where, .self_monitoring = false}, memory{peer}};
    e.poll(stepped_clock::steady);
    pass(10);
    e.poll(stepped_clock::steady);
    end(e);
    CHECK(e.counters().overrun == 0);
    return peer->received();
}

}  // namespace

TEST_CASE("a new exporter begins a period back at most, with all that is kept, or now") {
    stepped_clock::wall = 1'700'000'000;
    long_host h{"h"};
    auto& fast = h.add("fast", {"x"});
    auto& slow = h.add("slow", {"x"}, {.update_every = seconds{4}});
    auto& ended = h.add("ended", {"x"});
    h.add("empty", {"x"});
    for (int n = 0; n < 600; ++n) {
        pass(1);
        REQUIRE(fast.record(stepped_clock::wall, {1.0}));
        if (n % 4 == 3) {
            REQUIRE(slow.record(stepped_clock::wall, {1.0}));
        }
        if (n < 300) {
            REQUIRE(ended.record(stepped_clock::wall, {1.0}));
        }
    }
    CHECK(first_lines<sum>(h, begin_at::latest) ==
          "p.h.fast.x 10.0000000 1700000610\np.h.slow.x 3.0000000 1700000610\n");
    CHECK(first_lines<sum>(h, begin_at::oldest) ==
          "p.h.fast.x 600.0000000 1700000620\np.h.slow.x 150.0000000 1700000620\n"
          "p.h.ended.x 300.0000000 1700000620\n");
    CHECK(first_lines<sum>(h, begin_at::now).empty());
    CHECK(first_lines<as_collected>(h, begin_at::latest) ==
          "p.h.fast.x 1.0000000 1700000600\np.h.slow.x 1.0000000 1700000600\n");
    CHECK(first_lines<as_collected>(h, begin_at::oldest) ==
          "p.h.fast.x 1.0000000 1700000600\np.h.slow.x 1.0000000 1700000600\n"
          "p.h.ended.x 1.0000000 1700000300\n");
    CHECK(first_lines<as_collected>(h, begin_at::now).empty());
}

TEST_CASE("charts that come after a new exporter are exported from their beginning on") {
    stepped_clock::wall = 1'700'000'000;
    for (const begin_at where : {begin_at::latest, begin_at::oldest, begin_at::now}) {
        host h{"h"};
        const auto peer = std::make_shared<memory_peer>();
        exporter_of<sum> e{
            h, {.align = false, .begin = where, .self_monitoring = false}, memory{peer}};
        e.poll(stepped_clock::steady);
        auto& late = h.add("late", {"x"});
        for (int n = 0; n < 100; ++n) {
            pass(1);
            REQUIRE(late.record(stepped_clock::wall, {1.0}));
        }
        e.poll(stepped_clock::steady);
        CHECK(e.counters().samples == 100);
        end(e);
    }
}

namespace {

/// A host that is recorded into without end while exporters of several types come and go.
class succession {
public:
    explicit succession(unsigned seed) : random_{seed} {
        stepped_clock::wall = 1'700'000'000;
        add("a");
        add("b");
    }

    /// One exporter's life: begins where the last one ended, lives for some seconds.
    template <class Source, class Format>
    void live(bool runs_last_cycle) {
        const auto peer = std::make_shared<memory_peer>();
        options o{.destination = "receiver-" + std::to_string(below(3)),
                  .prefix = "p",
                  .hostname = "web-" + std::to_string(below(4)),
                  .update_every = seconds{2 + 4 * static_cast<std::int64_t>(below(2))},
                  .self_monitoring = below(2) == 0};
        exporter_of<Source, Format> e{host_, positions_, o, memory{peer}};
        e.poll(stepped_clock::steady);
        for (std::size_t n = below(20); n != 0; --n) {
            if (below(30) == 0) {
                add("late-" + std::to_string(charts_.size()));
            }
            record();
            if (below(3) != 0) {
                e.poll(stepped_clock::steady);
            }
        }
        if (!runs_last_cycle) {
            e.skip_last_cycle();
        }
        end(e);
        positions_ = e.positions();
        CHECK(e.counters().overrun == 0);
        account<Source>(lines_in(peer->received()), runs_last_cycle);
    }

    void ends_with_everything_exported() {
        live<sum, graphite_plaintext>(true);
        for (const one& c : charts_) {
            INFO(c.id);
            CHECK(c.pending == 0);
            CHECK(c.recorded > 0);
        }
    }

private:
    struct one {
        std::string id;
        chart* to;
        unix_seconds last = 0;
        std::uint64_t recorded = 0;
        double pending = 0;  // samples that no line has had
    };

    std::size_t below(std::size_t n) { return random_() % n; }

    void add(const std::string& id) { charts_.push_back({id, &host_.add(id, {"x"})}); }
    void record() {
        pass(1);
        for (one& c : charts_) {
            if (below(8) != 0) {
                CHECK(c.to->record(stepped_clock::wall, {1.0}));
                c.last = stepped_clock::wall;
                ++c.recorded;
                c.pending += 1;
            }
        }
    }

    template <class Source>
    void account(const std::vector<line>& lines, bool all) {
        std::map<std::string, unix_seconds> last;
        for (const line& l : lines) {
            for (one& c : charts_) {
                if (l.name.find("." + c.id + ".x") == std::string::npos) {
                    continue;
                }
                if (std::is_same_v<Source, as_collected>) {
                    CHECK(collected_.insert({c.id, l.at}).second);  // no collection twice
                    last[c.id] = l.at;
                } else {
                    c.pending -= l.value;
                }
            }
        }
        for (one& c : charts_) {
            INFO(c.id);
            if (std::is_same_v<Source, as_collected>) {  // has skipped none that was its last
                CHECK((c.pending == 0 || last[c.id] == c.last));
                c.pending = 0;
            }
            CHECK(c.pending >= 0);
            CHECK((!all || c.pending == 0));
        }
    }

    std::mt19937 random_;
    host host_{"h"};
    std::vector<one> charts_;
    std::set<std::pair<std::string, unix_seconds>> collected_;
    chart_positions positions_;
};

}  // namespace

TEST_CASE("exporters that are replaced at random moments send every sample once") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        succession s{seed};
        std::mt19937 random{seed};
        for (int n = 0; n < 100; ++n) {
            const bool runs_last_cycle = random() % 2 == 0;
            switch (random() % 4) {
                case 0: s.live<sum, graphite_plaintext>(runs_last_cycle); break;
                case 1: s.live<sum, opentsdb_telnet>(runs_last_cycle); break;
                case 2: s.live<as_collected, graphite_plaintext>(true); break;
                case 3: s.live<as_collected, opentsdb_telnet>(true); break;
            }
        }
        s.ends_with_everything_exported();
    }
}

TEST_CASE("what is overwritten between two exporters is counted by the second") {
    using small_host = basic_host<double_cell, 16>;
    stepped_clock::wall = 1'700'000'000;
    small_host h{"h"};
    auto& c = h.add("c", {"x", "y"});
    const auto record = [&](int rows) {
        for (int n = 0; n < rows; ++n) {
            pass(1);
            c.set(0, 1.0);
            if (n % 2 == 0) {
                c.set(1, 1.0);
            }
            CHECK(c.commit(stepped_clock::wall));
        }
    };
    chart_positions positions;
    record(10);
    {
        exporter_of<sum, graphite_plaintext, small_host> e{
            h, {.begin = begin_at::oldest, .self_monitoring = false}};
        e.poll(stepped_clock::steady);
        end(e);
        CHECK(e.counters().samples == 15);
        positions = e.positions();
        CHECK(positions.size() == 1);
        CHECK(positions.of("c").samples == 15);
    }
    record(20);
    exporter_of<average, graphite_plaintext, small_host> e{
        h, positions, {.self_monitoring = false}};
    e.poll(stepped_clock::steady);
    end(e);
    CHECK(e.counters().samples == 16 + 8);
    CHECK(e.counters().overrun == 30 - 24);
}

TEST_CASE("a successor takes no stamp that its predecessor gave") {
    stepped_clock::wall = 1'700'000'003;
    host h{"h"};
    auto& c = h.add("c", {"x"});
    chart_positions positions;
    std::set<unix_seconds> stamps;
    std::size_t lines = 0;
    for (int n = 0; n < 50; ++n) {
        const auto peer = std::make_shared<memory_peer>();
        exporter_of<sum> e{h, positions, {.self_monitoring = false}, memory{peer}};
        e.poll(stepped_clock::steady);
        for (int i = 0; i < 1 + n % 17; ++i) {
            pass(1);
            CHECK(c.record(stepped_clock::wall, {1.0}));
            e.poll(stepped_clock::steady);
        }
        if (n % 3 != 0) {  // a last cycle has a stamp of its own, which may be the next period's
            e.skip_last_cycle();
        }
        end(e);
        positions = e.positions();
        for (const line& l : lines_in(peer->received())) {
            CHECK(l.at % 10 == 0);
            CHECK(l.at <= stepped_clock::wall + 20);
            stamps.insert(l.at);
            ++lines;
        }
    }
    CHECK(stamps.size() == lines);
    CHECK(lines > 20);
}

TEST_CASE("positions that a chart never had are another chart's") {
    stepped_clock::wall = 1'700'000'000;
    host h{"h"};
    auto& c = h.add("c", {"x"});
    pass(1);
    REQUIRE(c.record(stepped_clock::wall, {1.0}));
    for (const chart_position wrong :
         {chart_position{INT64_MAX, 1}, chart_position{c.recorded().kept.end, 1000}}) {
        chart_positions positions;
        positions.set("c", wrong);
        exporter_of<sum> e{h, positions, {.self_monitoring = false}};
        e.poll(stepped_clock::steady);
        end(e);
        CHECK(e.counters().samples == 1);
        CHECK(e.counters().overrun == 0);
    }
}

TEST_CASE("a chart that has the id of one that was removed begins at its own beginning") {
    stepped_clock::wall = 1'700'000'000;
    host h{"h"};
    auto* c = &h.add("c", {"x"});
    const auto record = [&](int rows) {
        for (int n = 0; n < rows; ++n) {
            pass(1);
            CHECK(c->record(stepped_clock::wall, {1.0}));
        }
    };
    exporter_of<sum> old{h, {.update_every = seconds{60}, .self_monitoring = false}};
    old.poll(stepped_clock::steady);
    record(5);
    pass(60);
    old.poll(stepped_clock::steady);
    CHECK(old.counters().samples == 5);
    h.remove(*c);
    c = &h.add("c", {"x"});
    record(9);
    old.skip_last_cycle();
    end(old);
    exporter_of<sum> next{h, old.positions(), {.self_monitoring = false}};
    next.poll(stepped_clock::steady);
    end(next);
    CHECK(old.counters().samples + next.counters().samples == 5 + 9);

    chart_positions positions;
    positions.set("c", {5, 5}, c);
    CHECK(positions.of("c", c).next == 5);
    CHECK(positions.of("c").next == 5);
    CHECK(positions.of("c", &h).next == chart_position{}.next);

    const std::string labels = detail::pack({{"a", "1"}});
    positions.set("c", {7, 7}, nullptr, label_list{labels});
    CHECK(positions.of("c", c).next == 5);
    CHECK(positions.of("c", nullptr, label_list{labels}).next == 7);
}

TEST_CASE("a reload goes on where the old configuration ended") {
    host h{"h"};
    auto& c = h.add("c", {"x"});
    exporter<average, graphite_plaintext, memory> old{h, {.self_monitoring = false}};
    old.poll(system_clock::steady_now());
    for (unix_seconds at = 1'700'000'000; at < 1'700'000'030; ++at) {
        CHECK(c.record(at, {1.0}));
    }
    const options changed{.hostname = "web-2", .self_monitoring = false};
    //! [successor]
    old.skip_last_cycle();  // what no cycle has had is the successor's
    old.stop(seconds{1});   // delivers what is queued
    exporter<sum, opentsdb_telnet, memory> next{h, old.positions(), changed};
    //! [successor]
    next.poll(system_clock::steady_now());
    next.stop(seconds{1});
    const exporter<sum, opentsdb_telnet, memory> another{h, {}};  // options, not positions
    CHECK(another.settings().prefix == options{}.prefix);
    CHECK(old.counters().samples == 0);
    CHECK(next.counters().samples == 30);
}
