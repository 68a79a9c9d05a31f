// SPDX-License-Identifier: BSL-1.0
//
// The agent's run at the two confirmation levels that it offers. Each stands for many exporters,
// source by format, so each has a translation unit of its own.
#pragma once

namespace program {
class arguments;
}

namespace agent {

/// Both return the exit status: 0 when every line that was accepted was confirmed, and arrived if
/// the receiver is the agent's own. They throw config_error before anything has started.
int export_acked(const program::arguments& given);
int export_written(const program::arguments& given);

}  // namespace agent
