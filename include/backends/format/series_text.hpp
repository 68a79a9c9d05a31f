// SPDX-License-Identifier: BSL-1.0
//
// What a series adds to its lines: its names and labels, made safe and laid out once.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/text_index.hpp>
#include <backends/format/label_texts.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/safe_export_names.hpp>
#include <backends/format/series_texts.hpp>
#include <backends/format/stateless.hpp>
#include <backends/format/wire_format.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// @tparam Lines  the line_layout of the format's grammar
template <class Lines>
class series_text {
public:
    using texts = series_texts<Lines::count(varies::with_series)>;

    std::string text;  ///< of all runs that change with the series
    typename texts::lengths lengths{};
    std::string shared;          ///< instead of Lines::shared_tags, for a series with labels
    std::size_t more_bytes = 0;  ///< by which that one is longer

    /// Returns an error if the rule refuses a name, or a tag breaks a limit. Call it once.
    template <wire_format Format, name_rule Rule>
    std::error_code set(const safe_identity& names, std::string_view chart_id,
                        std::string_view dimension, label_list labels, quantity says) {
        std::string chart;
        std::string name;
        std::string tags;
        if (auto error = encode_checked<Format, Rule>(name_field::chart, chart_id, chart)) {
            return error;
        }
        if (auto error = encode_checked<Format, Rule>(name_field::dimension, dimension, name)) {
            return error;
        }
        if (auto error = names.template add_labels<Format, Rule>(labels, tags, Format::line)) {
            return error;
        }
        const auto text_of = [&]<class Element>(Element element) -> std::string_view {
            if constexpr (std::is_same_v<Element, name_element<name_field::chart>>) {
                return chart;
            } else if constexpr (std::is_same_v<Element, name_element<name_field::dimension>>) {
                return name;
            } else if constexpr (is_quantity<Element>) {
                return says == quantity::amount ? element.amount : element.level;
            } else {
                return is_tag_list<Element> && !labels.empty() ? std::string_view{tags}
                                                               : names.text(element);
            }
        };
        const auto lay_out = [&]<std::size_t I>() {
            using run = typename Lines::template run_at<I>;
            if constexpr (run::changes == varies::with_series) {
                const std::size_t before = text.size();
                if constexpr (run::makes_text) {
                    const spelled_names all{chart, name, labels.empty() ? names.tags : tags, names,
                                            says};
                    detail::unpack_stateless(run::elements, [&](auto... element) {
                        (append_made(text, element, all), ...);
                    });
                } else {
                    detail::unpack_stateless(run::elements, [&](auto... element) {
                        append(text, {text_of(element)...});
                    });
                }
                lengths[Lines::template rank<I>] = static_cast<std::uint32_t>(text.size() - before);
            } else if constexpr (I == Lines::shared_tags) {
                if (!labels.empty()) {
                    detail::unpack_stateless(run::elements, [&](auto... element) {
                        append(shared, {text_of(element)...});
                    });
                    more_bytes = tags.size() - names.tags.size();
                }
            }
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (lay_out.template operator()<I>(), ...);
        }(std::make_index_sequence<Lines::size>{});
        return {};
    }

    /// The bytes of the shortest text that a series may have.
    template <wire_format Format, name_rule Rule>
    static std::size_t shortest(const safe_identity& names) {
        std::size_t n = 0;
        const auto add = [&]<std::size_t I>() {
            using run = typename Lines::template run_at<I>;
            if constexpr (run::makes_text) {
                series_text one;
                n = one.template set<Format, replace>(names, "c", "d", {}, quantity::level)
                        ? n
                        : one.text.size();
            } else if constexpr (run::changes == varies::with_series) {
                detail::each_stateless(run::elements, [&](auto element) {
                    using type = decltype(element);
                    if constexpr (std::is_same_v<type, name_element<name_field::chart>> ||
                                  std::is_same_v<type, name_element<name_field::dimension>>) {
                        ++n;
                    } else {
                        n += names.text(element).size();
                    }
                });
            }
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (add.template operator()<I>(), ...);
        }(std::make_index_sequence<Lines::size>{});
        return n;
    }

    [[nodiscard]] std::uint32_t hash() const noexcept { return hash_of(text, shared); }
    static std::uint32_t hash_of(std::string_view text, std::string_view shared) noexcept {
        return shared.empty() ? hash_bytes(text) : hash_bytes(text) ^ hash_bytes(shared);
    }

private:
    template <class Element>
    static void append_made(std::string& out, Element element, const spelled_names& names) {
        if constexpr (makes_text<Element>) {
            element.write(out, names);
        } else {
            append(out, {names.text(element)});
        }
    }
};

}  // namespace backends::detail
