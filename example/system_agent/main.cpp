// SPDX-License-Identifier: BSL-1.0
//
// The main job: reads this machine's /proc into charts every second and exports them. Without a
// destination it starts a receiver of its own and shows what arrives there. It ends with the exact
// account of every line.
#include "collect.hpp"
#include "screen.hpp"
#include "table.hpp"

#include "../common/account.hpp"
#include "../common/arguments.hpp"
#include "../common/stop_signals.hpp"
#include "../receiver/line_readers.hpp"
#include "../receiver/line_receiver.hpp"

#include <backends/delivery/confirmation.hpp>
#include <backends/exporter/policies.hpp>
#include <backends/select/select.hpp>
#include <backends/storage/host.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr std::array flags{
    program::flag{"seconds", "N", "end after so long (default: until SIGINT or SIGTERM)"},
    program::flag{"destination", "LIST", "receivers, tried in order; without one, a receiver of its own"},
    program::flag{"type", "TYPE", "graphite (default), opentsdb or json"},
    program::flag{"data-source", "SOURCE", "average (default), sum, volume or \"as collected\""},
    program::flag{"update-every", "N", "seconds between exports (default 10; 1 with its own receiver)"},
    program::flag{"prefix", "NAME", "first part of every name (default netdata)"},
    program::flag{"hostname", "NAME", "(default: the machine's)"},
    program::flag{"buffer-on-failures", "N", "batches kept while nobody takes them (default 10)"},
    program::flag{"timeout-ms", "N", "for connecting, and for a write without progress"},
    program::flag{"confirm", "LEVEL", "when a line is delivered: acked (default) or written"},
    program::flag{"config", "FILE", "the same options from its [backend] section; flags go first"},
    program::flag{"cpus", "", "a chart for each processor too"},
    program::flag{"proc", "FOLDER", "where to read (default /proc)"},
    program::flag{"help", "", "show this"},
};

constexpr std::string_view unset = "\n";

backends::select::settings settings_from(const program::arguments& given) {
    backends::select::settings out;
    if (const auto file = given.value("config")) {
        out = backends::select::settings_from_file(std::string{*file});
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> keys{{
        {"destination", "destination"},
        {"type", "type"},
        {"data-source", "data source"},
        {"update-every", "update every"},
        {"prefix", "prefix"},
        {"hostname", "hostname"},
        {"buffer-on-failures", "buffer on failures"},
        {"timeout-ms", "timeout ms"},
    }};
    for (const auto& [flag, key] : keys) {
        if (const auto value = given.value(flag)) {
            out.set(key, std::string{*value});
        }
    }
    // Whoever starts an agent wants it to export, unless the file says otherwise.
    if (out.text("enabled", unset) == unset) {
        out.set("enabled", "yes");
    }
    if (!out.enabled()) {
        throw backends::config_error{"enabled", out.text("enabled", ""),
                                     "there is nothing else that this program does"};
    }
    return out;
}

/// What arrives at the agent's own receiver: a row of the table, or a line of the output.
struct shown {
    agent::table* table;
    bool plain;

    void operator()(std::string_view line, const std::optional<receiver::line_seen>& seen) const {
        if (plain) {
            std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
        } else if (seen) {
            table->add(seen->series, seen->value);
        }
    }
};

/// Everything that the user looks at.
class display {
public:
    explicit display(std::string title) : title_{std::move(title)} {}

    [[nodiscard]] bool is_terminal() const { return screen_.is_terminal(); }
    [[nodiscard]] agent::table& series() { return table_; }

    void draw(const backends::counters& counters, const std::optional<receiver::tally>& received) {
        if (!is_terminal()) {
            return;
        }
        std::vector<std::string> lines{title_, ""};
        const auto size = agent::screen::now();
        const std::vector<std::string> below = summary(counters, received);
        if (received) {
            const std::size_t taken = lines.size() + below.size() + 4;  // a verdict, a prompt
            for (std::string& row : table_.draw(size.columns, size.rows - std::min(size.rows, taken))) {
                lines.push_back(std::move(row));
            }
            lines.emplace_back();
        }
        lines.insert(lines.end(), below.begin(), below.end());
        screen_.draw(lines);
    }

    /// The account, and what the receiver says to it.
    static std::vector<std::string> summary(const backends::counters& counters,
                                            const std::optional<receiver::tally>& received) {
        std::vector<std::string> out;
        for (const std::string& line : program::account(counters)) {
            out.push_back(line);
        }
        if (received) {
            out.push_back("receiver: " + program::grouped(received->well_formed) + " lines, " +
                          program::grouped(received->well_formed_bytes) + " bytes, " +
                          program::grouped(received->malformed) + " malformed, " +
                          program::grouped(received->torn_tails) + " torn");
        }
        return out;
    }

private:
    std::string title_;
    agent::screen screen_;
    agent::table table_;
};

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
        const auto until_next = last + 1s - system_clock::now();
        const auto until_end = end - steady_clock::now();
        const auto wait = std::min<std::chrono::nanoseconds>(
            std::min<std::chrono::nanoseconds>(until_next, 1s), until_end);
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

template <class Policies>
int export_machine(const program::arguments& given) {
    backends::select::settings settings = settings_from(given);
    const std::string type = settings.text("type", "graphite");
    const bool own_receiver = settings.text("destination", unset) == unset;
    const auto seconds = given.number<std::int64_t>("seconds", 1'000'000'000, 1, 1'000'000'000);
    if (own_receiver && settings.text("update every", unset) == unset) {
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
    agent::machine_charts<backends::host> machine{host, proc, given.has("cpus")};
    backends::select::any_exporter<backends::host, backends::tcp, Policies> exporter{settings, host};
    exporter.start();
    every_second(signals, std::chrono::seconds{seconds}, [&](backends::unix_seconds at) {
        machine.sample(at);
        shows.draw(exporter.counters(), received());
    });

    const backends::counters end = exporter.stop(5s).counters;
    if (receiving) {
        receiving->finish(5s);
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
    return exact ? 0 : 1;
}

struct written_policies : backends::default_policies {
    using confirmation = backends::confirm::written;
};

int run(const program::arguments& given) {
    if (!given.positional().empty()) {
        throw program::usage_error{"unexpected argument " + std::string{given.positional()[0]}};
    }
    const std::string_view level = given.value("confirm").value_or("acked");
    if (level == "written") {
        return export_machine<written_policies>(given);
    }
    if (level != "acked") {
        throw backends::config_error{"--confirm", level, "neither acked nor written"};
    }
    return export_machine<backends::default_policies>(given);
}

}  // namespace

int main(int argc, char** argv) {
    return program::run("system_agent [FLAGS]", flags, argc, argv, run);
}
