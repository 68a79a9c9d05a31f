// SPDX-License-Identifier: BSL-1.0
//
// Recording a row calls nothing that could block or allocate: only gaps are filled in by memset.
// The clock is read where a row leaves slots out, which may be a day ahead of it.
// The wait-free policy needs no locked instruction and no fence on x86-64.
//
// record_wait_free reaches: memset clock_gettime
// record_wait_free lacks: lock mfence xchg
// record_unsynchronized reaches: memset clock_gettime
// record_unsynchronized lacks: lock mfence xchg
#include <backends/storage/chart.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include <array>

using namespace backends;
using row = std::array<double, 4>;

extern "C" bool record_wait_free(basic_chart<double_cell, 3600, wait_free>& chart, unix_seconds at,
                                 const row& values) {
    return chart.record(at, values);
}

extern "C" bool record_unsynchronized(basic_chart<double_cell, 3600, unsynchronized>& chart,
                                      unix_seconds at, const row& values) {
    return chart.record(at, values);
}
