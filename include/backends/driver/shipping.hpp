// SPDX-License-Identifier: BSL-1.0
//
// The shell between the delivery machine and a transport. The machine decides and touches nothing;
// the transport acts and decides nothing. The shell performs the machine's actions and reports
// their results to it. It never blocks.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/request_body.hpp>
#include <backends/delivery/machine.hpp>
#include <backends/driver/lending.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/replies.hpp>
#include <backends/driver/spooling.hpp>
#include <backends/driver/told_drops.hpp>
#include <backends/spool/spool.hpp>
#include <backends/transport/transport.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA {

/// Ships lines to a destination list.
///
/// @tparam Transport  models transport
/// @tparam Policies   the guarantees (policies.hpp)
/// @tparam Replies    cuts replies into lines and counts those that report a refused line:
///                    `count(bytes, line)` noexcept
///
/// Not thread-safe.
template <transport Transport, class Policies, class Replies = ignore_replies>
class shipping {
    static_assert(Transport::proves >= detail::needed_evidence<typename Policies::confirmation>(),
                  "backends: this transport cannot prove what the confirmation level says: see "
                  "its evidence `proves` and the level's `needs`; confirm::written needs none");
    static_assert(detail::has_whole_parts<Transport>());

public:
    using observer_type = typename Policies::observer;  ///< the policies' observer
    using machine = delivery<typename Policies::confirmation, typename Policies::overflow,
                             typename Policies::backoff, typename Policies::random,
                             detail::body_of<Transport>::ends>;  ///< delivers

    /// Allocates all memory for lines, and accepts those that the spool has kept, whose queue_bytes
    /// and ends it sets. Throws config_error for options that cannot work together, or a spool that
    /// cannot be used.
    shipping(Transport&& transport, std::vector<backends::destination> destinations,
             const delivery_options& options, observer_type observer = {}, spool_options spool = {})
        : transport_{std::move(transport)},
          observer_{std::move(observer)},
          destinations_{std::move(destinations)},
          machine_{options, destinations_.size(), detail::seeded_random<Policies>(this)},
          spool_{(static_cast<void>(spool.queue_bytes = options.queue_bytes),
                  static_cast<void>(spool.ends = machine::ends), spool)} {
        detail::prepare<typename Policies::confirmation>(transport_, machine_.queue(),
                                                         options.stall_timeout);
        spool_.restore(machine_, observer_, Policies::clock::steady_now());
    }

    shipping(const shipping&) = delete;  // the transport may know where the queue is
    shipping& operator=(const shipping&) = delete;

    [[nodiscard]] machine& lines() noexcept { return machine_; }  ///< takes lines
    [[nodiscard]] const machine& lines() const noexcept { return machine_; }
    [[nodiscard]] Transport& transport() noexcept { return transport_; }    ///< driven here
    [[nodiscard]] observer_type& observer() noexcept { return observer_; }  ///< hears events
    [[nodiscard]] spool_counters spooled() const noexcept { return spool_.counters(); }  ///< so far

    /// About so many bytes end a step: a receiver that takes everything must not make a stop late.
    static constexpr std::size_t max_a_step = std::size_t{4} << 20U;

    /// Does everything that can be done now, and returns when to call again at the latest; call
    /// earlier when the transport has an event. Allocates nothing while a connection lives. Lines
    /// that were accepted before are in the spool before any of them is sent.
    instant step(instant now) {
        spool_.keep(machine_, observer_, now);
        const amount gave_up = machine_.counters().dropped_for(drop_reason::shutdown);
        take_outcomes(now);
        report_failure();
        written_ = 0;
        bool all_done = false;
        while (!all_done && written_ < max_a_step) {
            const action todo = machine_.next(now);
            report_failure();
            perform(now, todo);
            report_failure();
            all_done = todo.kind == action_kind::none;
        }
        told_drops_.tell(observer_, machine_.counters());
        spool_.keep_after(machine_, gave_up, observer_, now);
        return all_done ? machine_.deadline() : now;
    }

    /// Ends at once: drops the unconfirmed lines, and resets a connection inside a line.
    void give_up(instant now) {
        machine_.stop(now, now);
        step(now);
    }

private:
    /// Reports what has ended, or become possible, since the last step, which ended with nothing
    /// left to do: the machine's phase says what is under way.
    void take_outcomes(instant now) {
        switch (machine_.state()) {
            case delivery_phase::resolving:
                take_resolved(now, attempted([this] { return transport_.resolved(); }));
                break;
            case delivery_phase::connecting:
                take_connected(now, attempted([this] { return transport_.connected(); }));
                break;
            case delivery_phase::open:
            case delivery_phase::ending:
                machine_.readable(now, machine_.attempt());
                machine_.writable(now, machine_.attempt());
                break;
            default: break;
        }
    }

