// SPDX-License-Identifier: BSL-1.0
//
// Exporter: steps of several exporters whose cycles are due at once, and read the same: each does
// by itself what it always does, but one walk through the charts serves all of them.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/joint_walk.hpp>
#include <backends/exporter/run_state.hpp>
#include <backends/exporter/schedule.hpp>
#include <backends/exporter/sliced_queue.hpp>
#include <backends/fwd.hpp>
#include <backends/monitor/step_time.hpp>
#include <backends/source/as_source.hpp>
#include <backends/transport/transport.hpp>

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

/// What exporters must have in common to read together: the source, the host's type, the clock.
template <class Exporter>
struct joint_key {
    using type = void;  // it reads for itself
    static constexpr bool is_exporter = false;
    static constexpr bool is_one = false;
};
template <class Source, class Format, class Transport, class Host, class Policies>
struct joint_key<exporter<Source, Format, Transport, Host, Policies>> {
    using source = as_source<Source>;
    using type = std::tuple<source, Host, typename Policies::clock>;
    static constexpr bool is_exporter = true;
    static constexpr bool is_one = std::equality_comparable<typename source::cursor>;
};
template <class One, class Other>
inline constexpr bool read_together =
    joint_key<One>::is_one &&
    std::is_same_v<typename joint_key<One>::type, typename joint_key<Other>::type>;

/// One exporter in a joint step. Each member does a part of exporter::poll(), and of steps::step().
template <class Exporter>
class joint_exporter {
    using steps_type = std::remove_reference_t<decltype(std::declval<Exporter&>().steps_)>;
    using shipping_type = typename steps_type::shipping_type;

public:
    using queue = sliced_queue<shipping_type>;

    explicit joint_exporter(Exporter& one) noexcept : one_{one} {}

    /// Whether poll(now) would run a cycle, and not the last one.
    [[nodiscard]] bool is_due(instant now) const noexcept {
        const run_state& state = one_.state();
        return state.driven_by() == driver::polling && !state.in_child() && !state.finished() &&
               !state.stop_at() && !steps().stop_at_ && now >= steps().schedule_.due();
    }
    [[nodiscard]] const void* host() const noexcept { return &steps().tick_.host(); }
    /// The slot of the instruments that its cycle would sample. Precondition: is_due(now).
    [[nodiscard]] unix_seconds slot(instant now) noexcept { return steps().sampling_.second(now); }
    /// Whether its poll would sample another slot than this one, of the same host.
    [[nodiscard]] bool samples_apart(const void* of, unix_seconds slot, instant now) noexcept {
        const run_state& state = one_.state();
        if (state.driven_by() != driver::polling || state.finished() || host() != of) {
            return false;  // what somebody else drives, only its poll() may look at
        }
        return state.stop_at() || (now >= steps().next_due() && this->slot(now) != slot);
    }

    /// Whether it takes part: not if its transport threw, nor if somebody has asked for a stop. The
    /// transport's poll() silences the bell of that, so we look afterwards.
    [[nodiscard]] bool poll_transport() noexcept {
        try {
            if constexpr (waiting_transport<std::remove_cvref_t<decltype(one_.transport())>>) {
                one_.transport().poll();
            }
            return !one_.state().stop_at();
        } catch (...) {
            return false;
        }
    }
    void begin(instant now) noexcept {
        one_.state().enter();
        due_ = steps().take_due(now);
    }
    /// The cycle that it has to run, if there is one.
    [[nodiscard]] const std::optional<schedule::cycle>& due() const noexcept { return due_; }

    [[nodiscard]] queue lines(instant now) noexcept { return {steps().shipping_, now}; }
    [[nodiscard]] auto walking(queue& into) noexcept {
        return steps().tick_.walking(into, steps().shipping_.observer());
    }
    void begin_tick() noexcept {
        steps().shipping_.lines().begin_batch();
        steps().tick_.begin_run(*due_, steps().shipping_.observer());
    }
    void end_tick(queue& into, instant now) noexcept {
        steps().tick_.end_run(steps().options_, *due_, steps().cpu_.sum(), into,
                              steps().shipping_.observer());
        steps().end_tick(now);
    }

