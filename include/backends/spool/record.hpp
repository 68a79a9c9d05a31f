// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. The bytes of a segment: 64 bytes that identify it, then records, each with its
// length, its position and two checks, one of its header and one of its payload. The check also
// covers the segment's number and contents, so that a segment may lose its own header. All numbers
// are little-endian. Nothing here touches a file.
//
//     segment  "backends spool 2\n" CONTENTS "\n" 0...   52 bytes
//              check of these and the number             4
//              number                                    8
//     record   check of the next 20 bytes                4    from the segment's number and
//                                                             contents on
//              check of the payload                      4
//              length of the payload                     4
//              kind, and 256 when it ends a batch        4
//              position of its first byte                8
//              payload
#pragma once

#include <backends/spool/crc32c.hpp>
#include <backends/spool/live_ranges.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

enum class record_kind : std::uint8_t {
    lines = 1,   ///< whole lines, live until a later record of live ranges says otherwise
    copies = 2,  ///< whole lines, live only once a later record of live ranges says so
    live = 3,    ///< live ranges; its position is the stream's end
};

struct record {
    record_kind kind = record_kind::lines;
    bool ends_batch = false;
    std::uint32_t length = 0;
    std::uint32_t check = 0;
    std::uint64_t position = 0;
};

inline constexpr std::size_t segment_header_size = 64;
inline constexpr std::size_t record_header_size = 24;
inline constexpr std::size_t max_contents = 34;  // a segment's name for its lines' kind

template <class Int>
constexpr char* put_little(char* out, Int value) noexcept {
    for (std::size_t i = 0; i != sizeof value; ++i) {
        *out++ = static_cast<char>(value >> 8 * i & 0xff);
    }
    return out;
}

template <class Int>
constexpr Int get_little(std::string_view text) noexcept {
    Int value = 0;
    for (std::size_t i = 0; i != sizeof value; ++i) {
        value |= static_cast<Int>(static_cast<unsigned char>(text[i])) << 8 * i;
    }
    return value;
}

/// Identifies a segment: the kind of its lines, and its number.
struct segment_id {
    std::string_view contents;
    std::uint64_t number = 0;
};

/// The check of a text that follows a number.
inline std::uint32_t check_from(std::uint64_t number, std::string_view text) noexcept {
    std::array<char, sizeof number> bytes{};
    put_little(bytes.data(), number);
    return crc32c(text, crc32c({bytes.data(), bytes.size()}));
}

/// @pre id.contents.size() <= max_contents
inline std::array<char, segment_header_size> segment_header(segment_id id) noexcept {
    constexpr std::string_view magic = "backends spool 2\n";
    constexpr std::size_t checked = segment_header_size - 12;
    std::array<char, segment_header_size> out{};
    char* end = out.data() + magic.copy(out.data(), magic.size());
    end += id.contents.copy(end, max_contents);
    *end = '\n';
    put_little(put_little(out.data() + checked, check_from(id.number, {out.data(), checked})),
               id.number);
    return out;
}

/// Parses a segment's header; nothing when it is torn or altered.
inline std::optional<segment_id> parse_segment_header(std::string_view bytes) noexcept {
    constexpr std::size_t magic = 17;
    if (bytes.size() < segment_header_size) {
        return std::nullopt;
    }
    const std::string_view contents = bytes.substr(magic, max_contents);
    const segment_id id{contents.substr(0, contents.find('\n')),
                        get_little<std::uint64_t>(bytes.substr(segment_header_size - 8))};
    const auto whole = segment_header(id);
    return bytes.starts_with(std::string_view{whole.data(), whole.size()}) ? std::optional{id}
                                                                           : std::nullopt;
}

/// The check binds a record to one segment and to one kind of lines: a file under a wrong name has
/// no valid records, nor has another exporter's.
inline std::uint32_t header_check(std::string_view last_20, segment_id segment) noexcept {
    return crc32c(last_20, check_from(segment.number, segment.contents));
}

inline std::array<char, record_header_size> encoded(const record& r, segment_id segment) noexcept {
    std::array<char, record_header_size> out{};
    char* at = put_little(out.data() + 4, r.check);
    at = put_little(at, r.length);
    at = put_little(at, static_cast<std::uint32_t>(r.kind) | (r.ends_batch ? 256U : 0U));
    put_little(at, r.position);
    put_little(out.data(), header_check({out.data() + 4, 20}, segment));
    return out;
}

/// The record at the start of `bytes`, or nothing.
inline std::optional<record> decoded(std::string_view bytes, segment_id segment) noexcept {
    if (bytes.size() < record_header_size ||
        get_little<std::uint32_t>(bytes) != header_check(bytes.substr(4, 20), segment)) {
        return std::nullopt;
    }
    const auto what = get_little<std::uint32_t>(bytes.substr(12));
    const std::uint32_t kind = what & 255U;
    if (kind < 1 || kind > 3) {
        return std::nullopt;
    }
    return record{static_cast<record_kind>(kind), (what & 256U) != 0,
                  get_little<std::uint32_t>(bytes.substr(8)),
                  get_little<std::uint32_t>(bytes.substr(4)),
                  get_little<std::uint64_t>(bytes.substr(16))};
}

/// Live ranges as a payload.
struct live_text {
    explicit live_text(const live_ranges& live) noexcept {
        char* end = bytes.data();
        for (std::size_t i = 0; i != live.size(); ++i) {
            end = put_little(put_little(end, live[i].begin), live[i].end);
        }
        size = static_cast<std::size_t>(end - bytes.data());
    }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes.data(), size}; }

    std::array<char, 16 * live_ranges::most> bytes;
    std::size_t size;
};

inline std::optional<live_ranges> parse_live(std::string_view text, std::uint64_t end) noexcept {
    live_ranges live{end};
    for (; text.size() >= 16; text.remove_prefix(16)) {
        if (!live.add(
                {get_little<std::uint64_t>(text), get_little<std::uint64_t>(text.substr(8))})) {
            return std::nullopt;
        }
    }
    return text.empty() ? std::optional{live} : std::nullopt;
}

/// Calls visit(record, payload) for each whole record after a segment's header. Returns the number
/// of damaged places: a record with an altered payload is left out; after an altered or torn header
/// nothing can be found.
template <class Visit>
std::size_t each_record(std::string_view bytes, segment_id segment, Visit visit) {
    std::size_t damaged = 0;
    while (!bytes.empty()) {
        const std::optional<record> head = decoded(bytes, segment);
        if (!head || head->length > bytes.size() - record_header_size) {
            return damaged + 1;
        }
        const std::string_view payload = bytes.substr(record_header_size, head->length);
        if (crc32c(payload) == head->check) {
            visit(*head, payload);
        } else {
            ++damaged;
        }
        bytes.remove_prefix(record_header_size + head->length);
    }
    return damaged;
}

}  // namespace backends::detail
