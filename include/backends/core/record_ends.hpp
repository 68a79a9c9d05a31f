// SPDX-License-Identifier: BSL-1.0
//
// Where records end in bytes that begin with one.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

template <record_end Ends>
struct record_ends;

template <>
struct record_ends<record_end::newline> {
    /// The end of the last whole record; 0: there is none.
    static std::size_t last(std::string_view text) noexcept { return text.rfind('\n') + 1; }
    /// The end of the first record; 0: it is not whole.
    static std::size_t first(std::string_view text) noexcept { return text.find('\n') + 1; }
    /// Where about the first half of these whole records ends; the end of all if there is one.
    static std::size_t half(std::string_view text) noexcept {
        const std::size_t before = last(text.substr(0, text.size() / 2 + 1));
        if (before != 0 && before != text.size()) {
            return before;
        }
        return text.size() / 2 + first(text.substr(text.size() / 2));
    }
};

/// A record begins with a tag of one byte and the length of what follows, a varint of at most three
/// bytes. Nothing but the records before it tells where a record begins.
template <>
struct record_ends<record_end::length> {
    /// Records in a row.
    struct run {
        std::size_t bytes = 0;
        std::uint64_t records = 0;
    };

    /// The size of a record whose byte i is at(i), n bytes of which are there; 0: its header is not
    /// whole.
    template <class At>
    static std::size_t size(At at, std::size_t n) noexcept {
        const auto byte = [&](std::size_t i) noexcept {
            return static_cast<std::size_t>(static_cast<unsigned char>(at(i)));
        };
        if (n < 2 || byte(1) < 128) {
            return n < 2 ? 0 : 2 + byte(1);
        }
        if (n < 3 || byte(2) < 128) {
            return n < 3 ? 0 : 3 + byte(1) % 128 + byte(2) * 128;
        }
        return n < 4 ? 0 : 4 + byte(1) % 128 + byte(2) % 128 * 128 + byte(3) % 128 * (128 * 128);
    }
    /// The same of bytes in a row.
    static std::size_t size(std::string_view text) noexcept {
        return size([text](std::size_t i) noexcept { return text[i]; }, text.size());
    }
    /// The whole records.
    static run whole(std::string_view text) noexcept {
        run found;
        for (std::size_t next = size(text); next != 0 && next <= text.size(); next = size(text)) {
            text.remove_prefix(next);
            found.bytes += next;
            ++found.records;
        }
        return found;
    }

    static std::size_t last(std::string_view text) noexcept { return whole(text).bytes; }
    static std::size_t first(std::string_view text) noexcept {
        const std::size_t end = size(text);
        return end <= text.size() ? end : 0;
    }
    static std::size_t half(std::string_view text) noexcept {
        const std::size_t before = last(text.substr(0, text.size() / 2 + 1));
        return before != 0 && before != text.size() ? before : first(text);
    }
};

/// Whether these bytes, which begin with a record, are whole records.
inline bool are_whole_records(record_end ends, std::string_view text) noexcept {
    return ends == record_end::length ? record_ends<record_end::length>::last(text) == text.size()
                                      : text.empty() || text.ends_with('\n');
}
/// How many records these bytes are.
inline std::uint64_t count_records(record_end ends, std::string_view text) noexcept {
    if (ends == record_end::length) {
        return record_ends<record_end::length>::whole(text).records;
    }
    std::uint64_t newlines = 0;
    for (const char c : text) {
        newlines += c == '\n' ? 1 : 0;
    }
    return newlines;
}

}  // namespace backends::detail
