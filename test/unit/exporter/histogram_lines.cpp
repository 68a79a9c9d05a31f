// SPDX-License-Identifier: BSL-1.0
//
// Histograms on their way: every value is in the windows of each exporter once, whatever its
// period, and the quantiles are those of the window.
#include <backends/exporter/histogram_lines.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/memory.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

struct timed_hits {
    backends::counter hits;
    backends::histogram<std::chrono::microseconds> latency;
    backends::histogram<int> size;
};
BOOST_HANA_ADAPT_STRUCT(timed_hits, hits, latency, size);

using namespace backends;
using test::stepped_clock;

namespace {

constexpr unix_seconds start = 1'700'000'000;

struct stepped : default_policies {
    using clock = stepped_clock;
    using observer = no_observer;
};
struct others : stepped {
    using quantiles = backends::quantiles<10, 25, 50, 75, 90, 999>;
};

/// An exporter over a host, and what arrived of it.
template <class Source = sum, class Format = graphite_plaintext, class Policies = stepped>
class exported {
public:
    using exporter_type = exporter<Source, Format, memory, host, Policies>;

    exported(host& from, options settings) : exporter_{from, settings, memory{peer_}} { poll(); }
    exported(host& from, const chart_positions& where, options settings)
        : exporter_{from, where, settings, memory{peer_}} {
        poll();
    }
    exported(const exported&) = delete;
    exported& operator=(const exported&) = delete;
    ~exported() = default;

    void poll() {
        exporter_.poll(stepped_clock::steady);
        exporter_.poll(stepped_clock::steady);
    }
    void stop() {
        exporter_.request_stop(seconds{1});
        for (int n = 0; n < 20 && !exporter_.finished(); ++n) {
            exporter_.poll(stepped_clock::steady);
        }
    }
    [[nodiscard]] exporter_type& operator*() noexcept { return exporter_; }
    [[nodiscard]] std::string text() const { return peer_->received(); }
    /// The values of a series, as they came.
    [[nodiscard]] std::vector<double> values(const std::string& series) const {
        const std::string all = text();
        const std::string wanted = series + " ";
        std::vector<double> found;
        for (std::size_t at = all.find(wanted); at != std::string::npos;
             at = all.find(wanted, at + 1)) {
            found.push_back(std::strtod(all.c_str() + at + wanted.size(), nullptr));
        }
        return found;
    }
    [[nodiscard]] double total(const std::string& series) const {
        double all = 0;
        for (const double v : values(series)) {
            all += v;
        }
        return all;
    }

private:
    std::shared_ptr<memory_peer> peer_ = std::make_shared<memory_peer>();
    exporter_type exporter_;
};

options every(std::int64_t period) {
    return {
        .prefix = "", .update_every = seconds{period}, .align = false, .self_monitoring = false};
}

void pass(std::int64_t by) {
    stepped_clock::steady = stepped_clock::steady + seconds{by};
    stepped_clock::wall += by;
}

}  // namespace

TEST_CASE("a histogram of a struct has lines of its quantiles, its sum and its count") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& http = h.instrument<timed_hits>("http");
    exported e{h, every(10)};
    for (int n = 1; n <= 1000; ++n) {
        http.latency.record(std::chrono::milliseconds{n});
        http.size.record(n);
    }
    http.hits.add(7);
    e.stop();
    REQUIRE(e.values("h.http.hits") == std::vector<double>{7});
    REQUIRE(e.values("h.http.latency.count") == std::vector<double>{1000});
    REQUIRE(e.values("h.http.latency.sum") == std::vector<double>{500'500'000});
    REQUIRE(e.values("h.http.latency.max") == std::vector<double>{1'000'000});
    REQUIRE(e.values("h.http.size.sum") == std::vector<double>{500'500});
    const double exact[] = {500, 950, 990};
    const char* const names[] = {"p50", "p95", "p99"};
    for (int i = 0; i < 3; ++i) {
        const auto found = e.values(std::string{"h.http.latency."} + names[i]);
        REQUIRE(found.size() == 1);
        REQUIRE(std::abs(found[0] / (exact[i] * 1000) - 1) < 0.091);
    }
}

TEST_CASE("a window without a value is a count of 0, and a gap of the quantiles") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    exported e{h, every(10)};
    latency.record(2);
    for (int n = 0; n < 3; ++n) {
        pass(10);
        e.poll();
    }
    latency.record(3);
    e.stop();
    REQUIRE(e.values("h.latency.count") == std::vector<double>{1, 0, 0, 1});
    REQUIRE(e.values("h.latency.sum") == std::vector<double>{2, 0, 0, 3});
    REQUIRE(e.values("h.latency.p50").size() == 2);
    REQUIRE(e.values("h.latency.max").size() == 2);
    REQUIRE(e.text().find("value") == std::string::npos);  // its idle dimension
}

TEST_CASE("two exporters of different periods have every value once") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& http = h.instrument<timed_hits>("http");
    exported often{h, every(2)};
    exported rarely{h, every(7)};
    std::mt19937_64 random{3};
    std::uint64_t recorded = 0;
    std::int64_t total = 0;
    const auto record = [&](std::uint64_t most) {
        for (std::uint64_t n = random() % most; n != 0; --n) {
            const auto value = static_cast<int>(random() % 5000);
            http.size.record(value);
            total += value;
            ++recorded;
        }
    };
    for (int n = 0; n < 200; ++n) {
        record(20);
        pass(1);
        if (n % 3 != 0) {
            often.poll();
        }
        if (n % 5 != 0) {
            rarely.poll();
        }
    }
    record(1000);
    often.stop();
    rarely.stop();
    REQUIRE(often.values("h.http.size.count").size() > rarely.values("h.http.size.count").size());
    REQUIRE(often.total("h.http.size.count") == static_cast<double>(recorded));
    REQUIRE(rarely.total("h.http.size.count") == static_cast<double>(recorded));
    REQUIRE(often.total("h.http.size.sum") == static_cast<double>(total));
    REQUIRE(rarely.total("h.http.size.sum") == static_cast<double>(total));
}

