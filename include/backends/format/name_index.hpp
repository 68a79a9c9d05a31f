// SPDX-License-Identifier: BSL-1.0
//
// Format: notices that two different names have become the same text: 21 to 43 bytes a series, looked
// at in registration only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backends::detail {

/// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/.
constexpr std::uint64_t hash_bytes(std::string_view bytes,
                                   std::uint64_t seed = 0xcbf2'9ce4'8422'2325) noexcept {
    for (const char c : bytes) {
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    }
    return seed;
}

/// The length keeps ("ab", "c") and ("a", "bc") apart.
constexpr std::uint64_t hash_of_names(std::string_view chart, std::string_view dimension) noexcept {
    return (hash_bytes(dimension, hash_bytes(chart)) ^ chart.size()) * 0x9e37'79b9'7f4a'7c15;
}

/// A set of (safe text, original names) as pairs of hashes. 64 bits: among a million series the
/// chance of one false report is 3e-8, and a report is all that it would be.
class name_index {
public:
    /// True when another name had this text before.
    bool insert(std::string_view text, std::uint64_t names) {
        if (4 * (used_ + 1) > 3 * slots_.size()) {
            grow();
        }
        const std::uint64_t hash = hash_bytes(text) | 1;  // 0 marks a free slot
        slot& found = find(hash);
        if (found.text == 0) {
            found = {hash, names};
            ++used_;
            return false;
        }
        return found.names != names;
    }

private:
    struct slot {
        std::uint64_t text = 0;
        std::uint64_t names = 0;
    };

    slot& find(std::uint64_t hash) noexcept {
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = static_cast<std::size_t>(hash >> 1) & mask;
        while (slots_[i].text != 0 && slots_[i].text != hash) {
            i = (i + 1) & mask;
        }
        return slots_[i];
    }

    void grow() {
        std::vector<slot> old(slots_.empty() ? 64 : 2 * slots_.size());
        old.swap(slots_);
        for (const slot& each : old) {
            if (each.text != 0) {
                find(each.text) = each;
            }
        }
    }

    std::vector<slot> slots_;
    std::size_t used_ = 0;
};

}  // namespace backends::detail
