// SPDX-License-Identifier: BSL-1.0
//
// The labels of a chart, as the user wrote them: any bytes. They become tags of its lines. Packed
// into one text, sorted by name: equal labels are equal texts.
#pragma once

#include <backends/core/export_names.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/list.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// One label. Valid as long as its chart.
struct label {
    std::string_view name;   ///< any bytes, at least one
    std::string_view value;  ///< any bytes
};

/// The labels of a chart in the order of their names: a view that is valid as long as the chart.
class label_list {
public:
    label_list() = default;
    /// Precondition: `packed` is what detail::pack() gave.
    explicit label_list(std::string_view packed) noexcept : packed_{packed} {}

    /// A forward iterator, of which a loop needs no more.
    class iterator {
    public:
        /// Precondition: at the beginning of a packed label, or at the end of all.
        explicit iterator(const char* at) noexcept : at_{at} {}
        /// Precondition: not at the end.
        [[nodiscard]] label operator*() const noexcept {
            return {{at_ + header, size(0)}, {at_ + header + size(0), size(1)}};
        }
        /// Precondition: not at the end.
        iterator& operator++() noexcept {
            at_ += header + size(0) + size(1);
            return *this;
        }
        friend bool operator==(iterator, iterator) = default;

    private:
        static constexpr std::size_t header = 2 * sizeof(std::uint32_t);
        [[nodiscard]] std::size_t size(std::size_t i) const noexcept {
            std::uint32_t bytes = 0;
            std::memcpy(&bytes, at_ + i * sizeof bytes, sizeof bytes);
            return bytes;
        }
        const char* at_;
    };
    /// The first label.
    [[nodiscard]] iterator begin() const noexcept { return iterator{packed_.data()}; }
    /// After the last label.
    [[nodiscard]] iterator end() const noexcept {
        return iterator{packed_.data() + packed_.size()};
    }
    /// Whether the chart has none.
    [[nodiscard]] bool empty() const noexcept { return packed_.empty(); }
    /// The bytes of all: equal for equal labels, for hashing and ordering.
    [[nodiscard]] std::string_view packed() const noexcept { return packed_; }

    friend bool operator==(label_list, label_list) = default;

private:
    std::string_view packed_;
};

namespace detail {

/// What precedes a label's name and value where labels are packed.
inline std::string packed_sizes(std::string_view name, std::string_view value) {
    const std::array sizes{static_cast<std::uint32_t>(name.size()),
                           static_cast<std::uint32_t>(value.size())};
    return string_of({reinterpret_cast<const char*>(sizes.data()), sizeof sizes});
}

/// The text that a label_list views. Allocates nothing without labels.
inline std::string pack(const std::vector<tag>& labels) {
    list<const tag*> sorted;  // by insertion: there are few
    sorted.reserve(labels.size());
    for (const tag& one : labels) {
        std::size_t at = 0;
        while (at != sorted.size() && sorted[at]->name <= one.name) {
            ++at;
        }
        sorted.insert(at, &one);
    }
    std::string packed;
    for (const tag* const one : sorted) {
        const std::array sizes{static_cast<std::uint32_t>(one->name.size()),
                               static_cast<std::uint32_t>(one->value.size())};
        append(
            packed,
            {{reinterpret_cast<const char*>(sizes.data()), sizeof sizes}, one->name, one->value});
    }
    return packed;
}

}  // namespace detail

}  // namespace backends
