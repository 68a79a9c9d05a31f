// SPDX-License-Identifier: BSL-1.0
//
// The allowed values of an option that chooses names by a simple_pattern.
#pragma once

#include <backends/core/simple_pattern.hpp>
#include <backends/exporter/option_values.hpp>

#include <string>

namespace backends::inline BACKENDS_ISA {

/// A simple_pattern. Models option_values of std::string.
struct pattern_text : any_text {
    static std::string why_not(const std::string& value) {
        return detail::string_of(simple_pattern::why_not(value));
    }
    static std::string allowed() { return "names with `*` and `!`, separated by blanks"; }
};

}  // namespace backends
