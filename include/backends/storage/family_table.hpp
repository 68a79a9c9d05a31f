// SPDX-License-Identifier: BSL-1.0
//
// Storage: the series of a family: makes them, ends the idle ones, and keeps their memory for
// others. Its size is bounded.
#pragma once

#include <backends/core/lock.hpp>
#include <backends/core/time.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/family_places.hpp>
#include <backends/storage/label_value.hpp>
#include <backends/storage/lease.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// What the table has to know of the type of the instruments.
struct family_kind {
    family_series* (*make)();               ///< its memory; throws std::bad_alloc
    void (*free)(family_series&) noexcept;  ///< the opposite
    void (*begin)(family_series&);          ///< makes instruments; throws std::bad_alloc
    void (*end)(family_series&) noexcept;   ///< the opposite
    void (*add_chart)(family_series&, const std::string& id, const chart_options& options);
};

/// Those who change it have the desk's guard. A family owns it until close(), with its series.
class family_table : public desk_family {
public:
    /// Throws std::bad_alloc.
    family_table(lease_desk& desk, const family_kind& kind, std::string id, chart_options options,
                 std::vector<std::string> names, std::size_t most, seconds idle_after)
        : desk_{desk},
          kind_{kind},
          id_{std::move(id)},
          options_{std::move(options)},
          names_{std::move(names)},
          most_{most},
          idle_after_{idle_after.value},
          places_{most + 1} {
        family_id = id_;
        sweep = [](desk_family& self, unix_seconds now) noexcept {
            static_cast<family_table&>(self).end_idle(now);
        };
        desk_.share();
        desk_.add(*this);
    }
    family_table(const family_table&) = delete;
    family_table& operator=(const family_table&) = delete;

    /// At the end of the family: lets go of all series, and of itself when these are gone.
    void close() noexcept {
        desk_.remove(*this);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            if (family_series* const one = places_[i]; one != nullptr) {
                one->let_go();
            }
        }
        leave();
    }

    /// A series, held for the caller. Makes it if there is none; without room it is the one of
    /// those without room. Throws what adding a chart throws.
    family_series& at(std::span<const label_value> values) {
        const std::uint64_t hash = hash_of(values);
        const std::uint64_t changes = places_.changes();
        if (family_series* const found = places_.find(hash, values); found != nullptr) [[likely]] {
            return *found;
        }
        family_series* const other = __atomic_load_n(&other_, __ATOMIC_ACQUIRE);
        if (other != nullptr && size() >= most_ && places_.are_as_at(changes) &&
            other->try_hold()) {
            fold();
            return *other;
        }
        return find_or_make(hash, values);
    }
    /// How many look-ups had no room.
    [[nodiscard]] std::uint64_t times_folded() const noexcept {
        return __atomic_load_n(&folded, __ATOMIC_RELAXED);
    }
    [[nodiscard]] std::size_t size() const noexcept {
        return __atomic_load_n(&size_, __ATOMIC_ACQUIRE);
    }

