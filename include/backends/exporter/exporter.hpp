// SPDX-License-Identifier: BSL-1.0
//
// The exporter: every `update_every` seconds it walks a host's charts, reduces the new samples,
// formats lines and ships them. One implementation, three ways to drive it: start() on a thread of
// its own, async_run() on the user's executor, poll() from the user's loop.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/driver/policies.hpp>
#include <backends/exporter/driving.hpp>
#include <backends/exporter/option_table.hpp>
#include <backends/exporter/options.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/requirements.hpp>
#include <backends/exporter/steps.hpp>
#include <backends/exporter/stop_handle.hpp>
#include <backends/exporter/stop_result.hpp>
#include <backends/fwd.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/transport.hpp>

#include <concepts>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// @tparam Source     the exported values: a reduction, or a data source
/// @tparam Format     the wire format
/// @tparam Transport  how bytes travel; start() and async_run() need a waiting_transport
/// @tparam Host       the host's type: its cells, its capacity, how recorders share it
/// @tparam Policies   the guarantees (policies.hpp)
///
/// Thread safety: any thread may call counters(), finished(), request_stop() and a stop_handle;
/// stop() too, unless the exporter is polled. Everything else from one thread. docs/lifetime.md
/// says what each call does in each state. Recording follows the host's recording policy.
///
/// After fork() the child's copy belongs to the parent: to drive it is an error, and its stop() and
/// destructor return at once. The child may drive an exporter that nobody had driven, without a
/// spool, so a program may construct it before it becomes a daemon.
template <class Source, class Format, class Transport, class Host, class Policies>
class exporter {
    static_assert(detail::has_all_policies<Policies>,
                  "backends: the policies lack a member; derive them from default_policies");
    static_assert(!detail::misspells_a_policy<Policies>,
                  "backends: the policies have a name that is none: there are confirmation, "
                  "overflow, backoff, random, clock, observer, names, spool and quantiles");
    static_assert(!detail::has_another_parameter<Policies>,
                  "backends: source, format and transport are the exporter's own template "
                  "arguments, no policies");
    static_assert(!detail::reduction_that_throws<Source>,
                  "backends: a reduction's add and result must be noexcept");
    static_assert(detail::are_policies<Source, Format, Transport, Policies>());

public:
    using host_type = Host;                        ///< whose charts it exports
    using clock = typename Policies::clock;        ///< the policies' clock
    using observer = typename Policies::observer;  ///< the policies' observer

    /// Allocates all memory for delivery. The host must outlive the exporter; charts may be added
    /// to it at any time. Throws config_error for options that cannot work.
    explicit exporter(Host& from, options settings = {}, Transport transport = Transport{},
                      observer watching = {})
        : exporter{from, nullptr, std::move(settings), std::move(transport), std::move(watching)} {}

    /// Replaces another exporter, of any type, over the same host. Begins where that one ended, so
    /// that nothing is exported twice and nothing is skipped.
    ///
    ///     old.skip_last_cycle();  // leaves the newest samples to the successor
    ///     old.stop(within);
    ///     exporter<...> next{host, old.positions(), settings};
    template <std::same_as<chart_positions> Positions>  // so that {} means options
    exporter(Host& from, const Positions& others, options settings = {},
             Transport transport = Transport{}, observer watching = {})
        : exporter{from, &others, std::move(settings), std::move(transport), std::move(watching)} {}

    exporter(const exporter&) = delete;
    exporter& operator=(const exporter&) = delete;

    /// Stops within options::stop_within, and then joins its thread, if it has one. On the user's
    /// executor it does not wait: it gives up the undelivered lines, and async_run completes with
    /// errc::stopped. Precondition: not called within a step, as from an observer.
    ~exporter() {
        if (state().in_child()) {
            return;
        }
        if (driven_by(driver::thread) || driven_by(driver::polling)) {
            stop(settings().stop_within);
            state().join();
        } else if (driven_by(driver::executor) && !finished()) {
            steps_.give_up(clock::steady_now());
        }
        driving_.finish(errc::stopped);  // every thread that was about to wake it has done so
    }

