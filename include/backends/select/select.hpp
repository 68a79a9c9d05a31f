// SPDX-License-Identifier: BSL-1.0
//
// From strings to types, once, at the start: a Hana tuple of the data sources, another of the
// formats, and a variant of all exporters that they span. The choice costs one dispatch; inside
// each exporter everything is static.
#pragma once

#include <backends/core/evidence.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/select/format_choice.hpp>
#include <backends/select/settings.hpp>
#include <backends/select/transport_choice.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/source/average.hpp>
#include <backends/source/sum.hpp>
#include <backends/source/total_over_time.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/hana/cartesian_product.hpp>
#include <boost/hana/flatten.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace backends::inline BACKENDS_ISA::select {

namespace hana = boost::hana;

/// The choices of `data source`, by their `name` and their `aliases`, if they have some. Add your
/// own with hana::append: `hana::append(sources, hana::type_c<range>)`.
inline constexpr auto sources = hana::tuple_t<average, sum, total_over_time, as_collected>;

/// The choices of the transport, by the schemes of `destination`. over_http and all_transports have
/// more of them, in headers of their own.
inline constexpr auto transports = hana::tuple_t<tcp>;

namespace detail {

/// Calls say(text) for each text that means the policy.
template <class Policy, class Say>
void each_text(Say say) {
    say(std::string_view{Policy::name});
    if constexpr (requires { Policy::aliases; }) {
        for (const std::string_view alias : Policy::aliases) {
            say(alias);
        }
    }
}

/// Calls f with the first of the policies that the key's text means. Throws config_error that lists
/// the known texts.
template <class Policies, class F>
void with_policy(const Policies& all, const settings& chosen, std::string_view key,
                 std::string_view fallback, F f) {
    const std::string text = chosen.text(key, fallback);
    bool is_found = false;
    std::string known;
    hana::for_each(all, [&](auto policy) {
        bool is_meant = false;
        each_text<typename decltype(policy)::type>([&](std::string_view name) {
            known += (known.empty() ? "" : ", ") + std::string{name};
            is_meant = is_meant || name == text;
        });
        if (is_meant && !is_found) {
            is_found = true;
            f(policy);
        }
    });
    if (!is_found) {
        const std::string why = "not one of " + known;
        throw chosen.has(key) ? chosen.error(key, why) : config_error{key, text, why};
    }
}

}  // namespace detail

/// An exporter whose source, format and transport were chosen by text.
///
/// @tparam Transport         a transport, or the type of a Hana tuple of hana::type: the first that
///                           serves all schemes of the destinations, carries the format and proves
///                           what the confirmation level needs
/// @tparam Sources, Formats  types of Hana tuples of hana::type, no type twice
template <class Host = host, class Transport = tcp, class Policies = default_policies,
          class Sources = std::decay_t<decltype(sources)>, class Formats = formats_for<Transport>>
class any_exporter {
public:
    using clock = typename Policies::clock;  ///< the policies' clock

    /// Starts nothing. Throws config_error for the first setting that cannot work, in the words of
    /// the settings, and when `enabled` is missing. After `enabled = no` every member does nothing.
    any_exporter(const settings& chosen, Host& from, options defaults = {})
        : any_exporter{chosen, from, nullptr, std::move(defaults)} {}
    /// The same, as another exporter's successor: begins where that one ended.
    template <std::same_as<chart_positions> Positions>  // so that {} means options
    any_exporter(const settings& chosen, Host& from, const Positions& others, options defaults = {})
        : any_exporter{chosen, from, &others, std::move(defaults)} {}

    /// Whether there is an exporter.
    [[nodiscard]] bool enabled() const noexcept {
        return !std::holds_alternative<std::monostate>(held_);
    }