    void perform(instant now, const action& todo) {
        switch (todo.kind) {
            case action_kind::none: break;
            case action_kind::resolve:
                take_resolved(now, attempted([this] {
                                  transport_.resolve(destination());
                                  return transport_.resolved();
                              }));
                break;
            case action_kind::connect:
                take_connected(now, attempted([this, &todo] {
                                   transport_.connect(todo.index);
                                   return transport_.connected();
                               }));
                break;
            case action_kind::write: write(now, todo.bytes); break;
            case action_kind::read: read(now); break;
            case action_kind::ask: ask(now); break;
            case action_kind::half_close: transport_.half_close(); break;
            case action_kind::close: transport_.close(); break;
            case action_kind::abort: transport_.abort(); break;
        }
    }

    [[nodiscard]] const backends::destination& destination() const noexcept {
        return destinations_[machine_.destination()];
    }

    void ask(instant now) {
        if constexpr (arrival_telling_transport<Transport>) {
            machine_.arrived(now, machine_.attempt(), transport_.arrived());
        }
        machine_.acknowledged(now, machine_.attempt(), known());
    }
    /// What the transport knows about the bytes that it took.
    [[nodiscard, gnu::noinline]] ack_report known() noexcept {
        if constexpr (window_telling_transport<Transport>) {
            return {transport_.unacknowledged(), transport_.unread()};
        }
        return transport_.unacknowledged();
    }
    /// The same. Asks for the peer's window only where the level needs it: a query more a write.
    [[nodiscard]] ack_report known_while_writing() noexcept {
        if constexpr (Policies::confirmation::holds != 0) {
            return known();
        }
        return transport_.unacknowledged();
    }

    /// A transport may throw where it allocates. That counts as an ordinary failure.
    template <class F>
    io_result attempted(F f) noexcept {
        std::error_code why;
        try {
            return f();
        } catch (...) {
            why = detail::handled_error();
        }
        transport_.close();  // gives up whatever had begun
        return {0, why};
    }

    [[gnu::noinline]] void take_resolved(instant now, io_result answer) {
        if (answer.would_block()) {
            return;
        }
        if (answer.error) {
            machine_.resolve_failed(now, machine_.attempt(), answer.error);
        } else {
            machine_.resolved(now, machine_.attempt(), answer.count);
        }
    }

    [[gnu::noinline]] void take_connected(instant now, io_result answer) {
        if (answer.would_block()) {
            return;
        }
        if (answer.error) {
            machine_.connect_failed(now, machine_.attempt(), answer.error);
        } else {
            replies_ = {};
            observe::connected(observer_, destination());
            machine_.connected(now, machine_.attempt());
        }
    }

    void write(instant now, std::span<const char> bytes) {
        // Where nothing is proved no byte waits, and to say so costs no system call.
        const bool reports = Transport::proves == evidence::none || machine_.wants_reports();
        const io_result done = transport_.write_some(bytes);
        written_ += done.count;
        if (done.would_block()) {
            machine_.would_block(now, machine_.attempt());
        } else if (done.error) {
            fail(now, done);
        } else if (reports) {
            machine_.wrote(now, machine_.attempt(), done.count, known_while_writing());
        } else {
            machine_.wrote(now, machine_.attempt(), done.count);
        }
    }

    void read(instant now) {
        std::array<char, 4096> room;  // thrown away, so its bytes are not cleared first
        const io_result done = transport_.read_some(room);
        if (done.would_block()) {
            machine_.would_block(now, machine_.attempt());
        } else if (done.error == errc::end_of_stream) {
            machine_.end_of_stream(now, machine_.attempt(), known());
        } else if (done.error) {
            fail(now, done);
        } else {
            const std::span<const char> bytes{room.data(), done.count};
            const std::uint64_t rejections =
                replies_.count(bytes, [this](std::string_view line) noexcept {
                    observe::reply(observer_, destination(), line);
                });
            machine_.received(now, machine_.attempt(), bytes, rejections);
        }
        if constexpr (detail::has_answers<Transport>) {
            machine_.acknowledged_meanwhile(now, machine_.attempt(),
                                            transport_.unacknowledged());  // answers
        }
    }

    /// A write or a read did not work, or the receiver said no.
    [[gnu::noinline]] void fail(instant now, const io_result& done) {
        const std::uint64_t attempt = machine_.attempt();
        if constexpr (Transport::proves != evidence::kernel ||  // a kernel has no such words
                      detail::has_answers<Transport>) {
            if (done.error == errc::refused && done.count != 0) {
                return machine_.refused(now, attempt, done.count, known());
            }
            if (done.error == errc::not_now) {
                return machine_.not_now(now, attempt, done.delay, known());
            }
        }
        machine_.failed(now, attempt, done.error, known());
    }

    /// The machine counts failures, also its own, and says where each was. We ask after every call
    /// that may count one, so the account and the observer agree.
    [[gnu::noinline]] void report_failure() noexcept {
        if (const auto failure = machine_.take_failure()) {
            observe::failure(observer_, destinations_[failure->destination], failure->error);
        }
    }

    Transport transport_;
    [[no_unique_address]] observer_type observer_;
    [[no_unique_address]] Replies replies_;
    std::vector<backends::destination> destinations_;
    machine machine_;
    [[no_unique_address]] detail::spooling<typename Policies::spool> spool_;
    std::size_t written_ = 0;  // in this step
    detail::told_drops told_drops_;
};

}  // namespace backends
