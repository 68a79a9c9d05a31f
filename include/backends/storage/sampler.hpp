// SPDX-License-Identifier: BSL-1.0
//
// Storage: takes the charts of instruments, each once a slot, whoever comes first: an exporter of
// the host, or the program itself. It ends the charts of leases.
#pragma once

#include <backends/core/list.hpp>
#include <backends/core/lock.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/text_index.hpp>
#include <backends/core/time.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/chart_registry.hpp>
#include <backends/storage/instrument_chart.hpp>
#include <backends/storage/lease.hpp>
#include <backends/storage/recording_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// The instruments of a lease.
template <class S>
struct leased : lease_state {
    explicit leased(lease_desk& where) {
        desk = &where;
        destroy = [](lease_state& ended) noexcept {
            lease_desk& its_desk = *ended.desk;
            delete static_cast<leased*>(&ended);
            its_desk.leave();
        };
        where.share();
    }
    kept_instruments<S> kept;
};

/// Thread-safe. Who records into an instrument never meets its lock. A host owns it until close(),
/// with the leases of its charts.
///
/// @tparam Chart  the charts' common type
template <class Chart>
class sampler : public lease_desk {
public:
    /// Later than all times.
    static constexpr unix_seconds never = INT64_MAX;

    explicit sampler(chart_registry<Chart>& charts) : charts_{&charts} {
        destroy = [](lease_desk& self) noexcept { delete static_cast<sampler*>(&self); };
    }
    /// At the end of the host: leases have no charts from now on.
    void close() noexcept {
        const lock changing{guard};
        for (const sampled_chart& one : all_) {
            if (one.owner.lease != nullptr) {
                one.owner.lease->detach();
            }
        }
        all_.clear();
        is_closed = true;
    }

    /// Adds the chart of instruments that stay as long as the host. Throws what the registry
    /// throws, and std::bad_alloc.
    template <class S>
    S& add(const std::string& id, const chart_options& options) {
        const lock changing{guard};
        return add_chart<instrument_chart<S, Chart>>({nullptr, true}, id, options).instruments();
    }
    /// Adds a chart that has take(at) noexcept, and that can be removed.
    template <class Made, class... Args>
    Made& add_observed(const std::string& id, const chart_options& options, const Args&... args) {
        const lock changing{guard};
        return add_chart<Made>({}, id, options, args...);
    }
    template <class S>
    lease<S> make_lease(const std::string& id, const chart_options& options) {
        auto* const made = new leased<S>{*this};
        lease<S> held = lease_access::make(*made, made->kept.instruments);
        const lock changing{guard};
        add_leased(*made, made->kept.instruments, id, options);
        return held;
    }
    /// Adds the chart of a lease. Precondition: the caller has the guard; !is_closed.
    template <class S>
    void add_leased(lease_state& of, S& instruments, const std::string& id,
                    const chart_options& options) {
        using made = instrument_chart<S, Chart, leased_instruments<S>>;
        end = [](lease_desk& self, lease_state& ended) noexcept {
            static_cast<sampler&>(self).end_chart(ended);
        };
        of.chart = static_cast<const Chart*>(
            &add_chart<made>({&of}, id, options, lease_place<S>{&of, &instruments}));
        __atomic_fetch_or(&of.users, lease_state::sampled, __ATOMIC_RELEASE);
    }

    /// Ends a lease's chart. False if it has none here.
    bool remove(lease_state* of) noexcept {
        const lock changing{guard};
        if (of == nullptr || of->desk != this || of->chart == nullptr) {
            return false;
        }
        end_chart(*of);
        return true;
    }
    /// Removes a chart of the host's. Throws config_error for a chart that the host does not have,
    /// and for one of instruments that stay.
    void remove(const Chart& chart) {
        const lock changing{guard};
        const std::uint32_t at = number_of(&chart);
        if (at == text_index::nobody) {
            charts_->remove(chart);
        } else if (all_[at].owner.stays) {
            refuse("chart", chart.id(),
                   "instruments stay as long as the host; host.lease() gives others");
        } else if (all_[at].owner.lease != nullptr) {
            end_chart(*all_[at].owner.lease);
        } else {
            take_last(at);
            take_out(at);
            charts_->remove(chart);
        }
    }
    /// Calls end(has_it) while none is sampled. Does not sample the chart any more, and takes no
    /// rest of it; has_it is false where it was removed before.
    template <class End>
    void end_observed(const Chart& chart, End end_it) {
        const lock changing{guard};
        const std::uint32_t at = number_of(&chart);
        if (at != text_index::nobody) {
            take_out(at);
        }
        end_it(at != text_index::nobody);
    }

