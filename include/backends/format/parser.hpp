// SPDX-License-Identifier: BSL-1.0
//
// The strict parser derived from a format's grammar. It accepts exactly the renderer's lines and
// locates the error in any other line. For tests and for receivers.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/format/grammar.hpp>
#include <backends/format/line_cursor.hpp>
#include <backends/format/message_parser.hpp>
#include <backends/format/parsed_line.hpp>
#include <backends/format/tokens.hpp>
#include <backends/format/wire_format.hpp>

#include <boost/hana/fold_left.hpp>
#include <boost/hana/for_each.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

namespace detail {

template <class Format>
struct parse_step {
    parsed_line& line;
    line_cursor& at;
    using spelling = typename Format::spelling;

    template <class Token>
    bool operator()(bool good, Token token) const noexcept {
        return good && take(token);
    }

private:
    template <literal_text Text>
    bool take(literal<Text>) const noexcept {
        return at.skip(literal<Text>::text);
    }

    bool take(value_element) const noexcept { return at.number(line.number); }
    bool take(time_element) const noexcept { return at.unix_time(line.at); }
    template <literal_text L, literal_text A>
    bool take(quantity_element<L, A> of) const noexcept {
        line.says = at.rest().starts_with(of.amount) ? quantity::amount : quantity::level;
        return at.skip(line.says == quantity::amount ? of.amount : of.level);
    }

    template <class First, class... Rest>
    bool take(name_path<First, Rest...> path) const noexcept {
        const std::size_t start = at.position;
        const std::string_view text = at.take(spelling::scan(First::name, at.rest()));
        if (!spelling::accepts(First::name, text) || !path.divides(text)) {
            at.position = start;
            return false;
        }
        if (Format::limits.component != 0 &&
            spelling::longest_component(text) > Format::limits.component) {
            at.position = start;
            at.problem = errc::name_too_long;
            return false;
        }
        if constexpr (sizeof...(Rest) != 0) {
            line.path = text;
        } else {
            view_of(First{}) = text;
        }
        return true;
    }

    template <literal_text O, literal_text C>
    bool take(optional_prefix_element<O, C> prefix) const noexcept {
        const std::size_t start = at.position;
        if (at.skip(prefix.open) && take(name_path<name_element<name_field::prefix>>{}) &&
            !line.prefix.empty() && at.skip(prefix.close)) {
            return true;
        }
        const bool is_there = !prefix.open.empty() && text_at(start).starts_with(prefix.open);
        if (!is_there) {
            at.position = start;
            line.prefix = {};
        }
        return !is_there;
    }

    template <literal_text O, literal_text A, literal_text B, literal_text C>
    bool take(tag_list<O, A, B, C> list) const noexcept {
        const std::size_t start = at.position;
        if (!at.skip(list.open)) {
            at.position = start;  // no tags
            return true;
        }
        std::size_t count = 0;
        do {
            if (!part(name_field::tag_name) || !at.skip(list.assign) ||
                !part(name_field::tag_value) || ++count > Format::limits.tags) {
                return false;
            }
        } while (at.optional(list.between));
        if (!at.skip(list.close)) {
            return false;
        }
        line.tags = at.text.substr(start, at.position - start);
        return true;
    }

    template <class Group, class Inner>
    bool take(repeated_token<Group, Inner> group) const noexcept {
        const std::size_t start = at.position;
        parsed_line first;
        do {
            parsed_line one;
            if (!boost::hana::fold_left(group.inner, true, parse_step{one, at})) {
                return false;
            }
            first = first.number.empty() ? one : first;
        } while (at.optional(group.between));
        line.dimension = first.dimension;
        line.number = first.number;
        line.fields = at.text.substr(start, at.position - start);
        return true;
    }

    bool part(name_field f) const noexcept {
        const std::size_t start = at.position;
        if (spelling::accepts(f, at.take(spelling::scan(f, at.rest())))) {
            return true;
        }
        at.position = start;
        return false;
    }

    [[nodiscard]] std::string_view text_at(std::size_t position) const noexcept {
        return at.text.substr(position < at.text.size() ? position : at.text.size());
    }

    std::string_view& view_of(name_element<name_field::prefix>) const noexcept {
        return line.prefix;
    }
    std::string_view& view_of(name_element<name_field::hostname>) const noexcept {
        return line.hostname;
    }
    std::string_view& view_of(name_element<name_field::chart>) const noexcept { return line.chart; }
    std::string_view& view_of(name_element<name_field::dimension>) const noexcept {
        return line.dimension;
    }
};

template <class Format>
parse_result parse_text(std::string_view text) noexcept {
    parse_result result;
    line_cursor at{.text = text};
    const bool good =
        boost::hana::fold_left(tokens_of<Format>, true, parse_step<Format>{result.line, at});
    if (!good) {
        result.error = at.problem;
        result.position = at.position < text.size() ? at.position : text.size();
        result.line = {};
    }
    return result;
}

}  // namespace detail

/// Parses one line without its newline, or one binary record. Never throws, never allocates; linear
/// in the line's length.
template <wire_format Format>
[[nodiscard]] parse_result parse(std::string_view text) noexcept {
    parse_result result;
    constexpr bool is_binary = std::remove_cvref_t<decltype(Format::line)>::is_binary;
    if (text.size() + (is_binary ? 0 : 1) > Format::limits.line) {
        result.error = errc::line_too_long;
        result.position = Format::limits.line;
        return result;
    }
    if constexpr (is_binary) {
        return detail::message_parser<Format>::parse(text);
    } else {
        return detail::parse_text<Format>(text);
    }
}
namespace detail {
template <class Format>
struct each_field {
    template <class Token, class F>
    static void in(const parsed_line&, Token, const F&) noexcept {}
    template <class Group, class Inner, class F>
    static void in(const parsed_line& line, repeated_token<Group, Inner> group, const F& f) {
        line_cursor at{.text = line.fields};
        do {
            parsed_line one;
            boost::hana::fold_left(group.inner, true, parse_step<Format>{one, at});
            f(one.dimension, one.number);
        } while (at.optional(group.between));
    }
};
}  // namespace detail

/// Calls f(dimension, number) for each value of a line, in order: one, or as many as the line has
/// fields. The dimension is empty where it is part of the path. Precondition: parse<Format>() gave
/// the line. Allocates nothing; throws what f throws.
template <wire_format Format, class F>
void each_value(const parsed_line& line, const F& f) {
    if (line.fields.empty()) {
        f(line.dimension, line.number);
    } else {
        boost::hana::for_each(detail::tokens_of<Format>,
                              [&](auto token) { detail::each_field<Format>::in(line, token, f); });
    }
}

}  // namespace backends
