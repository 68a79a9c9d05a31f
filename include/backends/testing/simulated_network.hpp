// SPDX-License-Identifier: BSL-1.0
//
// Testing. A network whose destinations behave as the test sets them, and its transport. One
// connection at a time, as the transport concept has it; a second one is a broken promise.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/random.hpp>
#include <backends/testing/network_settings.hpp>
#include <backends/testing/no_watcher.hpp>
#include <backends/testing/simulated_link.hpp>
#include <backends/testing/simulated_names.hpp>
#include <backends/testing/verdict.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/transport.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// Not thread-safe. Its address must not change while a transport uses it.
///
/// @tparam Watcher  sees every operation
template <class Watcher = no_watcher>
class simulated_network {
public:
    /// `watcher` must outlive it.
    explicit simulated_network(Watcher& watcher, const network_settings& settings = {}) noexcept
        : watcher_{&watcher}, settings_{settings}, luck_{settings.seed} {}

    verdict promises;                               ///< what the transport's callers broke
    event_hash events;                              ///< of all operations
    simulated_names names{promises};                ///< outcomes of look-ups
    std::array<reach, max_destinations> reaches{};  ///< outcomes of connects, by destination
    simulated_moods moods;                          ///< who says "not now", of programs that answer
    bool program_answers = false;                   ///< whether the peers' programs do
    record_end records = record_end::newline;       ///< what ends one
    std::size_t operations = 0;  ///< since it was set to zero; abort() ends a driver without rest

    /// As given, but for what heal() has mended.
    [[nodiscard]] const network_settings& settings() const noexcept { return settings_; }
    /// The living connection, or nullptr.
    [[nodiscard]] simulated_link* link() noexcept { return link_ ? &*link_ : nullptr; }
    /// The last looked-up.
    [[nodiscard]] std::size_t destination() const noexcept { return destination_; }
    /// Looks up or connects.
    [[nodiscard]] bool reaching() const noexcept { return doing_ != doing::nothing; }

    /// Names for a destination list, from `simulated-0` on.
    static std::vector<backends::destination> destinations(std::size_t n) {
        return simulated_destinations(n);
    }

    /// Ends hanging and late operations: well, or with an error.
    void answer(bool well) noexcept {
        names.answer(well);
        if (doing_ == doing::connecting) {
            answer_ = well ? answered::well : answered::badly;
        }
    }
    /// Makes every destination work again. The living connection stays as it is.
    void heal() noexcept {
        names.heal();
        reaches = {};
        moods = {};
        settings_.dead_endpoints = 0;
    }

    // ---- the transport's operations

    /// Like the transport's.
    void resolve(const backends::destination& where) noexcept {
        begin(1);
        promises.require(!link_, "D12 looking up a name while connected");
        promises.require(doing_ == doing::nothing, "D12 two look-ups or connects at once");
        destination_ = index_of(where);
        watcher_->resolving(destination_);
        doing_ = doing::resolving;
        names.ask(destination_, settings_.endpoints);
    }
    /// Like the transport's.
    io_result resolved() noexcept {
        begin(2);
        promises.require(doing_ == doing::resolving, "D12 no look-up is under way");
        const auto found = names.answered(destination_);
        if (!found) {
            return io_result::pending();
        }
        doing_ = doing::nothing;
        found_ = found->endpoints;
        return {found_.count, found->error};
    }

    /// Like the transport's.
    void connect(std::size_t endpoint) noexcept {
        begin(3);
        promises.require(!link_, "D12 two connections at once");
        promises.require(doing_ == doing::nothing, "D12 two look-ups or connects at once");
        promises.require(endpoint < found_.count, "D12 no such address");
        names.check_used(destination_, found_);
        watcher_->connecting(endpoint);
        endpoint_ = endpoint;
        doing_ = doing::connecting;
        answer_ = answered::not_yet;
    }
    /// Whether the connection is established.
    io_result connected() noexcept {
        begin(4);
        promises.require(doing_ == doing::connecting, "D12 nothing is being connected");
        const bool refuses =
            endpoint_ < settings_.dead_endpoints || !names.is_at_home(destination_, found_);
        const auto how = refuses || answer_ == answered::badly ? reach::refuses
                         : answer_ == answered::well           ? reach::accepts
                                                               : reaches[destination_];
        if (how == reach::silent || how == reach::late) {
            return io_result::pending();
        }
        doing_ = doing::nothing;
        if (how == reach::refuses) {
            return {0, std::make_error_code(std::errc::connection_refused)};
        }
        link_.emplace();
        link_->send_buffer = settings_.send_buffer;
        link_->receive_buffer = settings_.receive_buffer;
        link_->largest_write = settings_.largest_write;
        link_->answers_end = settings_.answers_end;
        link_->program_answers = program_answers;
        link_->answers = simulated_answers{settings_.refuse_every, record_cutter{records}};
        watcher_->opened(*link_);
        switch (how == reach::flaky ? often_bad() : how) {
            case reach::closes: link_->peer_closes(); break;
            case reach::resets: link_->reset(); break;
            case reach::away: link_->doomed = 1 + static_cast<unsigned>(luck_() % 4); break;
            default: break;
        }
        return {0, {}};
    }

