// SPDX-License-Identifier: BSL-1.0
//
// Storage: how an exporter, on its own thread, sees a host's charts come and go.
#pragma once

#include <backends/core/erase_where.hpp>
#include <backends/core/fork_detector.hpp>
#include <backends/core/list.hpp>
#include <backends/storage/chart_registry.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Sees every chart arrive and every removal. A chart that it saw arrive lives until pass()
/// releases it. In a child of fork() it does nothing, like its users.
///
/// For one thread at a time; the registry must outlive it.
template <class Chart>
class chart_registry<Chart>::follower {
public:
    follower() = default;
    follower(const follower&) = delete;
    follower& operator=(const follower&) = delete;
    /// Releases every removed chart that still waits for this follower.
    ~follower() {
        if (all_ == nullptr || process_.in_child()) {
            return;
        }
        const lock changing{all_->mutex_};
        --all_->followers_;
        for (entry* e = all_->newest_; e != nullptr && e->changed > seen_;) {
            entry& one = *std::exchange(e, e->older);
            if (one.is_removed) {
                all_->read_by_one(one);
            }
        }
        for (const leaving& one : leaving_) {
            all_->read_by_one(*one.place);
        }
    }

    /// Appends the charts added since the last call to `arrived`. Throws std::bad_alloc; then the
    /// next call repeats all. Costs one load if nothing changed.
    void update(chart_registry& all, list<const Chart*>& arrived) {
        if (all_ != nullptr && wait_free::load(all.changes_) == seen_) [[likely]] {
            return;
        }
        const lock changing{all.mutex_};
        std::size_t n = 0;
        entry* first = nullptr;
        for (entry* e = all.newest_; e != nullptr && e->changed > seen_; e = e->older) {
            first = e;
            ++n;
        }
        arrived.reserve(arrived.size() + n);
        leaving_.reserve(leaving_.size() + n);
        if (all_ == nullptr) {
            all_ = &all;
            ++all.followers_;
            joined_ = all.changes_;
        }
        for (entry* e = first; e != nullptr; e = e->newer) {
            if (e->is_removed && e->changed <= joined_) {
                continue;  // removed before this follower joined
            }
            if (e->added > seen_) {
                arrived.push_back(e->chart);
            }
            if (e->is_removed) {
                leaving_.push_back({e->chart, e, e->changed});
            }
        }
        seen_ = all.changes_;
    }

    /// A removed chart that this follower has not passed.
    struct leaving {
        const Chart* chart;
        entry* place;
        std::uint64_t when;    ///< grows from one removal to the next
        bool is_read = false;  ///< set by the user: pass() may release it
    };

    /// The leaving charts that nobody can record into any more: a read now sees all their samples.
    /// Reorders the leaving charts.
    std::span<leaving> last_readings() noexcept {
        std::size_t n = 0;
        for (leaving& one : leaving_) {
            if (!one.chart->is_held()) {
                std::swap(one, leaving_[n++]);
            }
        }
        return {leaving_.data(), n};
    }
    /// Releases the charts with is_read; do not touch them afterwards. Returns their number.
    std::size_t pass() noexcept {
        const lock changing{all_->mutex_};
        const std::size_t passed = erase_where(leaving_, [&](const leaving& one) {
            if (one.is_read) {
                all_->read_by_one(*one.place);
            }
            return one.is_read;
        });
        shrink(leaving_);
        return passed;
    }

private:
    chart_registry* all_ = nullptr;
    std::uint64_t seen_ = 0;    // the last change that it has seen
    std::uint64_t joined_ = 0;  // the last change before it joined
    list<leaving> leaving_;
    fork_detector process_;
};

}  // namespace backends::detail
