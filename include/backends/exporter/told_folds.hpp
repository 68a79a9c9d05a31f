// SPDX-License-Identifier: BSL-1.0
//
// The observer's news of families, once a cycle: the look-ups that had no room.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/erase_where.hpp>
#include <backends/core/list.hpp>
#include <backends/driver/observer.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// What one exporter has told. Not thread-safe.
class told_folds {
public:
    /// Counts and tells what is new. Allocates where a family folds for the first time; without
    /// memory the next call tells it.
    template <class Host, class Observer>
    void tell(const Host& from, Observer& observer, cycle_counters& count) noexcept {
        if (!update(from)) {
            return;
        }
        // Not in update(), where families are locked: an observer may make one.
        for (family& one : all_) {
            if (const std::uint64_t times = one.now - one.told; times != 0) {
                one.told = one.now;
                count.folded += times;
                observe::folded(observer, one.id, times);
            }
        }
    }

private:
    struct family {
        std::uint64_t number;  // 0: those that have ended, together
        std::string id;
        std::uint64_t now = 0;
        std::uint64_t told = 0;
        bool is_there = false;
    };

    /// Whether all could be read.
    template <class Host>
    bool update(const Host& from) noexcept {
        for (family& one : all_) {
            one.is_there = false;
        }
        BOOST_TRY {
            from.each_folding([&](std::uint64_t number, std::string_view id, std::uint64_t folded) {
                family& its = at(number, id);
                its.now = folded;
                its.is_there = true;
            });
        }
        BOOST_CATCH(...) { return false; }
        BOOST_CATCH_END
        end_families();
        return true;
    }
    family& at(std::uint64_t number, std::string_view id) {
        for (family& one : all_) {
            if (one.number == number) {
                return one;
            }
        }
        return all_.push_back({number, string_of(id)});
    }
    /// What an ended family folded is in the sum of those, and so is what was told of it.
    void end_families() noexcept {
        std::uint64_t told = 0;
        erase_where(all_, [&](const family& one) {
            told += one.is_there ? 0 : one.told;
            return !one.is_there;
        });
        if (told != 0) {
            at(0, {}).told += told;  // is there, as those that have ended folded
        }
    }

    list<family> all_;
};

}  // namespace backends::detail
