// SPDX-License-Identifier: BSL-1.0
//
// Storage: takes the charts of instruments, each once a slot, whoever comes first: an exporter of
// the host, or the program itself.
#pragma once

#include <backends/core/lock.hpp>
#include <backends/core/text_index.hpp>
#include <backends/core/time.hpp>
#include <backends/storage/recording_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// Thread-safe. Who records into an instrument never meets its lock.
///
/// @tparam Chart  the charts' common type
template <class Chart>
class sampler {
public:
    /// Later than all times.
    static constexpr unix_seconds never = INT64_MAX;

    /// Adds the chart that make() gives, which has take(at) noexcept, and samples none meanwhile.
    /// Throws what make() throws, and std::bad_alloc; then make() was not called.
    template <class Make>
    auto& add(Make make) {
        const lock changing{mutex_};
        if (all_.size() == all_.capacity()) {
            all_.reserve(all_.size() + all_.size() / 2 + 1);
        }
        numbers_.reserve_one();
        numbers_.reserve_one();
        auto& made = make();
        using made_type = std::remove_reference_t<decltype(made)>;
        Chart* const chart = &made;
        const auto number = static_cast<std::uint32_t>(all_.size());
        all_.push_back({chart, &made.instruments(), [](Chart& of, unix_seconds at) noexcept {
                            static_cast<made_type&>(of).take(at);
                        }});
        numbers_.insert(hash_of(chart), number, is_new);
        numbers_.insert(hash_of(&made.instruments()), number, is_new);
        return made.instruments();
    }

    /// Calls remove(chart) with the chart of these instruments, or of itself; with nullptr where it
    /// is none of these. First takes what is left of it, if that is asked for.
    template <class Remove>
    void remove(const void* chart_or_instruments, Remove remove, bool takes_rest = true) {
        const lock changing{mutex_};
        const std::uint32_t at =
            numbers_.number_of(hash_of(chart_or_instruments), [&](std::uint32_t n) noexcept {
                return all_[n].chart == chart_or_instruments ||
                       all_[n].instruments == chart_or_instruments;
            });
        if (at == text_index::nobody) {
            remove(static_cast<const Chart*>(nullptr));
            return;
        }
        const sampled_chart removed = all_[at];
        if (takes_rest) {
            take_rest(all_[at], wall_clock_of<typename Chart::recording>().second);
        }
        numbers_.erase(hash_of(removed.chart), at);
        numbers_.erase(hash_of(removed.instruments), at);
        const auto last = static_cast<std::uint32_t>(all_.size() - 1);
        if (at != last) {
            all_[at] = all_[last];
            numbers_.renumber(hash_of(all_[at].chart), last, at);
            numbers_.renumber(hash_of(all_[at].instruments), last, at);
        }
        all_.pop_back();
        remove(static_cast<const Chart*>(removed.chart));
    }

    /// Takes the charts whose slot at `now` was not taken. Returns when the next one begins. A
    /// `now` that is up to three slots earlier than the last one takes nothing: two who sample read
    /// their clocks in any order. Further back, the clock was set.
    unix_seconds sample(unix_seconds now) noexcept {
        return each([&](sampled_chart& one) noexcept {
            const slot_number slot = slot_at(one, now);
            if (slot > one.slot || one.slot - slot > 3) {
                take(one, slot);
            }
        });
    }
    /// Takes all, a slot that was taken already with what has come since, as the next one.
    unix_seconds sample_rest(unix_seconds now) noexcept {
        return each([&](sampled_chart& one) noexcept { take_rest(one, now); });
    }

private:
    using slot_number = std::int64_t;  // Unix seconds divided by the chart's period
    static constexpr slot_number none = INT64_MIN / 2;

    struct sampled_chart {
        Chart* chart;
        const void* instruments;
        void (*take)(Chart&, unix_seconds) noexcept;
        slot_number slot = none;  ///< the last one that was taken
    };

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
    unix_seconds each(Take take_one) noexcept {
        const lock sampling{mutex_};
        unix_seconds next = never;
        for (sampled_chart& one : all_) {
            take_one(one);
            const unix_seconds begin = (one.slot + 1) * one.chart->update_every().value;
            next = begin < next ? begin : next;
        }
        return next;
    }

    static std::uint32_t hash_of(const void* object) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(object);
        return hash_bytes({reinterpret_cast<const char*>(&address), sizeof address});
    }
    static bool is_new(std::uint32_t /*other*/) noexcept { return false; }

    mutex mutex_;
    std::vector<sampled_chart> all_;
    text_index numbers_;  // by the addresses of the chart and of its instruments
};

}  // namespace backends::detail
