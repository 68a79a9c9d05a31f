// SPDX-License-Identifier: BSL-1.0
//
// Fills a gap in a database: samples from a file or from standard input, one per line, sent as
// collected through the exporter's own format, delivery and transport, as fast as the receiver
// confirms them. When the queue is full the reading waits; nothing is dropped for want of room.
#include "sample_line.hpp"

#include "../common/account.hpp"
#include "../common/arguments.hpp"
#include "../common/formats.hpp"
#include "../common/setting_flags.hpp"
#include "../common/stop_signals.hpp"
#include "../common/transports.hpp"

#include <backends/core/evidence.hpp>
#include <backends/core/export_names.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/options.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/resource_text.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/number/number.hpp>
#include <backends/queue/overflow.hpp>
#include <backends/select/settings.hpp>
#include <backends/select/transport_choice.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/spool/spool.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/transport/transport.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

/// The keys of a file that are flags as well.
constexpr std::array<std::string_view, 6> own_keys{"type",     "destination", "prefix",
                                                   "hostname", "tags",        "queue bytes"};

const std::vector<program::flag>& flags() {
    static std::deque<std::string> names;  // where they stay
    static const std::vector<program::flag> all = [] {
        std::vector<program::flag> out{
            {"confirm", "LEVEL",
             "when a line is delivered: acked (default), written, acked_replay or epoch"},
            {"config", "FILE", "the settings below from its [backend] section; flags go first"},
            {"section", "NAME", "from its section [backend:NAME]"},
            {"spool", "FOLDER", "lines that are not delivered survive the program there"},
            {"patience", "SECONDS", "give up after so long without a confirmed line (60)"},
            {"help", "", "show this"}};
        for (const auto& [key, meaning] : backends::select::documented_keys) {
            const bool is_ours = std::ranges::find(own_keys, key) != own_keys.end() ||
                                 std::ranges::find(backends::select::transport_keys, key,
                                                   &backends::select::documented_key::key) !=
                                     backends::select::transport_keys.end();
            if (is_ours) {
                out.push_back({names.emplace_back(program::flag_of(key)), "VALUE", meaning});
            }
        }
        return out;
    }();
    return all;
}

struct settings {
    backends::select::settings chosen;
    backends::options options;
    backends::nanoseconds patience;
};

/// The evidence that a level needs.
template <class Policies>
constexpr backends::evidence needed =
    backends::detail::needed_evidence<typename Policies::confirmation>();

/// Lines one after the other into a destination list.
template <class Format, class Policies>
class replaying {
public:
    explicit replaying(const settings& s)
        : shipping_{backends::select::transport_from<program::transports, Format, needed<Policies>>(
                        s.chosen, s.options.destination),
                    backends::parse_destinations(s.options.destination, Format::default_port,
                                                 backends::detail::schemes_of<transport>()),
                    {.queue_bytes = s.options.queue_bytes},
                    {},
                    {.directory = s.options.spool_directory,
                     .contents = std::string{Format::name}}},
          names_{
              {.prefix = s.options.prefix, .hostname = s.options.hostname, .tags = s.options.tags},
              backends::max_number_chars<double>,
              longest_line()},
          patience_{s.patience} {
        shipping_.transport().on_event({});
        if constexpr (has_pairs) {
            shipping_.transport().keep_together(&Format::adds);
        }
        if constexpr (backends::detail::has_resource<Format>) {
            using resource = backends::detail::resource_text<Format, typename Policies::names>;
            shipping_.transport().resource(
                resource::of({s.options.prefix, s.options.hostname, s.options.tags}));
        }
    }

    /// Accepts the sample once there is room for its line. False: interrupted, or out of patience.
    /// Throws malformed_sample when the format has no line for it.
    bool send(const replay::sample& s, program::stop_signals& signals) {
        const std::uint32_t series = series_of(s);
        const std::size_t room =
            (has_pairs ? 2 : 1) * names_.max_line() + decltype(names_)::line_slack;
        if (room > shipping_.lines().queue().capacity()) {
            throw replay::malformed_sample{"the line is larger than the queue"};
        }
        while (!shipping_.lines().fits(room)) {
            if (!wait(signals)) {
                return false;
            }
        }
        char* const begin = shipping_.lines().reserve(room);
        const auto line = [&](char* to) {
            return std::visit([&](auto value) { return names_.line(to, series, s.at, value); },
                              s.value);
        };
        char* end = line(begin);
        unsigned lines = 1;
        if constexpr (has_pairs) {  // the receiver would add it to what it has: set that to 0
            if (Format::adds({begin, static_cast<std::size_t>(end - begin)})) {
                end = line(names_.line(begin, series, s.at, std::int64_t{0}));
                lines = 2;
            }
        }
        shipping_.lines().commit(static_cast<std::size_t>(end - begin), lines);
        if (++unseen_ == 1024) {  // keep the connection busy meanwhile
            unseen_ = 0;
            push();
        }
        return !signals.stopped();
    }

