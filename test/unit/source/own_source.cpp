// SPDX-License-Identifier: BSL-1.0
//
// A data source of a user's own, as docs/concepts/data_source.md shows it.
#include <backends/source/data_source.hpp>

#include <backends/testing/data_source_laws.hpp>

#include "catch.hpp"

#include <vector>

//! [own_source]
/// How old the last collected value of each dimension is, in seconds, when anything was collected.
struct staleness {
    static constexpr std::string_view name = "staleness";
    static constexpr std::size_t variants = 1;
    static constexpr std::string_view variant_name(std::size_t) noexcept { return ""; }

    struct cursor {
        backends::slot_number next = INT64_MIN;
    };

    template <class Chart, class Emit>
    static backends::read_result read(const Chart& chart, cursor& at, backends::unix_seconds before,
                                      Emit&& emit) noexcept {
        const backends::slot_range fresh = chart.unread(at.next);
        if (fresh.empty()) {
            return {};
        }
        at.next = fresh.end;
        return read_window(chart, INT64_MIN, before, emit);
    }

    template <class Chart, class Emit>
    static backends::read_result read_window(const Chart& chart, backends::unix_seconds,
                                             backends::unix_seconds before, Emit&& emit) noexcept {
        backends::read_result result;
        for (std::size_t i = 0; i < chart.width(); ++i) {
            if (const auto last = chart.collected(i); last.present) {
                emit(i, std::size_t{0}, before, before - last.at);
                ++result.samples;
            }
        }
        return result;
    }
};
static_assert(backends::data_source<staleness>);
//! [own_source]

using namespace backends;

TEST_CASE("a data source of one's own obeys the laws") {
    chart c{"c", {"a", "b"}, value_kind::floating, {}};
    REQUIRE(testing::data_source_laws<staleness>::broken(c, 10) == "");
    REQUIRE(c.record(5, {1.0, 2.0}));
    c.set(1, 3.0);
    REQUIRE(c.commit(9));
    REQUIRE(testing::data_source_laws<staleness>::broken(c, 10) == "");
    std::vector<std::int64_t> ages;
    staleness::read_window(c, 0, 10, [&](std::size_t, std::size_t, unix_seconds, std::int64_t age) {
        ages.push_back(age);
    });
    REQUIRE(ages == std::vector<std::int64_t>{5, 1});
}
