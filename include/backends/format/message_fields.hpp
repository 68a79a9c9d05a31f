// SPDX-License-Identifier: BSL-1.0
//
// The fields of binary records: messages of Protocol Buffers, labels, the value, the time.
#pragma once

#include <backends/core/literal_text.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/time.hpp>
#include <backends/format/grammar.hpp>
#include <backends/number/digits.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

namespace detail {
/// Whether its tag is one byte.
constexpr bool is_field_number(std::uint32_t n) noexcept { return n >= 1 && n <= 15; }
}  // namespace detail

/// A length and so many bytes: a message, or a text of names and literals.
template <std::uint32_t Number, class... Elements>
struct message_field {
    static_assert(detail::is_field_number(Number), "the number of a field is 1 to 15 here");
    /// Its number, whatever the series' values say.
    static constexpr std::uint32_t number(quantity) noexcept { return Number; }
    /// What precedes the elements: nothing.
    static constexpr std::string_view first(quantity) noexcept { return {}; }
};

/// A message whose number depends on what the series' values say.
template <class Kinds, class... Elements>
struct message_choice {
    static_assert(detail::is_field_number(Kinds::number(quantity::level)) &&
                      detail::is_field_number(Kinds::number(quantity::amount)) &&
                      detail::is_field_number(Kinds::number(quantity::total)),
                  "the number of a field is 1 to 15 here");
    /// Its number.
    static constexpr std::uint32_t number(quantity says) noexcept { return Kinds::number(says); }
    /// Fields that precede the elements.
    static constexpr std::string_view first(quantity says) noexcept { return Kinds::first(says); }
};

/// A label that every series has, of names and literals.
template <literal_text Name, class... Elements>
struct fixed_label {
    static constexpr std::string_view name = Name.text();  ///< of the label
};

template <std::uint32_t Number, bool Nested, bool OfExporter, class... Fixed>
struct label_set;
namespace detail {
struct spelled_names;
template <std::uint32_t N, bool Nested, bool OfExporter, class... Fixed>
void append_labels(std::string& out, label_set<N, Nested, OfExporter, Fixed...> set,
                   const spelled_names& names);
}  // namespace detail

/// Labels as messages of a name and a value, sorted by their names: the fixed ones, the exporter's
/// tags if `OfExporter`, the chart's labels. `Nested`: a value is a message with a text.
template <std::uint32_t Number, bool Nested, bool OfExporter, class... Fixed>
struct label_set {
    static_assert(detail::is_field_number(Number), "the number of a field is 1 to 15 here");
    static constexpr varies changes = varies::with_series;  ///< when they change
    static constexpr bool of_exporter = OfExporter;         ///< whether its tags are here
    static constexpr std::string_view close = {};           ///< nothing ends the list
    /// Appends the labels of a series. Allocates.
    static void write(std::string& out, const detail::spelled_names& names) {
        detail::append_labels(out, label_set{}, names);
    }
};

/// The value, the eight bytes of a double.
template <std::uint32_t Number>
struct raw_value_field {};

/// The time as a varint of six bytes, Unix milliseconds.
struct millis_form {
    static constexpr std::uint32_t wire_type = 0;              ///< a varint
    static constexpr std::size_t size = 6;                     ///< bytes
    static constexpr unix_seconds end = (1LL << 42U) / 1'000;  ///< of the times that it has: 2109
    /// Writes them. Precondition: 0 < at < end.
    static void write(char* out, unix_seconds at) noexcept {
        auto rest = static_cast<std::uint64_t>(at) * 1'000;
        for (std::size_t i = 0; i < size; ++i, rest >>= 7U) {
            out[i] = static_cast<char>((rest & 0x7f) | (i + 1 == size ? 0U : 0x80U));
        }
    }
    /// The seconds of `size` bytes, whatever they are.
    static constexpr unix_seconds read(std::string_view bytes) noexcept {
        std::uint64_t all = 0;
        for (std::size_t i = size; i != 0; --i) {
            all = all << 7U | (static_cast<unsigned char>(bytes[i - 1]) & 0x7fU);
        }
        return static_cast<unix_seconds>(all / 1'000);
    }
};

/// The time as a fixed integer of eight bytes, Unix nanoseconds.
struct nanos_form {
    static constexpr std::uint32_t wire_type = 1;        ///< eight bytes
    static constexpr std::size_t size = 8;               ///< bytes
    static constexpr unix_seconds end = 18'446'744'073;  ///< of the times that it has: 2554
    /// Writes them. Precondition: 0 < at < end.
    static void write(char* out, unix_seconds at) noexcept {
        detail::store_8(out, static_cast<std::uint64_t>(at) * 1'000'000'000);
    }
    /// The seconds of `size` bytes, whatever they are.
    static constexpr unix_seconds read(std::string_view bytes) noexcept {
        std::uint64_t all = 0;
        for (std::size_t i = size; i != 0; --i) {
            all = all << 8U | static_cast<unsigned char>(bytes[i - 1]);
        }
        return static_cast<unix_seconds>(all / 1'000'000'000);
    }
};

/// The time in one of these forms.
template <std::uint32_t Number, class Form>
struct raw_time_field {};

namespace detail {
template <std::uint32_t N, bool Nested, bool OfExporter, class... Fixed>
inline constexpr bool makes_text<label_set<N, Nested, OfExporter, Fixed...>> = true;
template <std::uint32_t N, bool Nested, bool OfExporter, class... Fixed>
inline constexpr bool is_label_set<label_set<N, Nested, OfExporter, Fixed...>> = true;
}  // namespace detail

}  // namespace backends
