// SPDX-License-Identifier: BSL-1.0
//
// What the agent tells about its exporter beside the lines: which receiver it reached, and what goes
// wrong, on standard error. Not while the live table has the terminal.
#pragma once

#include <backends/exporter/event_log.hpp>

#include <cstdio>
#include <string_view>

#include <unistd.h>

namespace agent {

struct to_standard_error {
    bool silent = ::isatty(STDOUT_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;

    void operator()(std::string_view line) const noexcept {
        if (!silent) {
            std::fprintf(stderr, "system_agent: %.*s\n", static_cast<int>(line.size()), line.data());
        }
    }
};

/// Policies, and a log.
template <class Policies>
struct telling : Policies {
    using observer = backends::event_log<to_standard_error>;
};

}  // namespace agent
