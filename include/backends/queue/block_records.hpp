// SPDX-License-Identifier: BSL-1.0
//
// Queue: Where records end in a block, whose bytes may lie in two pieces. A queue keeps no table of
// its records: the bytes are the table, and to look at them costs less than to write one.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/record_ends.hpp>
#include <backends/queue/byte_block.hpp>
#include <backends/queue/newlines.hpp>

#include <cstddef>
#include <cstdint>

namespace backends::inline BACKENDS_ISA::detail {

/// Static functions. `known(offset)` gives the start of a record at `offset` or before it, which
/// text does not need. `rest`: so many bytes belong to a record that began before.
template <record_end Ends>
struct block_records;

template <>
struct block_records<record_end::newline> {
    /// Whether a record starts at `offset`.
    template <class Known>
    static bool starts(const byte_block& block, std::size_t offset, Known) noexcept {
        return offset == 0 || *block.at(offset - 1) == '\n';
    }
    /// The end of the first record that ends at `offset` or after it.
    template <class Known>
    static std::size_t end(const byte_block& block, std::size_t offset, Known known) noexcept {
        while (!starts(block, offset, known) && offset != block.size()) {
            const std::size_t run = block.run_after(offset);
            const std::size_t line = first_line(block.at(offset), run);
            offset += line == 0 ? run : line;
        }
        return offset;
    }
    /// The start of the last record that starts at `offset` or before it.
    template <class Known>
    static std::size_t start(const byte_block& block, std::size_t offset, Known known) noexcept {
        while (!starts(block, offset, known)) {
            const std::size_t run = block.run_before(offset);
            offset = offset - run + whole_lines(block.at(offset - run), run);
        }
        return offset;
    }
    /// The number of records from `first` to `last`, where records start.
    static std::uint64_t count(const byte_block& block, std::size_t first,
                               std::size_t last) noexcept {
        std::uint64_t found = 0;
        while (first != last) {
            const std::size_t run = detail::smaller(block.run_after(first), last - first);
            found += count_newlines(block.at(first), run);
            first += run;
        }
        return found;
    }
    /// The end of the last record in these bytes; 0 without one.
    static std::size_t last_end(const char* first, std::size_t size, std::size_t) noexcept {
        return whole_lines(first, size);
    }
    /// The end of the first record in them; 0 without one.
    static std::size_t first_end(const char* first, std::size_t size, std::size_t) noexcept {
        return first_line(first, size);
    }
};

/// The same where records begin with their length: walks from the known start over their headers.
template <>
struct block_records<record_end::length> {
    using ends = record_ends<record_end::length>;

    template <class Known>
    static bool starts(const byte_block& block, std::size_t offset, Known known) noexcept {
        return start(block, offset, known) == offset;
    }
    template <class Known>
    static std::size_t end(const byte_block& block, std::size_t offset, Known known) noexcept {
        const std::size_t before = start(block, offset, known);
        return before == offset ? offset : before + size(block, before);
    }
    template <class Known>
    static std::size_t start(const byte_block& block, std::size_t offset, Known known) noexcept {
        const std::size_t first = known(offset);
        return first + whole(block, first, offset).bytes;
    }
    static std::uint64_t count(const byte_block& block, std::size_t first,
                               std::size_t last) noexcept {
        return whole(block, first, last).records;
    }
    static std::size_t last_end(const char* first, std::size_t size, std::size_t rest) noexcept {
        return size < rest ? 0 : rest + ends::last({first + rest, size - rest});
    }
    static std::size_t first_end(const char* first, std::size_t size, std::size_t rest) noexcept {
        return rest == 0 ? ends::first({first, size}) : rest <= size ? rest : 0;
    }

private:
    /// The size of the record that starts at `offset`, as far as the block has it.
    /// @pre offset < block.size()
    static std::size_t size(const byte_block& block, std::size_t offset) noexcept {
        const std::size_t left = block.size() - offset;
        const auto at = [&](std::size_t i) noexcept { return *block.at(offset + i); };
        const std::size_t found = ends::size(at, left);
        return found == 0 ? left : detail::smaller(found, left);
    }
    /// The whole records from `first`, where one starts, up to `last`.
    static ends::run whole(const byte_block& block, std::size_t first, std::size_t last) noexcept {
        ends::run found;
        for (std::size_t at = first; at != last; at = first + found.bytes) {
            const std::size_t run = detail::smaller(block.run_after(at), last - at);
            ends::run next = ends::whole({block.at(at), run});
            if (next.records == 0) {  // it lies in both pieces, or ends after `last`
                next = {size(block, at), 1};
                if (next.bytes > last - at) {
                    break;
                }
            }
            found.bytes += next.bytes;
            found.records += next.records;
        }
        return found;
    }
};

}  // namespace backends::detail
