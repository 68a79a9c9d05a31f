// SPDX-License-Identifier: BSL-1.0
//
// Exporter: one walk through the charts of a host for the cycles of several exporters. Where they
// stand at the same place of the same chart, the source reads it once, and each writes its lines
// from what was read.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/chart_fields.hpp>
#include <backends/exporter/followed_chart.hpp>
#include <backends/exporter/prefetch_ahead.hpp>
#include <backends/source/data_source.hpp>
#include <backends/source/value_block.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Which ones of several, a bit each.
using chosen_ones = std::uint32_t;

/// Calls f.operator()<I>() for each of the N that is chosen. Inlined.
template <std::size_t N, class F>
BACKENDS_INLINE inline void for_chosen(chosen_ones which, F f) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) BACKENDS_INLINE {
        (((which >> I & 1U) != 0 ? f.template operator()<I>() : void()), ...);
    }(std::make_index_sequence<N>{});
}

/// Hands each value to all sinks that are there, and makes the digits of a block once for those
/// with numbers of one form.
template <class... Sinks>
class fan_out {
public:
    explicit fan_out(std::tuple<std::optional<Sinks>...>& sinks) noexcept : sinks_{sinks} {}

    template <class Value>
    void operator()(std::size_t dimension, std::size_t variant, unix_seconds at,
                    Value value) noexcept {
        std::apply(
            [&](auto&... one) { ((one ? (*one)(dimension, variant, at, value) : void()), ...); },
            sinks_);
    }
    template <class Value, std::size_t Most>
    BACKENDS_INLINE void block(unix_seconds at, const value_block<Value, Most>& all) noexcept {
        using digits = typename first::template numbers_of<Value, Most>;
        constexpr std::size_t users =
            (std::size_t{std::is_same_v<typename Sinks::template numbers_of<Value, Most>, digits>} +
             ...);
        if constexpr (users > 1) {
            const digits shared{all.values, all.size};
            each([&]<class Sink>(Sink& one) BACKENDS_INLINE {
                if constexpr (std::is_same_v<typename Sink::template numbers_of<Value, Most>,
                                             digits>) {
                    one.block(at, all, shared);
                } else {
                    one.block(at, all);
                }
            });
        } else {
            each([&](auto& one) BACKENDS_INLINE { one.block(at, all); });
        }
    }

private:
    using first = std::tuple_element_t<0, std::tuple<Sinks...>>;

    template <class F>
    BACKENDS_INLINE void each(F f) noexcept {
        std::apply([&](auto&... one) BACKENDS_INLINE { ((one ? f(*one) : void()), ...); }, sinks_);
    }

    std::tuple<std::optional<Sinks>...>& sinks_;
};

/// What one cycle of a joint walk writes with.
template <class Cycle, class Queue, class Observer>
class walking_cycle {
public:
    using followed = typename Cycle::followed;
    using lines = typename Cycle::template lines_into<Queue>;

    walking_cycle(Cycle& cycle, Queue& queue, cycle_counters& count, Observer& observer) noexcept
        : cycle_{cycle}, queue_{queue}, count_{count}, observer_{observer} {}

    [[nodiscard]] followed* begin() const noexcept { return cycle_.charts_.data(); }
    [[nodiscard]] followed* end() const noexcept { return begin() + cycle_.charts_.size(); }

    BACKENDS_INLINE void open(std::optional<lines>& into, const followed& one) noexcept {
        into.emplace(cycle_.renderer_, cycle_.numbers_.of(one.series), one.series.size, queue_);
    }
    BACKENDS_INLINE void close(lines& written, followed& one, const read_result& done) noexcept {
        samples_ += done.samples;
        tell_reading(*one.chart, done.overrun, written.finish(), one.told, count_, observer_);
    }
    void end_run(unix_seconds before) noexcept {
        count_.samples += samples_;
        cycle_.end_run(before, queue_, count_, observer_);
    }

private:
    Cycle& cycle_;
    Queue& queue_;
    cycle_counters& count_;
    Observer& observer_;
    std::uint64_t samples_ = 0;
};

/// The places of N cycles among their charts. Mostly their lists are the same. With filters, or
/// where a chart was registered late, they mostly have the same order.
template <class Followed, std::size_t N>
class joint_places {
public:
    /// The charts of cycle i, which takes part. Call it for each that does.
    void put(std::size_t i, Followed* begin, Followed* end) noexcept {
        all_[i] = {begin, end, static_cast<std::size_t>(end - begin)};
        longest_ = all_[i].size > all_[longest_].size ? i : longest_;
    }
    /// The next chart of cycle i. Precondition: it has one more.
    [[nodiscard]] Followed& next(std::size_t i) const noexcept { return *all_[i].next; }
    [[nodiscard]] std::size_t size(std::size_t i) const noexcept { return all_[i].size; }
    [[nodiscard]] Followed* end(std::size_t i) const noexcept { return all_[i].end; }

