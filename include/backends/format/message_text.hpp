// SPDX-License-Identifier: BSL-1.0
//
// The bytes of a binary record before its value, made when a series is registered.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/format/message_fields.hpp>
#include <backends/format/safe_export_names.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

[[gnu::noinline]] inline void append_varint(std::string& out, std::uint64_t v) {
    for (; v > 0x7f; v >>= 7U) {
        append(out, static_cast<char>(v | 0x80U));
    }
    append(out, static_cast<char>(v));
}
/// A field of length and bytes, of which only the first are there.
[[gnu::noinline]] inline void append_field(std::string& out, std::uint32_t number, std::size_t size,
                                           std::string_view first) {
    append(out, static_cast<char>(number << 3U | 2U));
    append_varint(out, size);
    append(out, {first});
}
[[gnu::noinline]] inline void append_field(std::string& out, std::uint32_t number,
                                           std::string_view bytes) {
    append_field(out, number, bytes.size(), bytes);
}

/// Elements as they stand in a message; the value and the time are zeros.
struct message_bytes {
    const spelled_names& names;
    std::string bytes = {};

    template <class Element>
    void add(Element element) {
        if constexpr (is_label_set<Element>) {
            element.write(bytes, names);
        } else {
            append(bytes, {names.text(element)});
        }
    }
    template <std::uint32_t N>
    void add(raw_value_field<N>) {
        bytes.resize(bytes.size() + 1 + sizeof(double));
    }
    template <std::uint32_t N, class Form>
    void add(raw_time_field<N, Form>) {
        bytes.resize(bytes.size() + 1 + Form::size);
    }
    template <std::uint32_t N, class... E>
    void add(message_field<N, E...> message) {
        add_message(message, E{}...);
    }
    template <class Kinds, class... E>
    void add(message_choice<Kinds, E...> message) {
        add_message(message, E{}...);
    }

private:
    template <class Message, class... E>
    void add_message(Message message, E... elements) {
        message_bytes inside{names, string_of(message.first(names.says))};
        (inside.add(elements), ...);
        append_field(bytes, message.number(names.says), inside.bytes);
    }
};

/// A message up to where its elements begin.
template <class Message>
void append_message_begin(std::string& out, Message message, const spelled_names& names) {
    message_bytes whole{names};
    whole.add(message);
    std::string_view rest = whole.bytes;
    rest.remove_prefix(1);
    while ((static_cast<unsigned char>(rest.front()) & 0x80U) != 0) {
        rest.remove_prefix(1);
    }
    rest.remove_prefix(1 + message.first(names.says).size());
    append(out, {std::string_view{whole.bytes}.substr(0, whole.bytes.size() - rest.size())});
}

template <literal_text Name, class... E>
tag made_label(fixed_label<Name, E...> of, const spelled_names& names) {
    message_bytes value{names};
    (value.add(E{}), ...);
    return {string_of(of.name), value.bytes};
}

template <std::uint32_t N, bool Nested, bool OfExporter, class... Fixed>
void append_labels(std::string& out, label_set<N, Nested, OfExporter, Fixed...>,
                   const spelled_names& names) {
    std::vector<tag> all{made_label(Fixed{}, names)...};
    std::erase_if(all, [](const tag& one) { return one.value.empty(); });  // of an empty prefix
    for (const label one : label_list{names.tags}) {
        all.emplace_back(string_of(one.name), string_of(one.value));
    }
    std::sort(all.begin(), all.end(),
              [](const tag& a, const tag& b) noexcept { return a.name < b.name; });
    for (const tag& one : all) {
        std::string value;
        if constexpr (Nested) {
            append_field(value, 1, one.value);
        }
        std::string inside;
        append_field(inside, 1, one.name);
        append_field(inside, 2, Nested ? value : one.value);
        append_field(out, N, inside);
    }
}

}  // namespace backends::detail
