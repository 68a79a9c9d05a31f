// SPDX-License-Identifier: BSL-1.0
//
// An exporter's names as a format writes them, with rule, spelling and limits applied once. Only
// the renderer uses them.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/raise.hpp>
#include <backends/format/grammar.hpp>
#include <backends/format/wire_format.hpp>

#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// Whether tags and labels stand in this element.
template <class Element>
inline constexpr bool takes_tags = is_tag_list<Element> || is_label_set<Element>;
/// Whether the exporter's do, not the charts' alone.
template <class Element>
inline constexpr bool has_own_tags = is_tag_list<Element>;
template <class Element>
    requires is_label_set<Element>
inline constexpr bool has_own_tags<Element> = Element::of_exporter;

/// Appends a name's spelling.
template <wire_format Format, name_rule Rule>
std::error_code encode_checked(name_field f, std::string_view raw, std::string& out) {
    std::string name = string_of(raw);
    Rule::rewrite(f, name);
    const std::size_t start = out.size();
    if (!Format::spelling::spell(f, name, out) && Rule::refuse_changes) {
        return errc::name_refused;
    }
    const bool in_path = f != name_field::tag_name && f != name_field::tag_value;
    constexpr std::size_t limit = Format::limits.component;
    if (limit != 0 && in_path &&
        Format::spelling::longest_component(std::string_view{out}.substr(start)) > limit) {
        return errc::name_too_long;
    }
    return {};
}

/// The tags of a line, spelled, in a format's punctuation.
struct safe_tags {
    // No name has both: a line's name has no newline, and others are UTF-8.
    static constexpr std::string_view apart = "\n\xff";

    std::string text;          // without what closes the list
    std::string names{apart};  // spelled, and apart
    std::size_t size = 0;

    /// Appends a tag, unless there is an error.
    template <wire_format Format, name_rule Rule, class Tags>
    std::error_code add(std::string_view name, std::string_view value, Tags list) {
        std::string safe_name;
        std::string safe_value;
        if (auto error = encode_checked<Format, Rule>(name_field::tag_name, name, safe_name)) {
            return error;
        }
        if (auto error = encode_checked<Format, Rule>(name_field::tag_value, value, safe_value)) {
            return error;
        }
        if constexpr (is_label_set<Tags>) {
            const std::string header = packed_sizes(safe_name, safe_value);
            return add_safe(safe_name, {header, "", safe_value});
        } else {
            return add_safe(safe_name,
                            {size == 0 ? list.open : list.between, list.assign, safe_value});
        }
    }
    template <class Tags>
    [[nodiscard]] std::string closed(Tags list) const {
        return size == 0 ? std::string{} : joined({text, list.close});
    }

private:
    struct spelled {
        std::string_view open;
        std::string_view assign;
        std::string_view value;
    };

    std::error_code add_safe(std::string_view name, const spelled& rest) {
        if (names.find(joined({apart, name, apart})) != std::string::npos) {
            return errc::tag_repeated;
        }
        append(text, {rest.open, name, rest.assign, rest.value});
        append(names, {name, apart});
        ++size;
        return {};
    }
};

struct safe_identity {
    std::string prefix;  // an optional prefix includes its punctuation
    std::string hostname;
    std::string tags;
    safe_tags own_tags;

    /// The text of an element that depends on neither the series nor the tick.
    template <class Element>
    [[nodiscard]] std::string_view text(Element) const noexcept {
        if constexpr (is_literal<Element>) {
            return Element::text;
        } else if constexpr (is_tag_list<Element>) {
            return tags;
        } else if constexpr (is_quantity<Element>) {
            return Element::level;
        } else if constexpr (std::is_same_v<Element, name_element<name_field::prefix>> ||
                             is_optional_prefix<Element>) {
            return prefix;
        } else {
            static_assert(std::is_same_v<Element, name_element<name_field::hostname>>);
            return hostname;
        }
    }

