// SPDX-License-Identifier: BSL-1.0
//
// What the requests of a format say of their exporter, made once.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/raise.hpp>
#include <backends/format/message_text.hpp>
#include <backends/format/safe_export_names.hpp>
#include <backends/format/wire_format.hpp>

#include <string>

namespace backends::inline BACKENDS_ISA::detail {

template <class Format, class Rule>
struct resource_text {
    /// Throws config_error for names that the rule refuses, or that are longer than a record may
    /// be.
    static std::string of(const identity& raw) {
        const safe_identity safe = make_safe<Format, Rule>(raw, names_in(Format::resource));
        const spelled_names names{{}, {}, safe.tags, safe, quantity::level};
        message_bytes all{names};
        all.add(Format::resource);
        if (all.bytes.size() > Format::limits.line) {
            const std::string why = make_error_code(errc::line_too_long).message();
            if (raw.hostname.size() > Format::limits.line / 2) {
                refuse("hostname", raw.hostname, why);
            }
            if (raw.prefix.size() > Format::limits.line / 2) {
                refuse("prefix", raw.prefix, why);
            }
            refuse("tags", told_tags(raw.tags), why);
        }
        return all.bytes;
    }
};

}  // namespace backends::detail
