// SPDX-License-Identifier: BSL-1.0
//
// Names of binary records that may hold any text in UTF-8.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/format/json_text.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// Values of labels and attributes: UTF-8, and never empty. An ill-formed sequence becomes U+FFFD.
struct utf8_value {
    static bool spell(std::string_view raw, std::string& out) {
        bool same = !raw.empty();
        append(out, {same ? "" : "_"});
        while (!raw.empty()) {
            const utf8_step step = next_utf8(raw);
            append(out, {step.valid ? raw.substr(0, step.bytes) : "\xef\xbf\xbd"});
            same = same && step.valid;
            raw.remove_prefix(step.bytes);
        }
        return same;
    }
    static std::size_t scan(std::string_view text) noexcept {
        std::size_t n = 0;
        while (n < text.size() && next_utf8(text.substr(n)).valid) {
            n += next_utf8(text.substr(n)).bytes;
        }
        return n;
    }
};

}  // namespace detail

}  // namespace backends
