// SPDX-License-Identifier: BSL-1.0
//
// What a series takes, all told, beside its samples and its name: its ids, and the text of its
// line.
#include <backends/exporter/cycle.hpp>

#include <backends/cell/packed_cell.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "support/allocation_count.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace {

/// One row a chart, so that the samples are next to nothing.
template <class Cell>
using host = backends::basic_host<Cell, 1>;

std::string chart_id(std::size_t i) { return "disk_ops.sd" + std::to_string(i); }

std::vector<backends::new_dimension> ten_dimensions() {
    std::vector<backends::new_dimension> all;
    for (int d = 0; d < 10; ++d) {
        all.emplace_back("dimension" + std::to_string(d));
    }
    return all;
}

}  // namespace

TEMPLATE_TEST_CASE(
    "a series takes at most 128 bytes beside its samples and its text", "",
    (backends::cycle<backends::average, backends::graphite_plaintext, host<backends::double_cell>>),
    (backends::cycle<backends::average, backends::opentsdb_telnet, host<backends::packed_cell>>),
    (backends::cycle<backends::as_collected, backends::json_plaintext,
                     host<backends::packed_cell>>)) {
    using host_type = typename TestType::host_type;
    const backends::identity names{"netdata", "web-1", {}};
    const auto dimensions = ten_dimensions();
    for (const std::size_t charts : {1'000U, 1'400U, 4'500U, 10'000U}) {
        const std::uint64_t before = test::bytes_allocated();
        {
            host_type all{"web-1"};
            std::size_t ids = 0;
            for (std::size_t i = 0; i < charts; ++i) {
                const auto& chart = all.add(chart_id(i), dimensions);
                ids += chart.id().size();
                for (std::size_t d = 0; d < chart.width(); ++d) {
                    ids += chart.dimension(d).id.size();
                }
            }
            TestType lines{names};
            backends::no_observer observer;
            backends::cycle_counters count;
            lines.follow(all, observer, count);

            const double series = 10.0 * static_cast<double>(charts);
            const double samples = sizeof(typename host_type::cell::word);
            const double names_alone = static_cast<double>(lines.text_bytes() + ids) / series;
            const double taken = static_cast<double>(test::bytes_allocated() - before) / series;
            INFO(charts << " charts: " << taken << " bytes, " << names_alone << " of them names");
            CHECK(names_alone > 40);
            CHECK(taken - samples - names_alone <= 128);
        }
    }
}