    /// See exporter::start().
    void start() {
        visit<void>(held_, [](auto& e) { e.start(); });
    }
    /// See exporter::request_stop().
    void request_stop(nanoseconds within) {
        visit<void>(held_, [within](auto& e) { e.request_stop(within); });
    }
    /// See exporter::poll(); instant::never() without an exporter.
    instant poll(instant now) {
        return enabled() ? visit<instant>(held_, [now](auto& e) { return e.poll(now); })
                         : instant::never();
    }
    /// See exporter::hand_over().
    template <class Polled>
    instant hand_over(Polled& into, instant until) {
        return enabled() ? visit<instant>(held_, [&](auto& e) { return e.hand_over(into, until); })
                         : instant::never();
    }
    /// See exporter::finished(); true without an exporter.
    [[nodiscard]] bool finished() const noexcept {
        return !enabled() || visit<bool>(held_, [](const auto& e) { return e.finished(); });
    }
    /// See exporter::stop(); an empty account without an exporter.
    stop_result stop(nanoseconds within) {
        return visit<stop_result>(held_, [within](auto& e) { return e.stop(within); });
    }
    /// See exporter::counters(); all 0 without an exporter.
    [[nodiscard]] backends::counters counters() const noexcept {
        return visit<backends::counters>(held_, [](const auto& e) { return e.counters(); });
    }
    /// See exporter::skip_last_cycle().
    void skip_last_cycle() noexcept {
        visit<void>(held_, [](auto& e) { e.skip_last_cycle(); });
    }
    /// See exporter::positions().
    [[nodiscard]] chart_positions positions() const {
        return visit<chart_positions>(held_, [](const auto& e) { return e.positions(); });
    }
    /// See exporter::settings(); the defaults without an exporter.
    [[nodiscard]] options settings_in_use() const {
        return visit<options>(held_, [](const auto& e) { return e.settings(); });
    }

private:
    any_exporter(const settings& chosen, Host& from, const chart_positions* others,
                 options defaults) {
        if (!chosen.enabled()) {
            return;
        }
        const options o = chosen.merged_into(std::move(defaults));
        try {
            detail::with_policy(Sources{}, chosen, "data source", "average", [&](auto source) {
                detail::with_policy(Formats{}, chosen, "type", "graphite", [&](auto format) {
                    using format_type = typename decltype(format)::type;
                    if constexpr (is_sent<decltype(format)>) {
                        using chosen_type =
                            exporter_of<hana::tuple<decltype(source), decltype(format)>>;
                        auto over =
                            transport_from<Transport, format_type, least>(chosen, o.destination);
                        if (others != nullptr) {
                            held_.template emplace<chosen_type>(from, *others, o, std::move(over));
                        } else {
                            held_.template emplace<chosen_type>(from, o, std::move(over));
                        }
                    } else {
                        throw not_proved(chosen, level::name);
                    }
                });
            });
        } catch (const config_error& e) {
            throw chosen.in_own_words(e);
        }
    }

    using level = typename Policies::confirmation;
    static constexpr evidence least = backends::detail::needed_evidence<level>();

    /// Whether one of the transports can send the format at this level.
    template <class Format>
    static constexpr bool is_sent = is_carried<Transport, typename Format::type, least> ||
                                    !is_carried<Transport, typename Format::type>;

    template <class Pair>
    using exporter_of =
        exporter<typename std::decay_t<decltype(hana::at_c<0>(Pair{}))>::type,
                 typename std::decay_t<decltype(hana::at_c<1>(Pair{}))>::type,
                 transport_for<Transport,
                               typename std::decay_t<decltype(hana::at_c<1>(Pair{}))>::type, least>,
                 Host, Policies>;

    template <class... All>
    static auto sent_of(hana::tuple<All...>) -> decltype(hana::flatten(
        hana::make_tuple(std::conditional_t<is_sent<All>, hana::tuple<All>, hana::tuple<>>{}...)));
    template <class... Pairs>
    static auto variant_of(hana::tuple<Pairs...>)
        -> std::variant<std::monostate, exporter_of<Pairs>...>;

    using held = decltype(variant_of(
        hana::cartesian_product(hana::make_tuple(Sources{}, decltype(sent_of(Formats{})){}))));

    /// What f gives for the exporter, a default where there is none.
    template <class Result, class Held, class F>
    static Result visit(Held& chosen, F f) {
        return std::visit(
            [&f](auto& e) -> Result {
                if constexpr (std::is_same_v<std::decay_t<decltype(e)>, std::monostate>) {
                    return Result();
                } else {
                    return f(e);
                }
            },
            chosen);
    }

    held held_;
};

/// Makes the exporter that the settings describe. Throws config_error.
///
///     auto e = exporter_from<tcp, careful>(chosen, host, {}, more_sources, more_formats);
///     auto f = exporter_from<over_http>(chosen, host);
///
/// `more_sources` and `more_formats` are Hana tuples of hana::type: extend those above by
/// hana::append.
template <class Transport = tcp, class Policies = default_policies, class Host,
          class Sources = std::decay_t<decltype(sources)>, class Formats = formats_for<Transport>>
auto exporter_from(const settings& chosen, Host& host, options defaults = {},
                   const Sources& /*more_sources*/ = {}, const Formats& /*more_formats*/ = {}) {
    return any_exporter<Host, Transport, Policies, Sources, Formats>{chosen, host,
                                                                     std::move(defaults)};
}

/// The same, from an INI file.
template <class Transport = tcp, class Policies = default_policies, class Host,
          class Sources = std::decay_t<decltype(sources)>, class Formats = formats_for<Transport>>
auto exporter_from(const std::string& path, Host& host, options defaults = {},
                   const Sources& more_sources = {}, const Formats& more_formats = {}) {
    return exporter_from<Transport, Policies>(settings_from_file(path), host, std::move(defaults),
                                              more_sources, more_formats);
}

}  // namespace backends::select
