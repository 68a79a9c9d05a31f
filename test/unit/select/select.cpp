// SPDX-License-Identifier: BSL-1.0
#include <backends/select/select.hpp>

#include <backends/transport/memory.hpp>

#include <boost/hana/append.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <memory>
#include <string>

using backends::config_error;
using backends::select::settings;
namespace hana = boost::hana;

namespace {

std::string complaint(const settings& chosen) {
    backends::host host{"h"};
    try {
        auto e = backends::select::exporter_from(chosen, host);
    } catch (const config_error& e) {
        return e.what();
    }
    return "";
}

settings with(std::string_view key, std::string value) {
    settings s;
    s.set("enabled", "yes").set("destination", "127.0.0.1:1").set(key, std::move(value));
    return s;
}

/// A reduction of the user's own.
struct range {
    static constexpr std::string_view name = "range";
    struct state {
        double low = 1e300;
        double high = -1e300;
    };
    static void add(state& s, double v) noexcept {
        s.low = v < s.low ? v : s.low;
        s.high = v > s.high ? v : s.high;
    }
    static double result(const state& s, std::uint64_t) noexcept { return s.high - s.low; }
};

}  // namespace

TEST_CASE("every source with every type gives an exporter, and nothing is started") {
    for (const char* source : {"average", "sum", "volume", "total", "as collected"}) {
        for (const char* type : {"graphite", "graphite:plaintext", "opentsdb", "opentsdb:telnet",
                                 "json", "json:plaintext", "influx", "influx:lines", "influxdb"}) {
            settings s = with("data source", source);
            s.set("type", type);
            INFO(source << ' ' << type);
            CHECK(complaint(s).empty());
        }
    }
}

TEST_CASE("an unknown choice says what there would have been") {
    CHECK(complaint(with("data source", "median")) ==
          "data source = median: not one of average, sum, volume, total, as collected");
    CHECK(complaint(with("type", "xml")).find("type = xml: not one of graphite, ") == 0);
    CHECK(complaint(with("data source", "Average")).find("data source = Average: ") == 0);
    CHECK(complaint(with("type", "")).find("type = : ") == 0);
    settings from_file = with("type", "graphite");
    from_file.set("type", "xml", "line 7 of shop.ini");
    CHECK(complaint(from_file).ends_with(" (line 7 of shop.ini)"));
    from_file.set("data source", "median", "line 8 of shop.ini");
    CHECK(complaint(from_file).ends_with(" (line 8 of shop.ini)"));
}

TEST_CASE("a destination that cannot be read is an error that names it") {
    CHECK(complaint(with("destination", "host:70000")).find("destination = host:70000: ") == 0);
    CHECK(complaint(with("destination", "[::1]junk")).find("destination = [::1]junk: ") == 0);
    CHECK(complaint(with("destination", "")).find("destination = : ") == 0);
}

TEST_CASE("what is not enabled does nothing") {
    backends::host host{"h"};
    auto e = backends::select::exporter_from(settings{}.set("enabled", "no"), host);
    CHECK_FALSE(e.enabled());
    e.start();
    CHECK_FALSE(e.stop(backends::seconds{1}).complete());
    CHECK(e.poll(backends::instant{0}) == backends::instant::never());
}

TEST_CASE("settings that do not say whether they are enabled are an error") {
    CHECK(complaint(settings{}).find("enabled = : is missing") == 0);
}

TEST_CASE("what an exporter refuses has the key of the settings") {
    settings s = with("queue bytes", "70000");
    s.set("spool directory", "/nowhere", "line 7 of x.ini");
    const std::string what = complaint(s);
    CHECK(what.find("spool directory = /nowhere: ") == 0);
    CHECK(what.find("(line 7 of x.ini)") != std::string::npos);
}

TEST_CASE("the choices can be extended with policies of the user's own") {
    constexpr auto more = hana::append(backends::select::sources, hana::type_c<range>);
    constexpr auto one_format = hana::tuple_t<backends::graphite_plaintext>;
    backends::host host{"h"};
    const auto made_from = [&](const settings& chosen) {
        return backends::select::exporter_from<backends::memory>(chosen, host, {}, more,
                                                                 one_format);
    };
    CHECK(made_from(with("data source", "range")).enabled());
    CHECK(made_from(with("data source", "volume")).enabled());
    CHECK_THROWS_WITH(made_from(with("data source", "ranges")), EndsWith("as collected, range"));
    CHECK_THROWS_AS(made_from(with("type", "json")), config_error);
}

TEST_CASE("settings that are read again go on where the old ones ended") {
    using chosen_exporter = backends::select::any_exporter<backends::host, backends::memory>;
    backends::host host{"h"};
    auto& chart = host.add("c", {"x"});
    const auto now = backends::system_clock::steady_now();
    const auto quiet = [](std::string_view key, std::string value) {
        settings s = with(key, std::move(value));
        s.set("self monitoring", "no");
        return s;
    };
    chosen_exporter old{quiet("data source", "sum"), host};
    old.poll(now);
    for (backends::unix_seconds at = 1'700'000'000; at < 1'700'000'005; ++at) {
        CHECK(chart.record(at, {1.0}));
    }
    old.skip_last_cycle();
    old.stop(backends::seconds{1});
    CHECK(old.counters().samples == 0);
    for (const std::string type : {"json", "opentsdb"}) {
        chosen_exporter next{quiet("type", type), host, old.positions()};
        next.poll(now);
        next.stop(backends::seconds{1});
        CHECK(next.counters().samples == 5);
        CHECK(next.positions().of("c").samples == 5);
    }
    CHECK(chosen_exporter{with("begin", "oldest"), host, {}}.enabled());
}
