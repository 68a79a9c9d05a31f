// SPDX-License-Identifier: BSL-1.0
//
// The grammar of binary records: a record is a message of Protocol Buffers, a field of the body,
// which is the outer message. A format declares its fields once; the library derives the same from
// it as from a line of text.
//
//     static constexpr auto line = message_grammar<1>(
//         field::message<1>(field::chart, lit<".">, field::dimension),
//         field::value_f64<2>, field::unix_millis_varint<3>);
//
// All lengths are known when a series is registered: what precedes the value is one block of bytes.
#pragma once

#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/format/grammar.hpp>
#include <backends/format/message_fields.hpp>
#include <backends/format/message_text.hpp>
#include <backends/format/number_form.hpp>
#include <backends/number/raw_number.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA {

namespace field {
/// A message or a text: a field of length and bytes.
template <std::uint32_t Number, class... Elements>
consteval message_field<Number, Elements...> message(Elements...) {
    return {};
}
/// A message whose number and first fields `Kinds` gives for what the series' values say.
template <class Kinds, class... Elements>
consteval message_choice<Kinds, Elements...> message_by_quantity(Elements...) {
    return {};
}
/// A label of these names and literals, for labels().
template <literal_text Name, class... Elements>
consteval fixed_label<Name, Elements...> label(Elements...) {
    return {};
}
/// All labels: those of `Fixed`, the exporter's tags, the chart's labels. `{1: name, 2: value}`.
template <std::uint32_t Number, class... Fixed>
consteval label_set<Number, false, true, Fixed...> labels(Fixed...) {
    return {};
}
/// The chart's labels alone, as OpenTelemetry has them: `{1: name, 2: {1: value}}`.
template <std::uint32_t Number>
inline constexpr label_set<Number, true, false> attributes{};
/// The exporter's attributes, those of `Fixed` and its tags, for the resource of a body.
template <std::uint32_t Number, class... Fixed>
consteval label_set<Number, true, true, Fixed...> resource_attributes(Fixed...) {
    return {};
}
/// The number, as a double.
template <std::uint32_t Number>
inline constexpr raw_value_field<Number> value_f64{};
/// Unix milliseconds as a varint, up to the year 2109.
template <std::uint32_t Number>
inline constexpr raw_time_field<Number, millis_form> unix_millis_varint{};
/// Unix nanoseconds in eight bytes, up to the year 2554.
template <std::uint32_t Number>
inline constexpr raw_time_field<Number, nanos_form> unix_nanos_f64{};
}  // namespace field

