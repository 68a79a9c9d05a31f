// SPDX-License-Identifier: BSL-1.0
//
// The exporter: every `update_every` seconds it walks a host's charts, reduces what is new, formats
// lines and ships them. One implementation, three ways to drive it: start() on a thread of its own,
// async_run() on the user's executor, poll() from the user's loop.
#pragma once

#include <backends/core/process.hpp>
#include <backends/core/snapshot.hpp>
#include <backends/delivery/machine.hpp>
#include <backends/exporter/eager_lines.hpp>
#include <backends/exporter/option_table.hpp>
#include <backends/exporter/options.hpp>
#include <backends/exporter/policies.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/requirements.hpp>
#include <backends/exporter/schedule.hpp>
#include <backends/exporter/shipping.hpp>
#include <backends/exporter/stop_result.hpp>
#include <backends/exporter/tick.hpp>
#include <backends/monitor/step_time.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/transport.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// @tparam Source     what is exported: a reduction, or a data source
/// @tparam Format     the wire format
/// @tparam Transport  how bytes travel; start() and async_run() need a waiting_transport
/// @tparam Host       the host's type: its cells, its capacity, how it is shared with recorders
/// @tparam Policies   the guarantees (policies.hpp)
///
/// Thread safety: counters() and request_stop() from any thread, stop() too, unless the exporter is
/// polled: then stop() runs the rest on the thread that calls it. Everything else from one thread.
/// Recording into the host's charts needs no care beyond what its recording policy asks.
///
/// After fork() the child's copy does nothing: it sends nothing, takes nothing from the parent's
/// sockets, stop() returns an empty account at once, and so does the destructor.
template <class Source, class Format, class Transport, class Host = host,
          class Policies = default_policies>
class exporter {
    static_assert(detail::has_all_policies<Policies>,
                  "backends: the policies lack a member; derive them from default_policies");
    static_assert(!detail::reduction_that_throws<Source>,
                  "backends: a reduction's add and result must be noexcept");
    static_assert(detail::are_policies<Source, Format, Transport, Policies>());

public:
    using host_type = Host;
    using clock = typename Policies::clock;
    using observer = typename Policies::observer;

    /// Allocates everything that delivery will need. The host must outlive the exporter; charts may
    /// be added to it at any time. Throws config_error for options that cannot be used.
    explicit exporter(Host& from, options settings = {}, Transport transport = Transport{},
                      observer watching = {})
        : exporter{from, nullptr, std::move(settings), std::move(transport), std::move(watching)} {}

    /// Takes the place of another exporter over the same host, of any type: begins where that one
    /// ended, so that nothing is exported twice and nothing is skipped.
    ///
    ///     old.skip_last_cycle();  // what no cycle has had is the successor's
    ///     old.stop(within);
    ///     exporter<...> next{host, old.positions(), settings};
    template <std::same_as<chart_positions> Positions>  // so that {} means options
    exporter(Host& from, const Positions& others, options settings = {},
             Transport transport = Transport{}, observer watching = {})
        : exporter{from, &others, std::move(settings), std::move(transport), std::move(watching)} {}

    exporter(const exporter&) = delete;
    exporter& operator=(const exporter&) = delete;

    /// Stops within options::stop_within. On the user's executor it does not wait: what has not
    /// been delivered by then is given up, and async_run completes.
    ~exporter() {
        if (process_.is_foreign()) {
            static_cast<void>(thread_.release());  // there is no such thread here to wait for
            return;
        }
        if constexpr (waiting_transport<Transport>) {
            if (driven_ == driven::by_executor) {
                shipping_.transport().on_event({});
                shipping_.give_up(clock::steady_now());
                complete(errc::stopped);
                return;
            }
        }
        stop(options_.stop_within);
    }

    /// Runs on a thread of its own until stop(). Throws std::system_error when there is no thread
    /// to be had. Precondition: not driven in another way.
    void start()
        requires waiting_transport<Transport>
    {
        drive(driven::by_thread, clock::steady_now());
        thread_ = std::make_unique<std::thread>([this] { run(); });
    }