    /// Delivers what is queued as far as that goes without waiting.
    void push() {
        const backends::instant until = shipping_.step(now());
        const auto& lines = shipping_.lines();
        shipping_.transport().arm(lines.wants_readable(), lines.wants_writable(), until);
        shipping_.transport().poll();  // what was begun can only end here
        shipping_.step(now());
    }

    /// Delivers what was accepted and ends the connection. True: all of it is confirmed.
    bool finish(program::stop_signals& signals) {
        shipping_.lines().end_batch(now());
        shipping_.lines().stop(now(), backends::instant::never());
        bool patient = !signals.stopped();
        while (patient && !shipping_.lines().stopped()) {
            patient = wait(signals);
        }
        shipping_.lines().stop(now(), now() + backends::seconds{1});
        while (!shipping_.lines().stopped()) {
            drive();
        }
        return counters().confirmed == counters().accepted;
    }

    [[nodiscard]] const backends::delivery_counters& counters() const {
        return shipping_.lines().counters();
    }
    [[nodiscard]] backends::spool_counters spooled() const { return shipping_.spooled(); }
    [[nodiscard]] std::error_code last_error() const { return shipping_.lines().last_error(); }

private:
    using clock = typename Policies::clock;
    using transport =
        backends::select::transport_for<program::transports, Format, needed<Policies>>;
    static constexpr bool has_pairs = backends::detail::has_adding_lines<Format>;

    [[nodiscard]] std::size_t longest_line() {
        if constexpr (backends::line_bounding_transport<transport>) {
            return shipping_.transport().longest_line();
        } else {
            return Format::limits.line;
        }
    }

    static backends::instant now() { return clock::steady_now(); }
    [[nodiscard]] std::uint64_t confirmed() const { return counters().confirmed.lines; }

    std::uint32_t series_of(const replay::sample& s) {
        key_.assign(s.chart).append(1, ' ').append(s.dimension);
        const auto it = known_.find(key_);
        if (it != known_.end()) {
            return it->second;
        }
        std::uint32_t series = 0;
        if (const auto error = names_.add(s.chart, s.dimension, series)) {
            throw replay::malformed_sample{error.message()};
        }
        known_.emplace(key_, series);
        return series;
    }

    /// One round of delivery. False when nobody should wait any longer.
    bool wait(program::stop_signals& signals) {
        const std::uint64_t before = confirmed();
        drive();
        if (confirmed() != before || !progress_) {
            progress_ = now();
        }
        return !signals.wait_for(std::chrono::nanoseconds{0}) && now() - *progress_ < patience_;
    }

    void drive() {
        const backends::instant until = shipping_.step(now());
        const auto& lines = shipping_.lines();
        if (!lines.stopped()) {
            // A signal makes no event of the transport's: look for one five times a second.
            shipping_.transport().arm(lines.wants_readable(), lines.wants_writable(),
                                      std::min(until, now() + backends::milliseconds(200)));
            shipping_.transport().run_one();
        }
    }

    backends::shipping<transport, Policies, backends::reply_lines<Format>> shipping_;
    backends::renderer<Format> names_;
    backends::nanoseconds patience_;
    std::optional<backends::instant> progress_;
    std::unordered_map<std::string, std::uint32_t> known_;  // by chart and dimension
    std::string key_;
    int unseen_ = 0;
};

/// Waits until there is input. Standard input may be somebody who types, or a program that takes
/// its time: delivery goes on meanwhile. False: interrupted.
template <class Replaying>
bool has_come(std::istream& in, Replaying& to, program::stop_signals& signals) {
    while (&in == &std::cin && in.rdbuf()->in_avail() == 0) {
        to.push();
        pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, 100) != 0) {
            break;
        }
        if (signals.wait_for(std::chrono::nanoseconds{0})) {
            return false;
        }
    }
    return true;
}

