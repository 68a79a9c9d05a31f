// SPDX-License-Identifier: BSL-1.0
//
// The laws of a recording policy that one thread can check. A thread sanitizer, on the
// storage_threads tests, checks that readers see whole rows while a recorder runs.
#pragma once

#include <backends/storage/chart.hpp>
#include <backends/storage/recording_policy.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace backends::inline BACKENDS_ISA::testing {

/// The laws of every policy:
/// 1. load() returns the stored word, for words of four and eight bytes;
/// 2. the guards can be taken again after their release, in either order;
/// 3. a chart with this policy keeps its rows, newest first, and refuses rows that are not later.
template <recording_policy Policy>
struct recording_policy_laws {
    /// The first broken law, or an empty text.
    static std::string broken() {
        if (!keeps(1.5F) || !keeps(-2.5) || !keeps(std::uint32_t{7}) || !keeps(std::uint64_t{8}) ||
            !keeps(std::int64_t{-9})) {
            return "what was stored is not what is loaded";
        }
        Policy policy;
        for (int n = 0; n < 2; ++n) {
            {
                [[maybe_unused]] const auto guard = policy.recording();
            }
            { [[maybe_unused]] const auto guard = policy.reading(); }
        }
        return broken_chart();
    }

private:
    template <class Word>
    static bool keeps(Word v) {
        Word word{};
        Policy::store(word, v);
        return Policy::load(word) == v;
    }

    static std::string broken_chart() {
        basic_chart<double_cell, 3, Policy> chart{"c", {"d"}, value_kind::floating, {}};
        for (int n = 1; n <= 5; ++n) {
            if (!chart.record(n, {1.0 * n})) {
                return "a later row is refused";
            }
        }
        if (chart.record(5, {9.0}) || chart.counters().refused != 1) {
            return "a row that is not later is not refused";
        }
        double expected = 5;
        bool in_order = true;
        const auto seen = chart.template visit<1>(chart.window(0, 5), 0, [&](const auto& row) {
            in_order = in_order && row[0] == expected;
            expected -= 1;
        });
        return seen == 3 && in_order ? "" : "the newest rows are not there, newest first";
    }
};

}  // namespace backends::testing
