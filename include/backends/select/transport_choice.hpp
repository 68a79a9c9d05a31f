// SPDX-License-Identifier: BSL-1.0
//
// From the schemes of `destination` to a transport: which of a tuple of transports serves them, and
// how it is made from the settings.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/evidence.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/request_body.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/select/settings.hpp>
#include <backends/transport/chosen_transport.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/needed_query.hpp>
#include <backends/transport/scheme.hpp>

#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace backends::inline BACKENDS_ISA::select {

/// How a transport is made from settings. Specialise it for one that has keys:
/// - `keys`, those of transport_keys that it reads, a span of std::string_view;
/// - `unsuited(settings)`, the key of a setting that means another transport of the same schemes;
///   empty: it is the one that the settings mean;
/// - `made<Format>(settings, destinations)`, the transport. Throws config_error.
template <class Transport>
struct transport_settings {
    static constexpr std::array<std::string_view, 0> keys{};  ///< none
    /// Always suits.
    static constexpr std::string_view unsuited(const settings&) noexcept { return {}; }
    /// Made without a word.
    template <class Format>
    static Transport made(const settings&, const std::vector<destination>&) {
        return Transport{};
    }
};

/// What carries a format in the place of a transport: itself, another type, such as one that makes
/// the format's requests, or void, which leaves it out for that format. A transport carries the
/// formats whose bodies it makes; one that sends datagrams those that go in datagrams, others the
/// rest. Specialise it for a transport that differs.
template <class Transport, class Format>
struct transport_for_format {
    /// The transport, or void.
    using type = std::conditional_t<backends::detail::carries<Transport, Format> &&
                                        backends::detail::is_in_datagrams<Transport> ==
                                            backends::detail::is_in_datagrams<Format>,
                                    Transport, void>;
};

namespace detail {

/// Those of `Ones` that carry the format, and prove so much, after `Found`.
template <class Format, evidence Least, class Found, class... Ones>
struct carriers {
    using type = Found;
};
template <class Format, evidence Least, class... Found, class One, class... Others>
struct carriers<Format, Least, boost::hana::tuple<Found...>, One, Others...> {
    using own = typename transport_for_format<typename One::type, Format>::type;
    static constexpr bool is_one = [] {
        if constexpr (std::is_void_v<own>) {
            return false;
        } else {
            return own::proves >= Least;
        }
    }();
    using found = std::conditional_t<is_one, boost::hana::tuple<Found..., boost::hana::type<own>>,
                                     boost::hana::tuple<Found...>>;
    using type = typename carriers<Format, Least, found, Others...>::type;
};

/// The transports of a Hana tuple of hana::type, or one: whoever names one alone wants it.
template <class Transport, class Format, evidence>
struct transports_of {
    using own = typename transport_for_format<Transport, Format>::type;
    using type = boost::hana::tuple<
        boost::hana::type<std::conditional_t<std::is_void_v<own>, Transport, own>>>;
};
template <class... Ones, class Format, evidence Least>
struct transports_of<boost::hana::tuple<Ones...>, Format, Least>
    : carriers<Format, Least, boost::hana::tuple<>, Ones...> {};

template <class All>
struct one_transport {  // of an empty tuple
    static_assert(sizeof(All*) == 0, "backends: none of these transports carries this format");
};
template <class One>
struct one_transport<boost::hana::tuple<One>> {
    using type = typename One::type;
};
template <class... Ones>
struct one_transport<boost::hana::tuple<Ones...>> {
    using type = chosen_transport<typename Ones::type...>;
};

/// The schemes of the transport in use, and then those that other formats' transports serve.
template <class Made, class Transports>
struct all_schemes : backends::detail::schemes_of_all<Made, Transports> {};
template <class Made, class... Ones>
struct all_schemes<Made, boost::hana::tuple<Ones...>>
    : backends::detail::schemes_of_all<Made, typename Ones::type...> {};

template <class Transport>
bool serves(std::string_view name) {
    const std::span<const scheme> own = backends::detail::schemes_of<Transport>();
    return std::any_of(own.begin(), own.end(),
                       [name](const scheme& one) { return one.name == name; });
}
template <class Transport>
bool serves_all(const std::vector<destination>& list) {
    return std::all_of(list.begin(), list.end(),
                       [](const destination& d) { return serves<Transport>(d.scheme); });
}

/// Throws for a key that was set and that the transport does not read.
template <class Transport>
void check_keys(const settings& chosen, const destination& to) {
    const std::span<const std::string_view> own{transport_settings<Transport>::keys};
    for (const documented_key& one : transport_keys) {
        if (chosen.has(one.key) && std::find(own.begin(), own.end(), one.key) == own.end()) {
            throw chosen.error(one.key,
                               backends::detail::joined({"does not concern ", to_string(to)}));
        }
    }
}

/// Throws for a destination whose scheme is not among the format's own, but another format's.
[[gnu::noinline]] inline void check_schemes(std::string_view type, const std::string& text,
                                            const std::vector<destination>& list,
                                            std::span<const scheme> own) {
    const auto other = std::find_if(list.begin(), list.end(), [own](const destination& d) {
        return std::none_of(own.begin(), own.end(),
                            [&d](const scheme& one) { return one.name == d.scheme; });
    });
    if (other == list.end()) {
        return;
    }
    std::string names;
    for (const scheme& one : own) {
        backends::detail::append(names, {names.empty() ? "" : " or ", one.name});
    }
    destination right = *other;
    right.scheme = own.front().name;
    const path_form* const form = own.front().path;
    const bool is_shown = right.path.empty() && !right.host.starts_with('/') &&
                          (form == nullptr || !form->replaces_host);
    throw config_error{"destination", text,
                       backends::detail::joined({"type = ", type, " goes over ", names,
                                                 ", not over ", other->scheme, is_shown ? ": " : "",
                                                 is_shown ? to_string(right) : std::string{}})};
}

/// The destinations, of the format's schemes.
template <class Made, class Format, class Transports>
std::vector<destination> destinations_of(const std::string& text) {
    const std::span<const scheme> own = backends::detail::schemes_of<Made>();
    if constexpr (std::is_same_v<Made, Transports>) {
        auto list = parse_destinations(text, Format::default_port, own);
        backends::detail::require_query<backends::detail::body_of<Format>>(list);
        return list;
    } else {
        const auto& known = all_schemes<Made, Transports>::found;
        auto list = parse_destinations(text, Format::default_port, {known.all.data(), known.count});
        check_schemes(Format::name, text, list, own);
        backends::detail::require_query<backends::detail::body_of<Format>>(list);
        return list;
    }
}

/// Two destinations of the list that no transport serves both.
template <class Transports>
[[noreturn]] void refuse_mixture(const std::string& text, const std::vector<destination>& list) {
    const auto other = std::find_if(list.begin(), list.end(), [&](const destination& d) {
        bool is_together = false;
        boost::hana::for_each(Transports{}, [&](auto one) {
            using transport = typename decltype(one)::type;
            is_together = is_together ||
                          (serves<transport>(list.front().scheme) && serves<transport>(d.scheme));
        });
        return !is_together;
    });
    const destination& second = other == list.end() ? list.back() : *other;
    throw config_error{
        "destination", text,
        backends::detail::joined({list.front().scheme, " and ", second.scheme,
                                  " are spoken by different exporters: one list has one of them"})};
}

}  // namespace detail