private:
    ~family_table() {
        collect_ended();
        while (free_ != nullptr) {
            kind_.free(*std::exchange(free_, free_->next));
        }
        desk_.leave();
    }
    void leave() noexcept {
        if (__atomic_fetch_sub(&shares_, 1U, __ATOMIC_ACQ_REL) == 1) {
            delete this;
        }
    }
    void fold() noexcept { __atomic_fetch_add(&folded, 1U, __ATOMIC_RELAXED); }
    void grow(std::ptrdiff_t by) noexcept {
        __atomic_store_n(&size_, size_ + static_cast<std::size_t>(by), __ATOMIC_RELEASE);
    }

    /// The end of a series' instruments, on any thread: their memory is free again.
    static void destroy_series(lease_state& ended) noexcept {
        auto& one = static_cast<family_series&>(ended);
        family_table& its = *one.table;
        its.kind_.end(one);
        one.next = __atomic_load_n(&its.ended_, __ATOMIC_RELAXED);
        while (!__atomic_compare_exchange_n(&its.ended_, &one.next, &one, true, __ATOMIC_RELEASE,
                                            __ATOMIC_RELAXED)) {}
        its.leave();
    }
    void collect_ended() noexcept {
        family_series* one = __atomic_exchange_n(&ended_, nullptr, __ATOMIC_ACQUIRE);
        while (one != nullptr) {
            family_series* const after = one->next;
            one->next = std::exchange(free_, one);
            one = after;
        }
    }

    [[gnu::noinline]] family_series& find_or_make(std::uint64_t hash,
                                                  std::span<const label_value> values) {
        const lock changing{desk_.guard};
        if (desk_.is_closed) {
            return make(hash, values);  // has no chart, and ends with its lease
        }
        if (family_series* const found = find_living(hash, values); found != nullptr) {
            return *found;
        }
        if (size_ < most_) {
            family_series& made = insert(hash, values);
            grow(1);
            return made;
        }
        fold();
        const std::vector<label_value> others = label_value::others(names_.size());
        const std::uint64_t their_hash = hash_of(others);
        family_series* other = find_living(their_hash, others);
        if (other == nullptr) {
            other = &insert(their_hash, others);
        } else if (!other->stays) {
            grow(-1);
        }
        other->stays = true;
        __atomic_store_n(&other_, other, __ATOMIC_RELEASE);
        return *other;
    }
    /// Finds it, unless its chart was removed: then it is no longer there.
    family_series* find_living(std::uint64_t hash, std::span<const label_value> values) noexcept {
        family_series* const found = places_.find(hash, values);
        if (found == nullptr) {
            if (const std::size_t i = places_.ended(hash, values); i != places_.size()) {
                take_out(i).let_go();
            }
        }
        return found;
    }

    /// A series without a chart, held for the caller.
    family_series& make(std::uint64_t hash, std::span<const label_value> values) {
        collect_ended();
        if (free_ == nullptr) {
            free_ = kind_.make();
            free_->table = this;
            free_->desk = &desk_;
            free_->destroy = &destroy_series;
            free_->users = 0;
        }
        family_series& one = *free_;
        one.key = pack_values(values);
        kind_.begin(one);  // the last that may throw
        free_ = one.next;
        one.hash = hash;
        one.used = 0;
        one.stays = false;
        one.owners = 1;
        __atomic_fetch_add(&shares_, 1U, __ATOMIC_RELAXED);
        __atomic_store_n(&one.was_found, true, __ATOMIC_RELAXED);
        __atomic_store_n(&one.users, 1U, __ATOMIC_RELEASE);
        return one;
    }
    family_series& insert(std::uint64_t hash, std::span<const label_value> values) {
        chart_options options = options_;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            options.labels.emplace_back(names_[i], std::string{values[i].text()});
        }
        struct owner {
            family_series& of;
            bool is_added = false;
            ~owner() {
                if (!is_added) {
                    of.let_go();  // it has no chart, so this takes no guard
                }
            }
        } made{make(hash, values)};
        kind_.add_chart(made.of, id_, options);
        made.is_added = true;
        made.of.hold();  // the table's, besides the caller's
        places_.add(made.of);
        return made.of;
    }
    family_series& take_out(std::size_t i) noexcept {
        family_series& one = *places_[i];
        if (&one == other_) {
            __atomic_store_n(&other_, nullptr, __ATOMIC_RELAXED);
        }
        places_.erase(i);
        grow(one.stays ? 0 : -1);
        return one;
    }

    /// Ends what nobody holds and nobody asked for.
    void end_idle(unix_seconds now) noexcept {
        if (idle_after_ == 0 ||
            (now >= swept_ && saturated_difference(now, swept_) < idle_after_ / 16)) {
            return;
        }
        swept_ = now;
        for (std::size_t i = 0; i < places_.size();) {
            family_series* const one = places_[i];
            std::uint32_t mine_alone = lease_state::sampled | 1U;
            if (one != nullptr && !one->stays && is_idle(*one, now) &&
                __atomic_compare_exchange_n(&one->users, &mine_alone, lease_state::sampled, false,
                                            __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
                take_out(i);  // another one may be there now
                desk_.end(desk_, *one);
            } else {
                ++i;
            }
        }
    }
    /// A clock that was set back begins anew.
    [[nodiscard]] bool is_idle(family_series& one, unix_seconds now) const noexcept {
        if (__atomic_exchange_n(&one.was_found, false, __ATOMIC_RELAXED) || now < one.used ||
            __atomic_load_n(&one.users, __ATOMIC_RELAXED) != (lease_state::sampled | 1U)) {
            one.used = now;
        }
        return saturated_difference(now, one.used) >= idle_after_;
    }

    lease_desk& desk_;
    const family_kind& kind_;
    const std::string id_;
    const chart_options options_;
    const std::vector<std::string> names_;
    const std::size_t most_;
    const std::int64_t idle_after_;  // seconds; 0: never
    family_places places_;
    std::size_t size_ = 0;            // without the other one
    family_series* other_ = nullptr;  // what has no room
    std::uint32_t shares_ = 1;        // the family's, and one of each series that is not free
    family_series* ended_ = nullptr;  // pushed by anybody
    family_series* free_ = nullptr;   // under the guard
    unix_seconds swept_ = INT64_MIN / 2;
};

}  // namespace backends::detail
