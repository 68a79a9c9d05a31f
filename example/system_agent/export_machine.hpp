// SPDX-License-Identifier: BSL-1.0
//
// The agent's run, for one confirmation level: read /proc into charts every second, export them,
// show what arrives, account for every line.
#pragma once

#include "collect.hpp"
#include "display.hpp"
#include "levels.hpp"
#include "telling.hpp"

#include "../common/arguments.hpp"
#include "../common/stop_signals.hpp"
#include "../receiver/line_readers.hpp"
#include "../receiver/line_receiver.hpp"

#include <backends/select/select.hpp>
#include <backends/storage/host.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

inline backends::select::settings settings_from(const program::arguments& given) {
    backends::select::settings out;
    if (const auto file = given.value("config")) {
        out = backends::select::settings_from_file(std::string{*file});
    }
    const auto take = [&](std::string_view key, const std::string& flag) {
        if (const auto value = given.value(flag)) {
            out.set(key, std::string{*value}, "--" + flag);
        }
    };
    for (const std::string_view key : backends::select::keys) {
        take(key, flag_of(key));
    }
    take("spool directory", "spool");
    // Whoever starts an agent wants it to export, unless the file says otherwise.
    if (!out.has("enabled")) {
        out.set("enabled", "yes");
    }
    if (!out.enabled()) {
        throw backends::config_error{"enabled", out.text("enabled", ""),
                                     "there is nothing else that this program does"};
    }
    return out;
}

/// Waits for whole seconds of the system clock and samples at each; a late wake-up samples once and
/// leaves a gap, a clock that was set starts anew from where it is.
template <class Sample>
void every_second(program::stop_signals& signals, std::chrono::seconds length, Sample sample) {
    using std::chrono::floor;
    using std::chrono::steady_clock;
    using std::chrono::system_clock;
    const auto end = steady_clock::now() + length;
    auto last = floor<std::chrono::seconds>(system_clock::now());
    sample(last.time_since_epoch().count());
    for (;;) {
        const auto until_next = last + std::chrono::seconds{1} - system_clock::now();
        const auto until_end = end - steady_clock::now();
        const auto wait = std::min<std::chrono::nanoseconds>(
            std::min<std::chrono::nanoseconds>(until_next, std::chrono::seconds{1}), until_end);
        if (signals.wait_for(wait) || steady_clock::now() >= end) {
            return;
        }
        const auto now = floor<std::chrono::seconds>(system_clock::now());
        if (now != last) {
            last = now;
            sample(now.time_since_epoch().count());
        }
    }
}

/// @tparam Policies the exporter's guarantees
template <class Policies>
int export_machine(const program::arguments& given) {
    backends::select::settings settings = settings_from(given);
    const std::string type = settings.text("type", "graphite");
    const bool own_receiver = !settings.has("destination");
    const auto seconds = given.number<std::int64_t>("seconds", 1'000'000'000, 1, 1'000'000'000);
    if (own_receiver && !settings.has("update every")) {
        settings.set("update every", "1");
    }
    const backends::options checked = settings.merged_into();

    const std::string proc{given.value("proc").value_or("/proc")};
    if (!std::ifstream{proc + "/stat"}) {
        throw backends::config_error{"--proc", proc, "has no file `stat` to read"};
    }

    program::stop_signals signals;
    display shows{"system_agent: " + settings.text("data source", "average") + " as " + type +
                  ", every " + std::to_string(checked.update_every.value) + " s, " +
                  (own_receiver ? "to a receiver of its own" : "to " + checked.destination)};
    std::optional<receiver::line_receiver<shown>> receiving;
    if (own_receiver) {
        receiving.emplace(receiver::reader_of(type), shown{&shows.series(), !shows.is_terminal()});
        settings.set("destination", "127.0.0.1:" + std::to_string(receiving->port()));
    }
    const auto received = [&] {
        return receiving ? std::optional{receiving->counts()} : std::nullopt;
    };

    backends::host host;
    machine_charts<backends::host> machine{host, proc, given.has("cpus")};
    backends::select::any_exporter<backends::host, backends::tcp, telling<Policies>> exporter{
        settings, host};
    exporter.start();
    every_second(signals, std::chrono::seconds{seconds}, [&](backends::unix_seconds at) {
        machine.sample(at);
        shows.draw(exporter.counters(), received());
    });

    const backends::counters end = exporter.stop(std::chrono::seconds{5}).counters;
    if (receiving) {
        receiving->finish(std::chrono::seconds{5});
    }
    const std::optional<receiver::tally> arrived = received();
    shows.draw(end, arrived);
    if (!shows.is_terminal()) {
        for (const std::string& line : display::summary(end, arrived)) {
            std::printf("%s\n", line.c_str());
        }
    }
    bool exact = end.balanced() && end.accepted == end.confirmed;
    if (arrived) {
        exact = exact && arrived->malformed == 0 && arrived->torn_tails == 0 &&
                backends::amount{arrived->well_formed, arrived->well_formed_bytes} == end.confirmed;
        std::printf("%s\n", exact ? "every line that was accepted has arrived"
                                  : "what was accepted and what arrived differ");
    }
    return exact && end.refused_series == 0 ? 0 : 1;
}

}  // namespace agent