    /// Takes the charts whose slot at `now` was not taken. Returns when the next one begins. A
    /// `now` that is up to three slots earlier than the last one takes nothing: two who sample read
    /// their clocks in any order. Further back, the clock was set.
    unix_seconds sample(unix_seconds now) noexcept {
        return each(now, [&](sampled_chart& one) noexcept {
            const slot_number slot = slot_at(one, now);
            if (slot > one.slot || one.slot - slot > 3) {
                take(one, slot);
            }
        });
    }
    /// Takes all, a slot that was taken already with what has come since, as the next one.
    unix_seconds sample_rest(unix_seconds now) noexcept {
        return each(now, [&](sampled_chart& one) noexcept { take_rest(one, now); });
    }

private:
    using slot_number = std::int64_t;  // Unix seconds divided by the chart's period
    static constexpr slot_number none = INT64_MIN / 2;

    struct chart_owner {
        lease_state* lease = nullptr;
        bool stays = false;  ///< as long as the host
    };
    struct sampled_chart {
        Chart* chart;
        chart_owner owner;
        void (*take)(Chart&, unix_seconds) noexcept;
        slot_number slot = none;  ///< the last one that was taken
    };

    template <class Made, class... Args>
    Made& add_chart(chart_owner of, const std::string& id, const chart_options& options,
                    const Args&... args) {
        if (all_.size() == all_.capacity()) {
            all_.reserve(all_.size() + all_.size() / 2 + 1);
        }
        numbers_.reserve_one();
        Made& made = charts_->template add<Made>(id, options, args...);
        Chart* const chart = &made;
        const auto number = static_cast<std::uint32_t>(all_.size());
        all_.push_back({chart, of, [](Chart& its, unix_seconds at) noexcept {
                            static_cast<Made&>(its).take(at);
                        }});
        numbers_.insert(hash_of(chart), number, [](std::uint32_t) noexcept { return false; });
        return made;
    }

    /// Precondition: it has a chart here.
    void end_chart(lease_state& of) noexcept {
        const std::uint32_t at = number_of(of.chart);
        Chart* const chart = all_[at].chart;
        take_last(at);
        take_out(at);
        charts_->remove(*chart);
        of.detach();
    }
    void take_last(std::uint32_t at) noexcept {
        take_rest(all_[at], wall_clock_of<typename Chart::recording>().second);
    }
    void take_out(std::uint32_t at) noexcept {
        numbers_.erase(hash_of(all_[at].chart), at);
        const auto last = static_cast<std::uint32_t>(all_.size() - 1);
        if (at != last) {
            all_[at] = all_[last];
            numbers_.renumber(hash_of(all_[at].chart), last, at);
        }
        all_.pop_back();
        if (all_.size() < all_.capacity() / 4) {
            all_.shrink_to_fit();  // a hint: without memory it keeps its size
        }
    }
    [[nodiscard]] std::uint32_t number_of(const void* chart) const noexcept {
        return numbers_.number_of(hash_of(chart), [&](std::uint32_t n) noexcept {
            return static_cast<const void*>(all_[n].chart) == chart;
        });
    }

    static slot_number slot_at(const sampled_chart& one, unix_seconds now) noexcept {
        constexpr unix_seconds latest = std::int64_t{1} << 60;
        const unix_seconds at = now < -latest ? -latest : now > latest ? latest : now;
        const std::int64_t every = one.chart->update_every().value;
        return at / every - (at % every < 0 ? 1 : 0);
    }
    static void take(sampled_chart& one, slot_number slot) noexcept {
        one.take(*one.chart, slot * one.chart->update_every().value);
        one.slot = slot;  // also when the chart refused it: what it has not is in the next one
    }
    static void take_rest(sampled_chart& one, unix_seconds now) noexcept {
        const slot_number slot = slot_at(one, now);
        take(one, one.slot == none || slot > one.slot ? slot : one.slot + 1);
    }
    template <class Take>
    unix_seconds each(unix_seconds now, Take take_one) noexcept {
        const lock sampling{guard};
        unix_seconds next = never;
        for (sampled_chart& one : all_) {
            take_one(one);
            const unix_seconds begin = (one.slot + 1) * one.chart->update_every().value;
            next = begin < next ? begin : next;
        }
        for (desk_family* one = families; one != nullptr; one = one->next) {
            one->sweep(*one, now);
        }
        return next;
    }

    static std::uint32_t hash_of(const void* object) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(object);
        return hash_bytes({reinterpret_cast<const char*>(&address), sizeof address});
    }

    chart_registry<Chart>* charts_;  // gone once it is closed
    list<sampled_chart> all_;
    text_index numbers_;  // by the charts' addresses
};

}  // namespace backends::detail
