// SPDX-License-Identifier: BSL-1.0
//
// Storage: the charts of a host as they come and go. A removed chart stays, unseen, until every
// follower of the host has read its last samples and nobody holds it any more.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/list.hpp>
#include <backends/core/lock.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/text_index.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/row_tiles.hpp>
#include <backends/storage/wait_free.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Of what tells charts apart.
inline std::uint32_t hash_chart(std::string_view id, label_list labels) noexcept {
    return labels.empty() ? hash_bytes(id) : hash_bytes(id) ^ 31 * hash_bytes(labels.packed());
}
template <class Chart>
std::uint32_t hash_chart(const Chart& one) noexcept {
    return hash_chart(one.id(), one.labels());
}

/// Thread-safe. A recorder never takes the lock. A follower takes it twice per change and otherwise
/// loads one number.
template <class Chart>
class chart_registry {
    struct entry;

public:
    class follower;  // chart_follower.hpp

    chart_registry() = default;
    chart_registry(const chart_registry&) = delete;
    chart_registry& operator=(const chart_registry&) = delete;
    ~chart_registry() {
        collect_held(true);
        while (newest_ != nullptr) {
            entry& last = *newest_;
            unlink(last);
            destroy(last);
        }
    }

    /// Makes Made{id, args..., options, rows}. Throws config_error for an id that a chart with the
    /// same labels has, and whatever the chart's constructor throws. Strong guarantee.
    template <class Made, class... Args>
    Made& add(const std::string& id, const chart_options& options, const Args&... args) {
        const std::string packed = pack(options.labels);
        const label_list labels{packed};
        const lock changing{mutex_};
        collect_held(false);
        if (number_of(id, labels) != text_index::nobody) {
            refuse("chart", id,
                   labels.empty() ? "the host has a chart of this id"
                                  : "the host has a chart of this id and labels");
        }
        // Reserve first: nothing may throw once the chart exists.
        charts_.reserve(more_than(charts_));
        ids_.reserve_one();
        new_entry made;
        auto* const added = new Made{id, args..., options, &rows_};
        entry& one = made.release();
        one.chart = added;
        one.destroy = [](Chart* made_so) noexcept { delete static_cast<Made*>(made_so); };
        ids_.insert(hash_chart(id, labels), static_cast<std::uint32_t>(charts_.size()),
                    [](std::uint32_t) { return false; });
        charts_.push_back(&one);
        append(one);
        one.added = one.changed;
        return *added;
    }

    /// Frees the chart's id at once and the chart when nobody needs it. Throws config_error if the
    /// registry does not have the chart, or no longer. Allocates nothing.
    void remove(const Chart& removed) {
        const lock changing{mutex_};
        collect_held(false);
        const std::uint32_t hash = hash_chart(removed);
        const std::uint32_t at = ids_.number_of(
            hash, [&](std::uint32_t other) { return charts_[other]->chart == &removed; });
        if (at == text_index::nobody) {
            refuse("chart", removed.id(), "the host has no such chart to remove");
        }
        entry& one = *charts_[at];
        ids_.erase(hash, at);
        const auto last = static_cast<std::uint32_t>(charts_.size() - 1);
        if (at != last) {  // the last chart takes its place
            charts_[at] = charts_[last];
            ids_.renumber(hash_chart(*charts_[at]->chart), last, at);
        }
        charts_.pop_back();
        shrink(charts_);
        unlink(one);
        append(one);
        one.is_removed = true;
        one.waiting = followers_;
        if (one.waiting == 0) {
            unlink(one);
            let_go(one);
        }
    }

    /// The chart of this id without labels, or nullptr.
    [[nodiscard]] Chart* find(std::string_view id) const noexcept {
        const lock reading{mutex_};
        const std::uint32_t at = number_of(id, {});
        return at == text_index::nobody ? nullptr : charts_[at]->chart;
    }
    [[nodiscard]] std::size_t size() const noexcept {
        const lock reading{mutex_};
        return charts_.size();
    }
    /// Calls visit(chart) for each chart, under the lock: none comes or goes meanwhile.
    template <class Visit>
    void each(Visit visit) const {
        const lock reading{mutex_};
        for (const entry* const one : charts_) {
            visit(*one->chart);
        }
    }
    /// Precondition: i < size().
    [[nodiscard]] Chart& operator[](std::size_t i) const noexcept {
        const lock reading{mutex_};
        return *charts_[i]->chart;
    }

private:
    struct entry {
        Chart* chart = nullptr;
        void (*destroy)(Chart*) noexcept = nullptr;  // charts of structs have other types
        entry* older = nullptr;                      // in the order of their last change
        entry* newer = nullptr;
        std::uint64_t added = 0;    // the number of the change that added it
        std::uint64_t changed = 0;  // the number of its last change: added or removed
        std::uint32_t waiting = 0;  // followers that have not read its last samples
        bool is_removed = false;
    };
    class new_entry {
    public:
        new_entry() : one_{new entry} {}
        new_entry(const new_entry&) = delete;
        new_entry& operator=(const new_entry&) = delete;
        ~new_entry() { delete one_; }
        entry& release() noexcept { return *std::exchange(one_, nullptr); }

    private:
        entry* one_;
    };

    /// Where charts_ has this id, or nobody. Precondition: the lock is held.
    [[nodiscard]] std::uint32_t number_of(std::string_view id, label_list labels) const noexcept {
        return ids_.number_of(hash_chart(id, labels), [&](std::uint32_t other) {
            const Chart& it = *charts_[other]->chart;
            return it.id() == id && it.labels() == labels;
        });
    }

    void append(entry& one) noexcept {
        one.older = newest_;
        one.newer = nullptr;
        (newest_ == nullptr ? oldest_ : newest_->newer) = &one;
        newest_ = &one;
        one.changed = changes_ + 1;
        wait_free::store(changes_, changes_ + 1);
    }
    void unlink(entry& one) noexcept {
        (one.older == nullptr ? oldest_ : one.older->newer) = one.newer;
        (one.newer == nullptr ? newest_ : one.newer->older) = one.older;
    }
    static void destroy(entry& one) noexcept {
        one.destroy(one.chart);
        delete &one;
    }

    /// Called once no follower needs the chart. Precondition: unlinked.
    void let_go(entry& one) noexcept {
        if (one.chart->is_held()) {
            one.newer = held_;
            held_ = &one;
        } else {
            destroy(one);
        }
    }
    /// Every change checks the charts that were still held when their last follower had read them.
    void collect_held(bool all) noexcept {
        entry* next = std::exchange(held_, nullptr);
        while (next != nullptr) {
            entry& one = *std::exchange(next, next->newer);
            if (all) {
                destroy(one);
            } else {
                let_go(one);
            }
        }
    }

    void read_by_one(entry& one) noexcept {
        if (--one.waiting == 0) {
            unlink(one);
            let_go(one);
        }
    }

    /// Grows by an eighth; a list would double.
    template <class T>
    static std::size_t more_than(const list<T>& v) noexcept {
        return v.size() < v.capacity() ? v.capacity() : v.size() + v.size() / 8 + 1;
    }
    template <class T>
    static void shrink(list<T>& v) noexcept {
        if (v.size() < v.capacity() / 4) {
            v.shrink_to_fit();  // a hint: without memory it keeps its size
        }
    }

    mutable mutex mutex_;
    row_tiles<typename Chart::word> rows_;
    text_index ids_;
    list<entry*> charts_;
    entry* oldest_ = nullptr;
    entry* newest_ = nullptr;
    entry* held_ = nullptr;
    std::uint64_t changes_ = 0;
    std::uint32_t followers_ = 0;
};

}  // namespace backends::detail
