// SPDX-License-Identifier: BSL-1.0
#include <backends/instrument/counting_cells.hpp>

#include <backends/instrument/shared_cells.hpp>
#include <backends/instrument/thread_cells.hpp>
#include <backends/testing/counting_cells_archetype.hpp>
#include <backends/testing/counting_cells_laws.hpp>

#include "catch.hpp"

using backends::testing::counting_cells_laws;

TEMPLATE_TEST_CASE("counting cells obey their laws", "", backends::thread_cells,
                   backends::shared_cells, backends::testing::counting_cells_archetype) {
    REQUIRE(counting_cells_laws<TestType>::broken() == "");
}

TEMPLATE_TEST_CASE("nothing that threads add to counting cells is lost", "", backends::thread_cells,
                   backends::shared_cells) {
    REQUIRE(counting_cells_laws<TestType>::broken_between_threads() == "");
}
