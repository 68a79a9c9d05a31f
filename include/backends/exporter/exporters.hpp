// SPDX-License-Identifier: BSL-1.0
//
// Several exporters on one thread, or on one executor: each keeps its cursors, its queue, its
// spool, its pauses and its account.
#pragma once

#include <backends/core/counted.hpp>
#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/time.hpp>
#include <backends/exporter/joint_polls.hpp>
#include <backends/exporter/run_state.hpp>
#include <backends/exporter/stop_result.hpp>

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// executor_group.hpp defines it: only there is Boost.Asio needed.
template <class Token>
struct joined_operation;

template <class Exporter, class Host>
constexpr bool exports_host() noexcept {
    if constexpr (requires { typename Exporter::host_type; }) {
        return std::is_same_v<typename Exporter::host_type, Host>;
    } else {
        return true;
    }
}

/// What poll(2) waits for. Allocates nothing.
template <std::size_t Capacity>
struct polled {
    std::array<pollfd, Capacity> all;
    std::size_t count = 0;

    void push_back(const pollfd& one) noexcept { all[count++] = one; }
};

}  // namespace detail

/// Drives exporters that the program has made:
///
///     exporters all{host, one, two};
///     all.start();
///
/// @tparam Exporters  of exporter and select::any_exporter, any number. They outlive this, and
///                    nothing else drives them
///
/// A slow or dead receiver of one changes nothing for the others: no step waits. A cycle of one
/// delays the others for as long as it takes.
///
/// Where cycles of one source, host and clock are due at once, with one stamp, start() and poll()
/// read each chart once for all of them. What each sends, counts and tells is what it would be by
/// itself. `any_exporter` and async_run() read for themselves.
///
/// Thread safety: as an exporter's.
template <class... Exporters>
class exporters {
    static_assert(sizeof...(Exporters) != 0,
                  "backends: exporters{host, one, ...} drives exporters");
    static constexpr std::size_t size = sizeof...(Exporters);
    using everyone = std::index_sequence_for<Exporters...>;

public:
    /// Drives nothing yet.
    template <class Host>
    explicit exporters(Host&, Exporters&... all)
        : all_{all...}, state_{new detail::run_state{&monotonic_clock}} {
        static_assert((detail::exports_host<Exporters, Host>() && ...),
                      "backends: one of these exporters has another host's type");
    }

    exporters(const exporters&) = delete;
    exporters& operator=(const exporters&) = delete;

    /// Stops all of them, if it runs on a thread of its own, each within its options::stop_within,
    /// and joins the thread.
    ~exporters() {
        if (state_->in_child()) {
            return;
        }
        if (state_->driven_by() == detail::driver::thread) {
            each([](auto& e) { e.request_stop(stop_within(e)); });
            state_->join();
        }
    }

    /// Runs all of them on one thread, which takes no signals, until they have stopped. The first
    /// step runs on the calling thread. Throws std::system_error as exporter::start() does, for the
    /// first that cannot be driven.
    void start() {
        state_->claim(detail::driver::thread, {}, "start()");
        try {
            // One time for all: those with one period and phase then are due at once.
            const instant now = clock_of(std::get<0>(all_));
            each([now](auto& e) { e.poll(has_first_clock(e) ? now : clock_of(e)); });
            state_->launch(
                [](void* self) noexcept -> void* {
                    static_cast<exporters*>(self)->run();
                    return nullptr;
                },
                this);
        } catch (...) {
            state_->release([] {});
            throw;
        }
    }

    /// Polls each, and returns when to call again at the latest; instant::never() when all have
    /// stopped. Precondition: all have the clock of `now`. Throws as exporter::poll() does.
    instant poll(instant now) {
        if (state_->driven_by() != detail::driver::polling && !state_->finished()) {
            state_->claim(detail::driver::polling, {}, "poll()");
        }
        instant until = instant::never();
        state_->enter();
        detail::joint_polls<Exporters...> polls{all_};
        each_number(
            [&]<std::size_t I>() { until = detail::smaller(until, polls.template poll<I>(now)); });
        state_->leave();
        if (finished()) {
            state_->finish([] {});
        }
        return until;
    }

    /// Runs all of them on their transports' executors, and completes when all have stopped, with
    /// the first error. The token's cancellation stops each within its options::stop_within. Needs
    /// <backends/transport/executor_group.hpp>. Throws as exporter::async_run() does for the first
    /// of them; one of the others that cannot run stops the rest, and its error is the result.
    template <class Token>
    auto async_run(Token&& token) {
        state_->claim(detail::driver::executor, {}, "async_run()");
        try {
            return run_joined(std::forward<Token>(token), everyone{});
        } catch (...) {
            state_->release([] {});
            throw;
        }
    }

