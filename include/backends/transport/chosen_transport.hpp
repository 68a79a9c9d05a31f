// SPDX-License-Identifier: BSL-1.0
//
// One of several transports, chosen when it is made: one type, and so one exporter, for receivers
// that are spoken to in different ways.
#pragma once

#include <backends/core/evidence.hpp>
#include <backends/core/request_body.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/scheme.hpp>
#include <backends/transport/transport.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// The schemes of several transports, each once, in their order.
template <class... Transports>
struct schemes_of_all {
    struct list {
        std::array<scheme, (schemes_of<Transports>().size() + ...)> all{};
        std::size_t count = 0;
    };
    static constexpr list found = [] {
        list f;
        const auto add = [&f](std::span<const scheme> some) {
            for (const scheme& one : some) {
                const std::span<const scheme> before{f.all.data(), f.count};
                const bool is_new =
                    std::none_of(before.begin(), before.end(),
                                 [&one](const scheme& other) { return other.name == one.name; });
                if (is_new) {
                    f.all[f.count++] = one;
                }
            }
        };
        (add(schemes_of<Transports>()), ...);
        return f;
    }();
};

/// The body of those that make requests; `void` where none does.
template <class Found, class... Transports>
struct body_of_all {
    using type = Found;
};
template <class Found, class One, class... Others>
struct body_of_all<Found, One, Others...> : body_of_all<Found, Others...> {};
template <class Found, names_body One, class... Others>
struct body_of_all<Found, One, Others...> : body_of_all<body_of<One>, Others...> {
    static_assert(std::is_void_v<Found> || std::is_same_v<Found, body_of<One>>,
                  "backends: transports to choose from make the same bodies");
};

/// Whether all take the same records: where some make bodies of them, the others take them as they
/// are.
template <class... Transports>
consteval bool take_the_same() noexcept {
    if constexpr ((names_body<Transports> || ...) && !(names_body<Transports> && ...)) {
        return stands_alone<typename body_of_all<void, Transports...>::type>();
    } else {
        return true;
    }
}

/// Makes a line_bounding_transport of a choice. Another base, since a name would count as a member
/// of those choices too that have no bound.
template <class Chosen>
struct bounded_choice {
    /// Of the one in use; no bound where it has none.
    [[nodiscard]] std::size_t longest_line() const noexcept {
        return static_cast<const Chosen&>(*this).bound();
    }
};
struct unbounded_choice {};

}  // namespace detail

