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
#include "../common/setting_flags.hpp"
#include "../common/stop_signals.hpp"
#include "../common/transports.hpp"
#include "../receiver/any_receiver.hpp"
#include "../receiver/line_readers.hpp"

#include <backends/select/select.hpp>
#include <backends/storage/host.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent {

inline std::string section_of(const std::string& name) {
    return name.empty() ? "backend" : "backend:" + name;
}

/// What the flags and the file say of each exporter. Throws config_error, also when there is none.
inline std::vector<backends::select::named_settings> settings_from(
    const program::arguments& given) {
    std::vector<backends::select::named_settings> all(1);
    if (const auto file = given.value("config")) {
        all = backends::select::sections(std::string{*file});
    }
    for (auto& [name, chosen] : all) {
        program::take_flags(given, backends::select::keys, chosen);
        if (const auto folder = given.value("spool")) {
            chosen.set("spool directory", std::string{*folder}, "--spool");
        }
        // Whoever starts an agent wants it to export, unless the file says otherwise.
        if (!chosen.has("enabled")) {
            chosen.set("enabled", "yes");
        }
    }
    const std::string said = all.front().chosen.text("enabled", "");
    std::erase_if(all, [](const auto& one) { return !one.chosen.enabled(); });
    if (all.empty()) {
        throw backends::config_error{"enabled", said,
                                     "there is nothing else that this program does"};
    }
    for (const auto& [name, chosen] : all) {
        if (all.size() > 1 && !chosen.has("destination")) {
            throw backends::config_error{"destination", "",
                                         "is missing in [" + section_of(name) +
                                             "]; with several sections each names its own"};
        }
    }
    return all;
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
    std::vector<backends::select::named_settings> chosen = settings_from(given);
    backends::select::settings& first = chosen.front().chosen;
    const std::string type = first.text("type", "graphite");
    const bool own_receiver = chosen.size() == 1 && !first.has("destination");
    const auto seconds = given.number<std::int64_t>("seconds", 1'000'000'000, 1, 1'000'000'000);
    if (own_receiver && !first.has("update every")) {
        first.set("update every", "1");
    }
    const backends::options checked = first.merged_into();

    const std::string proc{given.value("proc").value_or("/proc")};
    if (!std::ifstream{proc + "/stat"}) {
        throw backends::config_error{"--proc", proc, "has no file `stat` to read"};
    }

    program::stop_signals signals;
    display shows{
        "system_agent: " +
        (chosen.size() > 1
             ? std::to_string(chosen.size()) + " exporters"
             : first.text("data source", "average") + " as " + type + ", every " +
                   std::to_string(checked.update_every.value) + " s, " +
                   (own_receiver ? "to a receiver of its own" : "to " + checked.destination))};
    std::optional<receiver::any_receiver<shown>> receiving;
    if (own_receiver) {
        receiving.emplace(receiver::reader_of(type), shown{&shows.series(), !shows.is_terminal()});
        first.set("destination", "127.0.0.1:" + std::to_string(receiving->port()));
    }
    const auto received = [&] {
        return receiving ? std::optional{receiving->counts()} : std::nullopt;
    };

    backends::host host;
    machine_charts<backends::host> machine{host, proc, given.has("cpus")};
    using exporter =
        backends::select::any_exporter<backends::host, program::transports, telling<Policies>>;
    std::deque<exporter> exporters;  // where they stay
    for (const auto& one : chosen) {
        exporters.emplace_back(one.chosen, host);
    }
    const auto accounts = [&](const auto& counters_of) {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < exporters.size(); ++i) {
            if (exporters.size() > 1) {
                all.push_back("[" + section_of(chosen[i].name) + "]");
            }
            for (std::string& line : display::summary(counters_of(i), received())) {
                all.push_back(std::move(line));
            }
        }
        return all;
    };
    for (exporter& one : exporters) {
        one.start();
    }
    every_second(signals, std::chrono::seconds{seconds}, [&](backends::unix_seconds at) {
        machine.sample(at);
        shows.draw(accounts([&](std::size_t i) { return exporters[i].counters(); }), received());
    });

    for (exporter& one : exporters) {
        one.request_stop(std::chrono::seconds{5});
    }
    std::vector<backends::counters> ends;
    for (exporter& one : exporters) {
        ends.push_back(one.stop(std::chrono::seconds{5}).counters);
    }
    if (receiving) {
        receiving->finish(std::chrono::seconds{5});
    }
    const std::optional<receiver::tally> arrived = received();
    const std::vector<std::string> lines = accounts([&](std::size_t i) { return ends[i]; });
    shows.draw(lines, arrived);
    if (!shows.is_terminal()) {
        for (const std::string& line : lines) {
            std::printf("%s\n", line.c_str());
        }
    }
    bool is_whole = true;
    for (const backends::counters& end : ends) {
        is_whole =
            is_whole && end.balanced() && end.accepted == end.confirmed && end.refused_series == 0;
    }
    if (arrived) {
        const bool exact = arrived->malformed == 0 && arrived->torn_tails == 0 &&
                           backends::amount{arrived->well_formed, arrived->well_formed_bytes} ==
                               ends.front().confirmed &&
                           ends.front().accepted == ends.front().confirmed;
        is_whole = is_whole && exact;
        std::printf("%s\n", exact ? "every line that was accepted has arrived"
                                  : "what was accepted and what arrived differ");
    }
    return is_whole ? 0 : 1;
}

}  // namespace agent
