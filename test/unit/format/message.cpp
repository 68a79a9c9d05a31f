// SPDX-License-Identifier: BSL-1.0
//
// The grammar of binary records, by a format that has every kind of field.
#include <backends/format/message.hpp>

#include <backends/core/record_end.hpp>
#include <backends/core/request_body.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/wire_format.hpp>

#include "catch.hpp"
#include "unit/format/messages.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;
using namespace std::string_literals;

namespace {

struct kinds {
    static constexpr std::uint32_t number(quantity says) noexcept {
        return says == quantity::amount ? 6 : 5;
    }
    static constexpr std::string_view first(quantity says) noexcept {
        return says == quantity::amount ? "\x10\x01" : "";
    }
};

struct own_body : line_body {
    static constexpr record_end ends = record_end::length;
};
static_assert(request_body<own_body>);

//! [own_records]
// A record is field 1 of the body: {2: "CHART/DIMENSION", 5 or 6: {labels, time, value}}.
struct own_records : format_defaults {
    static constexpr std::string_view name = "own_records";
    static constexpr std::uint16_t default_port = 4318;
    static constexpr auto line = message_grammar<1>(
        field::message<2>(field::chart, lit<"/">, field::dimension),
        field::message_by_quantity<kinds>(field::attributes<7>, field::unix_nanos_f64<3>,
                                          field::value_f64<4>));
    using spelling = detail::path_spelling<'/', plain_tags>;
    using body = own_body;
    static constexpr format_limits limits{.line = 4'096, .component = 0, .tags = 16};
};
static_assert(wire_format<own_records>);
//! [own_records]

template <class Value>
std::string record(std::string_view chart, std::string_view dimension, unix_seconds at, Value v,
                   quantity says = quantity::level, label_list labels = {}) {
    return messages::record<own_records>({"", "h", {}}, chart, dimension, at, v, labels, says);
}

}  // namespace

TEST_CASE("a record has the fields that its grammar says, byte for byte") {
    CHECK(record("c", "d", 1, 1.5) ==
          "\x0a\x19\x12\x03"
          "c/d"
          "\x2a\x12\x19\x00\xca\x9a\x3b\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\xf8\x3f"s);
    const std::string labels = detail::pack({{"b", "2"}, {"a", "1"}});
    CHECK(record("c", "d", 1, 1.5, quantity::amount, label_list{labels}) ==
          "\x0a\x2f\x12\x03"
          "c/d"
          "\x32\x28\x10\x01\x3a\x08\x0a\x01"
          "a\x12\x03\x0a\x01"
          "1\x3a\x08\x0a\x01"
          "b\x12\x03\x0a\x01"
          "2\x19\x00\xca\x9a\x3b\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\xf8\x3f"s);
}

TEST_CASE("lengths are right at each number of their bytes") {
    for (std::size_t n = 1; n < 3'500; n += n < 140 ? 1 : 997) {
        const std::string chart(n, 'c');
        const std::string text = record(chart, "d", 1'795'367'461, 2.5);
        const auto fields = messages::fields(messages::only(text, 1));
        REQUIRE(fields.size() == 2);
        CHECK(fields[0].bytes == chart + "/d");
        CHECK(messages::fields(fields[1].bytes)[0].value == 1'795'367'461'000'000'000);
        CHECK(parse<own_records>(text).line.path == chart + "/d");
    }
}

TEST_CASE("values are the nearest doubles") {
    const auto value = [](auto v) {
        return raw_number_of(parse<own_records>(record("c", "d", 1, v)).line);
    };
    CHECK(value(-0.1) == -0.1);
    CHECK(value(std::numeric_limits<double>::denorm_min()) > 0);
    CHECK(value(INT64_MIN) == -0x1p63);
    CHECK(value(UINT64_MAX) == 0x1p64);
    CHECK(value((std::int64_t{1} << 53) + 1) == 0x1p53);
    CHECK(value(decimal{-15'000'000}) == -1.5);
    CHECK(value(decimal{1}) == 1e-7);
    CHECK(value(0.1F) == static_cast<double>(0.1F));
}

TEST_CASE("the parser reads what the renderer writes") {
    const std::string labels = detail::pack({{"dc", "fra"}});
    const std::string text =
        record("cpu", "user", 1'795'367'461, 86.5, quantity::amount, label_list{labels});
    const parse_result read = parse<own_records>(text);
    REQUIRE(read);
    CHECK(read.line.path == "cpu/user");
    CHECK(read.line.tags ==
          "\x3a\x0b\x0a\x02"
          "dc\x12\x05\x0a\x03"
          "fra");
    CHECK(read.line.says == quantity::amount);
    CHECK(read.line.at == 1'795'367'461);
    CHECK(raw_number_of(read.line) == 86.5);
}

TEST_CASE("the parser takes no other bytes") {
    const std::string labels = detail::pack({{"a", "1"}, {"b", "2"}});
    const std::string good =
        record("cpu", "user", 1'795'367'461, 86.5, quantity::level, label_list{labels});
    REQUIRE(parse<own_records>(good));
    for (std::size_t n = 0; n < good.size(); ++n) {
        CHECK_FALSE(parse<own_records>(good.substr(0, n)));
    }
    CHECK_FALSE(parse<own_records>(good + good));
    CHECK_FALSE(parse<own_records>(good + "\n"));
    // Another byte is refused, but in names, in the time and in the value.
    const std::size_t time_and_value = good.size() - 18;
    for (std::size_t i = 0; i < good.size(); ++i) {
        const bool is_name = std::string_view{"cpuser/ab12"}.find(good[i]) != std::string::npos;
        const bool may_change =
            i < time_and_value ? is_name : i != time_and_value && i != time_and_value + 9;
        bool changes = false;
        for (int c = 0; c < 256; ++c) {
            std::string other = good;
            other[i] = static_cast<char>(c);
            changes = changes || (other != good && parse<own_records>(other));
        }
        INFO(i);
        CHECK((may_change || !changes));
    }
}

TEST_CASE("names and lengths are refused as those of text are") {
    std::uint32_t series = 0;
    renderer<own_records, reject> strict{{"", "h", {}}};
    CHECK(strict.add("a b", "d", series) == errc::name_refused);
    renderer<own_records> lines{{"", "h", {}}};
    CHECK(lines.add(std::string(4'070, 'c'), "d", series) == errc::line_too_long);
    CHECK(parse<own_records>(std::string(own_records::limits.line + 1, 'x')).error ==
          errc::line_too_long);
}

TEST_CASE("times stop where their bytes end") {
    CHECK(renderer<own_records>::has_time(1));
    CHECK(renderer<own_records>::has_time(18'446'744'072));
    CHECK_FALSE(renderer<own_records>::has_time(18'446'744'073));
    CHECK_FALSE(renderer<own_records>::has_time(0));
    CHECK(parse<own_records>(record("c", "d", 18'446'744'072, 1)).line.at == 18'446'744'072);
}
