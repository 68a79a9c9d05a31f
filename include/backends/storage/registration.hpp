// SPDX-License-Identifier: BSL-1.0
//
// Storage: checks what a chart is registered with, once, before anything is recorded. Every error
// is a config_error that names the chart and the value.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/storage/dimension.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::detail {

inline void check_chart(const std::string& id, std::size_t width, const chart_options& options) {
    constexpr std::int64_t longest_step = std::int64_t{1} << 32;
    const std::string key = "chart " + id;
    if (id.empty()) {
        throw config_error{"chart", id, "a chart needs an id"};
    }
    if (width == 0) {
        throw config_error{key, "", "a chart needs a dimension"};
    }
    if (options.update_every.value < 1 || options.update_every.value > longest_step) {
        throw config_error{key + ", update_every", std::to_string(options.update_every.value),
                           "must be 1 to 4294967296 seconds"};
    }
    if (options.entries == 0) {
        throw config_error{key + ", entries", "0", "the ring needs at least one slot"};
    }
}

/// The dimensions of a chart, with the chart's options where they have none of their own.
inline std::vector<dimension> registered(const std::string& chart,
                                         const std::vector<new_dimension>& wanted, value_kind kind,
                                         const chart_options& options) {
    check_chart(chart, wanted.size(), options);
    std::vector<dimension> dimensions;
    dimensions.reserve(wanted.size());
    for (const new_dimension& one : wanted) {
        const std::string key = "chart " + chart + ", dimension";
        dimension d{one.id, one.options.multiplier.value_or(options.multiplier),
                    one.options.divisor.value_or(options.divisor),
                    one.options.algorithm.value_or(options.algorithm),
                    one.options.kind.value_or(kind)};
        if (d.id.empty()) {
            throw config_error{key, d.id, "a dimension needs an id"};
        }
        if (d.divisor == 0) {
            throw config_error{key, d.id, "its divisor is 0"};
        }
        for (const dimension& other : dimensions) {
            if (other.id == d.id) {
                throw config_error{key, d.id, "the chart has it twice"};
            }
        }
        dimensions.push_back(static_cast<dimension&&>(d));
    }
    return dimensions;
}

}  // namespace backends::detail
