// SPDX-License-Identifier: BSL-1.0
//
// Instruments on their way: an exporter samples the slots that begin while it is driven, and what
// threads counted arrives, all of it and once.
#include <backends/exporter/sampling.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/memory.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct hits_and_depth {
    backends::counter hits;
    backends::peak<> depth;
};
BOOST_HANA_ADAPT_STRUCT(hits_and_depth, hits, depth);

struct pool_size {
    int idle;
};
BOOST_HANA_ADAPT_STRUCT(pool_size, idle);

using namespace backends;
using test::stepped_clock;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr unix_seconds start = 1'700'000'000;

struct stepped : default_policies {
    using clock = stepped_clock;
    using observer = no_observer;
};

/// An exporter of sums over a host, and what arrived of it.
class exported {
public:
    exported(host& from, std::int64_t period)
        : peer_{std::make_shared<memory_peer>()},
          exporter_{from,
                    {.update_every = seconds{period}, .align = false, .self_monitoring = false},
                    memory{peer_}} {
        poll();
    }
    exported(const exported&) = delete;
    exported& operator=(const exported&) = delete;
    ~exported() = default;

    /// When it wants to be called again.
    instant poll() {
        exporter_.poll(stepped_clock::steady);
        return exporter_.poll(stepped_clock::steady);
    }
    void stop() {
        exporter_.request_stop(seconds{1});
        for (int n = 0; n < 20 && !exporter_.finished(); ++n) {
            exporter_.poll(stepped_clock::steady);
        }
    }
    [[nodiscard]] std::uint64_t refused_rows() const noexcept {
        return exporter_.counters().refused_rows;
    }
    /// The sum of the values of a series.
    [[nodiscard]] double total(const std::string& series) const {
        const std::string text = peer_->received();
        double all = 0;
        for (std::size_t at = text.find(series); at != std::string::npos;
             at = text.find(series, at + 1)) {
            all += std::strtod(text.c_str() + at + series.size(), nullptr);
        }
        return all;
    }

private:
    std::shared_ptr<memory_peer> peer_;
    exporter<sum, graphite_plaintext, memory, host, stepped> exporter_;
};

void pass(nanoseconds by) {
    static std::int64_t fraction = 0;
    stepped_clock::steady = stepped_clock::steady + by;
    fraction += by.value;
    stepped_clock::wall += fraction / second;
    fraction %= second;
}

std::size_t gaps(const chart& from) {
    std::size_t n = 0;
    from.visit<1>(from.unread(0), 0, [&](const auto& row) {
        n += static_cast<std::size_t>(!double_cell::exists(row[0]));
    });
    return n;
}

}  // namespace

TEST_CASE("seconds go on by the steady clock, until the system's is set") {
    slot_seconds seconds_of;
    const instant begin{5 * second + 999};
    REQUIRE(seconds_of.at({begin, 100}) == 100);
    // The two clocks turn at different times: that is no step.
    REQUIRE(seconds_of.at({begin + milliseconds(999), 101}) == 100);
    REQUIRE(seconds_of.at({begin + milliseconds(1000), 101}) == 101);
    REQUIRE(seconds_of.at({begin + milliseconds(2001), 101}) == 102);
    REQUIRE(seconds_of.when(103) == begin + seconds{3});
    // Set forwards and back.
    REQUIRE(seconds_of.at({begin + seconds{3}, 500}) == 500);
    REQUIRE(seconds_of.when(501) == begin + seconds{4});
    REQUIRE(seconds_of.at({begin + seconds{4}, 90}) == 90);
    REQUIRE(seconds_of.at({begin + seconds{5}, 91}) == 91);
}

TEST_CASE("an exporter asks to be called when a slot begins, and skips none") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& hits = h.instrument<counter>("hits");
    exported e{h, 10};
    std::uint64_t slots = 0;
    for (instant next = e.poll(); slots < 100; next = e.poll()) {
        REQUIRE((next - stepped_clock::steady).value <= second);
        hits.add();
        pass(next - stepped_clock::steady);
        pass(nanoseconds{static_cast<std::int64_t>(slots % 7) * 100'000});  // timers are late
        ++slots;
    }
    const chart& chart = h.chart_at(0);
    REQUIRE(gaps(chart) == 0);
    REQUIRE(chart.counters().refused == 0);
    e.stop();
    REQUIRE(e.total("hits.value") == 100);
}

TEST_CASE("without instruments an exporter is called for its cycles alone") {
    stepped_clock::wall = start;
    host h{"h"};
    exported e{h, 10};
    REQUIRE((e.poll() - stepped_clock::steady).value == 10 * second);
    auto& hits = h.instrument<counter>("hits");  // which the next cycle finds
    hits.add(7);
    pass(seconds{10});
    REQUIRE((e.poll() - stepped_clock::steady).value <= second);
    e.stop();
    REQUIRE(e.total("hits.value") == 7);
}

TEST_CASE("two exporters of different periods export everything once") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& both = h.instrument<hits_and_depth>("both");
    exported often{h, 2};
    exported rarely{h, 7};
    std::uint64_t added = 0;
    for (int n = 0; n < 200; ++n) {
        added += static_cast<std::uint64_t>(n % 5);
        both.hits.add(static_cast<std::uint64_t>(n % 5));
        pass(milliseconds(n % 3 == 0 ? 300 : 700));
        if (n % 4 != 0) {
            often.poll();
        }
        if (n % 2 == 0) {
            rarely.poll();
        }
        if (n % 11 == 0) {
            h.sample(stepped_clock::wall);
        }
    }
    both.hits.add(1000);
    often.stop();
    both.hits.add(1);
    rarely.stop();
    REQUIRE(often.total("both.hits") == static_cast<double>(added + 1000));
    REQUIRE(rarely.total("both.hits") == static_cast<double>(added + 1001));
}

TEST_CASE("what was counted before a removal is exported") {
    stepped_clock::wall = start;
    host h{"h"};
    const auto hits = h.lease<counter>("hits");
    exported e{h, 10};
    hits->add(3);
    h.remove(hits);
    const auto other = h.lease<counter>("hits");
    other->add(4);
    pass(seconds{10});
    e.poll();
    pass(seconds{10});
    e.poll();
    e.stop();
    REQUIRE(e.total("hits.value") == 7);
}

TEST_CASE("a callback that throws is told as a row that its chart refused") {
    stepped_clock::wall = start;
    host h{"h"};
    exported e{h, 10};
    bool is_closed = false;
    const auto pool = h.observe("pool", [&] {
        if (is_closed) {
            throw std::runtime_error{"the pool is closed"};
        }
        return pool_size{3};
    });
    h.sample(start);
    is_closed = true;
    h.sample(start + 1);
    pass(seconds{10});
    e.stop();
    REQUIRE(e.total("pool.idle") == 3);
    REQUIRE(e.refused_rows() >= 1);
}

TEST_CASE("the rows of an observed chart are exported after its end") {
    stepped_clock::wall = start;
    host h{"h"};
    exported e{h, 10};
    const auto idle = std::make_shared<int>(3);
    {
        const auto pool = h.observe("pool", [idle] { return pool_size{*idle}; });
        h.sample(start);
        h.sample(start + 1);
    }
    REQUIRE(idle.use_count() == 1);  // the callback is gone; the rows wait for the exporter
    pass(seconds{10});
    e.stop();
    REQUIRE(e.total("pool.idle") == 6);
}
