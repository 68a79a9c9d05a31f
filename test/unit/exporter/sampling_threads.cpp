// SPDX-License-Identifier: BSL-1.0
//
// Threads that are born, count, and die; charts of instruments that come and go; two who sample and
// two exporters of different periods: the sum of what each exports is the sum of what was counted.
// For the thread sanitizer; the sums are to be right without it.
#include <backends/exporter/cycle.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/gauge.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/instrument/shared_cells.hpp>
#include <backends/instrument/up_down_counter.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/family.hpp>
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

struct stressed {
    backends::counter a, b;
    backends::up_down_counter balance;
    backends::gauge<int> level;
    backends::peak<int> high;
    backends::histogram<int, 3, 64> sizes;
};
BOOST_HANA_ADAPT_STRUCT(stressed, a, b, balance, level, high, sizes);

struct asked_stats {
    int times;
};
BOOST_HANA_ADAPT_STRUCT(asked_stats, times);

using namespace backends;

namespace {

using host_type = basic_host<double_cell, 4096>;

/// Keeps the lines of a cycle and adds up each series.
class exporting {
public:
    explicit exporting(const host_type& host) : host_{host} { run(); }

    void run() {
        lines_.follow(host_, nobody_, count_);
        used_ = 0;
        lines_.run(++now_, *this, count_);
        for (std::size_t begin = 0; begin < used_;) {
            const std::size_t value = text_.find(' ', begin);
            totals[text_.substr(begin, value - begin)] +=
                std::strtod(text_.c_str() + value, nullptr);
            begin = text_.find('\n', begin) + 1;
        }
    }
    void finish() {
        do {
            run();
        } while (lines_.has_last_readings() || lines_.has_successors());
        run();
    }
    [[nodiscard]] std::uint64_t overrun() const { return count_.overrun; }

    [[nodiscard]] bool fits(std::size_t) const noexcept { return true; }
    char* reserve(std::size_t n) {
        text_.resize(used_ + n);
        return text_.data() + used_;
    }
    void commit(std::size_t bytes, std::size_t) noexcept { used_ += bytes; }
    void refuse(std::size_t, std::size_t) noexcept {}

    std::map<std::string, double> totals;

private:
    const host_type& host_;
    cycle<sum, graphite_plaintext, host_type> lines_{identity{"p", "h", {}}};
    no_observer nobody_;
    cycle_counters count_;
    std::string text_;
    std::size_t used_ = 0;
    unix_seconds now_ = 1'700'000'000;
};

}  // namespace

TEST_CASE("what threads count while they, and charts, come and go is exported once") {
    constexpr int mothers = 3;
    constexpr int rounds = 60;
    constexpr int adds = 200;
    host_type h{"h"};
    auto& shared = h.instrument<stressed>("shared");
    std::atomic<int> running{mothers};
    std::atomic<unix_seconds> now{1'700'000'000};
    exporting often{h};
    exporting rarely{h};

    std::vector<std::thread> all;
    for (int mother = 0; mother < mothers; ++mother) {
        all.emplace_back([&, mother] {
            const std::string id = "own" + std::to_string(mother);
            for (int round = 0; round < rounds; ++round) {
                auto own = h.lease<basic_counter<shared_cells>>(id);
                auto own_sizes = h.lease<histogram<int, 0, 4>>(id + "_sizes");
                bool is_over = false;
                auto asked = std::optional{h.observe(id + "_asked", [&is_over] {
                    if (is_over) {
                        std::abort();
                    }
                    return asked_stats{1};
                })};
                std::thread child{[&] {
                    for (int n = 0; n < adds; ++n) {
                        shared.a.add();
                        shared.b.add(2);
                        shared.balance.add();
                        shared.level.set(n);
                        shared.high.record(n);
                        shared.sizes.record(n);
                        own->add();
                        own_sizes->record(1);
                    }
                    own->add(3);
                }};
                for (int n = 0; n < adds; ++n) {
                    shared.a.add();
                    shared.balance.subtract();
                    own->add();
                }
                asked.reset();
                is_over = true;
                child.join();
                if (round % 2 == 0) {
                    h.remove(own);
                    h.remove(own_sizes);
                }
            }
            --running;
        });
    }
    std::thread sampling{[&] {
        while (running != 0) {
            h.sample(now);  // the slot that the other one takes, or misses
        }
    }};
    for (int n = 0; running != 0; ++n) {
        h.sample(++now);
        often.run();
        if (n % 7 == 0) {
            rarely.run();
        }
    }
    for (std::thread& one : all) {
        one.join();
    }
    sampling.join();
    h.sample_rest(now);
    for (exporting* const one : {&often, &rarely}) {
        one->finish();
        REQUIRE(one->overrun() == 0);
        REQUIRE(one->totals["p.h.shared.a"] == 2.0 * mothers * rounds * adds);
        REQUIRE(one->totals["p.h.shared.b"] == 2.0 * mothers * rounds * adds);
        REQUIRE(one->totals["p.h.shared.sizes.count"] == mothers * rounds * adds);
        REQUIRE(one->totals["p.h.shared.sizes.sum"] == mothers * rounds * (adds * (adds - 1) / 2));
        for (int mother = 0; mother < mothers; ++mother) {
            const std::string id = "p.h.own" + std::to_string(mother);
            REQUIRE(one->totals[id + ".value"] == rounds * (2.0 * adds + 3));
            REQUIRE(one->totals[id + "_sizes.count"] == rounds * adds);
        }
    }
    REQUIRE(shared.balance.value() == 0);
}

TEST_CASE("what threads count in a family, whose series come and go, is exported once") {
    constexpr int threads = 3;
    constexpr int adds = 20'000;
    host_type h{"h"};
    // More values than it has room for; and at each pass what nobody asked for since the last one
    // but one goes.
    family<counter, "n", "m"> by{h, "by", {.most = 20, .idle_after = seconds{2}}};
    std::atomic<int> running{threads};
    unix_seconds now = 1'700'000'000;
    exporting often{h};
    exporting rarely{h};
    std::vector<std::thread> all;
    for (int thread = 0; thread < threads; ++thread) {
        all.emplace_back([&, thread] {
            lease<counter> kept = by.at(thread, "kept");
            std::uint32_t random = static_cast<std::uint32_t>(thread);
            for (int n = 0; n < adds; ++n) {
                random = random * 1'664'525U + 1'013'904'223U;
                const std::uint32_t which = random >> 27U;
                by.at(which, n / 2'000)->add();
                if (n % 100 == 0) {
                    kept = by.at(which, "kept");
                }
                kept->add(2);
            }
            --running;
        });
    }
    for (int n = 0; running != 0; ++n) {
        h.sample(++now);
        often.run();
        if (n % 7 == 0) {
            rarely.run();
        }
    }
    for (std::thread& one : all) {
        one.join();
    }
    h.sample_rest(now);
    for (exporting* const one : {&often, &rarely}) {
        one->finish();
        REQUIRE(one->overrun() == 0);
        double sum = 0;
        for (const auto& [name, total] : one->totals) {
            sum += total;
        }
        REQUIRE(sum == 3.0 * threads * adds);
        REQUIRE(one->totals.size() > 20);
    }
    REQUIRE(by.folded() > 0);
}
