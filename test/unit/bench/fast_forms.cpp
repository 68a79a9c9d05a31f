// SPDX-License-Identifier: BSL-1.0
#include <backends/bench/fast_forms.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/storage/locked.hpp>
#include <backends/testing/data_source_archetype.hpp>
#include <backends/testing/recording_policy_archetype.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"

namespace {

using namespace backends;

/// Derived, and so without the sums of its base: the case that is slow in silence.
struct derived_cell : double_cell {};

template <class Cell, class Source>
std::string forms() {
    return bench::fast_forms<Cell, Source, wait_free>();
}

}  // namespace

TEST_CASE("a policy's fast forms are told") {
    CHECK(forms<double_cell, average>() ==
          "column sums: yes (12 at once), pairs: yes, prefetch: yes");
    CHECK(forms<double_cell, maximum>() == "column sums: no (8 at once), pairs: no, prefetch: yes");
    CHECK(forms<packed_cell, average>().find("column sums: yes") == 0);
    CHECK(bench::format_forms<graphite_plaintext>() == "parts of a line: 3");
    CHECK(bench::transport_forms<memory>() ==
          "counts unacknowledged bytes: yes, counts unread bytes: no, waits: yes");
}

TEST_CASE("a derived cell has lost its base's sums, and that is told") {
    CHECK(forms<derived_cell, average>() ==
          "column sums: no (8 at once), pairs: no, prefetch: yes");
}

TEST_CASE("a fused pack is summed sample by sample") {
    CHECK(forms<double_cell, fused<average, maximum>>() ==
          "column sums: no (8 at once), pairs: no, prefetch: yes");
}

TEST_CASE("of a source that reduces nothing, prefetching alone is told") {
    CHECK(forms<double_cell, as_collected>() == "prefetch: yes");
    CHECK(forms<double_cell, testing::data_source_archetype>() == "prefetch: no");
}

TEST_CASE("a recording policy's loads are told") {
    CHECK(bench::recording_forms<locked>() ==
          "vector loads: yes, byte loads: yes, read while recorded: no");
    CHECK(bench::recording_forms<testing::recording_policy_archetype>() ==
          "vector loads: no, byte loads: no, read while recorded: yes");
}