TEST_CASE("each window has its own quantiles") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    exported e{h, every(10)};
    std::mt19937_64 random{5};
    for (int window = 0; window < 20; ++window) {
        std::exponential_distribution<> values{1.0 / (10 + 100 * (window % 7))};
        std::vector<double> all(501);
        for (double& v : all) {
            v = 1 + values(random);
            latency.record(v);
        }
        pass(10);
        e.poll();
        std::sort(all.begin(), all.end());
        const auto near = [&](const char* series, double exact) {
            const double found = e.values(series).back();
            REQUIRE(found / exact < 1.091);
            REQUIRE(exact / found < 1.091);
        };
        near("h.latency.p50", all[250]);
        near("h.latency.p95", all[475]);
        near("h.latency.p99", all[495]);
        near("h.latency.max", all[500]);
    }
}

TEST_CASE("what was recorded before a removal is exported, and the others go on") {
    stepped_clock::wall = start;
    host h{"h"};
    const auto first = h.lease<histogram<>>("first");
    const auto plain = h.lease<counter>("plain");
    auto& second = h.instrument<timed_hits>("second");
    auto third = h.lease<histogram<int>>("third");
    exported e{h, every(10)};
    const auto next = [&] {
        pass(10);
        e.poll();
    };
    first->record(4);
    second.size.record(5);
    third->record(6);
    next();
    first->record(4);
    h.remove(first);
    h.remove(plain);
    second.size.record(5);
    third->record(6);
    next();
    second.size.record(5);
    third->record(6);
    const auto again = h.lease<histogram<>>("first");
    again->record(40);
    next();
    third = {};  // its exporters read it afterwards
    second.size.record(5);
    e.stop();
    REQUIRE(e.total("h.first.sum") == 48);
    REQUIRE(e.total("h.first.count") == 3);
    REQUIRE(e.total("h.second.size.sum") == 20);
    REQUIRE(e.total("h.third.sum") == 18);
}

TEST_CASE("an exporter begins where the one that it replaces has ended") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& http = h.instrument<timed_hits>("http");
    exported old{h, every(10)};
    for (int n = 0; n < 3; ++n) {
        http.size.record(10 + n);
        pass(10);
        old.poll();
    }
    http.size.record(100);
    (*old).skip_last_cycle();
    old.stop();
    http.size.record(1000);
    exported<average, json_plaintext> next{h, (*old).positions(), every(10)};
    next.stop();
    REQUIRE(old.total("h.http.size.sum") == 33);
    REQUIRE(next.text().find("size.sum") != std::string::npos);
    REQUIRE(next.text().find("1100") != std::string::npos);
}

TEST_CASE("a second exporter begins with the next value, or with all, as its options say") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    latency.record(1);
    h.sample(stepped_clock::wall);
    options from_the_oldest = every(10);
    from_the_oldest.begin = begin_at::oldest;
    exported newest{h, every(10)};
    exported all{h, from_the_oldest};
    latency.record(1);
    newest.stop();
    all.stop();
    REQUIRE(newest.total("h.latency.count") == 1);
    REQUIRE(all.total("h.latency.count") == 2);
}

TEST_CASE("every source and format has the same lines of a histogram") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& http = h.instrument<timed_hits>("http");
    exported<as_collected, opentsdb_telnet> telnet{h, every(10)};
    exported<average, json_plaintext> json{h, every(10)};
    exported<fused<average, maximum>> both{h, every(10)};
    http.size.record(8);
    http.hits.add();
    telnet.stop();
    json.stop();
    both.stop();
    REQUIRE(telnet.text().find("http.size.p99 1700000000 8") != std::string::npos);
    REQUIRE(telnet.text().find("http.size.count 1700000000 1") != std::string::npos);
    REQUIRE(json.text().find("\"size.p99\"") != std::string::npos);
    REQUIRE(both.values("h.http.size.p99") == std::vector<double>{8});
    REQUIRE(both.values("h.http.hits.maximum") == std::vector<double>{1});
}

TEST_CASE("which quantiles there are is a policy") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& latency = h.instrument<histogram<int>>("latency");
    exported<sum, graphite_plaintext, others> e{h, every(10)};
    for (int n = 1; n <= 10'000; ++n) {
        latency.record(n);
    }
    e.stop();
    REQUIRE(e.values("h.latency.p95").empty());
    for (const auto& [name, exact] : {std::pair{"p10", 1000.0}, std::pair{"p25", 2500.0},
                                      std::pair{"p90", 9000.0}, std::pair{"p999", 9990.0}}) {
        const auto found = e.values(std::string{"h.latency."} + name);
        REQUIRE(found.size() == 1);
        REQUIRE(std::abs(found[0] / exact - 1) < 0.091);
    }
}

TEST_CASE("a NaN is counted as not finite, and is in no line") {
    stepped_clock::wall = start;
    host h{"h"};
    auto& latency = h.instrument<histogram<>>("latency");
    exported e{h, every(10)};
    latency.record(std::numeric_limits<double>::quiet_NaN());
    latency.record(2);
    e.stop();
    REQUIRE((*e).counters().not_finite == 1);
    REQUIRE(e.values("h.latency.count") == std::vector<double>{1});
    REQUIRE(e.values("h.latency.max") == std::vector<double>{2});
}
