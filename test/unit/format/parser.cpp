// SPDX-License-Identifier: BSL-1.0
#include <backends/format/parser.hpp>

#include "catch.hpp"

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>

#include <random>
#include <string>
#include <string_view>

namespace {

using namespace backends;
using namespace std::string_view_literals;

template <wire_format Format>
void refused(std::string_view line, std::size_t position) {
    CAPTURE(line);
    const auto read = parse<Format>(line);
    CHECK_FALSE(read);
    CHECK(read.error == errc::malformed_line);
    CHECK(read.position == position);
}

}  // namespace

TEST_CASE("a Graphite line gives path, tags, number and time") {
    const auto read = parse<graphite_plaintext>("p.h.c.x.d;a=b=c;d=e -86.5000000 1795367461");
    REQUIRE(read);
    CHECK(read.line.path == "p.h.c.x.d");
    CHECK(read.line.prefix.empty());
    CHECK(read.line.tags == ";a=b=c;d=e");
    CHECK(read.line.number == "-86.5000000");
    CHECK(read.line.at == 1795367461);
}

TEST_CASE("an OpenTSDB line gives path, host, tags, number and time") {
    const auto read =
        parse<opentsdb_telnet>("put p.c./d 4294967296 18446744073709551615 host=h a=b");
    REQUIRE(read);
    CHECK(read.line.path == "p.c./d");
    CHECK(read.line.hostname == "h");
    CHECK(read.line.tags == " a=b");
    CHECK(read.line.number == "18446744073709551615");
    CHECK(read.line.at == 4294967296);
}

TEST_CASE("a prefix may be missing, but not be empty") {
    CHECK(parse<graphite_plaintext>("h.c.d 1 2").line.path == "h.c.d");
    CHECK(parse<opentsdb_telnet>("put c.d 2 1 host=h").line.path == "c.d");
    const auto json =
        parse<json_plaintext>(R"({"hostname":"h","id":"c","subid":"d","value":1,"timestamp": 2})");
    REQUIRE(json);
    CHECK(json.line.prefix.empty());
    CHECK(json.line.hostname == "h");
    refused<graphite_plaintext>("c.d 1 2", 0);
    refused<graphite_plaintext>(".h.c.d 1 2", 0);
    refused<opentsdb_telnet>("put d 2 1 host=h", 4);
    refused<json_plaintext>(
        R"({"prefix":"","hostname":"h","id":"c","subid":"d","value":1,"timestamp": 2})", 11);
    refused<json_plaintext>(
        R"({"prefix":"p""hostname":"h","id":"c","subid":"d","value":1,"timestamp": 2})", 13);
    refused<json_plaintext>(R"({,"hostname":"h","id":"c","subid":"d","value":1,"timestamp": 2})",
                            1);
}

TEST_CASE("a JSON line gives the four names as they are spelled") {
    const auto read =
        parse<json_plaintext>(R"({"prefix":"\u0002","hostname":"h\"x","labels":{"a":"b","":"\\"},)"
                              R"("id":"c.\u0001","subid":"é",)"
                              R"("value":0.0000001,"timestamp": 9223372036854775807})");
    REQUIRE(read);
    CHECK(read.line.path.empty());
    CHECK(read.line.prefix == R"(\u0002)");
    CHECK(read.line.hostname == R"(h\"x)");
    CHECK(read.line.chart == R"(c.\u0001)");
    CHECK(read.line.dimension == "é");
    CHECK(read.line.tags == R"(,"labels":{"a":"b","":"\\"})");
    CHECK(read.line.number == "0.0000001");
    CHECK(read.line.at == INT64_MAX);
}

TEST_CASE("the parser takes the numbers that can be written and no other") {
    const auto takes = [](std::string_view number) {
        return static_cast<bool>(
            parse<graphite_plaintext>("p.h.c.d " + std::string{number} + " 1"));
    };
    for (const auto good : {"0", "-1", "10", "0.0000000", "-0.0000001", "1.5000000",
                            "18446744073709551615", "-9223372036854775808"}) {
        CAPTURE(good);
        CHECK(takes(good));
    }
    CHECK(takes(std::string(309, '9') + ".0000000"));
    for (const auto bad : {"",
                           "-",
                           "-0",
                           "-0.0000000",
                           "00",
                           "01",
                           "+1",
                           "1.",
                           ".5000000",
                           "1.500000",
                           "1.50000000",
                           "1e3",
                           "nan",
                           "inf",
                           "-inf",
                           "NaN",
                           "0x1",
                           "1,5000000",
                           "18446744073709551616",
                           "-9223372036854775809",
                           "1 ",
                           " 1",
                           "--1",
                           "1.-000000"}) {
        CAPTURE(bad);
        CHECK_FALSE(takes(bad));
    }
    CHECK_FALSE(takes(std::string(310, '9') + ".0000000"));
}

TEST_CASE("the parser takes positive times and no other") {
    const auto takes = [](std::string_view time) {
        return static_cast<bool>(parse<graphite_plaintext>("p.h.c.d 1 " + std::string{time}));
    };
    CHECK(takes("1"));
    CHECK(takes("1795367461"));
    CHECK(takes("9223372036854775807"));
    for (const auto bad :
         {"", "0", "-1", "01", "N", "1.5", "9223372036854775808", "1795367461 ", "+1"}) {
        CAPTURE(bad);
        CHECK_FALSE(takes(bad));
    }
}

