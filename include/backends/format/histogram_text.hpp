// SPDX-License-Identifier: BSL-1.0
//
// What a histogram adds to its records: its name and labels, made safe once.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/format/histogram_record.hpp>
#include <backends/format/message_text.hpp>
#include <backends/format/safe_export_names.hpp>
#include <backends/format/series_text.hpp>
#include <backends/format/wire_format.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

template <class Format, class Rule>
class histogram_text {
    using record = typename Format::histogram;
    static_assert(histogram_record<record>,
                  "backends: Format::histogram is no histogram_record; see "
                  "docs/concepts/wire_format.md");

public:
    /// Throws config_error, as the renderer does.
    explicit histogram_text(const identity& raw) : names_{make_safe<Format, Rule>(raw)} {}

    /// Sets the fields of a series; of a chart that is one histogram the dimension is empty.
    /// Returns an error where the rule refuses a name, or a label breaks a limit. Allocates.
    std::error_code set(std::string_view chart_id, std::string_view dimension, label_list labels,
                        std::string& name, std::string& made_labels) const {
        std::string chart;
        std::string last;
        std::string tags;
        if (auto error = encode_checked<Format, Rule>(name_field::chart, chart_id, chart)) {
            return error;
        }
        if (!dimension.empty()) {
            if (auto error = encode_checked<Format, Rule>(name_field::dimension, dimension, last)) {
                return error;
            }
        }
        if (auto error = names_.template add_labels<Format, Rule>(labels, tags, Format::line)) {
            return error;
        }
        const spelled_names all{chart, last, labels.empty() ? names_.tags : tags, names_,
                                quantity::amount};
        message_bytes of_name{all};
        dimension.empty() ? of_name.add(record::chart_name) : of_name.add(record::name);
        message_bytes of_labels{all};
        of_labels.add(record::labels);
        name = of_name.bytes;
        made_labels = of_labels.bytes;
        return {};
    }

    /// Whether a series has this name, these labels, and values that say this. Allocates.
    ///
    /// @param all  a renderer<Format, Rule>
    template <class Renderer>
    [[nodiscard]] static bool has(const Renderer& all, const series_name& name, label_list labels,
                                  quantity says) {
        series_text<typename Renderer::lines> one;
        const auto error =
            one.template set<Format, Rule>(all.names_, name.chart, name.dimension, labels, says);
        return !error && all.index_.contains(one.hash(), [&](std::uint32_t other) noexcept {
            return all.texts_.text(other) == one.text && all.label_texts_[other] == one.shared;
        });
    }

private:
    safe_identity names_;
};

}  // namespace backends::detail
