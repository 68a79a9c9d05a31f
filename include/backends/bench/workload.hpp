// SPDX-License-Identifier: BSL-1.0
//
// Bench: what all benchmarks measure with: charts of ten dimensions, names of 35 bytes, a ring of a
// minute, values of 0 to 10,000 with three decimals, which a packed cell holds exactly, one in a
// hundred missing.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

namespace backends::inline BACKENDS_ISA::bench {

inline constexpr std::size_t chart_width = 10;             ///< dimensions of a chart
inline constexpr std::size_t ring_slots = 60;              ///< a minute
inline constexpr std::int64_t start_time = 1'700'000'000;  ///< before the first sample
inline constexpr const char* prefix = "netdata";           ///< of each line
inline constexpr const char* hostname = "web-1";           ///< of each line

/// 12 bytes, different for each chart below ten million.
inline std::string chart_id(std::size_t chart) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "disk.%07zu", chart);
    return text.data();
}

/// 8 bytes, different for each of a hundred dimensions.
inline std::string dimension_id(std::size_t dimension) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "reads_%02zu", dimension);
    return text.data();
}

/// What a series had at a time, in thousandths, or `missing`.
class samples {
public:
    static constexpr std::int32_t missing = -1;  ///< no value

    samples() {
        std::mt19937 random{20'261'122};
        for (std::int32_t& one : table_) {
            one = random() % 100 == 0 ? missing : static_cast<std::int32_t>(random() % 10'000'000);
        }
    }
    /// A value from 0 to 9,999,999; equal arguments give equal values.
    [[nodiscard]] std::int32_t operator()(std::size_t series, std::int64_t at) const noexcept {
        const auto mixed = static_cast<std::uint32_t>(series) * 0x9e37'79b1U +
                           static_cast<std::uint32_t>(at) * 0x85eb'ca6bU;
        return table_[mixed >> 20];
    }

private:
    std::array<std::int32_t, 4096> table_{};
};

/// One table for the program.
inline const samples& the_samples() {
    static const samples all;
    return all;
}

}  // namespace backends::bench
