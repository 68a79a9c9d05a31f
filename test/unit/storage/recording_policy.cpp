// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/recording_policy.hpp>

#include <backends/storage/locked.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>
#include <backends/testing/recording_policy_archetype.hpp>
#include <backends/testing/recording_policy_laws.hpp>

#include "catch.hpp"

TEMPLATE_TEST_CASE("recording policies obey their laws", "", backends::unsynchronized,
                   backends::wait_free, backends::locked,
                   backends::testing::recording_policy_archetype) {
    REQUIRE(backends::testing::recording_policy_laws<TestType>::broken() == "");
}
