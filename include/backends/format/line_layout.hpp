// SPDX-License-Identifier: BSL-1.0
//
// Splits a line grammar, at compile time, into runs of neighbouring elements that change together:
// bytes rendered once per exporter, bytes of one series, bytes of one tick, and the value.
// Rendering a line is then a few block copies and one number.
#pragma once

#include <backends/format/grammar.hpp>
#include <backends/format/stateless.hpp>

#include <boost/hana/at.hpp>
#include <boost/hana/fold_left.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/tuple.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// Neighbouring elements that are rendered together, and when they change.
template <varies Changes, bool Repeats, class... Elements>
struct run {
    static constexpr varies changes = Changes;
    static constexpr bool repeats = Repeats;
    static constexpr boost::hana::tuple<Elements...> elements{};

    static constexpr bool has_tags = (is_tag_list<Elements> || ...);
    static constexpr bool makes_text = (detail::makes_text<Elements> || ...);

    // Constant bytes join any neighbour; nothing joins the value, and no tags the time: those of a
    // chart with labels are its own.
    template <class Element>
    static constexpr bool takes =
        Changes != varies::always && !(Changes == varies::with_tick && is_tag_list<Element>) &&
        !(has_tags && Element::changes == varies::with_tick) &&
        (Element::changes == Changes || Element::changes == varies::never ||
         (Changes == varies::never && Element::changes != varies::always));

    template <class Element>
    constexpr auto operator+(Element) const {
        return run<(Changes == varies::never ? Element::changes : Changes), Repeats, Elements...,
                   Element>{};
    }
};

/// The runs of the elements so far. The last run may still grow, within its part of the line.
template <class Last, class... Before>
struct runs_so_far {
    static constexpr boost::hana::tuple<Before..., Last> all{};

    template <bool Repeats, class Element>
    constexpr auto add(Element element) const {
        if constexpr (is_in<Repeats, Element>()) {
            return runs_so_far<decltype(Last{} + element), Before...>{};
        } else {
            return runs_so_far<run<Element::changes, Repeats, Element>, Before..., Last>{};
        }
    }

    template <class Element>
    constexpr auto operator+(Element element) const {
        if constexpr (is_repeated<Element>) {
            return boost::hana::fold_left(Element::elements, *this, [](auto runs, auto one) {
                return runs.template add<true>(one);
            });
        } else {
            return add<false>(element);
        }
    }

private:
    template <bool Repeats, class Element>
    static constexpr bool is_in() {
        return Repeats == Last::repeats && Last::template takes<Element>;
    }
};

/// The runs of a grammar.
template <class Grammar>
struct line_layout {
    static constexpr auto runs =
        detail::unpack_stateless(Grammar::elements, [](auto first, auto... rest) {
            return (runs_so_far<run<first.changes, false, decltype(first)>>{} + ... + rest).all;
        });
    static constexpr std::size_t size = decltype(boost::hana::length(runs))::value;
    static constexpr std::array<varies, size> kinds =
        detail::unpack_stateless(runs, [](auto... each) { return std::array{each.changes...}; });

    template <std::size_t I>
    using run_at = std::decay_t<decltype(boost::hana::at_c<I>(runs))>;

    /// The number of runs of this kind among the first `end`; with end = I, run I's index in its
    /// kind.
    static constexpr std::size_t count(varies kind, std::size_t end = size) {
        std::size_t n = 0;
        for (std::size_t i = 0; i < end; ++i) {
            n += kinds[i] == kind ? 1U : 0U;
        }
        return n;
    }
    /// The repeated runs, and what stands between them; an empty range where nothing repeats.
    static constexpr std::size_t repeats_from = detail::unpack_stateless(runs, [](auto... each) {
        std::size_t before = 0;
        bool repeats = false;
        ((repeats = repeats || each.repeats, before += repeats ? 0U : 1U), ...);
        return before;
    });
    static constexpr std::size_t repeats_to =
        repeats_from + detail::unpack_stateless(runs, [](auto... each) {
            return (std::size_t{0} + ... + (each.repeats ? 1U : 0U));
        });
    static constexpr bool has_fields = repeats_to != repeats_from;
    static constexpr std::string_view between =
        detail::unpack_stateless(Grammar::elements, [](auto... each) {
            std::string_view found;
            ((found = found.empty() ? between_of<decltype(each)> : found), ...);
            return found;
        });

    /// The run that has the tags, if it is the same for all series; otherwise `size`.
    static constexpr std::size_t shared_tags = detail::unpack_stateless(runs, [](auto... each) {
        std::size_t found = size;
        std::size_t i = 0;
        ((found = each.has_tags && each.changes != varies::with_series ? i : found, ++i), ...);
        return found;
    });
    /// The usual length of run I in bytes: 10 for a time, 12 for a chart's id, 8 for any other
    /// name.
    template <std::size_t I>
    static constexpr std::size_t usual_length() {
        return detail::unpack_stateless(run_at<I>::elements, [](auto... each) {
            return (std::size_t{0} + ... + usual_length(each));
        });
    }
    /// The length of run I in bytes where it is the same in all lines; otherwise 0.
    template <std::size_t I>
    static constexpr std::size_t fixed_length() {
        return detail::unpack_stateless(run_at<I>::elements, [](auto... each) {
            const bool is_fixed = ((fixed_length(each) != 0) && ...);
            return is_fixed ? (std::size_t{0} + ... + fixed_length(each)) : 0;
        });
    }
    /// Run I's index among the runs of its kind.
    template <std::size_t I>
    static constexpr std::size_t rank = count(kinds[I], I);

private:
    template <class Element>
    static constexpr std::size_t fixed_length(Element) {
        if constexpr (is_literal<Element>) {
            return Element::text.size();
        } else if constexpr (requires { Element::fixed_length; }) {
            return Element::fixed_length;
        } else {
            return 0;
        }
    }
    template <class Element>
    static constexpr std::size_t usual_length(Element) {
        if constexpr (is_literal<Element>) {
            return Element::text.size();
        } else if constexpr (is_optional_prefix<Element>) {
            return Element::open.size() + 8 + Element::close.size();
        } else if constexpr (is_name<Element>) {
            return Element::name == name_field::chart ? 12 : 8;
        } else if constexpr (is_label_set<Element>) {
            return Element::of_exporter ? 64 : 0;  // most charts have no labels of their own
        } else if constexpr (makes_text<Element>) {
            return 2;
        } else {
            return Element::changes == varies::with_tick ? 10 : 0;
        }
    }
};

}  // namespace backends::detail
