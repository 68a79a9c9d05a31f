// SPDX-License-Identifier: BSL-1.0
//
// Includes everything, as the other file does: the linker finds what both of them define.
#include "charts.hpp"

#include <backends/backends.hpp>

static_assert(expected_standard == 20 ? __cplusplus == 202002L : __cplusplus > 202002L);

bool record_row(backends::host& host) {
    return host.add("app.queue", {"depth"}).record(1'700'000'000, {3.0});
}
