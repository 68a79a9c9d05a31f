// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/last_readings.hpp>

#include "catch.hpp"

#include <backends/core/labels.hpp>
#include <backends/core/list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct any_chart {
    std::string name;
    std::string packed;

    [[nodiscard]] std::string_view id() const noexcept { return name; }
    [[nodiscard]] backends::label_list labels() const noexcept {
        return backends::label_list{packed};
    }
};

struct follower {
    struct leaving {
        const any_chart* chart;
        void* place;
        std::uint64_t when;
        bool is_read = false;
    };
};

using readings = backends::detail::last_readings<follower>;

/// `n` charts of n / 2 names, each with and without a label.
std::vector<any_chart> charts(std::size_t n) {
    std::vector<any_chart> all;
    for (std::size_t i = 0; i < n; ++i) {
        all.push_back({"c" + std::to_string(i / 2),
                       i % 2 == 0 ? "" : backends::detail::pack({{"disk", "sda"}})});
    }
    return all;
}

std::vector<follower::leaving> leaving(const std::vector<any_chart>& all,
                                       std::minstd_rand& random) {
    std::vector<follower::leaving> gone;
    for (const any_chart& one : all) {
        gone.push_back({&one, nullptr, gone.size()});
    }
    std::shuffle(gone.begin(), gone.end(), random);
    return gone;
}

}  // namespace

TEST_CASE("each removed chart is found, and no other") {
    std::minstd_rand random{3};
    for (const std::size_t n : {0U, 1U, 2U, 3U, 4U, 7U, 100U, 1001U}) {
        const auto removed = charts(n);
        auto gone = leaving(removed, random);
        readings last{gone};
        CHECK(last.empty() == (n == 0));
        last.sort_to_mark();
        const auto others = charts(n);
        for (std::size_t i = 0; i < n; i += 3) {
            REQUIRE(last.mark(removed[i]));
            REQUIRE_FALSE(last.mark(others[i]));
        }
        const auto read =
            std::count_if(gone.begin(), gone.end(), [](const auto& one) { return one.is_read; });
        REQUIRE(static_cast<std::size_t>(read) == (n + 2) / 3);
    }
}

TEST_CASE("a chart comes after a removed one with its id and labels alone") {
    std::minstd_rand random{5};
    const auto removed = charts(101);
    auto gone = leaving(removed, random);
    const readings last{gone};
    for (const any_chart& one : charts(101)) {
        REQUIRE(last.come_before(one));
    }
    for (const any_chart& one : charts(120)) {
        const bool is_among =
            std::stoul(one.name.substr(1)) * 2 + (one.packed.empty() ? 0 : 1) < 101;
        REQUIRE(last.come_before(one) == is_among);
    }
    CHECK_FALSE(last.come_before(any_chart{"c1", backends::detail::pack({{"disk", "sdb"}})}));
    CHECK_FALSE(last.come_before(any_chart{"", ""}));
    for (const any_chart& one : removed) {
        REQUIRE_FALSE(last.come_before(one));
    }
}