TEST_CASE("a wrong line is refused at the byte that is wrong") {
    refused<graphite_plaintext>("", 0);
    refused<graphite_plaintext>("h.c 1 1", 0);     // a component is missing
    refused<graphite_plaintext>("p.h..d 1 1", 0);  // an empty component
    refused<graphite_plaintext>(".p.h.c.d 1 1", 0);
    refused<graphite_plaintext>("p.h.c.d. 1 1", 0);
    refused<graphite_plaintext>("p.h.c.d  1 1", 8);  // two blanks
    refused<graphite_plaintext>("p.h.c.d\t1 1", 7);
    refused<graphite_plaintext>("p.h.c.d 1 1 ", 11);   // something behind the line
    refused<graphite_plaintext>("p.h.c.d 1 1\n", 11);  // the newline belongs to the stream
    refused<graphite_plaintext>("p.h.c.d 1 1\r", 11);
    refused<graphite_plaintext>("p.h.c.d 1", 9);
    refused<graphite_plaintext>("p.h.c.d\xff 1 1", 7);
    refused<graphite_plaintext>("p.h.c.d; 1 1", 8);  // no tag behind the semicolon
    refused<graphite_plaintext>("p.h.c.d;a 1 1", 9);
    refused<graphite_plaintext>("p.h.c.d;a= 1 1", 10);
    refused<graphite_plaintext>("p.h.c.d;=b 1 1", 8);
    refused<graphite_plaintext>("p.h.c.d;a=~b 1 1", 10);
    refused<graphite_plaintext>("p.h.c.d;name=b 1 1", 8);
    refused<opentsdb_telnet>("PUT p.c.d 1 1 host=h", 0);
    refused<opentsdb_telnet>("put c 1 1 host=h", 4);
    refused<opentsdb_telnet>("put p.c.d 1 1", 13);  // no tag
    refused<opentsdb_telnet>("put p.c.d 1 1 host=", 19);
    refused<opentsdb_telnet>("put p.c.d 1 1 host=h host=g", 21);
    refused<opentsdb_telnet>("put p.c.d 1 1 host=h  a=b", 21);
    refused<json_plaintext>(R"({"prefix":"p"})", 13);
    refused<json_plaintext>("p.h.c.d 1 1", 0);
}

TEST_CASE("nothing but the exact JSON line is taken") {
    const std::string good =
        R"({"prefix":"p","hostname":"h","id":"c","subid":"d","value":1,"timestamp": 1})";
    REQUIRE(parse<json_plaintext>(good));
    CHECK_FALSE(parse<json_plaintext>(good + " "));
    CHECK_FALSE(parse<json_plaintext>(
        R"({"prefix":"p","hostname":"h","id":"c","subid":"d","value":1,"timestamp":1})"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        CHECK_FALSE(parse<json_plaintext>(good.substr(0, i)));
        std::string changed = good;
        changed[i] = '\n';
        CHECK_FALSE(parse<json_plaintext>(changed));
        changed[i] = '\xff';
        CHECK_FALSE(parse<json_plaintext>(changed));
    }
}

TEST_CASE("what is above the format's limits is refused as such") {
    const std::string part(255, 'x');
    REQUIRE(parse<graphite_plaintext>("p.h." + part + ".d 1 1"));
    CHECK(parse<graphite_plaintext>("p.h.x" + part + ".d 1 1").error == errc::name_too_long);
    std::string path = "p.h.c";
    while (path.size() + 6 < graphite_plaintext::limits.line) {
        path += ".d";
    }
    CHECK(parse<graphite_plaintext>(path + " 1 1111111").error == errc::line_too_long);
    std::string tags;
    for (std::size_t i = 0; i < opentsdb_telnet::limits.tags; ++i) {
        tags += " t" + std::to_string(i) + "=v";
    }
    CHECK(parse<opentsdb_telnet>("put p.c.d 1 1 host=h" + tags));
    CHECK_FALSE(parse<opentsdb_telnet>("put p.c.d 1 1 host=h" + tags + " one=more"));
}

TEST_CASE("random changes of good lines never crash, and what is taken has the form of a line") {
    std::mt19937 random{6};
    const std::string_view good = "p.h.chart.dim;a=b 86.5000000 1795367461";
    long taken = 0;
    for (int i = 0; i < 300'000; ++i) {
        std::string line{good};
        for (std::size_t n = 1 + random() % 3; n > 0; --n) {
            const std::size_t at = random() % line.size();
            switch (random() % 3) {
                case 0: line[at] = static_cast<char>(random()); break;
                case 1: line.erase(at, 1); break;
                default: line.insert(at, 1, line[random() % line.size()]); break;
            }
        }
        if (const auto read = parse<graphite_plaintext>(line)) {
            ++taken;
            const std::string again = std::string{read.line.path} + std::string{read.line.tags} +
                                      " " + std::string{read.line.number} + " " +
                                      std::to_string(read.line.at);
            if (again != line) {
                FAIL(line);
            }
        }
    }
    CHECK(taken > 1000);
}
