// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/record.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using backends::detail::crc32c;
using backends::detail::each_record;
using backends::detail::live_ranges;
using backends::detail::live_text;
using backends::detail::parse_live;
using backends::detail::record;
using backends::detail::record_kind;
using backends::detail::segment_id;

constexpr segment_id nine{"json", 9};

std::string text_of(const record& r, segment_id segment, std::string_view payload) {
    record whole = r;
    whole.length = static_cast<std::uint32_t>(payload.size());
    whole.check = crc32c(payload);
    const auto head = encoded(whole, segment);
    return std::string{head.data(), head.size()}.append(payload);
}

std::vector<std::string> payloads(std::string_view bytes, segment_id segment,
                                  std::size_t& damaged) {
    std::vector<std::string> out;
    damaged = each_record(bytes, segment, [&](const record&, std::string_view payload) {
        out.emplace_back(payload);
    });
    return out;
}

TEST_CASE("a record is read as it was written") {
    const std::string bytes =
        text_of({record_kind::copies, true, 0, 0, 0x0123456789abcdefU}, {"json", 77}, "one\ntwo\n");
    const auto head = backends::detail::decoded(bytes, {"json", 77});
    REQUIRE(head);
    CHECK(head->kind == record_kind::copies);
    CHECK(head->ends_batch);
    CHECK(head->length == 8);
    CHECK(head->position == 0x0123456789abcdefU);
    CHECK_FALSE(backends::detail::decoded(bytes, {"json", 78}));  // of another segment
    CHECK_FALSE(backends::detail::decoded(bytes, {"graphite", 77}));
}

TEST_CASE("the bytes of a segment are these") {
    const auto header = backends::detail::segment_header({"graphite", 0x0102});
    CHECK(std::string_view{header.data(), 26} == "backends spool 2\ngraphite\n");
    CHECK(std::string_view{header.data() + 26, 26} == std::string(26, '\0'));
    CHECK(std::string_view{header.data() + 56, 8} == std::string_view{"\x02\x01\0\0\0\0\0\0", 8});

    const std::string bytes = text_of({record_kind::lines, true, 0, 0, 5}, {"json", 1}, "a\n");
    CHECK(bytes.substr(8) == std::string{"\x02\0\0\0"
                                         "\x01\x01\0\0"
                                         "\x05\0\0\0\0\0\0\0"
                                         "a\n",
                                         18});
}

TEST_CASE("a segment's header is read as it was written, and not with any bit altered") {
    for (const std::string& contents : {std::string{}, std::string{"json"}, std::string(34, 'x')}) {
        const auto header = backends::detail::segment_header({contents, 0x0102030405060708U});
        const std::string bytes{header.data(), header.size()};
        const std::string segment = bytes + "records";
        const auto id = backends::detail::parse_segment_header(segment);
        REQUIRE(id);
        CHECK(id->contents == contents);
        CHECK(id->number == 0x0102030405060708U);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            std::string altered = bytes;
            altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ 1 << bit % 8);
            REQUIRE_FALSE(backends::detail::parse_segment_header(altered));
        }
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            REQUIRE_FALSE(backends::detail::parse_segment_header(bytes.substr(0, n)));
        }
    }
    CHECK_FALSE(backends::detail::parse_segment_header(std::string(64, '\0')));
}

TEST_CASE("live ranges are read as they were written") {
    for (std::size_t n = 0; n <= live_ranges::most; ++n) {
        live_ranges live{1'000};
        for (std::uint64_t i = 0; i != n; ++i) {
            REQUIRE(live.add({10 * i + 1, 10 * i + 4}));
        }
        const live_text text{live};
        const auto read = parse_live(text.text(), 1'000);
        REQUIRE(read);
        CHECK(*read == live);
    }
    CHECK_FALSE(parse_live(std::string(8, '\0'), 1'000));
    live_ranges late{1'000};
    REQUIRE(late.add({900, 1'000}));
    CHECK_FALSE(parse_live(live_text{late}.text(), 999));
}

TEST_CASE("of a torn segment the records in front of the tear are read") {
    const std::string first = text_of({}, nine, "one\n");
    const std::string second = text_of({}, nine, "two, longer\n");
    const std::string bytes = first + second;
    for (std::size_t n = 0; n <= bytes.size(); ++n) {
        std::size_t damaged = 0;
        const auto found = payloads(std::string_view{bytes}.substr(0, n), nine, damaged);
        const std::size_t whole = n == bytes.size() ? 2 : n >= first.size() ? 1 : 0;
        REQUIRE(found.size() == whole);
        REQUIRE(damaged == (n == 0 || n == first.size() || n == bytes.size() ? 0 : 1));
    }
}

TEST_CASE("an altered payload is left out, what comes behind it is read") {
    std::string bytes =
        text_of({}, nine, "one\n") + text_of({}, nine, "two\n") + text_of({}, nine, "three\n");
    const std::size_t second = bytes.find("two");
    for (std::size_t bit = 0; bit < 32; ++bit) {
        std::string altered = bytes;
        altered[second + bit / 8] = static_cast<char>(altered[second + bit / 8] ^ 1 << bit % 8);
        std::size_t damaged = 0;
        REQUIRE(payloads(altered, nine, damaged) == std::vector<std::string>{"one\n", "three\n"});
        REQUIRE(damaged == 1);
    }
}

TEST_CASE("behind an altered header nothing is read") {
    const std::string first = text_of({}, nine, "one\n");
    const std::string bytes = first + text_of({}, nine, "two\n") + text_of({}, nine, "three\n");
    for (std::size_t bit = 0; bit < backends::detail::record_header_size * 8; ++bit) {
        std::string altered = bytes;
        const std::size_t at = first.size() + bit / 8;
        altered[at] = static_cast<char>(altered[at] ^ 1 << bit % 8);
        std::size_t damaged = 0;
        const auto found = payloads(altered, nine, damaged);
        REQUIRE(damaged == 1);
        if (bit / 8 >= 4 && bit / 8 < 8) {  // the payload's check: the header's own covers it too
            REQUIRE(found.size() == 1);
        }
        REQUIRE(found.front() == "one\n");
        REQUIRE(found.size() == 1);
    }
}

TEST_CASE("zeros, as a disk may leave them, are no record") {
    std::size_t damaged = 0;
    CHECK(payloads(text_of({}, nine, "one\n") + std::string(100, '\0'), nine, damaged).size() == 1);
    CHECK(damaged == 1);
}

}  // namespace
