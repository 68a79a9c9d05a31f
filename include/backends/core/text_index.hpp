// SPDX-License-Identifier: BSL-1.0
//
// A hash index that finds repeated texts: chart ids, series lines. Costs 10 to 13 bytes per text.
// Used only when a text comes or goes.
#pragma once

#include <backends/core/as.hpp>
#include <backends/core/list.hpp>
#include <backends/isa.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// The upper half of the product of FNV-1a (64 bits, http://www.isthe.com/chongo/tech/comp/fnv/)
/// with the golden ratio. The product spreads names that differ only in their last character.
constexpr std::uint32_t hash_bytes(std::string_view bytes) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    }
    return static_cast<std::uint32_t>(hash * 0x9e37'79b9'7f4a'7c15 >> 32U);
}

/// A set of numbered texts that stay with their owner: an entry holds a text's hash and number.
/// Open addressing; growth by a quarter leaves at most a third of it unused.
class text_index {
public:
    /// Makes room for one more text. Allocates.
    void reserve_one() {
        if (5 * (used_ + 1) > 4 * slots_.size()) {
            grow();
        }
    }

    /// True when the set has the text. same(number) compares it with that number's text; `hash` is
    /// its hash_bytes().
    template <class Same>
    [[nodiscard]] bool contains(std::uint32_t hash, Same same) const noexcept {
        return !slots_.empty() && slots_[find(hash, same)].number != nobody;
    }
    /// The text's number, or nobody.
    template <class Same>
    [[nodiscard]] std::uint32_t number_of(std::uint32_t hash, Same same) const noexcept {
        return slots_.empty() ? nobody : slots_[find(hash, same)].number;
    }
    /// Adds the text with this number, unless the set has it. Returns contains() from before the
    /// call. Precondition: reserve_one().
    template <class Same>
    bool insert(std::uint32_t hash, std::uint32_t number, Same same) noexcept {
        slot& found = slots_[find(hash, same)];
        if (found.number != nobody) {
            return true;
        }
        found = {hash, number};
        ++used_;
        return false;
    }

    /// Changes the text's number. Precondition: the set has it.
    void renumber(std::uint32_t hash, std::uint32_t from, std::uint32_t to) noexcept {
        slots_[find(hash, [from](std::uint32_t n) { return n == from; })].number = to;
    }
    /// Replaces every number by to[number].
    void renumber(const list<std::uint32_t>& to) noexcept {
        for (slot& each : slots_) {
            each.number = each.number == nobody ? nobody : to[each.number];
        }
    }

    /// Removes the text, and releases spare memory if the smaller table can be allocated.
    /// Precondition: the set has it.
    void erase(std::uint32_t hash, std::uint32_t number) noexcept {
        std::size_t hole = find(hash, [number](std::uint32_t n) { return n == number; });
        // Entries after the hole that a search could no longer reach move into it.
        for (std::size_t i = next(hole); slots_[i].number != nobody; i = next(i)) {
            const std::size_t wanted = home(slots_[i].hash);
            if (distance(wanted, i) >= distance(hole, i)) {
                slots_[hole] = slots_[i];
                hole = i;
            }
        }
        slots_[hole] = {};
        --used_;
        if (slots_.size() > 64 && slots_.size() / 8 > used_) {
            BOOST_TRY { rehash(2 * used_ + 16); }
            BOOST_CATCH(...) {}  // keeps its size
            BOOST_CATCH_END
        }
    }

    static constexpr std::uint32_t nobody = UINT32_MAX;

private:
    struct slot {
        std::uint32_t hash = 0;
        std::uint32_t number = nobody;
    };

    /// Where the search for a hash begins. Monotone in the hash, for a table of any size.
    [[nodiscard]] std::size_t home(std::uint32_t hash) const noexcept {
        return as<std::size_t>(std::uint64_t{hash} * slots_.size() >> 32U);
    }
    /// Where the text is, or the free place for it.
    template <class Same>
    [[nodiscard]] std::size_t find(std::uint32_t hash, Same same) const noexcept {
        std::size_t i = home(hash);
        while (slots_[i].number != nobody && !(slots_[i].hash == hash && same(slots_[i].number))) {
            i = next(i);
        }
        return i;
    }
    [[nodiscard]] std::size_t next(std::size_t i) const noexcept {
        return i + 1 == slots_.size() ? 0 : i + 1;
    }

    /// Steps from one place to the other.
    [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const noexcept {
        return to >= from ? to - from : to + slots_.size() - from;
    }

    void grow() { rehash(slots_.size() + slots_.size() / 4 + 16); }

    [[gnu::noinline]] void rehash(std::size_t n) {
        list<slot> old(n);
        old.swap(slots_);
        for (const slot& each : old) {
            if (each.number != nobody) {
                std::size_t i = home(each.hash);
                while (slots_[i].number != nobody) {
                    i = next(i);
                }
                slots_[i] = each;
            }
        }
    }

    list<slot> slots_;
    std::size_t used_ = 0;
};

/// The first of `n` texts that repeats an earlier one, or `n`. Calls text(i) a few times per text.
/// Comparing all pairs would take seconds for 60,000 texts.
template <class Text>
[[nodiscard]] std::size_t first_repeated(std::size_t n, Text text) {
    text_index seen;
    for (std::size_t i = 0; i < n; ++i) {
        const std::string_view one = text(i);
        seen.reserve_one();
        if (seen.insert(hash_bytes(one), static_cast<std::uint32_t>(i),
                        [&](std::uint32_t other) { return text(other) == one; })) {
            return i;
        }
    }
    return n;
}

}  // namespace backends::detail
