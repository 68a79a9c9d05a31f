// SPDX-License-Identifier: BSL-1.0
//
// The laws of a format's record of a histogram, for any test framework or fuzzer: each broken law
// gives a sentence. test/unit/format holds otlp_histogram to them.
#pragma once

#include <backends/format/histogram_record.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// The laws of every histogram_record:
/// 1. it is not longer than longest();
/// 2. it is a tag of one byte, the length of what follows, and no byte more;
/// 3. it does not depend on the room's old bytes.
template <histogram_record R>
struct histogram_record_laws {
    /// The first broken law for this point, or an empty text. Allocates.
    ///
    /// @param name    the field that names the series
    /// @param labels  the fields of its labels
    /// @param record  if given, gets the record
    static std::string broken(std::string_view name, std::string_view labels,
                              const histogram_point& point, std::string* record = nullptr) {
        const std::size_t longest = R::longest(name.size() + labels.size(), point.buckets.size());
        const std::string text = written(name, labels, point, longest, '\0');
        if (record != nullptr) {
            *record = text;
        }
        if (text.size() > longest) {
            return "the record is longer than was promised";
        }
        if (text != written(name, labels, point, longest, '\xff')) {
            return "the record depends on what was in its room";
        }
        std::size_t size = 0;
        std::size_t at = 1;
        for (unsigned shift = 0; at < text.size() && at <= 3; shift += 7) {
            const auto byte = static_cast<unsigned char>(text[at++]);
            size |= static_cast<std::size_t>(byte & 0x7fU) << shift;
            if (byte < 0x80) {
                break;
            }
        }
        return at + size == text.size() ? std::string{}
                                        : "the record does not end where its length says";
    }

private:
    /// In twice the room, so that a record that is too long is told, too.
    static std::string written(std::string_view name, std::string_view labels,
                               const histogram_point& point, std::size_t longest, char old) {
        std::string room(2 * longest + 4'096, old);
        char* const end = room.data() + room.size();
        const char* const begin = R::write_before(end, name, labels, point);
        return {begin, static_cast<std::size_t>(end - begin)};
    }
};

}  // namespace backends::testing
