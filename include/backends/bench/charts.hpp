// SPDX-License-Identifier: BSL-1.0
//
// Bench: a host of charts that are recorded into second by second.
#pragma once

#include <backends/bench/workload.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/storage/host.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace backends::inline BACKENDS_ISA::bench {

/// Charts of the workload, with a ring and a half recorded when they are made. Not thread-safe.
///
/// @tparam Cell       the cell type
/// @tparam Value      what the charts collect
/// @tparam Recording  the recording policy
template <class Cell, class Value = double, class Recording = wait_free>
class charts {
public:
    using host_type = basic_host<Cell, ring_slots, Recording>;  ///< holds the charts

    /// @param series  a multiple of chart_width
    explicit charts(std::size_t series) {
        std::vector<new_dimension> dimensions;
        for (std::size_t d = 0; d < chart_width; ++d) {
            dimensions.emplace_back(dimension_id(d));
        }
        for (std::size_t c = 0; c < series / chart_width; ++c) {
            host_.template add<Value>(chart_id(c), dimensions);
        }
        record(ring_slots + ring_slots / 2);
    }

    /// Records the next seconds into each chart.
    void record(std::size_t slots) noexcept {
        for (std::size_t n = 0; n < slots; ++n) {
            ++now_;
            for (std::size_t c = 0; c < host_.size(); ++c) {
                record_row(host_.chart_at(c), c * chart_width);
            }
        }
    }

    /// The newest recorded second.
    [[nodiscard]] std::int64_t now() const noexcept { return now_; }
    /// For a source or an exporter to read.
    [[nodiscard]] host_type& host() noexcept { return host_; }

private:
    void record_row(typename host_type::chart_type& chart, std::size_t first_series) noexcept {
        std::array<std::int32_t, chart_width> thousandths;
        std::array<Value, chart_width> row;
        bool complete = true;
        for (std::size_t d = 0; d < chart_width; ++d) {
            thousandths[d] = the_samples()(first_series + d, now_);
            complete = complete && thousandths[d] != samples::missing;
            row[d] = value_of(thousandths[d]);
        }
        if (complete) {
            static_cast<void>(chart.record(now_, row));
            return;
        }
        for (std::size_t d = 0; d < chart_width; ++d) {
            if (thousandths[d] != samples::missing) {
                chart.set(d, row[d]);
            }
        }
        static_cast<void>(chart.commit(now_));
    }
    static Value value_of(std::int32_t thousandths) noexcept {
        if constexpr (std::integral<Value>) {
            return thousandths;
        } else {
            return thousandths / Value{1000};
        }
    }

    host_type host_{hostname};
    std::int64_t now_ = start_time;
};

/// As collected exports integers, a reduction what doubles gave.
template <class Source>
using collected_by = std::conditional_t<std::same_as<Source, as_collected>, std::int64_t, double>;

}  // namespace backends::bench