    /// The tags of a chart with labels: the exporter's own, then the labels.
    template <wire_format Format, name_rule Rule, class... Elements>
    std::error_code add_labels(label_list labels, std::string& out,
                               line_grammar<Elements...>) const {
        if (labels.empty()) {
            return {};
        }
        if constexpr (!(takes_tags<Elements> || ...)) {
            return errc::too_many_tags;
        }
        safe_tags all = own_tags;
        std::error_code error;
        const auto take = [&]<class Element>(Element list) {
            if constexpr (takes_tags<Element>) {
                if constexpr (is_label_set<Element> && !has_own_tags<Element>) {
                    all = {};
                }
                for (const label one : labels) {
                    error = error ? error : all.add<Format, Rule>(one.name, one.value, list);
                }
                out = all.closed(list);
            }
        };
        (take(Elements{}), ...);
        if (!error && all.size > Format::limits.tags) {
            error = errc::too_many_tags;
        }
        return error;
    }
};

/// The names of a series' records.
struct spelled_names {
    std::string_view chart;
    std::string_view dimension;
    std::string_view tags;  // as labels are packed
    const safe_identity& of_exporter;
    quantity says;

    template <class Element>
    [[nodiscard]] std::string_view text(Element element) const noexcept {
        if constexpr (std::is_same_v<Element, name_element<name_field::chart>>) {
            return chart;
        } else if constexpr (std::is_same_v<Element, name_element<name_field::dimension>>) {
            return dimension;
        } else if constexpr (is_quantity<Element>) {
            return says == quantity::amount ? element.amount : element.level;
        } else {
            return of_exporter.text(element);
        }
    }
};

/// Throws config_error.
template <wire_format Format, name_rule Rule, class Tags>
safe_tags spell_tags(const std::vector<tag>& tags, Tags list) {
    safe_tags all;
    for (const tag& each : tags) {
        const auto error = all.add<Format, Rule>(each.name, each.value, list);
        if (error == errc::tag_repeated) {
            refuse("tags", each.name, error.message());
        }
        if (error) {
            refuse("tags", joined({each.name, "=", each.value}), error.message());
        }
    }
    return all;
}

/// Throws config_error with the offending key.
template <wire_format Format, name_rule Rule, class... Elements>
safe_identity make_safe(const identity& raw, line_grammar<Elements...>) {
    safe_identity safe;
    const auto spell = [](name_field f, const std::string& name, std::string& out)
                           __attribute__((noinline)) {
                               if (const auto error = encode_checked<Format, Rule>(f, name, out)) {
                                   refuse(to_string(f), name, error.message());
                               }
                           };
    // A format ignores the fields that it does not use.
    const auto take = [&]<class Element>(Element element) {
        if constexpr (is_optional_prefix<Element>) {
            if (!raw.prefix.empty()) {
                safe.prefix = element.open;
                spell(name_field::prefix, raw.prefix, safe.prefix);
                safe.prefix += element.close;
            }
        } else if constexpr (std::is_same_v<Element, name_element<name_field::prefix>>) {
            if (raw.prefix.empty()) {
                refuse("prefix", "", "this wire format has no line without a prefix");
            }
            spell(name_field::prefix, raw.prefix, safe.prefix);
        } else if constexpr (std::is_same_v<Element, name_element<name_field::hostname>>) {
            spell(name_field::hostname, raw.hostname, safe.hostname);
        } else if constexpr (takes_tags<Element>) {
            safe.own_tags = spell_tags<Format, Rule>(raw.tags, element);
            safe.tags = has_own_tags<Element> ? safe.own_tags.closed(element) : "";
        }
    };
    const std::size_t most = (takes_tags<Elements> || ...) ? Format::limits.tags : 0;
    if (raw.tags.size() > most) {
        refuse("tags", std::to_string(raw.tags.size()),
               make_error_code(errc::too_many_tags).message());
    }
    (take(Elements{}), ...);
    return safe;
}

template <wire_format Format, name_rule Rule>
safe_identity make_safe(const identity& raw) {
    return make_safe<Format, Rule>(raw, names_in(Format::line));
}

}  // namespace backends::detail
