// SPDX-License-Identifier: BSL-1.0
//
// The archetype of histogram_record: its minimal model. Code written against the concept must
// compile with it, and use nothing that it lacks.
#pragma once

#include <backends/format/grammar.hpp>
#include <backends/format/histogram_record.hpp>
#include <backends/format/length_prefix.hpp>
#include <backends/format/message.hpp>
#include <backends/testing/wire_format_archetype.hpp>

#include <cstddef>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// `{2: {1: name, 2: label...}}`: nothing of what was recorded.
struct histogram_record_archetype : archetype_base {
    static constexpr auto name = field::message<1>(field::chart, lit<".">, field::dimension);
    static constexpr auto chart_name = field::message<1>(field::chart);
    static constexpr auto labels = field::attributes<2>;

    static constexpr std::size_t longest(std::size_t text, std::size_t) noexcept {
        return text + 4;
    }
    static char* write_before(char* end, std::string_view of_name, std::string_view of_labels,
                              const histogram_point&) noexcept {
        char* p = end - of_labels.size();
        of_labels.copy(p, of_labels.size());
        p -= of_name.size();
        of_name.copy(p, of_name.size());
        p = backends::detail::put_varint_before(p, of_name.size() + of_labels.size());
        *--p = '\x12';
        return p;
    }
};
static_assert(histogram_record<histogram_record_archetype>);

}  // namespace backends::testing
