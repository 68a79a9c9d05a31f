// SPDX-License-Identifier: BSL-1.0
#include "table.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

TEST_CASE("a curve runs from the lowest block to the highest") {
    CHECK(agent::sparkline(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}, 8) == "▁▂▃▄▅▆▇█");
    CHECK(agent::sparkline(std::vector<double>{7, 0}, 4) == "  █▁");
    CHECK(agent::sparkline(std::vector<double>{9, 1, 5, 9}, 2) == "▁█");
    CHECK(agent::sparkline(std::vector<double>{5, 5, 5}, 3) == "▁▁▁");
    CHECK(agent::sparkline({}, 3) == "   ");
}

TEST_CASE("numbers keep to their ten places") {
    for (const double v : {0.0, 0.001, 9.9996, 99.999, 999.99, 9999.9, 1e4, 123456.0, 9.99e8, 1e12,
                           9.999e14, 1e15, 1.7e308, -3.5, -12345.0}) {
        CHECK(agent::short_number(v).size() == 10);
    }
    CHECK(agent::short_number(0.0) == "   0.000  ");
    CHECK(agent::short_number(123456) == "   123.5 k");
}

TEST_CASE("the table drops what all names share, puts moving series first and counts the rest") {
    agent::table t;
    for (int i = 0; i < 3; ++i) {
        t.add("netdata.web-1.system.cpu.user", std::to_string(i));
        t.add("netdata.web-1.system.cpu.irq", "0.0000000");
        t.add("netdata.web-1.disk.sda.read", std::to_string(10 * i));
        t.add("netdata.web-1.zoo", "7");
    }
    const auto lines = t.draw(60, 4);
    REQUIRE(lines.size() == 4);
    CHECK(lines[1].starts_with("system.cpu.user "));
    CHECK(lines[1].ends_with("2.000  "));
    CHECK(lines[2].starts_with("disk.sda.read "));
    CHECK(lines[3] == "… and 2 more series");
    CHECK(t.draw(60, 20).size() == 5);
    CHECK(t.size() == 4);
}

TEST_CASE("a terminal of any size gets a table") {
    agent::table t;
    t.add("a.b", "1");
    t.add("a.c", "x");
    for (std::size_t width = 0; width < 200; width += 7) {
        CHECK_FALSE(t.draw(width, width / 4).empty());
    }
}
