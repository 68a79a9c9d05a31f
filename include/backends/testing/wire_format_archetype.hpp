// SPDX-License-Identifier: BSL-1.0
//
// Archetypes: minimal models of name_spelling, name_rule and wire_format. Code written against the
// concepts must compile with these, and use nothing that they lack.
#pragma once

#include <backends/format/wire_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// No object of it can be made.
struct archetype_base {
    archetype_base() = delete;
    archetype_base(const archetype_base&) = delete;
    archetype_base& operator=(const archetype_base&) = delete;
};

/// Names of lower-case letters: every other byte becomes `x`.
struct spelling_archetype : archetype_base {
    static constexpr bool in_name(name_field, char c) noexcept { return c >= 'a' && c <= 'z'; }
    static bool spell(name_field f, std::string_view raw, std::string& out) {
        bool same = !raw.empty();
        for (const char c : raw) {
            out += in_name(f, c) ? c : 'x';
            same = same && in_name(f, c);
        }
        if (raw.empty()) {
            out += 'x';
        }
        return same;
    }
    static std::size_t scan(name_field f, std::string_view text) noexcept {
        std::size_t n = 0;
        while (n < text.size() && in_name(f, text[n])) {
            ++n;
        }
        return n;
    }
    static bool accepts(name_field f, std::string_view text) noexcept {
        return !text.empty() && scan(f, text) == text.size();
    }
    static std::size_t longest_component(std::string_view text) noexcept { return text.size(); }
};

/// Changes nothing.
struct name_rule_archetype : archetype_base {
    static constexpr bool refuse_changes = false;
    static void rewrite(name_field, std::string&) noexcept {}
};

/// `chart,dimension,time,value`.
struct wire_format_archetype : archetype_base {
    static constexpr std::string_view name = "archetype";
    static constexpr std::array<std::string_view, 0> aliases{};
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = grammar(field::chart, lit<",">, field::dimension, lit<",">,
                                         field::unix_time, lit<",">, field::value, lit<"\n">);
    using spelling = spelling_archetype;
    static constexpr format_limits limits{};
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(name_spelling<spelling_archetype>);
static_assert(name_rule<name_rule_archetype>);
static_assert(wire_format<wire_format_archetype>);

}  // namespace backends::testing
