// SPDX-License-Identifier: BSL-1.0
//
// The records of one request: where they are, how they fill it, and what has become of them.
#pragma once

#include <backends/isa.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

enum class http_state : std::uint8_t { waits, on_way, accepted, refused };

/// Whole records, of which the first or the last may still be without its end. The parts of a
/// refused request share its memory.
struct http_slot {
    std::size_t place = 0;  // of the memory, among those of other requests
    std::size_t begin = 0;  // of what is not settled
    std::size_t end = 0;    // of all
    std::size_t whole = 0;  // of whole records
    http_state state = http_state::waits;
    bool is_lent = false;        // its records are not here, but where they came from
    std::uint64_t nth = 0;       // of the requests that went
    std::uint64_t rejected = 0;  // records that the answer excepts

    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    [[nodiscard]] bool inside_record() const noexcept { return whole != end; }

    /// Copies bytes after those that are there, up to a record's end, and returns how many: 0 where
    /// no record fits. Only the first record may come in parts: the rest of a later one might not
    /// fit.
    ///
    /// @tparam Ends   the record_ends of the records
    /// @param body    where the request's bytes are
    /// @param most    so many bytes it holds
    /// @param limit   and so many it should have
    template <class Ends>
    std::size_t fill(std::span<const char> bytes, char* body, std::size_t most,
                     std::size_t limit) noexcept {
        const std::size_t n = (std::min)(bytes.size(), most - end);
        const std::size_t begun = end - whole;
        std::copy_n(bytes.data(), n, body + end);
        const std::string_view text{body + whole, begun + n};
        limit -= (std::min)(limit, whole);
        std::size_t last = Ends::last(text.substr(0, limit));
        if (last == 0 && whole == 0) {
            last = Ends::first(text);  // a record that is longer than the limit
        }
        const bool takes_all = whole == 0 && n == bytes.size();
        const std::size_t taken = last != 0 ? last - begun : takes_all ? n : 0;
        whole += last;
        end += taken;
        return taken;
    }
};

}  // namespace backends::detail