    /// Runs on the transport's executor until request_stop(), or until the token is cancelled,
    /// which stops within options::stop_within. Completes with no error after a stop.
    template <class Token>
    auto async_run(Token&& token)
        requires waiting_transport<Transport>
    {
        drive(driven::by_executor, clock::steady_now());
        const waker cancel{[](void* self) noexcept {
                               auto& e = *static_cast<exporter*>(self);
                               e.request_stop(e.options_.stop_within);
                           },
                           this};
        return shipping_.transport().async_operation(
            std::forward<Token>(token), [this] { pump(); }, cancel);
    }

    /// Does what is due at `now`, without blocking, and returns when to call again at the latest.
    /// Calling more often makes delivery quicker, not different.
    instant poll(instant now) {
        // Nothing is ever due at never(): a deadline that there is not would be due again and again.
        now = (std::min)(now, instant{instant::never().ns - 1});
        if (driven_ == driven::not_yet) {
            drive(driven::by_polling, now);
        }
        if constexpr (waiting_transport<Transport>) {
            if (!process_.is_foreign()) {
                shipping_.transport().poll();
            }
        }
        return advance(now);
    }

    /// Asks for the end: one last cycle, then delivery until everything is confirmed or `within`
    /// has passed. Does not wait for it. The first call's deadline counts.
    void request_stop(nanoseconds within) {
        if (process_.is_foreign()) {
            return;
        }
        std::int64_t none = 0;
        const instant deadline = clock::steady_now() + within;
        if (stop_at_.compare_exchange_strong(none, (std::max<std::int64_t>)(deadline.ns, 1))) {
            if constexpr (waiting_transport<Transport>) {
                if (driven_ == driven::by_thread || driven_ == driven::by_executor) {
                    shipping_.transport().wake();
                }
            }
        }
    }

    /// request_stop(), and waits for the end; returns by `within` + 50 ms in every state. With
    /// async_run, call it from a thread that does not run the executor.
    stop_result stop(nanoseconds within) {
        request_stop(within);
        switch (process_.is_foreign() ? driven::not_yet : driven_.load()) {
            case driven::not_yet: break;
            case driven::by_polling: run(); break;
            case driven::by_thread: {
                const std::scoped_lock lock{stopping_};
                if (thread_ != nullptr && thread_->joinable()) {
                    thread_->join();
                }
                break;
            }
            case driven::by_executor: {
                std::unique_lock lock{ending_};
                // At the deadline the executor still has to say what became of the lines.
                const nanoseconds patience = within + milliseconds(40);
                ended_.wait_for(lock, std::chrono::nanoseconds{patience.value},
                                [this] { return finished_.load(); });
                break;
            }
        }
        return {counters()};
    }
    stop_result stop() { return stop(options_.stop_within); }

    /// A stop runs no last cycle: what no cycle has had stays for whoever begins at positions(). Where
    /// charts were removed since the last one, it does: they are nobody else's. Any thread.
    void skip_last_cycle() noexcept { skips_last_ = true; }

    /// How far each chart was exported, and up to which stamp. Allocates. From the thread that drives,
    /// or after the end.
    [[nodiscard]] chart_positions positions() const {
        chart_positions all = tick_.positions();
        all.newest_stamp = schedule_.last();
        return all;
    }

    /// Whether a stop has come to its end.
    [[nodiscard]] bool finished() const noexcept { return finished_; }

    /// The account, consistent in itself, as of the last step, or of the construction.
    [[nodiscard]] backends::counters counters() const noexcept {
        return process_.is_foreign() ? backends::counters{} : published_.load();
    }

    [[nodiscard]] const options& settings() const noexcept { return options_; }
    [[nodiscard]] Transport& transport() noexcept { return shipping_.transport(); }

private:
    enum class driven : std::uint8_t { not_yet, by_thread, by_executor, by_polling };

    /// @param others  nullptr: begins where options::begin says
    exporter(Host& from, const chart_positions* others, options settings, Transport transport,
             observer watching)
        : options_{checked(std::move(settings), from)},
          shipping_{std::move(transport),
                    parse_destinations(options_.destination, Format::default_port),
                    delivery_settings(options_), std::move(watching),
                    spool_settings(options_, Format::name)},
          tick_{from, options_},
          schedule_{options_.update_every, options_.align,
                    cycle_phase(options_.hostname, options_.prefix, options_.update_every),
                    others != nullptr ? others->newest_stamp : std::nullopt} {
        tick_.begin(options_, others, shipping_.observer());
        publish();  // with what the spool gave back
    }