    /// See exporter::request_stop(): asks all of them, and waits for none. Returns the first error.
    std::error_code request_stop(nanoseconds within) noexcept {
        std::error_code first;
        each([&](auto& e) {
            if constexpr (std::is_void_v<decltype(e.request_stop(within))>) {
                e.request_stop(within);
            } else {
                const std::error_code error = e.request_stop(within);
                first = first ? first : error;
            }
        });
        return first;
    }

    /// See exporter::stop(): the result of each, in their order, by `within` + 50 ms.
    std::array<stop_result, size> stop(nanoseconds within) {
        const auto state = state_;
        std::array<stop_result, size> results;
        std::size_t i = 0;
        if (state->in_child()) {
            results.fill({{}, errc::other_process});
            return results;
        }
        if (state->finish_undriven()) {
            each([&](auto& e) { results[i++] = e.stop(within); });
            return results;
        }
        request_stop(within);
        std::error_code error;
        if (state->driven_by() == detail::driver::polling && !state->is_stepping()) {
            run();
        } else {
            error = state->wait(within).error;
        }
        each([&](auto& e) {
            results[i++] = {e.counters(), e.finished() ? std::error_code{}
                                          : error      ? error
                                                       : make_error_code(errc::timed_out)};
        });
        return results;
    }

    /// Whether all have stopped.
    [[nodiscard]] bool finished() const noexcept {
        return std::apply([](const auto&... e) { return (e.finished() && ...); }, all_);
    }

    /// The account of each, in their order.
    [[nodiscard]] std::array<backends::counters, size> counters() const noexcept {
        return std::apply(
            [](const auto&... e) { return std::array<backends::counters, size>{e.counters()...}; },
            all_);
    }

private:
    template <class F>
    void each(F f) {
        std::apply([&f](auto&... e) { (f(e), ...); }, all_);
    }
    template <class F>
    void each_number(F f) {
        [&f]<std::size_t... I>(std::index_sequence<I...>) {
            (f.template operator()<I>(), ...);
        }(everyone{});
    }
    template <class Exporter>
    static constexpr bool has_first_clock(const Exporter&) noexcept {
        using first = std::remove_reference_t<std::tuple_element_t<0, std::tuple<Exporters...>>>;
        return std::is_same_v<typename first::clock, typename Exporter::clock>;
    }
    template <class Exporter>
    static instant clock_of(const Exporter&) noexcept {
        return Exporter::clock::steady_now();
    }
    template <class Exporter>
    static nanoseconds stop_within(const Exporter& e) {
        if constexpr (requires { e.settings_in_use(); }) {
            return e.settings_in_use().stop_within;
        } else {
            return e.settings().stop_within;
        }
    }

    template <class Token, std::size_t... I>
    auto run_joined(Token&& token, std::index_sequence<I...>) {
        using found = detail::joined_operation<std::decay_t<Token>>;
        static_assert(
            requires { found::is_here; },
            "backends: exporters::async_run() needs "
            "#include <backends/transport/executor_group.hpp>");
        return found::start(
            std::forward<Token>(token), [state = state_] { state->finish([] {}); },
            std::get<I>(all_)...);
    }

    /// Runs on this thread until all have stopped.
    void run() noexcept {
        do {
            state_->enter();
            detail::polled<2 * size> waited;
            nanoseconds left = seconds{3600};
            try {
                detail::joint_polls<Exporters...> polls{all_};
                each_number([&]<std::size_t I>() {
                    auto& e = std::get<I>(all_);
                    if (e.finished()) {
                        return;
                    }
                    const instant due = polls.template poll<I>(clock_of(e));
                    if (!e.finished()) {
                        const instant until = detail::smaller(due, e.hand_over(waited, due));
                        left = detail::smaller(left, until - clock_of(e));
                    }
                });
            } catch (...) {
                left = milliseconds(10);  // no memory to wait with; there may be some later
            }
            state_->leave();
            if (!finished()) {
                constexpr std::int64_t millisecond = 1'000'000;
                const std::int64_t ns = detail::larger<std::int64_t>(left.value, 0);
                ::poll(waited.all.data(), static_cast<nfds_t>(waited.count),
                       static_cast<int>((ns + millisecond - 1) / millisecond));
            }
        } while (!finished());
        state_->finish([] {});
    }

    std::tuple<Exporters&...> all_;
    detail::counted_ptr<detail::run_state> state_;
};
template <class Host, class... Exporters>
exporters(Host&, Exporters&...) -> exporters<Exporters...>;

}  // namespace backends
