// SPDX-License-Identifier: BSL-1.0
//
// Storage: the values that a family is asked for, text or integers, without a copy of texts. An
// integer and its decimal text are the same value.
#pragma once

#include <backends/isa.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

template <class T>
inline constexpr bool is_label_integer =
    std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char> &&
    !std::is_same_v<T, wchar_t> && !std::is_same_v<T, char8_t> && !std::is_same_v<T, char16_t> &&
    !std::is_same_v<T, char32_t>;

template <class T>
concept label_text_or_integer =
    std::convertible_to<const T&, std::string_view> || is_label_integer<T>;

class label_value {
public:
    template <label_text_or_integer T>
    explicit label_value(const T& from) noexcept {
        if constexpr (is_label_integer<T>) {
            write(from);
        } else {
            text_ = from;
        }
    }
    [[nodiscard]] std::string_view text() const noexcept {
        return text_.data() != nullptr ? text_ : std::string_view{digits_.data() + begin_, size()};
    }

    /// The values of what has no room.
    static std::vector<label_value> others(std::size_t n) {
        std::vector<label_value> all;
        all.reserve(n);
        while (all.size() < n) {
            all.emplace_back(std::string_view{"other"});
        }
        return all;
    }

private:
    static constexpr std::size_t room = 20;
    [[nodiscard]] std::size_t size() const noexcept { return begin_ == 0 ? 0 : room + 1 - begin_; }

    template <class T>
    void write(T value) noexcept {
        std::uint64_t left =
            value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
        begin_ = room + 1;
        do {
            digits_[--begin_] = static_cast<char>('0' + left % 10);
            left /= 10;
        } while (left != 0);
        if (value < 0) {
            digits_[--begin_] = '-';
        }
    }

    std::string_view text_;
    std::array<char, room + 1> digits_;  // the first one is never used
    std::size_t begin_ = 0;
};

/// Eight bytes at a time, by multiplications with the golden ratio.
inline std::uint64_t hash_of(std::span<const label_value> values) noexcept {
    constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;
    const auto load = [](const char* from, std::size_t n) noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, from, n);
        return word;
    };
    std::uint64_t hash = golden;
    const auto mix = [&](std::uint64_t word) noexcept {
        hash = (hash ^ word) * golden;
        hash ^= hash >> 32U;
    };
    for (const label_value& one : values) {
        const std::string_view text = one.text();
        const char* at = text.data();
        std::size_t left = text.size();
        mix(left);
        for (; left > 8; left -= 8, at += 8) {
            mix(load(at, 8));
        }
        if (left == 8) {
            mix(load(at, 8));
        } else if (left >= 4) {
            mix(load(at, 4) | load(at + left - 4, 4) << 32U);
        } else if (left != 0) {
            mix(load(at, 1) | load(at + left / 2, 1) << 8U | load(at + left - 1, 1) << 16U);
        }
    }
    return hash;
}

/// The values as one text, each after its length.
inline std::string pack_values(std::span<const label_value> values) {
    std::string key;
    for (const label_value& one : values) {
        const auto bytes = static_cast<std::uint32_t>(one.text().size());
        key.append(reinterpret_cast<const char*>(&bytes), sizeof bytes).append(one.text());
    }
    return key;
}
/// Whether the key is pack_values(values). Copies nothing.
inline bool is_key(std::string_view key, std::span<const label_value> values) noexcept {
    for (const label_value& one : values) {
        const std::string_view text = one.text();
        std::uint32_t bytes = 0;
        if (key.size() < sizeof bytes + text.size()) {
            return false;
        }
        std::memcpy(&bytes, key.data(), sizeof bytes);
        if (bytes != text.size() ||
            std::memcmp(key.data() + sizeof bytes, text.data(), text.size()) != 0) {
            return false;
        }
        key.remove_prefix(sizeof bytes + text.size());
    }
    return key.empty();
}

}  // namespace backends::detail