    static options checked(options o, const Host& from) {
        validate(o);
        if (o.hostname.empty()) {
            o.hostname = from.hostname();
        }
        return o;
    }

    void drive(driven how, instant now) {
        driven_ = how;
        schedule_.start(now, clock_reading::now<clock>());
        if constexpr (waiting_transport<Transport>) {
            if (how != driven::by_polling) {
                shipping_.transport().on_event(
                    {[](void* self) noexcept { static_cast<exporter*>(self)->pump(); }, this});
            }
        }
    }

    /// One event of whoever drives.
    void pump() { advance(clock::steady_now()); }

    /// Does what is due and asks for the next event. Returns when to be called again at the latest.
    instant advance(instant now) {
        if (finished_ || process_.is_foreign()) {
            return instant::never();
        }
        const instant until = step(now);
        if (shipping_.lines().stopped()) {
            complete({});
            return instant::never();
        }
        arm(until);
        return until;
    }

    /// Until the stop has come to its end, on this thread.
    void run() {
        while (!finished_) {
            pump();
            if (finished_) {
                break;
            }
            if constexpr (waiting_transport<Transport>) {
                shipping_.transport().run_one();
            } else {
                std::this_thread::yield();
            }
        }
    }

    void arm(instant until) {
        if constexpr (waiting_transport<Transport>) {
            const auto& lines = shipping_.lines();
            shipping_.transport().arm(lines.wants_readable(), lines.wants_writable(), until);
        }
    }

    void complete(std::error_code error) {
        {
            const std::scoped_lock lock{ending_};
            finished_ = true;
        }
        ended_.notify_all();
        if constexpr (requires { shipping_.transport().finish(error); }) {
            shipping_.transport().finish(error);
        }
    }

    /// Whether there is something to do, as far as this can be said without asking the transport.
    [[nodiscard]] bool has_work(instant now) const noexcept {
        const delivery_counters& lines = shipping_.lines().counters();
        return now >= schedule_.due() || stop_at_.load() != 0 ||
               lines.accepted != lines.confirmed + lines.lost();
    }

    instant step(instant now) {
        std::optional<step_time<>::step> measured;
        if (options_.self_monitoring && has_work(now)) {  // a poll in vain costs no calls more
            measured.emplace(cpu_);
        }
        if (const auto at = stop_at_.load(); at != 0 && !std::exchange(stop_seen_, true)) {
            if (!skips_last_ || tick_.has_last_readings(options_, shipping_.observer())) {
                do {
                    run_tick(now, schedule_.take_last(now, clock_reading::now<clock>()));
                } while (tick_.has_successors());
            }
            shipping_.lines().stop(now, instant{at});
        } else if (!stop_seen_ && now >= schedule_.due()) {
            if (const auto cycle = schedule_.take(now, clock_reading::now<clock>())) {
                run_tick(now, *cycle);
            }
        }
        tick_.tell_step(schedule_.clock_sets(), schedule_.last_set_by(), shipping_.observer());
        const instant until = shipping_.step(now);
        publish();
        return stop_seen_ ? until : (std::min)(until, schedule_.due());
    }

    void run_tick(instant now, const schedule::cycle& cycle) noexcept {
        eager_lines lines{shipping_, now};
        tick_.run(options_, cycle, cpu_.sum(), lines, shipping_.observer());
        shipping_.lines().end_batch(now);
        shipping_.look(now);
        observe::tick(shipping_.observer(), all_counters());
    }

    [[nodiscard]] backends::counters all_counters() const noexcept {
        return {tick_.counters(), shipping_.lines().counters(), shipping_.spooled()};
    }
    void publish() noexcept { published_.store(all_counters()); }

    options options_;
    process_mark process_;
    shipping<Transport, Policies, reply_lines<Format>> shipping_;
    backends::tick<Source, Format, Host, Policies> tick_;
    schedule schedule_;
    step_time<> cpu_;
    bool stop_seen_ = false;
    std::atomic<bool> skips_last_{false};

    std::atomic<std::int64_t> stop_at_{0};  // steady nanoseconds; 0 while nobody has asked
    std::atomic<bool> finished_{false};
    std::atomic<driven> driven_{driven::not_yet};
    snapshot<backends::counters> published_;
    std::unique_ptr<std::thread> thread_;
    std::mutex stopping_;  // one thread joins
    std::mutex ending_;
    std::condition_variable ended_;
};

}  // namespace backends
