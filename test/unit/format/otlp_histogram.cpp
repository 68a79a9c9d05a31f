// SPDX-License-Identifier: BSL-1.0
#include <backends/format/otlp_histogram.hpp>

#include <backends/format/otlp_http.hpp>
#include <backends/testing/histogram_record_archetype.hpp>
#include <backends/testing/histogram_record_laws.hpp>

#include "catch.hpp"
#include "unit/format/messages.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;
using namespace std::string_literals;

namespace {

constexpr std::string_view latency = "\x0a\x07latency";
constexpr std::string_view one_label = "\x0a\x08\x0a\x01k\x12\x03\x0a\x01v";

std::string record(const histogram_point& point, std::string_view labels = {}) {
    std::string text;
    REQUIRE(testing::histogram_record_laws<otlp_histogram>::broken(latency, labels, point, &text) ==
            "");
    return text;
}
std::string eight_bytes(double v) {
    const auto word = std::bit_cast<std::uint64_t>(v);
    std::string text;
    for (unsigned i = 0; i < 8; ++i) {
        text += static_cast<char>(word >> 8 * i);
    }
    return text;
}

}  // namespace

TEST_CASE("a histogram is a metric with one point, byte for byte") {
    const std::vector<std::uint64_t> counts{1, 0, 300};
    histogram_point point;
    point.begin = 1'795'367'451;
    point.end = 1'795'367'461;
    point.count = 303;
    point.sum = 7;
    point.least = 0.5;
    point.greatest = 86.5;
    point.scale = 3;
    point.below = 2;
    point.threshold = 1;
    point.first = -4;
    point.buckets = counts;
    CHECK(record(point, one_label) ==
          "\x12\x6d\x0a\x07latency\x52\x62\x0a\x5e" + std::string{one_label} +
              "\x11\x00\x4e\x27\x36\x2f\x6d\xea\x18\x19\x00\x32\x33\x8a\x31\x6d\xea\x18"
              "\x21\x2f\x01\x00\x00\x00\x00\x00\x00\x29"s +
              eight_bytes(7) + "\x30\x06\x39\x02\x00\x00\x00\x00\x00\x00\x00"s +
              "\x42\x08\x08\x07\x12\x04\x01\x00\xac\x02\x61"s + eight_bytes(0.5) + "\x69" +
              eight_bytes(86.5) + "\x71" + eight_bytes(1) + "\x10\x01");
}

TEST_CASE("what is 0 or not known is left out, and a sum of 0 is not") {
    histogram_point point;
    point.end = 1;
    point.count = 1;
    point.below = 1;
    point.threshold = 1;
    point.sum = 0;
    const std::string text = record(point);
    const auto metric = messages::fields(messages::only(text, 2));
    REQUIRE(metric.size() == 2);
    CHECK(metric[1].number == 10);
    const auto data = messages::fields(metric[1].bytes);
    REQUIRE(data.size() == 2);
    CHECK((data[0].number == 1 && data[1].number == 2 && data[1].value == 1));
    std::vector<std::uint64_t> numbers;
    for (const messages::field& one : messages::fields(data[0].bytes)) {
        numbers.push_back(one.number);
    }
    CHECK(numbers == std::vector<std::uint64_t>{3, 4, 5, 7, 14});
}

TEST_CASE("the laws hold for the longest records") {
    constexpr auto most = (std::numeric_limits<std::uint64_t>::max)();
    for (const std::size_t buckets : {1U, 2U, 12U, 13U, 160U, 161U, 2'041U}) {
        const std::vector<std::uint64_t> counts(buckets, most);
        histogram_point point;
        point.begin = 1;
        point.end = nanos_form::end - 1;
        point.count = point.below = most;
        point.sum = point.least = point.greatest = -1;
        point.scale = -3;
        point.threshold = 1;
        point.first = std::numeric_limits<int>::min();
        point.buckets = counts;
        const std::string text = record(point, one_label);
        CHECK(messages::only(text, 2).size() > 10 * buckets);
    }
    CHECK(otlp_histogram::longest(2'000, 161) < otlp_http::limits.line);
}

namespace {
/// Says that it is shorter than it is, has another length, or what was there.
template <int Mistake>
struct mistaken : otlp_histogram {
    static constexpr std::size_t longest(std::size_t text, std::size_t buckets) noexcept {
        return Mistake == 0 ? text : otlp_histogram::longest(text, buckets);
    }
    static char* write_before(char* end, std::string_view of_name, std::string_view of_labels,
                              const histogram_point& of) noexcept {
        char* const begin = otlp_histogram::write_before(end, of_name, of_labels, of);
        return begin - (Mistake == 0 ? 0 : 1);
    }
};
}  // namespace

TEST_CASE("broken laws are told") {
    histogram_point point;
    point.end = 1;
    point.count = 1;
    const auto broken = [&](auto record_type) {
        return testing::histogram_record_laws<decltype(record_type)>::broken(latency, "", point);
    };
    CHECK(broken(otlp_histogram{}) == "");
    CHECK(broken(mistaken<0>{}) == "the record is longer than was promised");
    CHECK(broken(mistaken<1>{}) == "the record depends on what was in its room");
    using archetype = testing::histogram_record_archetype;
    CHECK(testing::histogram_record_laws<archetype>::broken(latency, "", point) == "");
}