    /// Runs on a thread of its own, which takes no signals, until stop(). Throws std::system_error:
    /// errc::on_executor, already_driven, stopped, other_process; or when no thread can be created.
    /// The call may be repeated after a failure.
    void start()
        requires waiting_transport<Transport>
    {
        drive(driver::thread, clock::steady_now(), "start()");
        try {
            state().launch(
                [](void* e) noexcept -> void* {
                    static_cast<exporter*>(e)->run();
                    return nullptr;
                },
                this);
        } catch (...) {
            state().release([] {});
            throw;
        }
    }

    /// Runs on the transport's executor until request_stop(), or until the token is cancelled,
    /// which stops within options::stop_within. Needs <backends/transport/executor.hpp>. Completes
    /// with no error after a stop, and with not_enough_memory when no memory is left to wait: then
    /// it may be run again. Asio's operations own the handler: if the executor's context ends
    /// first, it destroys the handler with them.
    ///
    /// Throws std::system_error: errc::no_executor, already_driven, stopped, other_process.
    template <class Token>
    auto async_run(Token&& token)
        requires detail::executor_transport<Transport>
    {
        drive(driver::executor, clock::steady_now(), "async_run()");
        return steps_.transport().async_operation(std::forward<Token>(token), running{this});
    }
    /// Exists for its error message only.
    template <class Token>
        requires(!detail::executor_transport<Transport>)
    auto async_run(Token&&) {
        static_assert(detail::executor_transport<Transport>,
                      "backends: async_run() needs a transport on an executor, such as tcp; with "
                      "this one there are start() and poll()");
    }

    /// Does what is due at `now`, without blocking, and returns when to call again at the latest;
    /// instant::never() after the end. More frequent calls make delivery quicker, not different.
    /// Throws std::system_error: errc::on_executor, already_driven, other_process.
    instant poll(instant now) {
        // Nothing is due at never(): a deadline that does not exist would be due for ever.
        now = detail::smaller(now, instant{instant::never().ns - 1});
        if (!driven_by(driver::polling) && !finished()) {
            drive(driver::polling, now, "poll()");
        }
        state().must_be_ours("poll()");
        if (finished()) {
            return instant::never();
        }
        if constexpr (waiting_transport<Transport>) {
            steps_.transport().poll();
        }
        return advance(now).value_or(instant::never());
    }

    /// After poll(): adds what its transport waits for to `into`, and returns the earliest time.
    template <class Polled>
    instant hand_over(Polled& into, instant until) {
        driving_.arm(steps_.lines(), until);
        return steps_.transport().hand_over(into);
    }

    /// Asks for the end: one last cycle, then delivery until everything is confirmed or `within`
    /// has passed. Does not wait for it. The earliest deadline of all calls counts. An exporter
    /// that nobody drives ends as soon as somebody drives it. Returns errc::stopped after the end,
    /// errc::other_process in a fork's child.
    std::error_code request_stop(nanoseconds within) noexcept {
        const auto state = driving_.shared();  // the exporter may be gone meanwhile
        return state->request(within);
    }

    /// A handle for callers that may outlive the exporter.
    [[nodiscard]] stop_handle stopper() const noexcept { return stop_handle{driving_.shared()}; }

    /// Calls request_stop() and waits for the end; returns by `within` + 50 ms in every state, with
    /// the reason if it has not seen the end. With async_run, call it from a thread that does not
    /// run the executor. An exporter that nobody has driven ends at once and for good.
    [[gnu::noinline]] stop_result stop(nanoseconds within) {
        const auto state = driving_.shared();  // as above
        if (state->in_child()) {
            return {{}, errc::other_process};
        }
        if (state->finish_undriven()) {
            return {state->account.load(), errc::not_driven};
        }
        state->request(within);
        if (state->driven_by() == driver::polling && !state->is_stepping()) {
            if (!state->finished()) {
                run();
            }
            return {state->account.load(), {}};
        }
        return state->wait(within);
    }
    stop_result stop() { return stop(settings().stop_within); }

