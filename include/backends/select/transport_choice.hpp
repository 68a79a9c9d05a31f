// SPDX-License-Identifier: BSL-1.0
//
// From the schemes of `destination` to a transport: which of a tuple of transports serves them, and
// how it is made from the settings.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/select/settings.hpp>
#include <backends/transport/chosen_transport.hpp>
#include <backends/transport/destination.hpp>
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
/// the format's requests, or void, which leaves it out for that format. Specialise it for a
/// transport that differs by format.
template <class Transport, class Format>
struct transport_for_format {
    using type = Transport;  ///< the same for all formats
};

namespace detail {

/// Those of `Ones` that carry the format, after `Found`.
template <class Format, class Found, class... Ones>
struct carriers {
    using type = Found;
};
template <class Format, class... Found, class One, class... Others>
struct carriers<Format, boost::hana::tuple<Found...>, One, Others...> {
    using own = typename transport_for_format<typename One::type, Format>::type;
    using found = std::conditional_t<std::is_void_v<own>, boost::hana::tuple<Found...>,
                                     boost::hana::tuple<Found..., boost::hana::type<own>>>;
    using type = typename carriers<Format, found, Others...>::type;
};

/// The transports of a Hana tuple of hana::type, or one.
template <class Transports, class Format>
struct transports_of : carriers<Format, boost::hana::tuple<>, boost::hana::type<Transports>> {};
template <class... Ones, class Format>
struct transports_of<boost::hana::tuple<Ones...>, Format>
    : carriers<Format, boost::hana::tuple<>, Ones...> {};

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

/// The transport of an exporter, or of a shipping, of `Format`, whose transports are `Transports`:
/// one, or a Hana tuple of hana::type.
template <class Transports, class Format>
using transport_for =
    typename detail::one_transport<typename detail::transports_of<Transports, Format>::type>::type;

/// Makes the transport that the schemes of a destination list mean. Throws config_error, in the
/// words of the settings: for a scheme that nobody serves, for a list of schemes that no one
/// transport serves, for a setting that does not concern the chosen one or that it cannot use.
///
/// @tparam Format  the wire format; HTTP takes path and content type from it
/// @param text     the list
template <class Transports, class Format>
transport_for<Transports, Format> transport_from(const settings& chosen, const std::string& text) {
    using all = typename detail::transports_of<Transports, Format>::type;
    using made = transport_for<Transports, Format>;
    const std::vector<destination> list =
        parse_destinations(text, Format::default_port, backends::detail::schemes_of<made>());
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
        throw chosen.error(unsuited, "no transport of this program does so");
    }
    return std::move(*found);
}

}  // namespace backends::select
