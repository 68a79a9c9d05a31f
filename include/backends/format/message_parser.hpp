// SPDX-License-Identifier: BSL-1.0
//
// The strict parser of binary records, derived from their grammar. It accepts exactly the
// renderer's bytes: fields in their order, each length as short as it may be.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/format/message.hpp>
#include <backends/format/parsed_line.hpp>
#include <backends/format/tokens.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// The value of a parsed binary record. Precondition: parse() gave the line.
[[nodiscard]] inline double raw_number_of(const parsed_line& line) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = sizeof bits; i != 0; --i) {
        bits = bits << 8U | static_cast<unsigned char>(line.number[i - 1]);
    }
    return std::bit_cast<double>(bits);
}

namespace detail {

/// The rest of a message.
struct message_cursor {
    std::string_view rest;

    bool skip(std::string_view expected) noexcept {
        const bool good = rest.starts_with(expected);
        rest.remove_prefix(good ? expected.size() : 0);
        return good;
    }
    bool take(std::size_t n, std::string_view& out) noexcept {
        if (n > rest.size()) {
            return false;
        }
        out = rest.substr(0, n);
        rest.remove_prefix(n);
        return true;
    }
    /// A field of length and bytes.
    bool field(std::uint32_t number, std::string_view& out) noexcept {
        const char tag = static_cast<char>(number << 3U | 2U);
        std::size_t n = 0;
        return skip({&tag, 1}) && length(n) && take(n, out);
    }

private:
    bool length(std::size_t& n) noexcept {
        for (unsigned shift = 0; shift < 28 && !rest.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest.front());
            rest.remove_prefix(1);
            n |= static_cast<std::size_t>(byte & 0x7fU) << shift;
            if (byte < 0x80) {
                return byte != 0 || shift == 0;
            }
        }
        return false;
    }
};

/// Whether this element is, or holds, the name of a chart.
template <class Element>
inline constexpr bool names_chart = count_in<name_element<name_field::chart>, Element> != 0;

template <class Format>
class message_parser {
public:
    static parse_result parse(std::string_view text) noexcept {
        parse_result result;
        message_parser one{result.line, text};
        message_cursor all{text};
        if (!one.record(all, Format::line)) {
            result.error = errc::malformed_line;
            result.position = one.deepest_;
            result.line = {};
        }
        return result;
    }

private:
    message_parser(parsed_line& into, std::string_view text) noexcept : line_{into}, text_{text} {}

    using spelling = typename Format::spelling;

    template <class Message, class... Rest>
    bool record(message_cursor& at, line_grammar<message_begin<Message>, Rest...>) noexcept {
        return take(at, Message{}) && at.rest.empty();
    }

    bool is_here(const message_cursor& at, bool good) noexcept {
        const auto position = static_cast<std::size_t>(at.rest.data() - text_.data());
        deepest_ = deepest_ < position ? position : deepest_;
        return good;
    }

    template <class... E>
    bool all_of(std::string_view text, E... elements) noexcept {
        message_cursor inside{text};
        if constexpr ((std::is_same_v<E, name_element<name_field::chart>> || ...)) {
            line_.path = text;
            return is_path(text, elements...);
        } else {
            return (is_here(inside, take(inside, elements)) && ...) && inside.rest.empty();
        }
    }
    template <class First, class... Rest>
    static bool is_path(std::string_view text, First, Rest...) noexcept {
        return spelling::accepts(name_field::chart, text) &&
               name_path<First, Rest...>::divides(text);
    }

    template <std::uint32_t N, class... E>
    bool take(message_cursor& at, message_field<N, E...>) noexcept {
        std::string_view inside;
        return at.field(N, inside) && all_of(inside, E{}...);
    }
    template <class Kinds, class... E>
    bool take(message_cursor& at, message_choice<Kinds, E...>) noexcept {
        for (const quantity says : all_quantities) {
            message_cursor one = at;
            std::string_view inside;
            if (one.field(Kinds::number(says), inside) && inside.starts_with(Kinds::first(says))) {
                at = one;
                line_.says = says;
                inside.remove_prefix(Kinds::first(says).size());
                return all_of(inside, E{}...);
            }
        }
        return false;
    }
    template <std::uint32_t N>
    bool take(message_cursor& at, raw_value_field<N>) noexcept {
        return at.skip(field_tag<N, 1>::text) && at.take(sizeof(double), line_.number) &&
               is_printable(raw_number_of(line_));
    }
    /// Only a time of the records' own is written again as the same bytes.
    template <std::uint32_t N, class Form>
    bool take(message_cursor& at, raw_time_field<N, Form>) noexcept {
        std::string_view bytes;
        if (!at.skip(field_tag<N, Form::wire_type>::text) || !at.take(Form::size, bytes)) {
            return false;
        }
        line_.at = Form::read(bytes);
        std::array<char, 8> again{};
        if (line_.at > 0 && line_.at < Form::end) {
            Form::write(again.data(), line_.at);
        }
        return line_.at > 0 && bytes == std::string_view{again.data(), Form::size};
    }
    template <std::uint32_t N, bool Nested, bool OfExporter, class... Fixed>
    bool take(message_cursor& at, label_set<N, Nested, OfExporter, Fixed...>) noexcept {
        const std::string_view before = at.rest;
        std::size_t found = 0;
        std::size_t others = 0;
        std::string_view last;
        while (!at.rest.empty() && at.rest.front() == field_tag<N, 2>::byte) {
            std::string_view inside;
            std::string_view name;
            std::string_view value;
            if (!at.field(N, inside)) {
                return false;
            }
            message_cursor one{inside};
            if (!one.field(1, name) || !one.field(2, value) || !one.rest.empty() || name <= last) {
                return false;
            }
            if constexpr (Nested) {
                one.rest = value;
                if (!one.field(1, value) || !one.rest.empty()) {
                    return false;
                }
            }
            last = name;
            bool is_fixed = false;
            bool good = true;
            ((is_fixed = is_fixed || name == Fixed::name,
              good = good && (name != Fixed::name || fixed(value, Fixed{}))),
             ...);
            found += is_fixed ? 1 : 0;
            others += is_fixed ? 0 : 1;
            good = good && (is_fixed || (spelling::accepts(name_field::tag_name, name) &&
                                         spelling::accepts(name_field::tag_value, value)));
            if (!is_here(at, good)) {
                return false;
            }
        }
        line_.tags = before.substr(0, before.size() - at.rest.size());
        return found == sizeof...(Fixed) && others <= Format::limits.tags;
    }
    template <literal_text Name, class... E>
    bool fixed(std::string_view value, fixed_label<Name, E...>) noexcept {
        return all_of(value, E{}...);
    }
    template <name_field Field>
    bool take(message_cursor& at, name_element<Field>) noexcept {
        const std::string_view text = at.rest;
        at.rest = {};
        (Field == name_field::hostname ? line_.hostname : line_.prefix) = text;
        return spelling::accepts(Field, text);
    }
    template <class Literal>
        requires is_literal<Literal>
    bool take(message_cursor& at, Literal) noexcept {
        return at.skip(Literal::text);
    }

    static constexpr std::array all_quantities{quantity::total, quantity::amount, quantity::level};

    parsed_line& line_;
    std::string_view text_;
    std::size_t deepest_ = 0;
};

}  // namespace detail
}  // namespace backends
