// SPDX-License-Identifier: BSL-1.0
#include <backends/exporter/option_table.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/sanitizers.hpp"

#include <boost/hana/for_each.hpp>
#include <boost/hana/length.hpp>
#include <boost/pfr/tuple_size.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

using namespace backends;
namespace hana = boost::hana;

static_assert(decltype(hana::length(option_table))::value == boost::pfr::tuple_size_v<options>,
              "every option has a row");

namespace {

struct silent : default_policies {
    using observer = no_observer;
};

/// What an exporter with these options says: nothing, or the error.
struct verdict {
    std::string key;
    std::string value;
    std::string what;
};
verdict said_of(const options& o) {
    try {
        validate(o);
        if (o.queue_bytes > std::size_t{64} << 20U) {
            return {};  // an exporter would want so much memory
        }
        host h{"h"};
        REQUIRE(h.add("c", {"a"}).record(1000, {1.0}));
        exporter<average, graphite_plaintext, memory, host, silent> e{h, o};
        instant now = system_clock::steady_now();
        for (int i = 0; i < 3; ++i, now = now + seconds{10}) {
            e.poll(now);
        }
        CHECK(e.stop(nanoseconds{0}).counters.balanced());
    } catch (const config_error& e) {
        return {e.key(), e.value(), e.what()};
    }
    return {};
}

template <class Row, class Value>
void expect(const Row& row, const Value& value, bool good) {
    options o;
    o.*row.member = static_cast<std::decay_t<decltype(o.*row.member)>>(value);
    const verdict v = said_of(o);
    INFO(row.name << ": " << v.what);
    CHECK(v.key == (good ? "" : row.name));
    CHECK((good || !v.value.empty()));
}

constexpr auto i64_min = std::numeric_limits<std::int64_t>::min();
constexpr auto i64_max = std::numeric_limits<std::int64_t>::max();

// Both ends, one step beyond each, and the ends of the type.
template <class Row>
void check_ends(const Row& row, const whole_numbers& values) {
    expect(row, values.least, true);
    expect(row, values.least - 1, false);
    expect(row, values.most, true);
    expect(row, values.most + 1, false);
    expect(row, std::numeric_limits<std::size_t>::max(), false);
    expect(row, std::numeric_limits<std::size_t>::max() - 31, false);
}
template <class Row, class Span>
void check_ends(const Row& row, const spans<Span>& values) {
    const bool may_be_0 = values.least.value == 0 || !values.zero.empty();
    expect(row, values.least, true);
    expect(row, Span{values.least.value - 1}, values.least.value == 1 && may_be_0);
    expect(row, values.most, true);
    expect(row, Span{values.most.value + 1}, false);
    expect(row, Span{0}, may_be_0);
    expect(row, Span{-1}, false);
    expect(row, Span{i64_max}, false);
    expect(row, Span{i64_min}, false);
}
template <class Row>
void check_ends(const Row& row, const yes_or_no&) {
    expect(row, true, row.name != "spool_sync");  // which needs a folder
    expect(row, false, true);
}
template <class Row, class T, std::size_t N>
void check_ends(const Row& row, const one_of<T, N>& values) {
    for (const auto& choice : values.choices) {
        expect(row, choice.second, true);
    }
    expect(row, static_cast<T>(N), false);
}
template <class Row>
void check_ends(const Row& row, const dotted_name&) {
    expect(row, "", true);
    expect(row, "web-1.example.org", true);
    expect(row, std::string(3000, 'a'), false);
    for (const char* const bad : {"web-1.", ".a", ".", "a..b"}) {
        expect(row, bad, false);
    }
}
template <class Row>
void check_ends(const Row& row, const folder_path&) {
    expect(row, "", true);
    expect(row, std::string("/tmp\0x", 6), false);
}
template <class Row>
void check_ends(const Row& row, const pattern_text&) {
    expect(row, "*", true);
    expect(row, "!a.* b*c", true);
    for (const char* const bad : {" ", "a !", "a, b", "a\\"}) {
        expect(row, bad, false);
    }
}
template <class Row>
void check_ends(const Row& row, const any_text&) {
    expect(row, "a", true);
    expect(row, std::string(3000, row.name == "destination" ? ':' : 'a'), false);
}
template <class Row>
void check_ends(const Row& row, const tag_texts&) {
    expect(row, std::vector<tag>{{"a", "b"}}, true);
    expect(row, std::vector<tag>{{"", "b"}}, false);
    expect(row, std::vector<tag>{{"a", ""}}, false);
    expect(row, std::vector<tag>(100, {"a", "b"}), false);
}

}  // namespace

TEST_CASE("every option is usable at both ends, and beyond them an error with its own name") {
    hana::for_each(option_table, [](const auto& row) { check_ends(row, row.values); });
}

TEST_CASE("a host's own name is checked as the option is") {
    host dotted{"web-1."};
    using exporter_of_host = exporter<average, graphite_plaintext, memory, host, silent>;
    CHECK_THROWS_WITH(exporter_of_host{dotted},
                      "hostname = web-1.: a dot stands between two names; the one after the last "
                      "is the wire format's own");
    CHECK_NOTHROW(exporter_of_host{dotted, options{.hostname = "web-1"}});
}

TEST_CASE("a value is told as people write it") {
    const auto says = [](const options& o) { return said_of(o).what; };
    CHECK(says({.timeout = nanoseconds{i64_max}})
              .find("timeout = 292 years or more: must be 1 to ") == 0);
    CHECK(says({.update_every = seconds{i64_max}})
              .find("update_every = 292 billion years or more: ") == 0);
    CHECK(says({.timeout = nanoseconds{1}}).find("timeout = 1 ns: must be 1 to ") == 0);
    CHECK(says({.max_age = nanoseconds{1'500'000'000}}).empty());
    CHECK(says({.max_age = milliseconds(-5)}).find("max_age = -5 ms: ") == 0);
    CHECK(says({.prefix = "collectd."}) ==
          "prefix = collectd.: a dot stands between two names; the one after the last is the "
          "wire format's own");
}

#if !defined(TEST_HAS_ADDRESS_SANITIZER)  // which ends the program instead
TEST_CASE("a queue that there is no memory for is an error with its name") {
    try {
        backends::detail::account<drop_oldest> lines{std::numeric_limits<std::size_t>::max(), 1};
        FAIL("there was");
    } catch (const config_error& e) {
        CHECK(e.key() == "queue_bytes");
        CHECK(e.value() == "18446744073709551615");
    }
}
#endif
