// SPDX-License-Identifier: BSL-1.0
#include <backends/format/statsd.hpp>

#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/format/dogstatsd.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/source/average.hpp>
#include <backends/source/count.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/source/total_over_time.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace backends;

namespace {

template <class Format, class Value>
std::string line(quantity says, Value v, label_list labels = {}) {
    renderer<Format> lines{{"shop", "web-1", {}}};
    std::uint32_t series = 0;
    REQUIRE_FALSE(lines.add("system.cpu", "user", series, labels, says));
    std::string room(lines.max_line() + lines.line_slack, '\0');
    return {room.data(), lines.line(room.data(), series, 1795367461, v)};
}

template <class Format>
bool is_line(std::string_view text) {
    return static_cast<bool>(parse<Format>(text));
}

}  // namespace

TEST_CASE("levels are gauges, amounts are counters") {
    CHECK(line<statsd>(quantity::level, 86.5) == "shop.web-1.system.cpu.user:86.5000000|g\n");
    CHECK(line<statsd>(quantity::amount, std::int64_t{3}) == "shop.web-1.system.cpu.user:3|c\n");
    CHECK(line<dogstatsd>(quantity::level, -2.5) ==
          "shop.system.cpu.user:-2.5000000|g|#host:web-1|T1795367461\n");
    CHECK(line<dogstatsd>(quantity::amount, std::uint64_t{3}) ==
          "shop.system.cpu.user:3|c|#host:web-1|T1795367461\n");
}

TEST_CASE("a chart's labels are tags, of DogStatsD alone") {
    const std::string labels = detail::pack({{"core", "7 b|x"}, {"host", "a:b"}});
    CHECK(line<dogstatsd>(quantity::level, 1, label_list{labels}) ==
          "shop.system.cpu.user:1|g|#host:web-1,core:7_b_x,_host:a_b|T1795367461\n");
    renderer<statsd> lines{{"", "h", {}}};
    std::uint32_t series = 0;
    CHECK(lines.add("c", "d", series, label_list{labels}) == errc::too_many_tags);
    CHECK_THROWS_AS((renderer<statsd>{{"", "h", {{"dc", "fra"}}}}), config_error);
}

TEST_CASE("sums, totals and counts are amounts, other results are levels") {
    static_assert(detail::quantity_of<stored<average>>(0) == quantity::level);
    static_assert(detail::quantity_of<stored<sum>>(0) == quantity::amount);
    static_assert(detail::quantity_of<stored<total_over_time>>(0) == quantity::amount);
    using both = stored<fused<count, average>>;
    static_assert(detail::quantity_of<both>(0) == quantity::amount);
    static_assert(detail::quantity_of<both>(1) == quantity::level);
    SUCCEED();
}

TEST_CASE("receivers of statsd add a gauge with a sign, those of DogStatsD do not") {
    CHECK(statsd::adds("a.b.c:-5|g\n"));
    CHECK_FALSE(statsd::adds("a.b.c:5|g\n"));
    CHECK_FALSE(statsd::adds("a.b.c:-5|c\n"));
    CHECK_FALSE(statsd::adds("a.-b.c:5|g\n"));
    CHECK_FALSE(statsd::adds(""));
    static_assert(detail::has_adding_lines<statsd>);
    static_assert(!detail::has_adding_lines<dogstatsd>);
}

TEST_CASE("the parser reads what the lines say") {
    const parsed_line gauge = parse<statsd>("shop.web-1.c.d:-2.5000000|g").line;
    CHECK(gauge.path == "shop.web-1.c.d");
    CHECK(gauge.number == "-2.5000000");
    CHECK(gauge.says == quantity::level);
    CHECK(gauge.at == 0);
    const parsed_line counter = parse<dogstatsd>("c.d:7|c|#host:h,dc:fra|T17").line;
    CHECK(counter.path == "c.d");
    CHECK(counter.hostname == "h");
    CHECK(counter.tags == ",dc:fra");
    CHECK(counter.says == quantity::amount);
    CHECK(counter.at == 17);
}

TEST_CASE("the parser takes no line of statsd that the renderer cannot write") {
    for (const char* const text : {"", "a.b.c", "a.b.c:1", "a.b.c:1|", "a.b.c:|g", "a.b.c:1|ms",
                                   "a.b.c:1|gc", "a.b.c:1|g|@1", "a.b.c:1|g:2|g", "a.b.c:+1|g",
                                   "a.b.c:x|g", "a.b:1|g", "a b.c.d:1|g", "a.b.c:1|g "}) {
        INFO(text);
        CHECK_FALSE(is_line<statsd>(text));
    }
    for (const char* const text :
         {"", "a.b:1|g", "a.b:1|g|#host:h", "a.b:1|g|T17", "a.b:1|g|#host:h|T0",
          "a.b:1|g|#host:h|T17|c:x", "a.b:1|h|#host:h|T17", "a.b:1|g|#host:h,x|T17",
          "a.b:1|g|#host:h,host:x|T17", "a.b:1:2|g|#host:h|T17", "a.b:1|g|#host:|T17"}) {
        INFO(text);
        CHECK_FALSE(is_line<dogstatsd>(text));
    }
}

TEST_CASE("a line may be bounded below the format's limit") {
    renderer<statsd> lines{{"", "h", {}}, max_number_chars<double>, 512};
    CHECK(lines.limit() == 512);
    std::uint32_t series = 0;
    CHECK_FALSE(lines.add("c", std::string(180, 'd'), series));
    CHECK(lines.max_line() <= 512);
    CHECK(lines.add("c", std::string(200, 'd'), series) == errc::line_too_long);
    CHECK(renderer<statsd>{{"", "h", {}}, 20, 5'000}.limit() == statsd::limits.line);
}
