// SPDX-License-Identifier: BSL-1.0
//
// The main job: reads this machine's /proc into charts every second and exports them, to one
// receiver or to several. Without a `--destination` it starts a receiver of its own and shows what
// arrives there. It ends with the exact account of every line.
#include "levels.hpp"

#include "../common/arguments.hpp"
#include "../common/setting_flags.hpp"

#include <backends/select/settings.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// The program's own flags, and one for every key of a file: `update every` is `--update-every`.
const std::vector<program::flag>& flags() {
    static std::deque<std::string> names;  // where they stay
    static const std::vector<program::flag> all = [] {
        std::vector<program::flag> out{
            {"seconds", "N", "end after so long (default: until SIGINT or SIGTERM)"},
            {"config", "FILE",
             "an exporter for each section [backend] and [backend:NAME]; flags go first"},
            {"confirm", "LEVEL",
             "when a line is delivered: acked (default), or written, which statsd and dogstatsd "
             "need"},
            {"cpus", "", "a chart for each processor too"},
            {"proc", "FOLDER", "where to read (default /proc)"},
            {"spool", "FOLDER", "the same as --spool-directory"},
            {"help", "", "show this"}};
        for (const auto& [key, meaning] : backends::select::documented_keys) {
            out.push_back({names.emplace_back(program::flag_of(key)), "VALUE", meaning});
        }
        return out;
    }();
    return all;
}

int run(const program::arguments& given) {
    if (!given.positional().empty()) {
        throw program::usage_error{"unexpected argument " + std::string{given.positional()[0]}};
    }
    const std::string_view level = given.value("confirm").value_or("acked");
    if (level == "written") {
        return agent::export_written(given);
    }
    if (level != "acked") {
        throw backends::config_error{"--confirm", level, "neither acked nor written"};
    }
    return agent::export_acked(given);
}

}  // namespace

int main(int argc, char** argv) {
    return program::run("system_agent [FLAGS]", flags(), argc, argv, run);
}
