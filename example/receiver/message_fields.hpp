// SPDX-License-Identifier: BSL-1.0
//
// Reads messages of Protocol Buffers from any sender: fields in any order, any of them unknown. It
// knows nothing of the library's grammars: what the library writes is read by somebody else.
#pragma once

#include "binary_requests.hpp"

#include <backends/format/utf8_text.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace receiver {

/// The fields of a message, one after the other. Everything throws damaged_request.
class message_fields {
public:
    /// @param name of the message, for what is said about it
    message_fields(std::string_view name, std::string_view message) : name_{name}, rest_{message} {}

    /// False: there are no more.
    bool next() {
        if (rest_.empty()) {
            return false;
        }
        const std::string_view from_here = rest_;
        tag();
        skip(0);
        whole_ = from_here.substr(0, from_here.size() - rest_.size());
        return true;
    }

    [[nodiscard]] std::uint64_t number() const { return number_; }
    /// The field as it stands, from its tag on.
    [[nodiscard]] std::string_view whole() const { return whole_; }

    [[nodiscard]] std::string_view message() const {
        must_be(bytes_type);
        return bytes_;
    }
    [[nodiscard]] std::string_view text() const {
        must_be(bytes_type);
        if (backends::detail::utf8_value::scan(bytes_) != bytes_.size()) {
            fail("is no text in UTF-8");
        }
        return bytes_;
    }
    [[nodiscard]] std::uint64_t varint() const {
        must_be(varint_type);
        return value_;
    }
    [[nodiscard]] std::uint64_t fixed64() const {
        must_be(fixed64_type);
        return value_;
    }
    [[nodiscard]] double f64() const { return std::bit_cast<double>(fixed64()); }
    /// A number whose small negative values are short.
    [[nodiscard]] std::int64_t zigzag() const {
        return static_cast<std::int64_t>(varint() >> 1U) ^
               -static_cast<std::int64_t>(varint() & 1U);
    }

    /// Calls f(value) for each number of a repeated field, packed or not.
    template <class F>
    void each_varint(F f) const {
        each(varint_type, f, [](message_fields& packed) { return packed.take_varint(); });
    }
    template <class F>
    void each_fixed64(F f) const {
        each(fixed64_type, f, [](message_fields& packed) { return packed.take_fixed(8); });
    }

private:
    static constexpr std::uint64_t varint_type = 0;
    static constexpr std::uint64_t fixed64_type = 1;
    static constexpr std::uint64_t bytes_type = 2;
    static constexpr std::uint64_t group_type = 3;
    static constexpr std::uint64_t end_type = 4;
    static constexpr std::uint64_t fixed32_type = 5;
    static constexpr int deepest_group = 64;

    template <class F, class Take>
    void each(std::uint64_t alone, F& f, Take take) const {
        if (wire_ == alone) {
            f(value_);
            return;
        }
        message_fields packed{name_, message()};
        packed.number_ = number_;
        while (!packed.rest_.empty()) {
            f(take(packed));
        }
    }

    [[noreturn]] void fail(std::string_view why) const {
        std::string all{"Field "};
        all.append(std::to_string(number_)).append(" of ").append(name_).append(" ").append(why);
        throw damaged_request{all + "."};
    }
    void must_be(std::uint64_t type) const {
        if (wire_ != type) {
            fail("has the wire type " + std::to_string(wire_) + ", not " + std::to_string(type));
        }
    }

    void tag() {
        const std::uint64_t all = take_varint();
        number_ = all >> 3U;
        wire_ = all & 7U;
        if (number_ == 0 || all > UINT32_MAX) {
            fail("is none that there can be");
        }
    }
    void skip(int depth) {
        switch (wire_) {
            case varint_type: value_ = take_varint(); break;
            case fixed64_type: value_ = take_fixed(8); break;
            case fixed32_type: value_ = take_fixed(4); break;
            case bytes_type: {
                const std::uint64_t n = take_varint();
                if (n > rest_.size()) {
                    fail("is longer than the message");
                }
                bytes_ = rest_.substr(0, static_cast<std::size_t>(n));
                rest_.remove_prefix(bytes_.size());
                break;
            }
            case group_type: skip_group(depth); break;
            default: fail("has a wire type that nobody knows");
        }
    }
    /// Nobody has written groups for long, but any field may be one.
    void skip_group(int depth) {
        const std::uint64_t number = number_;
        if (depth == deepest_group) {
            fail("holds too many groups in each other");
        }
        for (;;) {
            tag();
            if (wire_ == end_type) {
                break;
            }
            skip(depth + 1);
        }
        if (number_ != number) {
            fail("ends a group that has not begun");
        }
        wire_ = group_type;
    }

    std::uint64_t take_varint() {
        std::uint64_t all = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            all |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) {
                if (shift == 63 && byte > 1) {
                    break;
                }
                return all;
            }
        }
        fail("has a number without end");
    }
    std::uint64_t take_fixed(std::size_t n) {
        if (n > rest_.size()) {
            fail("is cut");
        }
        return cut_little_endian(rest_, n);
    }

    std::string_view name_;
    std::string_view rest_;
    std::string_view whole_;
    std::string_view bytes_;
    std::uint64_t number_ = 0;
    std::uint64_t wire_ = 0;
    std::uint64_t value_ = 0;
};

}  // namespace receiver
