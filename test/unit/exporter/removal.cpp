// SPDX-License-Identifier: BSL-1.0
//
// Charts that come and go while cycles of different periods walk them: every sample is in exactly
// one line of each, and what a chart took is free afterwards.
#include <backends/exporter/cycle.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/monitor/process.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/family.hpp>
#include <backends/storage/host.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "catch.hpp"
#include "support/allocation_count.hpp"
#include "support/sanitizers.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace backends;

namespace {

using host_type = basic_host<packed_cell, 64>;
using chart_type = host_type::chart_type;

struct lines_taken {
    std::string text;
    std::size_t used = 0;
    [[nodiscard]] bool fits(std::size_t) const noexcept { return true; }
    char* reserve(std::size_t n) {
        text.resize(used + n);
        return text.data() + used;
    }
    void commit(std::size_t bytes, std::size_t) { used += bytes; }
    void refuse(std::size_t, std::size_t) { FAIL("there is room for every line"); }
};

/// An exporter without delivery.
class exporting {
public:
    explicit exporting(const host_type& host) : host_{host} { follow(); }

    void follow() { lines_.follow(host_, nobody_, count_); }
    void run(unix_seconds at) {
        follow();
        lines_taken taken;
        lines_.run(at, taken, count_);
        std::set<std::string> names;
        for (std::size_t begin = 0; begin < taken.used;) {
            const std::size_t value = taken.text.find(' ', begin);
            const std::string name = taken.text.substr(begin, value - begin);
            exported[name] += std::strtod(taken.text.c_str() + value, nullptr);
            // Of two values of a name and a time a receiver keeps one.
            REQUIRE((may_have_twins || names.insert(name).second));
            begin = taken.text.find('\n', begin) + 1;
        }
    }
    /// As a stop does.
    void finish(unix_seconds at) {
        do {
            run(at++);
        } while (lines_.has_successors());
    }

    std::map<std::string, double> exported;
    bool may_have_twins = false;
    [[nodiscard]] const cycle_counters& counters() const { return count_; }
    [[nodiscard]] std::size_t text_bytes() const { return lines_.text_bytes(); }

private:
    const host_type& host_;
    cycle<sum, graphite_plaintext, host_type> lines_{identity{"p", host_.hostname(), {}}};
    no_observer nobody_;
    cycle_counters count_;
};

/// The sums of what was recorded into charts, by series.
class recording {
public:
    void record(chart_type& chart, unix_seconds at, std::mt19937& random) {
        for (std::size_t i = 0; i < chart.width(); ++i) {
            const double v = static_cast<double>(random() % 1000);
            chart.set(i, v);
            all["p.h." + std::string{chart.id()} + "." + std::string{chart.dimension(i).id}] += v;
        }
        REQUIRE(chart.commit(at));
        newest_[&chart] = at;
    }
    /// A chart takes one row a slot.
    [[nodiscard]] bool takes(const chart_type& chart, unix_seconds at) const {
        const auto found = newest_.find(&chart);
        return found == newest_.end() || found->second < at;
    }
    std::map<std::string, double> all;

private:
    std::map<const chart_type*, unix_seconds> newest_;
};

}  // namespace

