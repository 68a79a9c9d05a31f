// SPDX-License-Identifier: BSL-1.0
//
// fmt as a peer, with format strings that are compiled.
#include "peers.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

namespace bench::peers {

void add_fmt_peers() {
    add_number("fmt", [](char* out, char*, double v) {
        return fmt::format_to(out, FMT_COMPILE("{:.7f}"), v);
    });
    add_tick("fmt", [](char* out, char*, const std::string& name, double value, std::int64_t now) {
        return fmt::format_to(out, FMT_COMPILE("{} {:.7f} {}\n"), name, value, now);
    });
}

}  // namespace bench::peers
