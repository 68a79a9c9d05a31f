// SPDX-License-Identifier: BSL-1.0
//
// The line grammar: a wire format declares its line once, as a tuple of literals and fields. At
// compile time the library derives from it the renderer's runs (line_layout.hpp), the strict parser
// (parser.hpp) and the maximum length of a line.
//
//     static constexpr auto line = grammar(field::chart, lit<" ">, field::value, lit<"\n">);
//
// A part of the line may repeat, once for each value of a chart: field::each_dimension.
#pragma once

#include <backends/core/literal_text.hpp>
#include <backends/core/record_end.hpp>
#include <backends/format/safe_name.hpp>

#include <boost/hana/tuple.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

/// When a part of a line changes, from never to every line.
enum class varies {
    never,        ///< literals, and the same for the exporter's life
    with_series,  ///< chart and dimension
    with_tick,    ///< the time
    always,       ///< the value
};

/// Literal bytes of the line.
template <literal_text Text>
struct literal {
    static constexpr varies changes = varies::never;       ///< when it changes
    static constexpr std::string_view text = Text.text();  ///< the bytes
};

/// A name in the format's spelling.
template <name_field Field>
struct name_element {
    static constexpr name_field name = Field;  ///< which name
    /// When it changes.
    static constexpr varies changes = Field == name_field::chart || Field == name_field::dimension
                                          ? varies::with_series
                                          : varies::never;
};

/// `Open prefix Close`, or nothing if the prefix is empty.
template <literal_text Open, literal_text Close>
struct optional_prefix_element {
    static constexpr name_field name = name_field::prefix;           ///< the prefix
    static constexpr varies changes = varies::never;                 ///< when it changes
    static constexpr std::string_view open = literal<Open>::text;    ///< before the prefix
    static constexpr std::string_view close = literal<Close>::text;  ///< after it
};

/// All tags, the exporter's and then the chart's labels, or nothing without any.
template <literal_text Open, literal_text Assign, literal_text Between, literal_text Close>
struct tag_list {
    static constexpr varies changes = varies::never;               ///< when it changes
    static constexpr std::string_view open = literal<Open>::text;  ///< before the first tag
    /// Between a tag's name and value.
    static constexpr std::string_view assign = literal<Assign>::text;
    static constexpr std::string_view between = literal<Between>::text;  ///< between two tags
    static constexpr std::string_view close = literal<Close>::text;      ///< after the last one
};

/// The line's number.
struct value_element {
    static constexpr varies changes = varies::always;  ///< when it changes
};

/// The line's time, Unix seconds as decimal.
struct time_element {
    static constexpr varies changes = varies::with_tick;  ///< when it changes
};

/// Says that a line has no time. Writes nothing.
struct no_time_element : literal<""> {};

/// `Level` or `Amount`, by what the series' values say.
template <literal_text Level, literal_text Amount>
struct quantity_element {
    static constexpr varies changes = varies::with_series;             ///< when it changes
    static constexpr std::string_view level = literal<Level>::text;    ///< of a level
    static constexpr std::string_view amount = literal<Amount>::text;  ///< of an amount
};

/// A part that repeats: `Elements Between Elements`, for each dimension with a value of the line's
/// time.
template <literal_text Between, class... Elements>
struct repeated_part {
    static constexpr std::string_view between = literal<Between>::text;  ///< never in front
    static constexpr boost::hana::tuple<Elements...> elements{};         ///< of one dimension
};

/// Literal bytes of the line; the last ones end with its only newline.
template <literal_text Text>
inline constexpr literal<Text> lit{};

/// The fields of a grammar.
namespace field {
inline constexpr name_element<name_field::prefix> prefix{};  ///< the exporter's prefix
/// The prefix and its punctuation, or nothing if the prefix is empty. A grammar with field::prefix
/// instead refuses an empty prefix.
template <literal_text Open, literal_text Close>
inline constexpr optional_prefix_element<Open, Close> optional_prefix{};
inline constexpr name_element<name_field::hostname> hostname{};    ///< the exporter's hostname
inline constexpr name_element<name_field::chart> chart{};          ///< the chart's id
inline constexpr name_element<name_field::dimension> dimension{};  ///< the dimension's id
/// `Open name Assign value Between name Assign value Close`, or nothing without tags.
template <literal_text Open, literal_text Assign, literal_text Between, literal_text Close>
inline constexpr tag_list<Open, Assign, Between, Close> tags{};
inline constexpr value_element value{};     ///< the number
inline constexpr time_element unix_time{};  ///< the time
/// Instead of the time: receivers give a line the time of its arrival.
inline constexpr no_time_element no_time{};
/// `Level` for a value that receivers keep, `Amount` for one that they add up (quantity).
template <literal_text Level, literal_text Amount>
inline constexpr quantity_element<Level, Amount> quantity{};
}  // namespace field

