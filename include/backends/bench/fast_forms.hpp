// SPDX-License-Identifier: BSL-1.0
//
// Bench: which fast forms a policy has. They are optional, so one that is misspelt or that a
// derived policy loses costs time and no error. Here they are told by name.
#pragma once

#include <backends/bench/workload.hpp>
#include <backends/cell/row_views.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/source/as_source.hpp>
#include <backends/source/columns.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/optional_parts.hpp>
#include <backends/transport/transport.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::bench {

inline std::string yes_or_no(bool is_there) { return is_there ? "yes" : "no"; }  ///< in words

/// How a reduction runs over cells.
template <class Cell, class Reduction>
struct reduce_forms {
    /// The cell adds the columns up, and not the reduction sample by sample.
    static constexpr bool column_sums =
        !std::same_as<typename backends::detail::fold_for<Reduction, Cell, 2>::type,
                      backends::detail::fold<Reduction, Cell, 2>>;
    /// Columns that are folded at once, at most.
    static constexpr std::size_t columns = backends::detail::fold_for<Reduction, Cell, 1>::most;
    /// The reduction takes the sums of two columns at once.
    static constexpr bool pairs =
        !backends::detail::is_fused<Reduction> &&
        backends::detail::gives_pairs_to<
            typename backends::detail::fold_for<Reduction, Cell, 2>::type, Reduction>;
};

/// Sources that reduce stored samples; what others do is their own affair.
template <class Source>
struct reduction_in {
    /// Void, or the reduction.
    using type = void;
};
template <class Reduction>
struct reduction_in<stored<Reduction>> {
    using type = Reduction;
};

/// `column sums: yes (12 at once), pairs: yes, prefetch: yes`
template <class Cell, class Source, class Recording>
std::string fast_forms() {
    using chart_type = typename basic_host<Cell, ring_slots, Recording>::chart_type;
    using source_type = as_source<Source>;
    using reduced = typename reduction_in<source_type>::type;
    std::string all;
    if constexpr (!std::is_void_v<reduced>) {
        using forms = reduce_forms<Cell, reduced>;
        all = "column sums: " + yes_or_no(forms::column_sums) + " (" +
              std::to_string(forms::columns) + " at once), pairs: " + yes_or_no(forms::pairs) +
              ", ";
    }
    return all + "prefetch: " + yes_or_no(prefetching_source<source_type, chart_type>);
}

/// `vector loads: yes, byte loads: yes, reads while recorded: yes`
template <class Recording>
std::string recording_forms() {
    return "vector loads: " + yes_or_no(vector_loading_policy<Recording>) +
           ", byte loads: " + yes_or_no(byte_loading_policy<Recording>) +
           ", read while recorded: " + yes_or_no(Recording::is_read_while_recorded);
}

/// `parts of a line: 3`. Each is a copy, or the number.
template <class Format>
std::string format_forms() {
    using layout = backends::detail::line_layout<std::remove_cvref_t<decltype(Format::line)>>;
    return "parts of a line: " + std::to_string(layout::size);
}

/// `counts unacknowledged bytes: yes, counts unread bytes: yes, waits: yes`
template <class Transport>
std::string transport_forms() {
    return "counts unacknowledged bytes: " + yes_or_no(Transport::proves != evidence::none) +
           ", counts unread bytes: " + yes_or_no(window_telling_transport<Transport>) +
           ", waits: " + yes_or_no(waiting_transport<Transport>);
}

}  // namespace backends::bench
