// SPDX-License-Identifier: BSL-1.0
//
// Exporter: one poll of each of several exporters, with joint steps where their cycles are due at
// once. What they send, count and tell is what it would be without them.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/joint_steps.hpp>
#include <backends/exporter/joint_walk.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// One poll of each exporter, in their order. A joint step comes at the turn of the first one that
/// takes part.
template <class... Exporters>
class joint_polls {
    using all = std::tuple<Exporters&...>;
    template <std::size_t I>
    using exporter_at = std::remove_reference_t<std::tuple_element_t<I, all>>;

public:
    explicit joint_polls(all& exporters) noexcept : all_{exporters} {}

    /// The poll of exporter I, or what it returned. Throws as exporter::poll() does.
    template <std::size_t I>
    instant poll(instant now) {
        constexpr chosen_ones which = readers_with<I>(std::index_sequence_for<Exporters...>{});
        constexpr auto n = static_cast<std::size_t>(std::popcount(which));
        if constexpr (n > 1) {
            if ((done_ >> I & 1U) == 0) {
                // Nothing is due at never(), see exporter::poll().
                step<I>(detail::smaller(now, instant{instant::never().ns - 1}),
                        ones<which>(std::make_index_sequence<n>{}));
            }
            if ((done_ >> I & 1U) != 0) {
                return until_[I];
            }
        }
        return std::get<I>(all_).poll(now);
    }

private:
    static constexpr std::size_t most = 8 * sizeof(chosen_ones);

    /// Those that may read together with exporter I, which is one of them.
    template <std::size_t I, std::size_t... J>
    static constexpr chosen_ones readers_with(std::index_sequence<J...> /*all*/) noexcept {
        return ((I < most && J < most && read_together<exporter_at<I>, exporter_at<J>>
                     ? chosen_ones{1} << J % most
                     : 0U) |
                ...);
    }
    static constexpr std::size_t one_of(chosen_ones which, std::size_t number) noexcept {
        for (; number != 0; --number) {
            which &= which - 1;
        }
        return static_cast<std::size_t>(std::countr_zero(which));
    }
    template <chosen_ones Which, std::size_t... N>
    static constexpr auto ones(std::index_sequence<N...> /*all*/) noexcept {
        return std::index_sequence<one_of(Which, N)...>{};
    }

    /// Those that have a cycle to run with exporter I. The instruments of the host are sampled
    /// between two cycles only where nobody would sample another slot meanwhile.
    template <std::size_t I, std::size_t... K>
    [[nodiscard]] chosen_ones due_with(chosen_ones readers, instant now,
                                       std::index_sequence<K...> /*all*/) noexcept {
        joint_exporter<exporter_at<I>> first{std::get<I>(all_)};
        if (!first.is_due(now)) {
            return 0;
        }
        const void* const host = first.host();
        const unix_seconds slot = first.slot(now);
        chosen_ones due = chosen_ones{1} << I;
        bool is_apart = false;
        const auto look = [&]<std::size_t J>() {
            if constexpr (J > I && J < most && joint_key<exporter_at<J>>::is_exporter) {
                joint_exporter<exporter_at<J>> one{std::get<J>(all_)};
                constexpr chosen_ones its = chosen_ones{1} << J;
                if ((done_ & its) != 0 || is_apart) {
                    return;
                }
                if ((readers & its) != 0 && one.is_due(now) && one.host() == host &&
                    one.slot(now) == slot) {
                    due |= its;
                } else if constexpr (std::is_same_v<typename exporter_at<I>::clock,
                                                    typename exporter_at<J>::clock>) {
                    is_apart = one.samples_apart(host, slot, now);
                } else {
                    is_apart = one.host() == host;  // `now` is no time of its clock
                }
            }
        };
        (look.template operator()<K>(), ...);
        return due;
    }

    template <std::size_t I, std::size_t... J>
    void step(instant now, std::index_sequence<J...> /*readers*/) noexcept {
        const chosen_ones due = due_with<I>(((chosen_ones{1} << J) | ...), now,
                                            std::index_sequence_for<Exporters...>{});
        if (std::popcount(due) < 2) {
            return;
        }
        joint_steps<exporter_at<J>...> readers{std::get<J>(all_)...};
        std::array<instant, sizeof...(J)> until{};
        chosen_ones which = 0;
        std::size_t number = 0;
        ((which |= (due >> J & 1U) << number, ++number), ...);
        const chosen_ones stepped = readers.run(which, now, until);
        number = 0;
        (((stepped >> number & 1U) != 0
              ? (done_ |= chosen_ones{1} << J, static_cast<void>(until_[J] = until[number]))
              : void(),
          ++number),
         ...);
    }

    all& all_;
    chosen_ones done_ = 0;  // by a joint step
    std::array<instant, sizeof...(Exporters)> until_{};
};

}  // namespace backends::detail
