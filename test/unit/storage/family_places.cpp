// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/family_places.hpp>

#include "catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

using namespace backends;
using detail::family_places;
using detail::family_series;
using detail::label_value;
using detail::lease_state;

namespace {

/// A series that is sampled and that one holds.
void set(family_series& one, const std::string& value, std::uint64_t hash) {
    const std::array<label_value, 1> values{label_value{value}};
    one.key = detail::pack_values(values);
    one.hash = hash;
    one.users = lease_state::sampled | 1U;
}
family_series* find(const family_places& all, std::uint64_t hash, const std::string& value) {
    const std::array<label_value, 1> values{label_value{value}};
    return all.find(hash, values);
}

}  // namespace

TEST_CASE("series of one hash are told apart by their values") {
    family_places all{4};
    std::array<family_series, 3> some;
    set(some[0], "a", 7);
    set(some[1], "b", 7);
    set(some[2], "c", 8);
    for (family_series& one : some) {
        all.add(one);
    }
    CHECK(find(all, 7, "a") == &some[0]);
    CHECK(find(all, 7, "b") == &some[1]);
    CHECK(find(all, 8, "c") == &some[2]);
    CHECK(find(all, 7, "c") == nullptr);
    // Found ones are held once, and those that were only looked at are not.
    for (const family_series& one : some) {
        CHECK(one.users == (lease_state::sampled | 2U));
        CHECK(one.was_found);
    }
}

TEST_CASE("what has ended is not found, and those after it are") {
    family_places all{8};
    std::array<family_series, 8> some;
    for (std::size_t i = 0; i < some.size(); ++i) {
        set(some[i], std::to_string(i), 15 + i / 3);  // runs that go on at the beginning
        all.add(some[i]);
    }
    some[1].users = 1;  // its chart was removed
    CHECK(find(all, 15, "1") == nullptr);
    const std::array<label_value, 1> ended{label_value{1}};
    const std::size_t at = all.ended(15, ended);
    REQUIRE(at != all.size());
    CHECK(all[at] == &some[1]);
    const std::uint64_t before = all.changes();
    CHECK(all.are_as_at(before));
    all.erase(at);
    CHECK_FALSE(all.are_as_at(before));
    CHECK(all.ended(15, ended) == all.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
        CHECK(find(all, 15 + i / 3, std::to_string(i)) == (i == 1 ? nullptr : &some[i]));
    }
}