namespace detail {

/// A field's number and wire type, before what it holds.
template <std::uint32_t Number, std::uint32_t WireType>
struct field_tag {
    static_assert(is_field_number(Number), "the number of a field is 1 to 15 here");
    static constexpr varies changes = varies::never;
    static constexpr char byte = static_cast<char>(Number << 3U | WireType);
    static constexpr std::string_view text{&byte, 1};
};
template <std::uint32_t Number, std::uint32_t WireType>
inline constexpr bool is_literal<field_tag<Number, WireType>> = true;

/// The value, without its tag.
struct raw_value_element {
    static constexpr varies changes = varies::always;
};
/// The time, without its tag.
template <class Form>
struct raw_time_element {
    static constexpr varies changes = varies::with_tick;
    static constexpr std::size_t fixed_length = Form::size;
};
template <class Form>
struct time_form<raw_time_element<Form>> {
    static constexpr bool is_time = true;
    static constexpr std::size_t longest = Form::size;
    static constexpr unix_seconds end = Form::end;
    static char* write(char* out, unix_seconds at) noexcept {
        if (at != 0) {  // 0: only the place is wanted
            Form::write(out, at);
        }
        return out + Form::size;
    }
};

/// The beginning of a message: its tag, its length, its first bytes.
template <class Message>
struct message_begin {
    static constexpr varies changes = varies::with_series;
    static void write(std::string& out, const spelled_names& names) {
        append_message_begin(out, Message{}, names);
    }
};
template <class Message>
inline constexpr bool makes_text<message_begin<Message>> = true;
template <class Message, class... Rest>
inline constexpr record_end grammar_ends<line_grammar<message_begin<Message>, Rest...>> =
    record_end::length;

/// A grammar's elements, each message as its beginning and its contents. `Names` are those that
/// stand in labels.
template <class... Done>
struct flat_elements {
    template <class Element>
    constexpr auto operator+(Element) const {
        return flat_elements<Done..., Element>{};
    }
    template <std::uint32_t N, class... E>
    constexpr auto operator+(message_field<N, E...>) const {
        return (flat_elements<Done..., message_begin<message_field<N, E...>>>{} + ... + E{});
    }
    template <class Kinds, class... E>
    constexpr auto operator+(message_choice<Kinds, E...>) const {
        return (flat_elements<Done..., message_begin<message_choice<Kinds, E...>>>{} + ... + E{});
    }
    template <std::uint32_t N>
    constexpr auto operator+(raw_value_field<N>) const {
        return flat_elements<Done..., field_tag<N, 1>, raw_value_element>{};
    }
    template <std::uint32_t N, class Form>
    constexpr auto operator+(raw_time_field<N, Form>) const {
        return flat_elements<Done..., field_tag<N, Form::wire_type>, raw_time_element<Form>>{};
    }
    using grammar = line_grammar<Done...>;
};

/// The elements with those of labels beside them.
template <class... Done>
struct open_labels {
    template <class Element>
    constexpr auto operator+(Element) const {
        return open_labels<Done..., Element>{};
    }
    template <std::uint32_t N, bool Nested, bool OfExporter, class... Fixed>
    constexpr auto operator+(label_set<N, Nested, OfExporter, Fixed...> set) const {
        return (open_labels<Done..., decltype(set)>{} + ... + Fixed{});
    }
    template <literal_text Name, class... E>
    constexpr auto operator+(fixed_label<Name, E...>) const {
        return open_labels<Done..., E...>{};
    }
    using grammar = line_grammar<Done...>;
};

template <class Message, class... Rest>
constexpr auto names_in(line_grammar<message_begin<Message>, Rest...>) noexcept {
    return typename decltype((open_labels<>{} + ... + Rest{}))::grammar{};
}

template <std::uint32_t N, class... E>
constexpr auto names_in(message_field<N, E...>) noexcept {
    return typename decltype((open_labels<>{} + ... + E{}))::grammar{};
}

/// Binary records.
template <class Message, class... Rest>
struct number_form<line_grammar<message_begin<Message>, Rest...>> {
    template <class Value, std::size_t Most>
    using block = raw_number_block<Value, Most>;

    static constexpr std::size_t longest(std::size_t) noexcept { return 8; }
    template <class Value>
    BACKENDS_INLINE static char* write(char* out, Value v) noexcept {
        return write_raw_number(out, v);
    }
    static constexpr bool has_time(unix_seconds at) noexcept {
        return at > 0 && (precedes_end<Rest>(at) && ...);
    }

private:
    template <class Element>
    static constexpr bool precedes_end([[maybe_unused]] unix_seconds at) noexcept {
        if constexpr (time_form<Element>::is_time) {
            return at < time_form<Element>::end;
        } else {
            return true;
        }
    }
};

}  // namespace detail

/// Declares a binary record: field `Number` of the body. A mistake in it is a compile error at the
/// declaration.
template <std::uint32_t Number, class... Elements>
consteval auto message_grammar(Elements...) {
    using message = message_field<Number, Elements...>;
    using result = typename decltype(detail::flat_elements<>{} + message{})::grammar;
    using all = decltype(detail::names_in(result{}));
    static_assert(all::template count<detail::raw_value_element> == 1,
                  "a record holds field::value_f64 exactly once");
    static_assert(all::template count<detail::raw_time_element<millis_form>> +
                          all::template count<detail::raw_time_element<nanos_form>> ==
                      1,
                  "a record holds its time exactly once");
    static_assert(all::template count<name_element<name_field::chart>> == 1 &&
                      all::template count<name_element<name_field::dimension>> == 1,
                  "a record names its series: field::chart and field::dimension, each exactly "
                  "once");
    static_assert(
        all::prefixes <= 1 && all::template count<name_element<name_field::hostname>> <= 1,
        "a record holds field::prefix and field::hostname at most once");
    return result{};
}

}  // namespace backends
