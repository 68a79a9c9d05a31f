// SPDX-License-Identifier: BSL-1.0
#include <backends/driver/event_log.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace backends;
using test::stepped_clock;

struct to_list {
    std::vector<std::string>* lines;
    void operator()(std::string_view line) const noexcept { lines->emplace_back(line); }
};
using list_log = event_log<to_list, stepped_clock>;

const destination somewhere{"graphite-1", "", "2003"};

bool is_printable(const std::string& line) {
    return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

static_assert(std::is_nothrow_move_constructible_v<event_log<>>);
static_assert(
    requires(event_log<>& log, void take(event_log<>)) { take({}); },
    "as an exporter's default argument");

TEST_CASE("what happens is told in a line each") {
    std::vector<std::string> lines;
    list_log log{{&lines}};
    log.on_connected(somewhere);
    log.on_failure(somewhere, make_error_code(errc::timed_out));
    log.on_dropped(drop_reason::overflow, {3, 100});
    log.on_refused_series("chart", "dim", make_error_code(errc::name_refused));
    log.on_merged_name("chart", "dim");
    log.on_refused_rows("chart", 3);
    log.on_clock_steps("chart", 1);
    log.on_folded("http.by", 5);
    CHECK(
        lines ==
        std::vector<std::string>{
            R"(connected to "graphite-1" port "2003")",
            R"("graphite-1" port "2003": the deadline passed)",
            "dropped 3 lines, 100 bytes: overflow",
            R"(not exported: "chart" "dim": the name holds bytes that the name rule refuses)",
            R"("chart" "dim" has the same safe name as another series)",
            R"("chart" refused 3 rows: one row a slot, none of a time that is gone or a day ahead)",
            R"("chart" found the clock set back 1 times)",
            R"("http.by" had no room for 5 look-ups: they got its series of other)"});
}

TEST_CASE("bytes of others are written so that no terminal obeys them") {
    std::vector<std::string> lines;
    list_log log{{&lines}};
    log.on_reply(somewhere, std::string_view{"\x1b]0;owned\x07 \"a\" \\ \n\0 \xff", 21});
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] ==
          R"("graphite-1" port "2003" says "\x1b]0;owned\x07 \x22a\x22 \x5c \x0a\x00 \xff")");
}

TEST_CASE("every byte is printable in the log") {
    for (int byte = 0; byte < 256; ++byte) {
        std::vector<std::string> lines;
        list_log log{{&lines}};
        log.on_reply(somewhere, std::string(3, static_cast<char>(byte)));
        REQUIRE(lines.size() == 1);
        CHECK(is_printable(lines[0]));
    }
}

TEST_CASE("a long line is cut off, and says so") {
    std::vector<std::string> lines;
    list_log log{{&lines}};
    log.on_reply(somewhere, std::string(100'000, '\x01'));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() == 512);
    CHECK_THAT(lines[0], EndsWith("..."));
}

TEST_CASE("one line of a kind in an interval, and then how many were left out") {
    std::vector<std::string> lines;
    list_log log{{&lines}, seconds{10}};
    for (int i = 0; i < 1000; ++i) {
        log.on_reply(somewhere, "no");
    }
    log.on_connected(somewhere);
    CHECK(lines.size() == 2);  // another kind has an interval of its own
    stepped_clock::steady = stepped_clock::steady + seconds{10};
    log.on_reply(somewhere, "no");
    REQUIRE(lines.size() == 3);
    CHECK_THAT(lines[2], EndsWith(R"(says "no" (and 999 more of the kind))"));
    log.on_reply(somewhere, "no");
    CHECK(lines.size() == 3);
    stepped_clock::steady = stepped_clock::steady + seconds{10};
    log.on_reply(somewhere, "yes");
    CHECK_THAT(lines.back(), EndsWith(R"("yes" (and 1 more of the kind))"));
}

TEST_CASE("the words of an error category are somebody else's as well") {
    struct rude : std::error_category {
        [[nodiscard]] const char* name() const noexcept override { return "rude"; }
        [[nodiscard]] std::string message(int) const override { return "\x1b[2Jgone\n\xc3\xa4"; }
    };
    static const rude category;
    std::vector<std::string> lines;
    list_log log{{&lines}};
    log.on_failure(somewhere, {1, category});
    log.on_spool_failure({1, category});
    log.on_refused_series("c", "d", {1, category});
    REQUIRE(lines.size() == 3);
    for (const std::string& line : lines) {
        CHECK(is_printable(line));
        CHECK_THAT(line, EndsWith(R"(: \x1b[2Jgone\x0a\xc3\xa4)"));
    }
}

TEST_CASE("what a cycle counts is told in a line each") {
    std::vector<std::string> lines;
    list_log log{{&lines}};
    log.on_postponed("a\nb", std::make_error_code(std::errc::not_enough_memory));
    log.on_overrun("c", 7);
    log.on_not_finite("c", 2);
    log.on_missed_ticks(3);
    log.on_stamp_step(seconds{-3605});
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].find("not exported yet: \"a\\x0ab\": ") == 0);
    CHECK(lines[1] == "\"c\": 7 samples were overwritten before they were exported");
    CHECK(lines[2] == "\"c\": 2 values are not sent, not finite or of a time before 1970");
    CHECK(lines[3] == "late: 3 exports are folded into the next one");
    CHECK(lines[4] == "the system's clock was set back by 3605 s");
}