/// Whether one of the transports carries the format and proves so much.
template <class Transports, class Format, evidence Least = evidence::none>
inline constexpr bool is_carried =
    !std::is_same_v<typename detail::transports_of<Transports, Format, Least>::type,
                    boost::hana::tuple<>>;

/// The transport of an exporter, or of a shipping, of `Format`, whose transports are `Transports`:
/// one, or a Hana tuple of hana::type. `Least` is the evidence that the confirmation level needs:
/// those of a tuple that prove less are left out.
template <class Transports, class Format, evidence Least = evidence::none>
using transport_for = typename detail::one_transport<
    typename detail::transports_of<Transports, Format, Least>::type>::type;

/// The error for a format of which is_carried is false at the level of that name.
inline config_error not_proved(const settings& chosen, std::string_view level) {
    return chosen.error(
        "type", backends::detail::joined({"nobody acknowledges its lines, as the level ", level,
                                          " needs; the level written does without"}));
}

/// Makes the transport that the schemes of a destination list mean. Throws config_error, in the
/// words of the settings: for a scheme that nobody serves, for one that does not carry the format,
/// for a list of schemes that no one transport serves, for a setting that does not concern the
/// chosen one or that it cannot use.
///
/// @tparam Format  the wire format; HTTP takes path and content type from it
/// @param text     the list
template <class Transports, class Format, evidence Least = evidence::none>
transport_for<Transports, Format, Least> transport_from(const settings& chosen,
                                                        const std::string& text) {
    using all = typename detail::transports_of<Transports, Format, Least>::type;
    using made = transport_for<Transports, Format, Least>;
    const std::vector<destination> list = detail::destinations_of<made, Format, Transports>(text);
    std::optional<made> found;
    bool is_served = false;
    std::string_view unsuited;
    boost::hana::for_each(all{}, [&](auto one) {
        using transport = typename decltype(one)::type;
        if (found || !detail::serves_all<transport>(list)) {
            return;
        }
        is_served = true;
        unsuited = transport_settings<transport>::unsuited(chosen);
        if (unsuited.empty()) {
            detail::check_keys<transport>(chosen, list.front());
            found.emplace(transport_settings<transport>::template made<Format>(chosen, list));
        }
    });
    if (!is_served) {
        detail::refuse_mixture<all>(text, list);
    }
    if (!found) {
        throw chosen.error(unsuited,
                           backends::detail::joined(
                               {"no transport of this program does so for type = ", Format::name}));
    }
    return std::move(*found);
}

}  // namespace backends::select