    /// Makes a stop skip its last cycle: the newest samples stay for an exporter that begins at
    /// positions(). A cycle runs all the same if it is the last to read removed charts. Any thread.
    void skip_last_cycle() noexcept { steps_.skip_last_cycle(); }

    /// How far each chart was exported, and up to which stamp. Allocates. Call it from the thread
    /// that drives, or after the end. Throws std::system_error: errc::other_process.
    [[nodiscard]] chart_positions positions() const {
        state().must_be_ours("positions()");
        return steps_.positions();
    }

    /// Whether the exporter has stopped.
    [[nodiscard]] bool finished() const noexcept { return state().finished(); }

    /// The account, consistent in itself, as of the last step or of the construction.
    [[nodiscard]] backends::counters counters() const noexcept {
        return state().in_child() ? backends::counters{} : state().account.load();
    }

    /// As in use.
    [[nodiscard]] const options& settings() const noexcept { return steps_.settings(); }
    /// For the driving thread.
    [[nodiscard]] Transport& transport() noexcept { return steps_.transport(); }

private:
    friend class detail::joint_exporter<exporter>;
    using driver = detail::driver;

    /// The transport's view of the exporter in an asynchronous operation.
    struct running {
        exporter* self;

        void begin() const noexcept { self->pump(); }
        void abandon() const noexcept {
            self->state().release([] {});
        }
        [[nodiscard]] waker canceller() const noexcept {
            return {[](void* e) noexcept {
                        auto& exporting = *static_cast<exporter*>(e);
                        exporting.request_stop(exporting.settings().stop_within);
                    },
                    self};
        }
    };

    /// @param others  nullptr: begins where options::begin says
    exporter(Host& from, const chart_positions* others, options&& settings, Transport&& transport,
             observer&& watching)
        : steps_{from, others, detail::checked(std::move(settings), from.hostname()),
                 std::move(transport), std::move(watching)} {
        publish();  // includes the lines that the spool restored
    }

    [[nodiscard]] detail::run_state& state() const noexcept { return driving_.state(); }
    [[nodiscard]] bool driven_by(driver whom) const noexcept { return state().driven_by() == whom; }

    [[gnu::noinline]] void drive(driver whom, instant now, const char* call) {
        // A spool's files stay the parent's.
        if (std::is_same_v<typename Policies::spool, no_spool> && driving_.adopt_if_foreign()) {
            publish();
        }
        driving_.claim(whom, call,
                       {[](void* e) noexcept { static_cast<exporter*>(e)->pump(); }, this});
        steps_.begin(now);
    }

    /// Handles one event on the user's executor.
    void pump() noexcept {
        if (const auto until = advance(clock::steady_now())) {
            driving_.arm_or_give_up(steps_.lines(), *until);
        }
    }

    /// Runs on this thread until the stop has ended.
    [[gnu::noinline]] void run() noexcept {
        while (const auto until = advance(clock::steady_now())) {
            driving_.wait(steps_.lines(), *until);
        }
    }

    /// Does what is due, and returns when to call again; nothing at the end: it may be gone then.
    [[gnu::noinline]] std::optional<instant> advance(instant now) noexcept {
        state().enter();
        const instant until = steps_.step(now, state().stop_at());
        publish();
        if (!steps_.lines().stopped()) {
            state().leave();
            return until;
        }
        driving_.finish({});
        return std::nullopt;
    }

    [[gnu::noinline]] void publish() noexcept { state().account.store(steps_.counters()); }

    steps<Source, Format, Transport, Host, Policies> steps_;
    detail::driving<Transport> driving_{steps_.transport(), &clock::steady_now};
};

}  // namespace backends
