// SPDX-License-Identifier: BSL-1.0
//
// What the agent's exporter has beside the confirmation level: a spool, for those who name a folder
// for it, and a log of which receiver it reached and what goes wrong, on standard error. Not while
// the live table has the terminal.
#pragma once

#include <backends/driver/event_log.hpp>
#include <backends/spool/file_spool.hpp>

#include <cstdio>
#include <string_view>

#include <unistd.h>

namespace agent {

struct to_standard_error {
    bool silent = ::isatty(STDOUT_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;

    void operator()(std::string_view line) const noexcept {
        if (!silent) {
            std::fprintf(stderr, "system_agent: %.*s\n", static_cast<int>(line.size()),
                         line.data());
        }
    }
};

/// Policies, a log and a spool.
template <class Policies>
struct telling : Policies {
    using observer = backends::event_log<to_standard_error>;
    using spool = backends::file_spool;
};

}  // namespace agent
