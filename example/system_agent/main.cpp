// SPDX-License-Identifier: BSL-1.0
//
// The main job: reads this machine's /proc into charts every second and exports them. Without a
// destination it starts a receiver of its own and shows what arrives there. It ends with the exact
// account of every line.
#include "levels.hpp"

#include "../common/arguments.hpp"

#include <array>
#include <string>
#include <string_view>

namespace {

constexpr std::array flags{
    program::flag{"seconds", "N", "end after so long (default: until SIGINT or SIGTERM)"},
    program::flag{"destination", "LIST",
                  "receivers, tried in order; without one, a receiver of its own"},
    program::flag{"type", "TYPE", "graphite (default), opentsdb or json"},
    program::flag{"data-source", "SOURCE", "average (default), sum, volume or \"as collected\""},
    program::flag{"update-every", "N",
                  "seconds between exports (default 10; 1 with its own receiver)"},
    program::flag{"prefix", "NAME", "first part of every name (default netdata)"},
    program::flag{"hostname", "NAME", "(default: the machine's)"},
    program::flag{"buffer-on-failures", "N", "batches kept while nobody takes them (default 10)"},
    program::flag{"timeout-ms", "N", "for connecting, and for a write without progress"},
    program::flag{"spool", "FOLDER", "lines that are not delivered survive the program there"},
    program::flag{"confirm", "LEVEL", "when a line is delivered: acked (default) or written"},
    program::flag{"config", "FILE", "the same options from its [backend] section; flags go first"},
    program::flag{"cpus", "", "a chart for each processor too"},
    program::flag{"proc", "FOLDER", "where to read (default /proc)"},
    program::flag{"help", "", "show this"},
};

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
    return program::run("system_agent [FLAGS]", flags, argc, argv, run);
}
