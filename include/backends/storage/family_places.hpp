// SPDX-License-Identifier: BSL-1.0
//
// Storage: the places of a family's series, by the hashes of their label values. A look-up takes no
// lock: it holds what it finds, and compares afterwards. So a series' memory is used again, for
// other values, but freed with the whole family alone.
#pragma once

#include <backends/core/time.hpp>
#include <backends/storage/label_value.hpp>
#include <backends/storage/lease.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace backends::inline BACKENDS_ISA::detail {

class family_table;

/// The instruments of one combination of label values.
struct family_series : lease_state {
    family_table* table = nullptr;
    std::uint64_t hash = 0;
    std::string key;  ///< the values, packed; changes while nobody holds it
    void* instruments = nullptr;
    unix_seconds used = 0;          ///< when a sweep found it in use; under the desk's guard
    bool was_found = false;         ///< since the last sweep
    bool stays = false;             ///< takes what has no room; under the guard
    family_series* next = nullptr;  ///< of those that are free
};

/// Open addressing with linear probing: at most half of the places are taken. One thread at a time
/// changes them; any thread looks up meanwhile, and may miss what is being moved.
class family_places {
public:
    /// For so many series. Throws std::bad_alloc.
    explicit family_places(std::size_t most)
        : mask_{std::bit_ceil(2 * most) - 1}, places_{new place[mask_ + 1]} {}
    family_places(const family_places&) = delete;
    family_places& operator=(const family_places&) = delete;
    ~family_places() { delete[] places_; }

    [[nodiscard]] std::size_t size() const noexcept { return mask_ + 1; }
    /// For the thread that changes. Precondition: i < size().
    [[nodiscard]] family_series* operator[](std::size_t i) const noexcept {
        return places_[i].series;
    }

    /// The series of these values, held for the caller; nullptr if there is none, or its chart was
    /// removed. Any thread.
    [[nodiscard]] family_series* find(std::uint64_t hash,
                                      std::span<const label_value> values) const noexcept {
        std::size_t i = hash & mask_;
        for (std::size_t n = 0; n <= mask_; ++n, i = (i + 1) & mask_) {
            family_series* const one = __atomic_load_n(&places_[i].series, __ATOMIC_ACQUIRE);
            if (one == nullptr) {
                return nullptr;
            }
            if (__atomic_load_n(&places_[i].hash, __ATOMIC_RELAXED) != hash || !one->try_hold()) {
                continue;
            }
            if (is_key(one->key, values)) [[likely]] {
                if (!__atomic_load_n(&one->was_found, __ATOMIC_RELAXED)) {
                    __atomic_store_n(&one->was_found, true, __ATOMIC_RELAXED);
                }
                return one;
            }
            one->let_go();  // another key of this hash, or the memory of another series by now
        }
        return nullptr;
    }
    /// Changes with the places, and is odd meanwhile. What find() missed between two equal, even
    /// numbers was not there.
    [[nodiscard]] std::uint64_t changes() const noexcept {
        return __atomic_load_n(&changes_, __ATOMIC_ACQUIRE);
    }
    [[nodiscard]] bool are_as_at(std::uint64_t changes) const noexcept {
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        return changes % 2 == 0 && __atomic_load_n(&changes_, __ATOMIC_RELAXED) == changes;
    }

    /// The place of a series whose chart was removed, or size().
    [[nodiscard]] std::size_t ended(std::uint64_t hash,
                                    std::span<const label_value> values) const noexcept {
        for (std::size_t i = hash & mask_; places_[i].series != nullptr; i = (i + 1) & mask_) {
            if (places_[i].hash == hash && is_key(places_[i].series->key, values)) {
                return i;
            }
        }
        return size();
    }
    /// Precondition: fewer than `most` are there, and none of the same values.
    void add(family_series& one) noexcept {
        std::size_t i = one.hash & mask_;
        while (places_[i].series != nullptr) {
            i = (i + 1) & mask_;
        }
        begin_change();
        put(i, one.hash, &one);
        end_change();
    }
    /// Those after it that a search could no longer reach move.
    void erase(std::size_t hole) noexcept {
        begin_change();
        for (std::size_t i = (hole + 1) & mask_; places_[i].series != nullptr;
             i = (i + 1) & mask_) {
            const std::size_t wanted = places_[i].hash & mask_;
            if (((i - wanted) & mask_) >= ((i - hole) & mask_)) {
                put(hole, places_[i].hash, places_[i].series);
                hole = i;
            }
        }
        put(hole, 0, nullptr);
        end_change();
    }

private:
    struct place {
        std::uint64_t hash = 0;
        family_series* series = nullptr;
    };

    void put(std::size_t i, std::uint64_t hash, family_series* series) noexcept {
        __atomic_store_n(&places_[i].hash, hash, __ATOMIC_RELAXED);
        __atomic_store_n(&places_[i].series, series, __ATOMIC_RELEASE);
    }
    void begin_change() noexcept {
        __atomic_store_n(&changes_, changes_ + 1, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_RELEASE);
    }
    void end_change() noexcept { __atomic_store_n(&changes_, changes_ + 1, __ATOMIC_RELEASE); }

    const std::size_t mask_;
    place* const places_;
    std::uint64_t changes_ = 0;
};

}  // namespace backends::detail