namespace detail {
template <class T>
inline constexpr bool is_literal = false;
template <literal_text Text>
inline constexpr bool is_literal<literal<Text>> = true;
template <>
inline constexpr bool is_literal<no_time_element> = true;
template <class T>
inline constexpr bool is_quantity = false;
template <literal_text L, literal_text A>
inline constexpr bool is_quantity<quantity_element<L, A>> = true;
template <class T>
inline constexpr bool is_name = false;
template <name_field Field>
inline constexpr bool is_name<name_element<Field>> = true;
template <class T>
inline constexpr bool is_optional_prefix = false;
template <literal_text O, literal_text C>
inline constexpr bool is_optional_prefix<optional_prefix_element<O, C>> = true;
template <class T>
inline constexpr bool is_tag_list = false;
template <literal_text O, literal_text A, literal_text B, literal_text C>
inline constexpr bool is_tag_list<tag_list<O, A, B, C>> = true;
template <class T>
inline constexpr bool is_repeated = false;
template <literal_text B, class... Elements>
inline constexpr bool is_repeated<repeated_part<B, Elements...>> = true;
template <class T>
inline constexpr std::string_view between_of = {};
template <literal_text B, class... Elements>
inline constexpr std::string_view between_of<repeated_part<B, Elements...>> = literal<B>::text;

/// Labels of a binary record, message_fields.hpp.
template <class T>
inline constexpr bool is_label_set = false;
/// An element that makes its bytes when a series is registered.
template <class T>
inline constexpr bool makes_text = is_label_set<T>;

/// How often the one stands in the other.
template <class Wanted, class Element>
inline constexpr std::size_t count_in = std::is_same_v<Wanted, Element> ? 1 : 0;
template <class Wanted, literal_text B, class... Elements>
inline constexpr std::size_t count_in<Wanted, repeated_part<B, Elements...>> =
    (std::size_t{0} + ... + count_in<Wanted, Elements>);
}  // namespace detail

namespace field {
/// Declares a part with the dimension's name and its value. A line then has the values of a whole
/// chart:
///
///     field::each_dimension<",">(field::dimension, lit<"=">, field::value)
template <literal_text Between, class... Elements>
consteval repeated_part<Between, Elements...> each_dimension(Elements...) {
    using result = repeated_part<Between, Elements...>;
    constexpr bool one_of_each = detail::count_in<value_element, result> == 1 &&
                                 detail::count_in<name_element<name_field::dimension>, result> == 1;
    static_assert(one_of_each && (std::size_t{2} + ... + (detail::is_literal<Elements> ? 1 : 0)) ==
                                     sizeof...(Elements),
                  "what repeats is field::dimension and field::value, once each, and literals");
    static_assert(!result::between.empty() && result::between.find('\n') == std::string_view::npos,
                  "something stands between two dimensions, but no newline");
    return {};
}
}  // namespace field

/// The result of grammar(): the type holds everything, the object nothing.
template <class... Elements>
struct line_grammar {
    static constexpr boost::hana::tuple<Elements...> elements{};  ///< of the line, in order

    /// How many elements are of a type, those of a repeated part included.
    template <class Element>
    static constexpr std::size_t count =
        (std::size_t{0} + ... + detail::count_in<Element, Elements>);

    /// Whether its records are binary, messages of message_grammar().
    static constexpr bool is_binary = (detail::makes_text<Elements> || ...);

    /// The number of parts that repeat.
    static constexpr std::size_t repeated_parts =
        (std::size_t{0} + ... + (detail::is_repeated<Elements> ? 1 : 0));

    /// The number of elements with the tags.
    static constexpr std::size_t tag_lists =
        (std::size_t{0} + ... + (detail::is_tag_list<Elements> ? 1 : 0));

    /// The number of elements with the prefix.
    static constexpr std::size_t prefixes =
        count<name_element<name_field::prefix>> +
        (std::size_t{0} + ... + (detail::is_optional_prefix<Elements> ? 1 : 0));

    /// The newlines in all literals.
    static consteval std::size_t newlines() {
        std::size_t n = 0;
        for (const std::string_view text : {text_of<Elements>()...}) {
            for (const char c : text) {
                n += c == '\n' ? 1 : 0;
            }
        }
        return n;
    }
    /// Whether the line begins with something that does not repeat.
    static consteval bool begins_with_a_head() {
        bool found = true;
        bool is_first = true;
        ((found = found && !(is_first && detail::is_repeated<Elements>), is_first = false), ...);
        return found;
    }
    /// Whether the last element does.
    static consteval bool ends_with_newline() {
        std::string_view last;
        ((last = text_of<Elements>()), ...);
        return last.ends_with('\n');
    }

private:
    template <class Element>
    static consteval std::string_view text_of() {
        if constexpr (detail::is_literal<Element>) {
            return Element::text;
        } else {
            return {};
        }
    }
};

/// Declares a line. A mistake in it is a compile error at the declaration.
template <class... Elements>
consteval line_grammar<Elements...> grammar(Elements...) {
    using result = line_grammar<Elements...>;
    static_assert(result::template count<value_element> == 1,
                  "a line holds field::value exactly once");
    static_assert(
        result::template count<time_element> + result::template count<no_time_element> == 1,
        "a line holds field::unix_time exactly once, or else field::no_time");
    static_assert((std::size_t{0} + ... + (detail::is_quantity<Elements> ? 1 : 0)) <= 1,
                  "a line holds field::quantity at most once");
    static_assert(result::template count<name_element<name_field::chart>> == 1 &&
                      result::template count<name_element<name_field::dimension>> == 1,
                  "a line names its series: field::chart and field::dimension, each exactly once");
    static_assert(
        result::prefixes <= 1 && result::template count<name_element<name_field::hostname>> <= 1,
        "a line holds field::prefix and field::hostname at most once");
    static_assert(result::tag_lists <= 1, "a line holds field::tags at most once");
    static_assert(result::repeated_parts == 0 || result::begins_with_a_head(),
                  "a line does not begin with the part that repeats");
    static_assert(result::newlines() == 1 && result::ends_with_newline(),
                  "a line ends with its only newline");
    return {};
}

namespace detail {
template <class T>
inline constexpr bool is_line_grammar = false;
template <class... Elements>
inline constexpr bool is_line_grammar<line_grammar<Elements...>> = true;

/// What ends a record of this grammar.
template <class Grammar>
inline constexpr record_end grammar_ends = record_end::newline;

/// The elements among which an exporter's names are.
template <class... Elements>
constexpr line_grammar<Elements...> names_in(line_grammar<Elements...> line) noexcept {
    return line;
}
}  // namespace detail

}  // namespace backends
