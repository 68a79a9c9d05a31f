// SPDX-License-Identifier: BSL-1.0
//
// Cursor, ring and average become one loop: no lock, no fence, and the only call that is left is
// for windows that were overwritten while they were read.
//
// average_wait_free lacks: lock mfence xchg
// average_wait_free reaches: memset std::terminate __cxa_begin_catch
// average_wait_free has: addsd
// average_unsynchronized lacks: lock mfence xchg
// average_unsynchronized reaches: memset std::terminate __cxa_begin_catch
// average_packed lacks: lock mfence xchg
// average_packed reaches: __divti3 __modti3 __divmodti4 memset std::terminate __cxa_begin_catch
#include <backends/cell/packed_cell.hpp>
#include <backends/source/average.hpp>
#include <backends/source/stored.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

using namespace backends;

extern "C" void average_wait_free(const basic_chart<double_cell, 3600, wait_free>& chart,
                                  stored<average>::cursor& at, unix_seconds before, double* out) {
    stored<average>::read(chart, at, before,
                          [out](std::size_t dimension, std::size_t, unix_seconds,
                                double value) noexcept { out[dimension] = value; });
}

extern "C" void average_unsynchronized(const basic_chart<double_cell, 3600, unsynchronized>& chart,
                                       stored<average>::cursor& at, unix_seconds before,
                                       double* out) {
    stored<average>::read(chart, at, before,
                          [out](std::size_t dimension, std::size_t, unix_seconds,
                                double value) noexcept { out[dimension] = value; });
}

// Only a sum beyond 64 bits is divided by a function, in 128.
extern "C" void average_packed(const basic_chart<packed_cell, 3600, wait_free>& chart,
                               stored<average>::cursor& at, unix_seconds before, decimal* out) {
    stored<average>::read(chart, at, before,
                          [out](std::size_t dimension, std::size_t, unix_seconds,
                                decimal value) noexcept { out[dimension] = value; });
}
