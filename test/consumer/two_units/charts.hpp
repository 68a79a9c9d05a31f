// SPDX-License-Identifier: BSL-1.0
//
// What the two files of a program share: one records, the other exports.
#pragma once

#include <backends/storage/host.hpp>

[[nodiscard]] bool record_row(backends::host& host);
