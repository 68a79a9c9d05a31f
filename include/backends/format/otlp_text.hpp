// SPDX-License-Identifier: BSL-1.0
//
// The spelling of names for OpenTelemetry: metrics of its alphabet, everything else in UTF-8.
#pragma once

#include <backends/format/safe_name.hpp>
#include <backends/format/utf8_text.hpp>
#include <backends/format/wire_format.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Charts and dimensions are dotted paths of `[A-Za-z0-9_.-/]`. Hostname, prefix, and names and
/// values of tags are UTF-8; what is not becomes U+FFFD, and nothing becomes `_`. `host.name` and
/// `service.name` become `_host.name` and `_service.name` as names of tags.
struct otlp_spelling {
    /// True if a byte may occur in a name, judged by this byte alone.
    static constexpr bool in_name(name_field f, char c) noexcept {
        return !is_path(f) || path::in_name(f, c);
    }
    static bool spell(name_field f, std::string_view raw, std::string& out) {
        if (is_path(f)) {
            return path::spell(f, raw, out);
        }
        const bool is_taken = f == name_field::tag_name && is_reserved(raw);
        detail::append(out, {is_taken ? "_" : ""});
        return detail::utf8_value::spell(raw, out) && !is_taken;
    }
    static std::size_t scan(name_field f, std::string_view text) noexcept {
        return is_path(f) ? path::scan(f, text) : detail::utf8_value::scan(text);
    }
    static bool accepts(name_field f, std::string_view text) noexcept {
        return is_path(f) ? path::accepts(f, text)
                          : !text.empty() && scan(f, text) == text.size() &&
                                !(f == name_field::tag_name && is_reserved(text));
    }
    static std::size_t longest_component(std::string_view text) noexcept { return text.size(); }

private:
    using path = detail::path_spelling<'/', format_defaults::plain_tags>;

    static constexpr bool is_path(name_field f) noexcept {
        return f == name_field::chart || f == name_field::dimension;
    }
    static constexpr bool is_reserved(std::string_view name) noexcept {
        return name == "host.name" || name == "service.name";
    }
};

static_assert(name_spelling<otlp_spelling>);

}  // namespace backends