TEST_CASE("whatever comes and goes, two exporters of different periods have each sample once") {
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        std::mt19937 random{seed};
        host_type host{"h"};
        exporting often{host};
        exporting seldom{host};
        std::optional<exporting> visitor;  // comes, looks, and goes: nobody may wait for it
        recording recorded;
        std::vector<chart_type*> charts;
        std::vector<std::pair<boost::intrusive_ptr<chart_type>, int>> held;
        const bool holds = seed % 3 == 2;
        often.may_have_twins = seldom.may_have_twins = holds;
        for (int step = 0; step < 1'500; ++step) {
            const unix_seconds now = 1'700'000'000 + step;
            const bool grows = step / 300 % 2 == 0;
            for (auto n = random() % 4; n != 0; --n) {
                if (random() % 8 < (grows ? 5U : 3U)) {
                    std::vector<new_dimension> dimensions;
                    for (auto d = 1 + random() % 6; d != 0; --d) {
                        dimensions.emplace_back("d" + std::to_string(d));
                    }
                    const std::string id = "c" + std::to_string(random() % 40);
                    try {
                        charts.push_back(&host.add(id, dimensions));
                    } catch (const config_error&) {
                        continue;  // there is one
                    }
                    if (random() % 2 == 0) {
                        recorded.record(*charts.back(), now, random);
                    }
                } else if (!charts.empty()) {
                    std::swap(charts[random() % charts.size()], charts.back());
                    chart_type& gone = *charts.back();
                    charts.pop_back();
                    if (holds && random() % 3 == 0) {
                        held.emplace_back(&gone, static_cast<int>(random() % 30));
                    }
                    host.remove(gone);
                }
            }
            for (chart_type* const chart : charts) {
                if (random() % 3 == 0 && recorded.takes(*chart, now)) {
                    recorded.record(*chart, now, random);
                }
            }
            for (auto& [chart, left] : held) {
                if (recorded.takes(*chart, now)) {
                    recorded.record(*chart, now, random);
                }
                --left;
            }
            std::erase_if(held, [](const auto& one) { return one.second <= 0; });
            if (step % 3 == 0) {
                often.run(now);
            }
            if (step % 17 == 0) {
                seldom.run(now);
            }
            if (random() % 50 == 0) {
                visitor.reset();
                visitor.emplace(host);
            } else if (visitor && random() % 5 == 0) {
                visitor->follow();  // and never run
            }
        }
        held.clear();
        often.finish(1'700'002'000);
        seldom.finish(1'700'002'000);
        std::erase_if(recorded.all, [](const auto& one) { return one.second == 0; });
        for (exporting* const one : {&often, &seldom}) {
            std::erase_if(one->exported, [](const auto& each) { return each.second == 0; });
            REQUIRE(one->counters().overrun == 0);
            REQUIRE(one->exported == recorded.all);
            if (!holds) {
                REQUIRE(one->counters().merged_names == 0);
            }
        }
    }
}

TEST_CASE("after any number of charts there is as much memory as before") {
    host_type host{"h"};
    exporting often{host};
    exporting seldom{host};
    auto& stays = host.add("stays", {"a", "b"});
    unix_seconds now = 1'700'000'000;
    std::uint64_t made = 0;
    const auto come_and_go = [&](std::uint64_t charts) {
        for (std::uint64_t end = made + charts; made < end; ++now) {
            std::vector<chart_type*> some;
            for (int n = 0; n < 50; ++n) {
                some.push_back(&host.add("veth" + std::to_string(made++), {"received", "sent"}));
            }
            REQUIRE(stays.record(now, {1.0, 2.0}));
            for (chart_type* const one : some) {
                REQUIRE(one->record(now, {1.0, 2.0}));
                host.remove(*one);
            }
            often.run(now);
            often.exported.clear();
            if (now % 5 == 0) {
                seldom.run(now);
                seldom.exported.clear();
            }
        }
        often.run(now);
        often.run(now);
        seldom.run(now);
        seldom.run(now);
        often.exported.clear();
        seldom.exported.clear();
    };
    come_and_go(1'000);
    const std::uint64_t before = test::bytes_allocated();
    come_and_go(40'000);
    CHECK(test::bytes_allocated() < before + 4096);
    CHECK(often.text_bytes() < 100);
    CHECK(host.size() == 1);
    CHECK(often.counters().samples == 2 * (made + made / 50));
    CHECK(seldom.counters().samples == often.counters().samples);
}

TEST_CASE("after any number of leases, and of a family's series, there is as much memory as before",
          "[soak]") {
    host_type host{"h"};
    exporting often{host};
    exporting seldom{host};
    unix_seconds now = 1'700'000'000;
    family<counter, "n"> by{host, "by", {.most = 40, .idle_after = seconds{1}}};
    std::uint64_t added = 0;
    double often_sum = 0;
    double seldom_sum = 0;
    const auto take = [](exporting& from, double& into) {
        for (const auto& [name, total] : from.exported) {
            into += total;
        }
        from.exported.clear();
    };
    const auto come_and_go = [&](std::uint64_t n) {
        for (std::uint64_t first = added; added < first + n;) {
            for (int i = 0; i < 20; ++i) {
                const auto one = host.lease<counter>("session" + std::to_string(added));
                one->add();
                by.at(added++ % 10'000)->add();
            }
            host.sample(++now);
            often.run(now);
            take(often, often_sum);
            if (now % 5 == 0) {
                seldom.run(now);
                take(seldom, seldom_sum);
            }
        }
        now += 10;
        for (int i = 0; i < 5; ++i) {
            host.sample(++now);  // the family's go
        }
        for (exporting* const one : {&often, &seldom}) {
            one->finish(now);
            take(*one, one == &often ? often_sum : seldom_sum);
        }
    };
    come_and_go(2'000);
    const std::uint64_t before = test::bytes_allocated();
    const double resident = read_process_stats().resident_bytes;
    // soak.instruments says how many.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* const wanted = std::getenv("BACKENDS_TEST_CHARTS");
    come_and_go((wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 40'000) / 2);
    CHECK(test::bytes_allocated() < before + before / 20 + 4096);
    if (!keeps_freed_memory) {
        CHECK(read_process_stats().resident_bytes < resident * 1.05);
    }
    CHECK(host.size() == 0);
    CHECK(by.folded() == 0);
    CHECK(often_sum == 2.0 * static_cast<double>(added));
    CHECK(seldom_sum == often_sum);
}

TEST_CASE("very many charts that go at once give back what they took") {
    host_type host{"h"};
    exporting exporter{host};
    exporter.run(1'700'000'000);
    const std::uint64_t before = test::bytes_allocated();
    std::vector<chart_type*> all;
    for (int n = 0; n < 20'000; ++n) {
        all.push_back(&host.add("chart" + std::to_string(n), {"a", "b", "c"}));
    }
    exporter.run(1'700'000'001);
    CHECK(test::bytes_allocated() > before + 20'000 * 3 * 64 * 4);
    for (chart_type* const one : all) {
        REQUIRE(one->record(1'700'000'002, {1.0, 2.0, 3.0}));
        host.remove(*one);
    }
    std::vector<chart_type*>{}.swap(all);
    exporter.run(1'700'000'002);
    CHECK(exporter.counters().samples == 60'000);
    exporter.exported.clear();
    CHECK(test::bytes_allocated() < before + 8192);
}

TEST_CASE("a name is refused, merged and registered for each chart anew") {
    host_type host{"h"};
    exporting exporter{host};
    const std::string too_long(20'000, 'x');
    for (unix_seconds now = 1; now < 40; ++now) {
        auto& chart = host.add("a b", {"d", too_long.c_str(), "e"});
        auto& other = host.add("a/b", {"d"});
        REQUIRE(chart.record(now, {1.0, 2.0, 3.0}));
        exporter.may_have_twins = true;
        exporter.run(now);
        REQUIRE(exporter.counters().refused_series == static_cast<std::uint64_t>(now));
        REQUIRE(exporter.counters().merged_names == static_cast<std::uint64_t>(now));
        host.remove(chart);
        host.remove(other);
        exporter.run(now);
    }
    CHECK(exporter.exported ==
          std::map<std::string, double>{{"p.h.a_b.d", 39}, {"p.h.a_b.e", 117}});
    CHECK(exporter.text_bytes() == 0);
}

TEST_CASE("a chart waits for a removed one of its id only if their labels are equal") {
    host_type host{"h"};
    exporting exporter{host};
    const auto labelled = [&](const char* value) -> chart_type& {
        return host.add("c", {"d"}, {.labels = {{"x", value}}});
    };
    auto& gone = labelled("1");
    exporter.follow();
    REQUIRE(gone.record(1'700'000'000, {1.0}));
    host.remove(gone);
    REQUIRE(labelled("1").record(1'700'000'000, {10.0}));
    REQUIRE(labelled("2").record(1'700'000'000, {100.0}));
    exporter.run(1'700'000'001);
    CHECK(exporter.exported ==
          std::map<std::string, double>{{"p.h.c.d;x=1", 1}, {"p.h.c.d;x=2", 100}});
    exporter.run(1'700'000'002);
    CHECK(exporter.exported["p.h.c.d;x=1"] == 11);
}

TEST_CASE("a chart goes as the page shows it") {
    host_type host{"web-1"};
    exporting exporter{host};
    //! [remove]
    auto& veth = host.add<std::uint64_t>("net.veth7a3", {"received", "sent"});
    const bool taken = veth.record(1'700'000'000, {1'000U, 2'000U});
    host.remove(veth);  // `veth` ends here; its last row is exported with the next cycle

    auto& again = host.add<std::uint64_t>("net.veth7a3", {"received"});  // another one
    //! [remove]
    REQUIRE(taken);
    REQUIRE(again.record(1'700'000'000, {5U}));
    exporter.finish(1'700'000'000);
    CHECK(exporter.exported == std::map<std::string, double>{{"p.web-1.net.veth7a3.received", 1005},
                                                             {"p.web-1.net.veth7a3.sent", 2000}});
}

TEST_CASE("an exporter that is gone keeps no chart, one that has not run yet does") {
    host_type host{"h"};
    auto& chart = host.add("c", {"d"});
    auto idle = std::make_unique<exporting>(host);
    const std::uint64_t before = test::bytes_allocated();
    REQUIRE(chart.record(1'700'000'000, {1.0}));
    host.remove(chart);
    CHECK(test::bytes_allocated() == before);
    exporting late{host};
    late.run(1'700'000'000);
    CHECK(late.exported.empty());  // it was not there
    idle->run(1'700'000'000);
    CHECK(idle->exported.size() == 1);
    auto& next = host.add("c", {"d"});
    idle->follow();
    late.follow();
    REQUIRE(next.record(1'700'000'001, {1.0}));
    host.remove(next);
    idle.reset();
    late.run(1'700'000'001);
    CHECK(late.exported.size() == 1);
}
