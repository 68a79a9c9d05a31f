// SPDX-License-Identifier: BSL-1.0
#include <backends/format/prometheus_remote_write.hpp>

#include <backends/core/labels.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>

#include "catch.hpp"
#include "unit/format/messages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace backends;
using namespace std::string_literals;

namespace {

using format = prometheus_remote_write;

/// The labels of a record, as a reader of Protocol Buffers that knows nothing of the library has
/// them.
std::vector<std::string> labels_of(std::string_view record) {
    std::vector<std::string> all;
    for (const messages::field& one : messages::fields(messages::only(record, 1))) {
        if (one.number == 1) {
            const auto pair = messages::fields(one.bytes);
            REQUIRE(pair.size() == 2);
            all.push_back(std::string{pair[0].bytes} + "=" + std::string{pair[1].bytes});
        }
    }
    return all;
}

std::vector<std::string> labels(const identity& names, std::string_view chart,
                                std::string_view dimension, label_list of_chart = {}) {
    return labels_of(messages::record<format>(names, chart, dimension, 1, 0.0, of_chart));
}

/// What a block of snappy that has literals alone holds; "not snappy" for any other bytes. After
/// the format's description.
std::string unpacked(std::string_view block) {
    const auto take = [&] {
        const auto byte = static_cast<unsigned char>(block.empty() ? '\0' : block.front());
        block.remove_prefix(block.empty() ? 0 : 1);
        return std::size_t{byte};
    };
    std::size_t size = 0;
    for (unsigned shift = 0, more = 0x80; more != 0; shift += 7) {
        const std::size_t byte = take();
        size |= (byte & 0x7fU) << shift;
        more = byte & 0x80U;
    }
    std::string all;
    while (!block.empty()) {
        const std::size_t tag = take();
        if ((tag & 3U) != 0) {
            return "not snappy: a copy";
        }
        std::size_t n = tag >> 2U;
        if (n >= 60) {
            const std::size_t bytes = n - 59;
            n = 0;
            for (std::size_t i = 0; i < bytes; ++i) {
                n |= take() << 8U * i;
            }
        }
        if (++n > block.size()) {
            return "not snappy: too short";
        }
        all += block.substr(0, n);
        block.remove_prefix(n);
    }
    return all.size() == size ? all : "not snappy: another size";
}

}  // namespace

TEST_CASE("a record is a time series of one sample, byte for byte") {
    const std::string head =
        "\x0a\x43\x0a\x20\x0a\x08__name__\x12\x14shop_system_cpu_user"
        "\x0a\x0d\x0a\x08instance\x12\x01"s;
    const std::string sample = "\x12\x10\x09\0\0\0\0\0\xa0\x55\x40\x10\x88\xc1\xf5\xa1\xa0\x34"s;
    CHECK(messages::record<format>({"shop", "w", {}}, "system.cpu", "user", 1795367461, 86.5) ==
          head + "w" + sample);
}

TEST_CASE("labels are sorted by their names, the fixed ones among them") {
    const std::string of_chart = detail::pack({{"Zone", "b"}, {"path", "/cart"}});
    CHECK(labels({"shop", "web-1", {{"dc", "fra"}, {"_", "x"}, {"job", "k\xc3\xb6ln"}}}, "http",
                 "requests", label_list{of_chart}) ==
          std::vector<std::string>{"Zone=b", "_=x", "__name__=shop_http_requests", "dc=fra",
                                   "instance=web-1", "job=k\xc3\xb6ln", "path=/cart"});
}

TEST_CASE("names of metrics and labels have Prometheus' alphabet") {
    using all = std::vector<std::string>;
    CHECK(labels({"", "h", {}}, "system.cpu-0", "a b") ==
          all{"__name__=system_cpu_0_a_b", "instance=h"});
    CHECK(labels({"7", "h", {}}, "0a", "0b") == all{"__name__=_7__0a_0b", "instance=h"});
    CHECK(labels({"a:b", "h", {{"c:d", ""}, {"0", "1"}}}, "", "") ==
          all{"_0=1", "__name__=a:b____", "c_d=_", "instance=h"});
    CHECK(labels({"p", "\xff", {{"instance", "x"}, {"%_name__", "\xed"}}}, "c", "d") ==
          all{"___name__=\xef\xbf\xbd", "__name__=p_c_d", "_instance=x", "instance=\xef\xbf\xbd"});
}

TEST_CASE("a label that repeats a tag is refused, and so are too many") {
    const std::string again = detail::pack({{"d.c", "x"}});
    renderer<format> lines{{"p", "h", {{"d_c", "fra"}}}};
    std::uint32_t series = 0;
    CHECK(lines.add("c", "d", series, label_list{again}) == errc::tag_repeated);
    std::vector<tag> many;
    for (std::size_t i = 0; i < format::limits.tags; ++i) {
        many.emplace_back("t" + std::to_string(i), "v");
    }
    CHECK_NOTHROW(renderer<format>{{"p", "h", many}});
    many.emplace_back("one", "more");
    CHECK_THROWS_AS((renderer<format>{{"p", "h", many}}), config_error);
}

TEST_CASE("any bytes in any name give one record that the laws hold for") {
    messages::hold_for_any_bytes<format>([](const identity&, const std::string& record) {
        const auto found = labels_of(record);
        REQUIRE(found.size() == 4);
        REQUIRE(std::is_sorted(found.begin(), found.end(), [](auto& a, auto& b) {
            return a.substr(0, a.find('=')) < b.substr(0, b.find('='));
        }));
    });
}

TEST_CASE("a name that leaves no room is refused before anything starts") {
    CHECK_THROWS_AS((renderer<format>{{"p", std::string(4'090, 'h'), {}}}), config_error);
    renderer<format> lines{{"p", "h", {}}};
    std::uint32_t series = 0;
    CHECK(lines.add("c", std::string(4'090, 'd'), series) == errc::line_too_long);
}

TEST_CASE("a body is one literal of a snappy block, whatever its length") {
    for (const std::size_t n : {1U, 59U, 60U, 127U, 128U, 255U, 256U, 16'383U, 16'384U, 65'536U,
                                65'537U, 2'097'151U, 2'097'152U, 20'000'000U}) {
        INFO(n);
        std::string room(remote_write_body::room, '?');
        for (std::size_t i = 0; i < n; ++i) {
            room += static_cast<char>(i * 7);
        }
        char* const records = room.data() + remote_write_body::room;
        const char* const begin = remote_write_body::begin(records, n);
        REQUIRE(begin >= room.data());
        CHECK(unpacked({begin, static_cast<std::size_t>(records + n - begin)}) ==
              room.substr(remote_write_body::room));
    }
}
