// SPDX-License-Identifier: BSL-1.0
//
// What people write first, where charts are added and recorded into. The sentence is in the first
// five lines of what the compiler says.
//
// mistake 1 in 5 lines: backends: the members of this struct are not known: write
// mistake 1 in 5 lines: BOOST_HANA_ADAPT_STRUCT(
// mistake 2 in 5 lines: backends: every member of a chart's struct is a number; Member, named here,
// mistake 2 in 5 lines: string<'n', 'a', 'm', 'e'>
// mistake 3 in 5 lines: backends: a row is a number for each dimension, in braces: record({value})
// mistake 4 in 5 lines: backends: a row is a number for each dimension, in braces: record({value})
// mistake 5 in 5 lines: backends: a time is Unix seconds, of a std::chrono::time_point: record(
// mistake 6 in 5 lines: backends: a time is Unix seconds, of a std::chrono::time_point: record(
// mistake 7 in 5 lines: backends: dimensions are a range of backends::new_dimension, which
// mistake 8 in 5 lines: backends: the id of a chart is a std::string: add(std::string{id}, ...)
// mistake 9 in 5 lines: backends: the id of a chart is a std::string: add(std::string{id}, ...)
// mistake 10 in 5 lines: backends: a row of several types is one of doubles, and a double
// mistake 11 in 5 lines: backends: a period is a whole number of seconds, 1s or more
//
// That a row may be refused is to be looked at; compilers have the sentence.
//
// options of mistake 12: -Werror=unused-result
// mistake 12 in 5 lines: ignoring return value of
// options of mistake 13: -Werror=unused-result
// mistake 13 in 5 lines: ignoring return value of
// options of mistake 14: -Werror=unused-result
// mistake 14 in 5 lines: ignoring return value of
#include <backends/core/time.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <chrono>
#include <string>
#include <vector>

struct stats {
    long depth;
    double wait;
};
#if MISTAKE != 1
BOOST_HANA_ADAPT_STRUCT(stats, depth, wait);
#endif
struct worded {
    double wait;
    std::string name;
};
BOOST_HANA_ADAPT_STRUCT(worded, wait, name);

using std::chrono::system_clock;

void use(backends::host& h, const std::vector<std::string>& names, std::string_view id,
         std::size_t size, double ms) {
    using namespace std::chrono_literals;
    static_cast<void>(h.add<stats>("a").record({.depth = 1, .wait = 2}));
    auto& c = h.add("b", {"x", "y"}, {.update_every = 5s});
    static_cast<void>(c.record({1, 2.5}) && c.record(7, {1.0F, 2.5}) && c.record({size, size}));
    static_cast<void>(c.record(system_clock::to_time_t(system_clock::now()), std::array{1.0, 2.0}));
    const std::vector<backends::new_dimension> dimensions(names.begin(), names.end());
    h.add("c", dimensions);
#if MISTAKE == 2
    h.add<worded>("d");
#elif MISTAKE == 3
    c.record(1);
#elif MISTAKE == 4
    c.record(1'700'000'000, 1.5);
#elif MISTAKE == 5
    c.record(system_clock::now(), {1.0, 2.0});
#elif MISTAKE == 6
    c.record(system_clock::now(), std::array{1.0, 2.0});
#elif MISTAKE == 7
    h.add("d", names);
#elif MISTAKE == 8
    h.add(id, {"x"});
#elif MISTAKE == 9
    h.add(id, dimensions);
#elif MISTAKE == 10
    c.record({size, ms});
#elif MISTAKE == 11
    h.add("d", {"x"}, {.update_every = 500ms});
#elif MISTAKE == 12
    c.record({1.0, 2.0});
#elif MISTAKE == 13
    c.commit(1'700'000'000);
#elif MISTAKE == 14
    h.add<stats>("d").record({.depth = 1, .wait = 2});
#endif
    static_cast<void>(id);
    static_cast<void>(ms);
}