/// @tparam Transports  no type twice; each waits, and all make the same bodies
///
/// An acknowledgement proves what the one in use proves; `proves` is the least of all. A call costs
/// a switch more than the transport's own. No call is inlined, so that a program has each
/// transport's code once, with any number of exporters. Thread-safe as the one in use. It offers
/// start() and poll(), no asynchronous operation.
template <waiting_transport... Transports>
class chosen_transport
    : public std::conditional_t<(line_bounding_transport<Transports> || ...),
                                detail::bounded_choice<chosen_transport<Transports...>>,
                                detail::unbounded_choice> {
public:
    /// Of the requests of those that make some; `void`: none does.
    using body = typename detail::body_of_all<void, Transports...>::type;
    static_assert(detail::take_the_same<Transports...>(),
                  "backends: transports to choose from make the same bodies");
    /// Of each of them at least.
    static constexpr evidence proves = (std::min)({Transports::proves...});
    /// Whether a receiver's program may answer.
    static constexpr bool may_answer = ((Transports::proves == evidence::application) || ...);
    /// Of all of them: each serves its own alone.
    static constexpr std::span<const scheme> schemes{
        detail::schemes_of_all<Transports...>::found.all.data(),
        detail::schemes_of_all<Transports...>::found.count};

    /// Uses this one.
    template <class Chosen>
        requires(std::same_as<Chosen, Transports> || ...)
    explicit chosen_transport(Chosen one) : held_{std::in_place_type<Chosen>, std::move(one)} {}

    /// The one in use, if it is of this type; nullptr otherwise.
    template <class Chosen>
    [[nodiscard]] Chosen* get_if() noexcept {
        return std::get_if<Chosen>(&held_);
    }

    // transport

    /// See transport.
    [[gnu::noinline]] void resolve(const destination& where) {
        call([&where](auto& t) { t.resolve(where); });
    }
    /// See transport.
    [[gnu::noinline]] io_result resolved() {
        return call([](auto& t) { return t.resolved(); });
    }
    /// See transport.
    [[gnu::noinline]] void connect(std::size_t index) {
        call([index](auto& t) { t.connect(index); });
    }
    /// See transport.
    [[gnu::noinline]] io_result connected() {
        return call([](auto& t) { return t.connected(); });
    }
    /// See transport.
    [[gnu::noinline]] io_result write_some(std::span<const char> bytes) noexcept {
        return call([bytes](auto& t) { return t.write_some(bytes); });
    }
    /// See transport.
    [[gnu::noinline]] io_result read_some(std::span<char> room) noexcept {
        return call([room](auto& t) { return t.read_some(room); });
    }
    /// See transport.
    [[nodiscard, gnu::noinline]] std::optional<std::size_t> unacknowledged() noexcept {
        return call([](auto& t) -> std::optional<std::size_t> { return t.unacknowledged(); });
    }
    /// 0 where the one in use cannot tell.
    [[nodiscard, gnu::noinline]] std::size_t unread() noexcept {
        return call([](auto& t) -> std::size_t {
            if constexpr (window_telling_transport<std::decay_t<decltype(t)>>) {
                return t.unread();
            } else {
                return 0;
            }
        });
    }
    /// 0 where the one in use cannot tell.
    [[nodiscard, gnu::noinline]] std::uint64_t arrived() noexcept
        requires(arrival_telling_transport<Transports> || ...)
    {
        return call([](auto& t) -> std::uint64_t {
            if constexpr (arrival_telling_transport<std::decay_t<decltype(t)>>) {
                return t.arrived();
            } else {
                return 0;
            }
        });
    }
    /// See transport.
    [[gnu::noinline]] void half_close() noexcept {
        call([](auto& t) { t.half_close(); });
    }
    /// See transport.
    [[gnu::noinline]] void close() noexcept {
        call([](auto& t) { t.close(); });
    }
    /// See transport.
    [[gnu::noinline]] void abort() noexcept {
        call([](auto& t) { t.abort(); });
    }
    /// As in the transport: a line for which `adds` is true travels in its predecessor's datagram.
    [[gnu::noinline]] void keep_together(bool (*adds)(std::string_view) noexcept) noexcept
        requires(detail::keeps_together<Transports> || ...)
    {
        call([adds](auto& t) {
            if constexpr (detail::keeps_together<std::decay_t<decltype(t)>>) {
                t.keep_together(adds);
            }
        });
    }
    /// See stall_aware_transport.
    [[gnu::noinline]] void stall_timeout(nanoseconds time) noexcept {
        call([time](auto& t) {
            if constexpr (stall_aware_transport<std::decay_t<decltype(t)>>) {
                t.stall_timeout(time);
            }
        });
    }

    /// See resource_transport.
    [[gnu::noinline]] void resource(std::string_view text)
        requires(resource_transport<Transports> || ...)
    {
        call([text](auto& t) {
            if constexpr (resource_transport<std::decay_t<decltype(t)>>) {
                t.resource(text);
            }
        });
    }

    /// See borrowing_transport.
    [[gnu::noinline]] void borrow(lent_bytes from) noexcept
        requires(borrowing_transport<Transports> || ...)
    {
        call([from](auto& t) {
            if constexpr (borrowing_transport<std::decay_t<decltype(t)>>) {
                t.borrow(from);
            }
        });
    }

    // waiting_transport

    /// See waiting_transport.
    [[gnu::noinline]] void on_event(waker event) {
        call([event](auto& t) { t.on_event(event); });
    }
    /// See waiting_transport.
    [[gnu::noinline]] void arm(bool readable, bool writable, instant until) {
        call([=](auto& t) { t.arm(readable, writable, until); });
    }
    /// See waiting_transport.
    [[gnu::noinline]] void poll() {
        call([](auto& t) { t.poll(); });
    }
    /// See waiting_transport.
    [[gnu::noinline]] void run_one() {
        call([](auto& t) { t.run_one(); });
    }
    /// See reactor::hand_over(). Every one of them must have it.
    template <class Polled>
    [[gnu::noinline]] instant hand_over(Polled& into) {
        return call([&into](auto& t) { return t.hand_over(into); });
    }
    /// See waiting_transport.
    [[nodiscard, gnu::noinline]] bool on_users_executor() {
        return call([](auto& t) -> bool { return t.on_users_executor(); });
    }
    /// See waiting_transport.
    [[gnu::noinline]] void wake() noexcept {
        call([](auto& t) { t.wake(); });
    }
    /// In a fork's child, before its first use. Every one of them must have it.
    [[gnu::noinline]] void adopt() {
        call([](auto& t) { t.adopt(); });
    }

private:
    friend detail::bounded_choice<chosen_transport>;

    [[nodiscard]] std::size_t bound() const noexcept {
        return std::visit(
            []<class One>(const One& t) -> std::size_t {
                if constexpr (line_bounding_transport<One>) {
                    return t.longest_line();
                } else {
                    return (std::numeric_limits<std::size_t>::max)();
                }
            },
            held_);
    }
    template <class F>
    decltype(auto) call(F f) {
        return std::visit(f, held_);
    }

    std::variant<Transports...> held_;
};

}  // namespace backends