    /// Ends the step, and returns when to call again.
    instant end(instant now) noexcept {
        const instant until = steps().end_step(now);
        one_.publish();
        one_.state().leave();
        return until;
    }
    void took(const cpu_time& begin, const cpu_time& end, std::size_t together) noexcept {
        if (measures()) {
            steps().cpu_.add_part(begin, end, together);
        }
    }
    [[nodiscard]] bool measures() const noexcept { return steps().options_.self_monitoring; }

private:
    [[nodiscard]] steps_type& steps() noexcept { return one_.steps_; }
    [[nodiscard]] const steps_type& steps() const noexcept { return one_.steps_; }

    Exporter& one_;
    std::optional<schedule::cycle> due_;
};

/// The joint step of exporters that read_together.
template <class... Exporters>
class joint_steps {
    static constexpr std::size_t size = sizeof...(Exporters);
    using source = typename joint_key<std::tuple_element_t<0, std::tuple<Exporters...>>>::source;
    using every = std::index_sequence_for<Exporters...>;

public:
    explicit joint_steps(Exporters&... all) noexcept : all_{joint_exporter<Exporters>{all}...} {}

    /// Makes a step of those who take part, and returns which ones that were. The others are to be
    /// polled.
    ///
    /// @param together  their cycles are due
    /// @param until     when to call each again
    [[gnu::noinline]] chosen_ones run(chosen_ones together, instant now,
                                      std::array<instant, size>& until) noexcept {
        each(together, [&]<std::size_t I>(auto& one) {
            together &= one.poll_transport() ? ~chosen_ones{0} : ~bit_of(I);
        });
        bool measures = false;
        each(together, [&]<std::size_t>(auto& one) { measures = measures || one.measures(); });
        const cpu_time began = measures ? cpu_time::of_thread() : cpu_time{};
        each(together, [&]<std::size_t>(auto& one) { one.begin(now); });
        for (chosen_ones left = together; left != 0;) {
            left &= ~run_tick(left, now);
        }
        each(together, [&]<std::size_t I>(auto& one) { until[I] = one.end(now); });
        const cpu_time ended = measures ? cpu_time::of_thread() : cpu_time{};
        const auto parts = static_cast<std::size_t>(std::popcount(together));
        each(together, [&]<std::size_t>(auto& one) { one.took(began, ended, parts); });
        return together;
    }

private:
    static constexpr chosen_ones bit_of(std::size_t i) noexcept { return chosen_ones{1} << i; }

    /// Calls f.operator()<I>(one) for each of them.
    template <class F>
    void each(chosen_ones which, F f) noexcept {
        for_chosen<size>(which,
                         [&]<std::size_t I>() { f.template operator()<I>(std::get<I>(all_)); });
    }

    /// Runs the cycles of the first one's stamp, and returns whose they were.
    chosen_ones run_tick(chosen_ones which, instant now) noexcept {
        std::optional<unix_seconds> stamp;
        chosen_ones same = 0;
        chosen_ones idle = 0;
        each(which, [&]<std::size_t I>(auto& one) {
            if (!one.due()) {
                idle |= bit_of(I);
                return;
            }
            stamp = stamp.value_or(one.due()->stamp);
            same |= *stamp == one.due()->stamp ? bit_of(I) : 0U;
        });
        if (same != 0) {
            walk(same, *stamp, now, every{});
        }
        return same | idle;
    }

    template <std::size_t... I>
    void walk(chosen_ones which, unix_seconds stamp, instant now,
              std::index_sequence<I...> /*all*/) noexcept {
        std::tuple<typename joint_exporter<Exporters>::queue...> lines{
            std::get<I>(all_).lines(now)...};
        each(which, [&]<std::size_t>(auto& one) { one.begin_tick(); });
        [&](auto... walking) {
            walk_together<source>(stamp, which, walking...);
        }(std::get<I>(all_).walking(std::get<I>(lines))...);
        each(which, [&]<std::size_t J>(auto& one) { one.end_tick(std::get<J>(lines), now); });
    }

    std::tuple<joint_exporter<Exporters>...> all_;
};

}  // namespace backends::detail
