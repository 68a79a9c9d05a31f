// SPDX-License-Identifier: BSL-1.0
//
// The spool of a delivery machine: hands it the lines of an earlier run, keeps a copy of its queue,
// and tells which lines outlive the machine. Without a spool nothing of this is compiled.
#pragma once

#include <backends/core/as.hpp>
#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/record_ends.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/observer.hpp>
#include <backends/queue/queue_view.hpp>
#include <backends/spool/spool.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

/// Throws config_error where nothing could survive a loss of power.
inline const spool_options& checked(const spool_options& options) {
    if (options.sync && options.directory.empty()) {
        throw config_error{"spool_sync", "yes", "needs a spool_directory"};
    }
    return options;
}

template <spool Spool>
class spooling {
public:
    explicit spooling(const spool_options& options) : spool_{checked(options)} {}

    /// Accepts the kept lines. Their batches stay as they were, up to the number that may wait; the
    /// last of these takes the rest. Throws config_error when the queue cannot hold the lines.
    template <class Machine, class Observer>
    void restore(Machine& machine, Observer& observer, instant now) {
        spool_.restore([&](std::string_view lines, bool ends_batch) {
            char* const room = machine.fits(lines.size()) ? machine.reserve(lines.size()) : nullptr;
            if (room == nullptr) {
                throw config_error{"queue_bytes", std::to_string(machine.queue().capacity()),
                                   "the spool keeps more"};
            }
            std::memcpy(room, lines.data(), lines.size());
            machine.commit(lines.size(), as<std::size_t>(count_records(Machine::ends, lines)));
            if (ends_batch && machine.queue().waiting_batches() < machine.options().batches) {
                machine.end_batch(now);
            }
        });
        const spool_counters found = spool_.counters();
        if (found.restored.lines != 0 || found.damaged_records != 0) {
            observe::restored(observer, found.restored, found.damaged_records);
        }
    }

    /// From now on the spool keeps the lines in the queue, and no others.
    template <class Machine, class Observer>
    void keep(const Machine& machine, Observer& observer, instant now) noexcept {
        if (ended_) {
            return;
        }
        const std::error_code error = spool_.keep(queue_view{machine.queue()}, now);
        const std::uint64_t failures = spool_.counters().spool_failures;
        if (failures != failures_) {
            failures_ = failures;
            observe::spool_failure(observer, error);
        }
        whole_ = !error;
    }

    /// After a step of the machine: keeps the lines that it gave up because of a stop, for the next
    /// run. `gave_up`: the lines that it had given up so before.
    template <class Machine, class Observer>
    void keep_after(const Machine& machine, amount gave_up, Observer& observer,
                    instant now) noexcept {
        const amount left =
            machine.counters().dropped[static_cast<std::size_t>(drop_reason::shutdown)] - gave_up;
        if (left.lines == 0) {
            keep(machine, observer, now);
        } else if (!ended_) {
            ended_ = true;
            left_ = whole_ ? left : amount{};
        }
    }

    [[nodiscard]] spool_counters counters() const noexcept {
        spool_counters all = spool_.counters();
        all.spooled = left_;
        return all;
    }

private:
    Spool spool_;
    std::uint64_t failures_ = 0;
    amount left_;
    bool whole_ = true;
    bool ended_ = false;
};

template <>
class spooling<no_spool> {
public:
    explicit spooling(const spool_options& options) {
        if (!checked(options).directory.empty()) {
            throw config_error{"spool_directory", options.directory,
                               "needs a spool among the policies, such as file_spool"};
        }
    }
    template <class Machine, class Observer>
    static void restore(Machine&, Observer&, instant) noexcept {}
    template <class Machine, class Observer>
    static void keep(const Machine&, Observer&, instant) noexcept {}
    template <class Machine, class Observer>
    static void keep_after(const Machine&, amount, Observer&, instant) noexcept {}
    static spool_counters counters() noexcept { return {}; }
};

}  // namespace backends::detail