    /// Calls read(first, which) for cycles whose next chart and cursor are equal; `first` is one of
    /// them. Then they are at their next charts. Every cycle reads its charts in their order. Cost
    /// beside the reading: some comparisons a chart and cycle.
    template <class Read>
    BACKENDS_INLINE void walk(Read read) noexcept {
        searches_ = N * all_[longest_].size;
        chosen_ones which = 0;
        while (which != 0 || (which = met()) != 0) {
            const auto first = static_cast<std::size_t>(std::countr_zero(which));
            chosen_ones equal = bit_of(first);
            for (std::size_t i = 1; i < N; ++i) {
                if (i > first && (which & bit_of(i)) != 0 && next(i).cursor == next(first).cursor) {
                    equal |= bit_of(i);
                }
            }
            read(first, equal);
            for (std::size_t i = 0; i < N; ++i) {
                all_[i].next += equal >> i & 1U;
            }
            which &= ~equal;
        }
    }

private:
    struct place {
        Followed* next = nullptr;
        Followed* end = nullptr;
        std::size_t size = 0;
        const Followed* found = nullptr;  // its next chart, in the longest list
    };
    static constexpr chosen_ones bit_of(std::size_t i) noexcept { return chosen_ones{1} << i; }

    /// Some that have the same next chart, which none of the others has before its next one, as far
    /// as we look. 0: all are at their ends.
    [[nodiscard]] BACKENDS_INLINE chosen_ones met() noexcept {
        const place& lead = all_[longest_];
        if (lead.next == lead.end) [[unlikely]] {
            return left();
        }
        chosen_ones same = bit_of(longest_);
        for (std::size_t i = 0; i < N; ++i) {
            place& one = all_[i];
            if (one.next == one.end) {
                continue;
            }
            if (one.next->chart == lead.next->chart) [[likely]] {
                same |= bit_of(i);
            } else if ((one.found == nullptr || one.found <= lead.next) && !is_ahead(one)) {
                return with_next_of(one);
            }
        }
        return same;
    }
    /// Those of the first one that is not at its end.
    [[nodiscard, gnu::noinline]] chosen_ones left() const noexcept {
        for (const place& one : all_) {
            if (one.next != one.end) {
                return with_next_of(one);
            }
        }
        return 0;
    }
    /// All whose next chart is that one's. Precondition: it has one more.
    [[nodiscard, gnu::noinline]] chosen_ones with_next_of(const place& one) const noexcept {
        chosen_ones same = 0;
        for (std::size_t i = 0; i < N; ++i) {
            const bool is_same =
                all_[i].next != all_[i].end && all_[i].next->chart == one.next->chart;
            same |= is_same ? bit_of(i) : 0U;
        }
        return same;
    }
    /// Finds a cycle's next chart in the rest of the longest list. All searches of a walk compare
    /// no more often than it has charts to read, so lists that differ much cost little.
    [[nodiscard, gnu::noinline]] bool is_ahead(place& one) noexcept {
        const place& lead = all_[longest_];
        for (const Followed* at = lead.next + 1; at < lead.end && searches_ != 0; ++at) {
            --searches_;
            if (at->chart == one.next->chart) {
                one.found = at;
                return true;
            }
        }
        return false;
    }

    std::array<place, N> all_{};
    std::size_t longest_ = 0;
    std::size_t searches_ = 0;  // comparisons that are left
};

/// Runs the cycles of the chosen ones with one stamp.
///
/// @tparam Source  the source of all of them
/// @tparam Walking  walking_cycle, one each
template <class Source, class... Walking>
void walk_together(unix_seconds before, chosen_ones which, Walking&... all) noexcept {
    constexpr std::size_t n = sizeof...(Walking);
    using followed = typename std::tuple_element_t<0, std::tuple<Walking...>>::followed;
    const std::tuple<Walking&...> of{all...};
    joint_places<followed, n> places;
    for_chosen<n>(which, [&]<std::size_t I>() {
        places.put(I, std::get<I>(of).begin(), std::get<I>(of).end());
    });
    places.walk([&](std::size_t first, chosen_ones equal) BACKENDS_INLINE {
        followed& one = places.next(first);
        prefetch_ahead<Source>(&one, places.end(first), places.size(first));
        std::tuple<std::optional<typename Walking::lines>...> lines;
        for_chosen<n>(equal, [&]<std::size_t I>() BACKENDS_INLINE {
            std::get<I>(of).open(std::get<I>(lines), places.next(I));
        });
        fan_out<typename Walking::lines...> sink{lines};
        const read_result done = Source::read(*one.chart, one.cursor, before, sink);
        for_chosen<n>(equal, [&]<std::size_t I>() BACKENDS_INLINE {
            places.next(I).cursor = one.cursor;
            std::get<I>(of).close(*std::get<I>(lines), places.next(I), done);
        });
    });
    for_chosen<n>(which, [&]<std::size_t I>() { std::get<I>(of).end_run(before); });
}

}  // namespace backends::detail
