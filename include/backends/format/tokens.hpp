// SPDX-License-Identifier: BSL-1.0
//
// A line grammar for the parser. Names whose separators may occur in names (`chart.dimension`) form
// one token, and the next byte ends every token. Computed at compile time; a grammar that cannot be
// read back is a compile error. Only the parser uses it.
#pragma once

#include <backends/format/grammar.hpp>
#include <backends/format/wire_format.hpp>

#include <boost/hana/append.hpp>
#include <boost/hana/back.hpp>
#include <boost/hana/drop_back.hpp>
#include <boost/hana/fold_left.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// A name, or names and the literals between them. After an optional prefix, which may add one more
/// name, only the names that follow are required.
template <class First, class... Rest>
struct name_path {
    using first = First;

    template <class Separator, class Name>
    constexpr auto join(Separator, Name) const {
        return name_path<First, Rest..., Separator, Name>{};
    }
    /// Begins the required names after an optional prefix, which includes its separator.
    template <class Name>
    constexpr auto begin(Name) const {
        return name_path<First, Name>{};
    }

    /// True if the text has the separators, in order, with a name of at least one byte before,
    /// between and after them.
    static constexpr bool divides(std::string_view text) noexcept {
        if constexpr (is_optional_prefix<First>) {
            static_assert(sizeof...(Rest) != 0, "a name follows an optional prefix");
            return name_path<Rest...>::divides(text);
        } else {
            return divides_at_each(text);
        }
    }

private:
    static constexpr bool divides_at_each(std::string_view text) noexcept {
        bool good = true;
        ((good = good && divide(text, Rest{})), ...);
        return good && (sizeof...(Rest) == 0 || !text.empty());
    }

    template <class Element>
    static constexpr bool divide(std::string_view& text, Element) noexcept {
        if constexpr (is_literal<Element>) {
            const std::size_t at = text.find(Element::text, 1);
            if (at == std::string_view::npos) {
                return false;
            }
            text.remove_prefix(at + Element::text.size());
        }
        return true;
    }
};

template <class T>
inline constexpr bool is_path = false;
template <class... Parts>
inline constexpr bool is_path<name_path<Parts...>> = true;
/// An optional prefix with no name after it yet.
template <class T>
inline constexpr bool is_open_path = false;
template <literal_text O, literal_text C>
inline constexpr bool is_open_path<name_path<optional_prefix_element<O, C>>> = true;

/// A part that repeats. Inner is a Hana tuple of tokens.
template <class Group, class Inner>
struct repeated_token {
    static constexpr Inner inner{};
    static constexpr std::string_view between = Group::between;
};
template <class T>
inline constexpr bool is_repeated_token = false;
template <class Group, class Inner>
inline constexpr bool is_repeated_token<repeated_token<Group, Inner>> = true;

template <class Format>
struct make_tokens {
    static constexpr bool is_of_name_bytes(std::string_view text) {
        for (const char c : text) {
            if (!Format::spelling::in_name(name_field::chart, c)) {
                return false;
            }
        }
        return !text.empty();
    }
    /// A separator of bytes that a name may hold cannot end a name.
    template <class Element>
    static constexpr bool joins() {
        if constexpr (is_literal<Element>) {
            return is_of_name_bytes(Element::text);
        } else {
            return false;
        }
    }
    /// True for the beginning of a path.
    template <class Element>
    static constexpr bool begins_path() {
        if constexpr (is_optional_prefix<Element>) {
            return Element::open.empty() && is_of_name_bytes(Element::close);
        } else {
            return false;
        }
    }

    /// Adds the name as a token of its own, or to the path that the last tokens form.
    template <class Tokens, class Name>
    static constexpr auto add_name(Tokens tokens, Name name) {
        namespace hana = boost::hana;
        constexpr std::size_t size = decltype(hana::length(tokens))::value;
        if constexpr (size >= 1) {
            using last = std::decay_t<decltype(hana::back(tokens))>;
            if constexpr (is_open_path<last>) {
                return hana::append(hana::drop_back(tokens), last{}.begin(name));
            } else if constexpr (size >= 2 && joins<last>()) {
                using before = std::decay_t<decltype(hana::back(hana::drop_back(tokens)))>;
                if constexpr (is_path<before>) {
                    return hana::append(hana::drop_back(hana::drop_back(tokens)),
                                        before{}.join(last{}, name));
                } else {
                    return hana::append(tokens, name_path<Name>{});
                }
            } else {
                return hana::append(tokens, name_path<Name>{});
            }
        } else {
            return hana::append(tokens, name_path<Name>{});
        }
    }

    template <class Tokens, class Element>
    constexpr auto operator()(Tokens tokens, Element element) const {
        if constexpr (is_name<Element>) {
            return add_name(tokens, element);
        } else if constexpr (begins_path<Element>()) {
            return boost::hana::append(tokens, name_path<Element>{});
        } else if constexpr (is_repeated<Element>) {
            constexpr auto inner =
                boost::hana::fold_left(Element::elements, boost::hana::tuple<>{}, make_tokens{});
            return boost::hana::append(
                tokens, repeated_token<Element, std::remove_const_t<decltype(inner)>>{});
        } else {
            return boost::hana::append(tokens, element);
        }
    }
};

/// True if the first byte of the next token ends a name or a number.
template <class Format>
struct check_ends {
    template <class Token, class Next>
    static constexpr bool ends() {
        std::string_view text;
        if constexpr (requires { Next::text; }) {
            text = Next::text;
        } else if constexpr (is_tag_list<Next> || is_optional_prefix<Next>) {
            text = Next::open;
        }
        if constexpr (is_path<Token>) {
            return !text.empty() && !Format::spelling::in_name(Token::first::name, text.front());
        } else if constexpr (is_optional_prefix<Token>) {
            return !Token::close.empty() &&
                   !Format::spelling::in_name(Token::name, Token::close.front());
        } else if constexpr (is_literal<Token> || is_tag_list<Token>) {
            return true;
        } else if constexpr (is_repeated_token<Token>) {
            return ends_repeated<Token, Next>(text);
        } else {
            return !text.empty() && text.front() != '.' &&
                   !(text.front() >= '0' && text.front() <= '9');
        }
    }
    /// Each part of what repeats is ended, its last one both by what stands between two of them and
    /// by what follows the last, which differ.
    template <class Token, class Next>
    static constexpr bool ends_repeated(std::string_view next) {
        return boost::hana::unpack(Token::inner, [next](auto... each) {
            return check_ends{}(each..., after<Token>{}) && check_ends{}(each..., Next{}) &&
                   !next.starts_with(Token::between);
        });
    }
    template <class Token>
    struct after {
        static constexpr std::string_view text = Token::between;
    };

    template <class Last>
    constexpr bool operator()(Last) const {
        return true;  // the newline
    }
    template <class Token, class Next, class... Rest>
    constexpr bool operator()(Token, Next next, Rest... rest) const {
        return ends<Token, Next>() && (*this)(next, rest...);
    }
};

/// The tokens of a format's line, a Hana tuple.
template <wire_format Format>
inline constexpr auto tokens_of = [] {
    namespace hana = boost::hana;
    constexpr auto tokens =
        hana::fold_left(Format::line.elements, hana::tuple<>{}, make_tokens<Format>{});
    static_assert(
        hana::unpack(tokens, check_ends<Format>{}),
        "this line cannot be read back: the byte after a name or a number could be part of it");
    return tokens;
}();

}  // namespace backends::detail
