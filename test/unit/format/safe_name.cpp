// SPDX-License-Identifier: BSL-1.0
#include <backends/format/safe_name.hpp>

#include "catch.hpp"

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>

#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using backends::name_field;

template <class Format>
std::string safe(std::string_view raw, name_field f = name_field::chart) {
    std::string out = "before";
    const bool same = Format::spelling::spell(f, raw, out);
    REQUIRE(out.substr(0, 6) == "before");
    out.erase(0, 6);
    CHECK(same == (out == raw));
    CHECK(Format::spelling::accepts(f, out));
    CHECK(Format::spelling::scan(f, out) == out.size());
    return out;
}

std::string graphite(std::string_view raw, name_field f = name_field::chart) {
    return safe<backends::graphite_plaintext>(raw, f);
}

std::string opentsdb(std::string_view raw, name_field f = name_field::chart) {
    return safe<backends::opentsdb_telnet>(raw, f);
}

}  // namespace

TEST_CASE("letters, digits, underscore, dash and dot stay") {
    CHECK(graphite("system.cpu-0_total") == "system.cpu-0_total");
    CHECK(opentsdb("system.cpu-0_total") == "system.cpu-0_total");
}

TEST_CASE("a slash stays in OpenTSDB and would be one more folder in Graphite") {
    CHECK(opentsdb("/dev/sda") == "/dev/sda");
    CHECK(graphite("/dev/sda") == "_dev_sda");
}

TEST_CASE("what separates fields or lines becomes an underscore, byte for byte") {
    CHECK(graphite("a b\nc\td\r") == "a_b_c_d_");
    CHECK(graphite("a\0b"sv) == "a_b");
    CHECK(graphite("a\xc2\xa0z") == "a__z");  // U+00A0, white space to carbon
    CHECK(graphite("\xff") == "_");
    CHECK(graphite("a;b=c") == "a_b_c");
    CHECK(opentsdb("host name=x") == "host_name_x");
}

TEST_CASE("an empty component becomes an underscore") {
    CHECK(graphite("") == "_");
    CHECK(graphite(".") == "_._");
    CHECK(graphite("..") == "_._._");
    CHECK(graphite(".a") == "_.a");
    CHECK(graphite("a.") == "a._");
    CHECK(graphite("a..b") == "a._.b");
    CHECK(opentsdb("") == "_");
}

TEST_CASE("Graphite's tags keep printable ASCII but for what carbon reserves") {
    CHECK(graphite("a/b..c(d)", name_field::tag_value) == "a/b..c(d)");
    CHECK(graphite("a=b!c^d", name_field::tag_value) == "a=b!c^d");
    CHECK(graphite("a=b!c^d;e", name_field::tag_name) == "a_b_c_d_e");
    CHECK(graphite("x y;z", name_field::tag_value) == "x_y_z");
    CHECK(graphite("~root", name_field::tag_value) == "_root");
    CHECK(graphite("name", name_field::tag_name) == "_name");
    CHECK(graphite("name", name_field::tag_value) == "name");
    CHECK(graphite("", name_field::tag_name) == "_");
    CHECK(graphite("", name_field::tag_value) == "_");
    CHECK(graphite("\x7f", name_field::tag_value) == "_");
}

TEST_CASE("OpenTSDB's tags keep the bytes of its names, and host is taken") {
    CHECK(opentsdb("a=b c", name_field::tag_value) == "a_b_c");
    CHECK(opentsdb("host", name_field::tag_name) == "_host");
    CHECK(opentsdb("hosts", name_field::tag_name) == "hosts");
}

TEST_CASE("spelling a safe name again changes nothing") {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string raw{static_cast<char>(first), static_cast<char>(second)};
            for (const auto f : {name_field::chart, name_field::tag_name, name_field::tag_value}) {
                std::string once;
                std::string twice;
                backends::graphite_plaintext::spelling::spell(f, raw, once);
                if (!backends::graphite_plaintext::spelling::spell(f, once, twice) ||
                    once != twice) {
                    FAIL(once << " became " << twice);
                }
            }
        }
    }
}

TEST_CASE("a component's length is counted between dots") {
    using spelling = backends::graphite_plaintext::spelling;
    CHECK(spelling::longest_component("") == 0);
    CHECK(spelling::longest_component("abc") == 3);
    CHECK(spelling::longest_component("a.bcd.ef") == 3);
    CHECK(spelling::longest_component("a.b.cdef") == 4);
}

TEST_CASE("a rule may rewrite a name before it is spelled") {
    std::string dimension = "sda1.reads";
    backends::flat_dimensions::rewrite(name_field::dimension, dimension);
    CHECK(dimension == "sda1_reads");
    std::string chart = "disk.sda1";
    backends::flat_dimensions::rewrite(name_field::chart, chart);
    CHECK(chart == "disk.sda1");
}