    /// Like the transport's write_some().
    io_result write(std::span<const char> bytes) noexcept {
        begin(5);
        if (!alive("D12 writing without a connection")) {
            return failure();
        }
        promises.require(!bytes.empty(), "D12 an empty write");
        promises.require(!link_->half_closed, "D2 writing after our end of stream");
        if (failing()) {
            return failure();
        }
        const bool busy = link_->busy != 0;
        link_->busy -= busy;
        const std::size_t n = busy ? 0 : link_->taken_of(bytes);
        if (n == 0) {
            watcher_->found_no_room(*link_);
            return io_result::pending();
        }
        link_->take(bytes.first(n));
        watcher_->wrote(*link_, bytes, n);
        events.add(n);
        return {n, {}};
    }

    /// Like the transport's read_some().
    io_result read(std::span<char> room) noexcept {
        begin(6);
        if (!alive("D12 reading without a connection")) {
            return failure();
        }
        if (link_->local_error) {
            return failure();
        }
        const std::size_t n =
            (std::min)(room.size(), link_->floods && !link_->dead ? room.size() : link_->replies);
        if (n != 0) {
            link_->replies -= (std::min)(n, link_->replies);
            std::fill_n(room.data(), n, 'r');
            events.add(n);
            return {n, {}};
        }
        if (link_->program_answers) {
            if (const auto said = moods.answer(destination_, link_->answers)) {
                if (link_->answers.said_not_now) {
                    watcher_->told_not_now(said->delay);
                }
                events.add(said->count);
                return *said;
            }
        }
        if (link_->dead) {
            return failure();
        }
        return link_->peer_ended ? io_result{0, make_error_code(errc::end_of_stream)}
                                 : io_result::pending();
    }

    /// Like the transport's; the link's report.
    [[nodiscard]] std::size_t unacknowledged() noexcept {
        count(7);  // called while the machine learns of a write: its state is not consistent
        return alive("D3 asking without a connection") ? link_->report() : 0;
    }
    /// Like the transport's; 0 unless the settings know the window.
    [[nodiscard]] std::size_t unread() noexcept {
        return link_ && settings_.knows_window
                   ? static_cast<std::size_t>(link_->acknowledged -
                                              (std::min)(link_->acknowledged, link_->read))
                   : 0;
    }

    /// Like the transport's.
    void half_close() noexcept {
        begin(8);
        if (alive("D12 half-closing without a connection")) {
            promises.require(!link_->half_closed, "D12 half-closing twice");
            link_->half_closed = true;
            watcher_->half_closed(*link_);
        }
    }

    /// Like the transport's.
    void close() noexcept {
        leave([this] { link_->abandon(luck_()); });
    }
    /// Like the transport's.
    void abort() noexcept {
        leave([this] { link_->abort(luck_()); });
    }

private:
    enum class doing : std::uint8_t { nothing, resolving, connecting };
    enum class answered : std::uint8_t { not_yet, well, badly };

    static constexpr std::size_t max_operations = 1'000'000;
    static constexpr std::uint64_t close_operation = 9;

    template <class HowTo>
    void leave(HowTo how) noexcept {
        begin(close_operation);
        doing_ = doing::nothing;
        if (link_) {
            const bool told = link_->told;
            how();
            link_->told = told;
            watcher_->closed(*link_);
            link_.reset();
        }
    }
    reach often_bad() noexcept {
        constexpr std::array bad{reach::closes, reach::resets, reach::away};
        const std::uint64_t luck = luck_();
        return luck % 2 == 0 ? reach::accepts : bad[(luck >> 8) % bad.size()];
    }

    void begin(std::uint64_t what) noexcept {
        count(what);
        watcher_->before_operation(what == close_operation);
    }
    void count(std::uint64_t what) noexcept {
        if (++operations == max_operations) [[unlikely]] {
            std::fputs("the driver never rests: a million operations in one step\n", stderr);
            std::abort();
        }
        events.add(what);
    }

    bool alive(const char* otherwise) noexcept {
        promises.require(link_.has_value(), otherwise);
        return link_.has_value();
    }
    [[nodiscard]] bool failing() const noexcept { return link_->dead || link_->local_error; }
    static io_result failure() noexcept {
        return {0, std::make_error_code(std::errc::connection_reset)};
    }

    static std::size_t index_of(const backends::destination& where) noexcept {
        const char last = where.host.empty() ? '0' : where.host.back();
        return static_cast<std::size_t>(last - '0') % max_destinations;
    }

    Watcher* watcher_;
    network_settings settings_;
    split_mix luck_;
    std::optional<simulated_link> link_;
    std::size_t destination_ = 0;
    std::size_t endpoint_ = 0;
    simulated_addresses found_;
    doing doing_ = doing::nothing;
    answered answer_ = answered::not_yet;
};

}  // namespace backends::testing