template <class Format, class Policies>
int run_replay(const settings& s, std::istream& in, std::string_view file) {
    program::stop_signals signals;
    replaying<Format, Policies> to{s};
    std::string line;
    std::uint64_t number = 0;
    bool whole = true;
    while (whole && has_come(in, to, signals) && std::getline(in, line)) {
        ++number;
        try {
            whole = to.send(replay::parse_sample(line), signals);
        } catch (const replay::malformed_sample& error) {
            std::fprintf(stderr, "replay: %.*s line %llu: %s\n", static_cast<int>(file.size()),
                         file.data(), static_cast<unsigned long long>(number), error.what());
            whole = false;
        }
    }
    whole = whole && !signals.stopped();
    if (in.bad()) {
        std::fprintf(stderr, "replay: %.*s cannot be read\n", static_cast<int>(file.size()),
                     file.data());
        whole = false;
    }
    const bool delivered = to.finish(signals);
    for (const std::string& account : program::account(to.counters())) {
        std::printf("%s\n", account.c_str());
    }
    for (const std::string& account : program::spool_account(to.spooled())) {
        std::printf("%s\n", account.c_str());
    }
    std::printf("connections %s, begun again %s lines, torn tails %s\n",
                program::grouped(to.counters().connections).c_str(),
                program::grouped(to.counters().replayed.lines).c_str(),
                program::grouped(to.counters().torn_tails).c_str());
    if (!delivered) {
        const auto error = to.last_error();
        std::printf("not everything was confirmed%s\n",
                    error ? (": " + error.message()).c_str() : "");
    } else if (whole) {
        std::printf("everything was confirmed\n");
    }
    return whole && delivered ? 0 : 1;
}

template <class Confirmation>
struct level : backends::default_policies {
    using confirmation = Confirmation;
    using overflow = backends::drop_newest;  // and nothing is: the reading waits
    using spool = backends::file_spool;
    using observer = backends::no_observer;  // the account at the end says it
};

backends::select::settings from_file(const program::arguments& given) {
    const auto path = given.value("config");
    const auto section = given.value("section");
    if (!path) {
        if (section) {
            throw program::usage_error{"--section needs the file of --config"};
        }
        return {};
    }
    return backends::select::settings_from_file(
        std::string{*path}, section ? "backend:" + std::string{*section} : "backend");
}

int run(const program::arguments& given) {
    if (given.positional().size() != 1) {
        throw program::usage_error{"one FILE is needed, - for standard input"};
    }
    const std::string file{given.positional()[0]};
    backends::select::settings chosen = from_file(given);
    program::take_flags(given, own_keys, chosen);
    for (const auto& one : backends::select::transport_keys) {
        program::take_flags(given, std::array{one.key}, chosen);
    }
    if (const auto folder = given.value("spool")) {
        chosen.set("spool directory", std::string{*folder}, "--spool");
    }
    settings s{
        .chosen = chosen,
        .options = chosen.merged_into(),
        .patience = backends::seconds{given.number<std::int64_t>("patience", 60, 1, 1'000'000)},
    };
    if (s.options.hostname.empty()) {
        s.options.hostname = backends::host{}.hostname();
    }
    std::ios::sync_with_stdio(false);  // std::cin has a buffer of its own then
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened) {
            throw backends::config_error{"FILE", file, "cannot be read"};
        }
    }
    std::istream& in = file == "-" ? std::cin : opened;

    const std::string type = chosen.text("type", "graphite");
    const std::string_view confirm = given.value("confirm").value_or("acked");
    try {
        return program::with_format(type, [&]<class Format>(Format) {
            const auto run_at = [&]<class Confirmation>(Confirmation) {
                using policies = level<Confirmation>;
                if constexpr (backends::select::is_carried<program::transports, Format,
                                                           needed<policies>>) {
                    return run_replay<Format, policies>(s, in, file);
                } else {
                    throw backends::select::not_proved(chosen, confirm);
                    return 2;
                }
            };
            if (confirm == "acked") {
                return run_at(backends::confirm::acked{});
            }
            if (confirm == "written") {
                return run_at(backends::confirm::written{});
            }
            if (confirm == "acked_replay") {
                return run_at(backends::confirm::acked_replay<>{});
            }
            if (confirm == "epoch") {
                return run_at(backends::confirm::epoch<>{});
            }
            throw backends::config_error{"--confirm", confirm,
                                         "not one of acked, written, acked_replay, epoch"};
        });
    } catch (const backends::config_error& e) {
        throw chosen.in_own_words(e);
    }
}

}  // namespace

int main(int argc, char** argv) {
    return program::run("replay [FLAGS] FILE", flags(), argc, argv, run);
}
