// SPDX-License-Identifier: BSL-1.0
//
// A deterministic world for the delivery machine: a network that does what a seed tells it, a
// driver that obeys the machine, and a plain mirror of what the machine must hold, checked after
// every call. Nothing here shares code with the machine but its public interface.
#pragma once

#include <backends/delivery/machine.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace world {

using backends::action;
using backends::action_kind;
using backends::amount;
using backends::instant;
using backends::milliseconds;
using backends::nanoseconds;

struct violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void require(bool good, const char* what) {
    if (!good) {
        throw violation{what};
    }
}

/// What an overflow policy dropped, and where, so that the mirror can drop the same lines.
struct drop_log {
    struct entry {
        std::size_t at;
        std::size_t bytes;
    };
    inline static amount all;
    inline static std::vector<entry> entries;
};

/// Base, watched: the mirror learns which bytes went, not how they were chosen.
template <class Base, bool Newest>
struct watched {
    static constexpr std::string_view name = Base::name;
    static amount make_room(backends::line_queue& queue, std::size_t n) noexcept {
        return log(queue, [&] { return Base::make_room(queue, n); });
    }
    static amount trim(backends::line_queue& queue, std::size_t most) noexcept {
        return log(queue, [&] { return Base::trim(queue, most); });
    }

private:
    template <class F>
    static amount log(backends::line_queue& queue, F drop) noexcept {
        const std::size_t held = queue.held();
        const amount dropped = drop();
        const std::size_t in_front = held - queue.held();
        drop_log::entries.push_back({0, in_front});
        drop_log::entries.push_back(
            {Newest ? queue.size() : queue.begun(), dropped.bytes - in_front});
        drop_log::all += dropped;
        return dropped;
    }
};
using watched_oldest = watched<backends::drop_oldest, false>;
using watched_newest = watched<backends::drop_newest, true>;

/// How far a connection's bytes were taken apart into lines.
struct cursor {
    std::size_t at = 0;
    std::optional<std::size_t> last = {};
};

/// One connection as the network sees it.
struct link {
    std::string written;      // what the transport took
    std::size_t arrived = 0;  // in the peer's kernel
    std::size_t acked = 0;    // what we could know of it
    std::size_t read = 0;     // by the peer's program
    std::size_t replies = 0;  // bytes waiting for us
    std::size_t send_buffer = 256;
    std::size_t receive_buffer = 256;
    bool reset = false;        // the next operation fails
    bool peer_closed = false;  // end of stream after the replies
    bool half_closed = false;  // by us
    cursor arrivals;
    cursor reads;
};

enum class level { written, acked, read };  // what a confirmed line must have reached

struct options {
    bool can_count = true;                   // unacknowledged bytes are known
    bool knows_window = false;               // unread bytes as well
    std::optional<std::size_t> poison = {};  // the peer dies of this line
};

template <class Machine>
class world {
public:
    world(std::uint64_t seed, backends::delivery_options settings, std::size_t destinations,
          level promise, options how)
        : random_{seed},
          machine_{settings, destinations, backends::split_mix{seed}},
          destinations_{destinations},
          promise_{promise},
          how_{how} {
        drop_log::entries.clear();
        drop_log::all = {};
    }

    Machine& machine() { return machine_; }
    std::uint64_t pick(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
    bool chance(unsigned percent) { return pick(100) < percent; }
    const std::vector<std::string>& lines() const { return text_; }
    std::size_t times_read(std::size_t id) const { return times_read_[id]; }

    // ---- the program's side

    bool produce(std::size_t length) {
        const std::size_t id = text_.size();
        std::string line = std::to_string(id) + " ";
        while (line.size() + 1 < length) {
            line += static_cast<char>('a' + (id + line.size()) % 26);
        }
        line += '\n';
        const std::size_t slack = pick(3) * 8;
        char* room = machine_.reserve(line.size() + slack);
        take_drops();
        const bool accepted = room != nullptr;
        text_.push_back(line);
        arrived_.push_back(0);
        times_read_.push_back(0);
        begun_.push_back(0);
        if (accepted) {
            std::copy(line.begin(), line.end(), room);
            std::fill(room + line.size(), room + line.size() + slack, '#');
            machine_.commit(line.size(), 1);
            mirror_.push_back(id);
            mirror_bytes_ += line.size();
        } else {
            ++refused_;
            machine_.refuse(line.size(), 1);
        }
        check();
        return accepted;
    }

    void end_batch() {
        machine_.end_batch(now_);
        take_drops();
        check();
    }

    void stop(nanoseconds patience) {
        machine_.stop(now_, now_ + patience);
        check();
    }

    // ---- time

    void advance(nanoseconds by) { now_ = now_ + by; }
    void advance_to_deadline(nanoseconds most) {
        const instant limit = now_ + most;
        now_ = std::max(now_, std::min(limit, machine_.deadline()));
    }

    // ---- the network's side: what every connection attempt meets

    enum class outcome { works, fails, hangs };
    std::array<unsigned, 3> resolve_odds{100, 0, 0};
    std::array<unsigned, 3> connect_odds{100, 0, 0};
    std::size_t endpoints = 1;
    std::size_t largest_write = 1'000'000;

    /// The data and the acknowledgements move by up to these many bytes.
    void move(std::size_t arrive, std::size_t ack, std::size_t read) {
        if (!link_) {
            return;
        }
        link& l = *link_;
        if (!l.reset && !l.peer_closed) {
            arrive = std::min(arrive, l.written.size() - l.arrived);
            arrive =
                std::min(arrive, l.receive_buffer - std::min(l.receive_buffer, l.arrived - l.read));
            l.arrived += arrive;
            note_arrivals(l);
            l.acked += std::min(ack, l.arrived - l.acked);
            peer_reads(l, read);
        } else if (!l.reset) {
            l.acked += std::min(ack, l.arrived - l.acked);
            if (l.written.size() > l.arrived && chance(50)) {
                l.reset = true;  // the peer's kernel refuses data for a closed socket
            }
        }
    }
    void reply(std::size_t bytes) {
        if (link_ && !link_->peer_closed && !link_->reset) {
            link_->replies += bytes;
        }
    }
    void reset() {
        if (link_) {
            link_->reset = true;
        }
    }
    /// The peer's program closes: politely only when it has read everything that arrived.
    void peer_closes() {
        if (link_ && !link_->peer_closed && !link_->reset) {
            if (link_->arrived != link_->read) {
                link_->reset = true;
            } else {
                link_->peer_closed = true;
            }
        }
    }
    /// Lets the hanging look-up or connect come to its end, perhaps long after it was given up.
    void answer_late() {
        if (pending_) {
            const action a = *pending_;
            pending_.reset();
            const auto before = machine_.counters();
            const auto phase = machine_.state();
            const bool current = awaited_ == a.attempt;
            if (a.kind == action_kind::resolve) {
                if (chance(50)) {
                    machine_.resolved(now_, a.attempt, endpoints);
                    resolved_ = current ? endpoints : resolved_;
                } else {
                    machine_.resolve_failed(now_, a.attempt, error());
                }
            } else if (chance(50)) {
                machine_.connected(now_, a.attempt);
                if (current) {
                    establish(a.attempt);
                }
            } else {
                machine_.connect_failed(now_, a.attempt, error());
            }
            if (!current) {
                require(before == machine_.counters() && phase == machine_.state(),
                        "a late answer changed something");
            }
            awaited_ = 0;
            check();
        }
    }
    /// Throws events of past attempts at the machine; none may have an effect.
    void throw_stale_events() {
        const auto before = machine_.counters();
        const auto phase = machine_.state();
        const instant deadline = machine_.deadline();
        for (const std::uint64_t old :
             {std::uint64_t{0}, last_attempt_ - std::min<std::uint64_t>(last_attempt_, 1),
              last_attempt_ + 1000}) {
            if (old == last_attempt_) {
                continue;
            }
            machine_.resolved(now_, old, 2);
            machine_.resolve_failed(now_, old, error());
            machine_.connected(now_, old);
            machine_.connect_failed(now_, old, error());
            machine_.wrote(now_, old, 5, 0);
            machine_.writable(now_, old);
            machine_.readable(now_, old);
            machine_.received(now_, old, std::span<const char>{"x", 1}, 1);
            machine_.end_of_stream(now_, old, 0);
            machine_.failed(now_, old, error(), 0);
            machine_.acknowledged(now_, old, 0);
        }
        require(before == machine_.counters() && phase == machine_.state() &&
                    deadline == machine_.deadline(),
                "a stale event changed something");
    }

    // ---- the driver

    /// Does what the machine says until it says none. `steps` bounds it: a machine that never says
    /// none is broken.
    void drive(std::size_t steps = 20000) {
        notify();
        while (true) {
            const action a = machine_.next(now_);
            check();
            if (a.kind == action_kind::none) {
                break;
            }
            require(steps-- != 0, "the machine never rests");
            perform(a);
            check();
        }
        require(machine_.next(now_).kind == action_kind::none, "none does not stay none");
        require(machine_.deadline() > now_, "a deadline in the past, and nothing to do");
    }

    void step() {
        notify();
        const action a = machine_.next(now_);
        check();
        perform(a);
        check();
    }

    /// The action to be broken: the k-th one fails instead of being performed.
    std::optional<std::size_t> fail_at;
    std::size_t performed = 0;

    // ---- what must hold after every call

    void check() {
        const backends::delivery_counters& c = machine_.counters();
        const backends::line_queue& q = machine_.queue();
        require(c.balanced(), "the identity is broken");
        require(q.size() <= q.capacity(), "more memory than allowed");
        require(c.in_flight.bytes == q.in_flight(), "in flight is not what has begun");
        require(c.queued.bytes + c.in_flight.bytes == q.size(), "the queue holds something else");
        settle();
        require(c.queued.lines + c.in_flight.lines == mirror_.size(),
                "lines are missing or too many");
        require(c.queued.bytes + c.in_flight.bytes == mirror_bytes_,
                "bytes are missing or too many");
        require(c.replayed.lines == again_, "replayed lines are miscounted");
        require(c.accepted.lines == text_.size(), "accepted lines are miscounted");
    }

private:
    static std::error_code error() { return std::make_error_code(std::errc::connection_reset); }

    backends::ack_report report() const {
        if (!how_.can_count) {
            return std::nullopt;
        }
        const link& l = *link_;
        return {l.written.size() - l.acked,
                how_.knows_window ? l.acked - std::min(l.read, l.acked) : 0};
    }

    outcome draw(const std::array<unsigned, 3>& odds) {
        std::uint64_t n = pick(odds[0] + odds[1] + odds[2]);
        if (n < odds[0]) {
            return outcome::works;
        }
        return n < odds[0] + odds[1] ? outcome::fails : outcome::hangs;
    }

    void notify() {
        if (link_) {
            const link& l = *link_;
            if (machine_.wants_readable() && (l.replies != 0 || l.peer_closed || l.reset)) {
                machine_.readable(now_, last_attempt_);
            }
            if (machine_.wants_writable() &&
                (l.reset || l.written.size() - l.acked < l.send_buffer)) {
                machine_.writable(now_, last_attempt_);
            }
            check();
        }
    }

    void perform(const action& a) {
        const bool breaks = a.kind != action_kind::none && fail_at == performed++;
        switch (a.kind) {
            case action_kind::none: return;
            case action_kind::resolve: {
                require(!link_, "resolving while connected");
                require(a.index < destinations_, "no such destination");
                last_attempt_ = a.attempt;
                const outcome o = breaks ? outcome::fails : draw(resolve_odds);
                if (o == outcome::works) {
                    machine_.resolved(now_, a.attempt, resolved_ = endpoints);
                } else if (o == outcome::fails) {
                    machine_.resolve_failed(now_, a.attempt, error());
                } else {
                    pending_ = a;
                    awaited_ = a.attempt;
                }
                return;
            }
            case action_kind::connect: {
                require(!link_, "two connections at once");
                require(a.index < resolved_, "no such address");
                last_attempt_ = a.attempt;
                const outcome o = breaks ? outcome::fails : draw(connect_odds);
                if (o == outcome::works) {
                    machine_.connected(now_, a.attempt);
                    establish(a.attempt);
                } else if (o == outcome::fails) {
                    machine_.connect_failed(now_, a.attempt, error());
                } else {
                    pending_ = a;
                    awaited_ = a.attempt;
                }
                return;
            }
            case action_kind::write: write(a, breaks); return;
            case action_kind::read: read(a, breaks); return;
            case action_kind::ask:
                require(link_.has_value(), "asking without a connection");
                if (breaks) {
                    fail(a);
                } else {
                    machine_.acknowledged(now_, a.attempt, report());
                }
                return;
            case action_kind::half_close:
                require(link_.has_value() && !link_->half_closed, "half-closing twice");
                require(link_->written.empty() || link_->written.back() == '\n',
                        "our side was closed inside a line");
                link_->half_closed = true;
                if (breaks) {
                    fail(a);
                }
                return;
            case action_kind::close:
                awaited_ = 0;
                if (link_) {
                    require(link_->written.empty() || link_->written.back() == '\n',
                            "an ordinary end inside a line");
                    finish_link(false);
                }
                return;
            case action_kind::abort:
                awaited_ = 0;
                if (link_) {
                    finish_link(true);
                }
                return;
        }
    }

    void establish(std::uint64_t attempt) {
        last_attempt_ = attempt;
        link_.emplace();
        link_->send_buffer = 32 + pick(512);
        link_->receive_buffer = 32 + pick(512);
    }

    void fail(const action& a) {
        link_->reset = true;
        if (chance(50)) {
            machine_.failed(now_, a.attempt, error(), report());
        } else {
            machine_.failed(now_, a.attempt, error());
        }
    }

    void write(const action& a, bool breaks) {
        require(link_.has_value(), "writing without a connection");
        link& l = *link_;
        require(!l.half_closed, "writing after half-closing");
        require(!a.bytes.empty(), "an empty write");
        if (how_.can_count) {
            require(l.written.size() - l.acked + a.bytes.size() <= machine_.options().max_in_flight,
                    "more in flight than allowed");
        }
        if (l.reset || breaks) {
            fail(a);
            return;
        }
        const std::size_t unacked = l.written.size() - l.acked;
        std::size_t n = l.send_buffer - std::min(l.send_buffer, unacked);
        n = std::min({n, a.bytes.size(), largest_write,
                      chance(70) ? a.bytes.size() : 1 + pick(a.bytes.size())});
        if (n == 0) {
            machine_.would_block(now_, a.attempt);
            return;
        }
        note_begun(n);
        l.written.append(a.bytes.data(), n);
        if (!how_.can_count && chance(50)) {
            l.acked = l.arrived;
        }
        if (how_.can_count && chance(30)) {
            machine_.wrote(now_, a.attempt, n);  // nobody has asked
        } else {
            machine_.wrote(now_, a.attempt, n, report());
        }
    }

    void read(const action& a, bool breaks) {
        require(link_.has_value(), "reading without a connection");
        link& l = *link_;
        if (breaks) {
            fail(a);
        } else if (l.replies != 0) {
            static const std::string buffer(4096, 'r');
            const std::size_t n = std::min({l.replies, buffer.size(), std::size_t{1} + pick(200)});
            l.replies -= n;
            machine_.received(now_, a.attempt, {buffer.data(), n}, n / 64);
        } else if (l.peer_closed) {
            machine_.end_of_stream(now_, a.attempt, report());
        } else if (l.reset) {
            fail(a);
        } else if (chance(50)) {
            machine_.would_block(now_, a.attempt);
        } else {
            machine_.received(now_, a.attempt, {});
        }
    }

    // The lines whose first byte is among the next n.
    void note_begun(std::size_t n) {
        const std::size_t from = machine_.queue().sent();
        std::size_t at = 0;
        for (const std::size_t id : mirror_) {
            if (at >= from + n) {
                break;
            }
            if (at >= from) {
                again_ += begun_[id]++ != 0;
            }
            at += text_[id].size();
        }
    }

    // The complete lines in a connection's bytes from the cursor to `end`: exactly accepted ones,
    // in order, each once, from a line's start.
    template <class F>
    void each_line(const link& l, cursor& from, std::size_t end, F use) const {
        while (from.at < end) {
            const std::size_t newline = l.written.find('\n', from.at);
            if (newline == std::string::npos || newline >= end) {
                check_torn(std::string_view{l.written}.substr(from.at, end - from.at), from.last);
                return;
            }
            const std::string_view line =
                std::string_view{l.written}.substr(from.at, newline + 1 - from.at);
            const std::size_t id = std::stoull(std::string{line});
            require(id < text_.size() && text_[id] == line, "a line is not one of ours");
            require(!from.last || id > *from.last, "lines out of order or twice on one connection");
            from.last = id;
            from.at = newline + 1;
            use(id);
        }
    }
    void check_torn(std::string_view line, std::optional<std::size_t> last) const {
        if (line.find(' ') != std::string_view::npos) {
            const std::size_t id = std::stoull(std::string{line});
            require(id < text_.size() && text_[id].substr(0, line.size()) == line,
                    "a torn line is not one of ours");
            require(!last || id > *last, "a torn line is out of order");
        }
    }

    void note_arrivals(link& l) {
        each_line(l, l.arrivals, l.arrived, [&](std::size_t id) { arrived_[id] = 1; });
    }

    void peer_reads(link& l, std::size_t n) {
        l.read += std::min(n, l.arrived - l.read);
        each_line(l, l.reads, l.read, [&](std::size_t id) {
            if (how_.poison == id) {
                l.reset = true;  // it died of the line: it has read it, and got nothing of it
            } else {
                ++times_read_[id];
            }
        });
        if (l.half_closed && l.arrived == l.written.size() && l.read == l.arrived && !l.reset) {
            l.peer_closed = true;
        }
    }

    void finish_link(bool with_reset) {
        link& l = *link_;
        cursor start;
        each_line(l, start, l.written.size(), [](std::size_t) {});
        if (!l.reset && !l.peer_closed && !with_reset) {
            // What our kernel still holds may arrive after we have forgotten it.
            l.arrived += pick(l.written.size() - l.arrived + 1);
            note_arrivals(l);
            if (!how_.poison) {
                peer_reads(l, pick(1000));
            }
        }
        link_.reset();
    }

    // Lines in front of those that the connection carries, as they were before the last event.
    std::size_t held_lines() const {
        std::size_t lines = 0;
        for (std::size_t at = 0; at < held_; ++lines) {
            at += text_[mirror_[lines]].size();
        }
        return lines;
    }

    // Drops in the mirror what the overflow policy dropped.
    void take_drops() {
        amount gone;
        for (const drop_log::entry& e : drop_log::entries) {
            std::size_t at = 0;
            std::size_t index = 0;
            while (at < e.at) {
                at += text_[mirror_[index++]].size();
            }
            require(at == e.at, "a drop inside a line");
            std::size_t bytes = 0;
            for (; bytes < e.bytes; ++gone.lines) {
                bytes += text_[mirror_[index]].size();
                mirror_.erase(mirror_.begin() + static_cast<std::ptrdiff_t>(index));
            }
            require(bytes == e.bytes, "what was dropped is not whole lines");
            gone.bytes += bytes;
            held_ -= e.at == 0 ? std::min(held_, bytes) : 0;
        }
        require(gone == drop_log::all, "dropped lines are miscounted");
        mirror_bytes_ -= gone.bytes;
        overflowed_ += gone.lines;
        drop_log::entries.clear();
        drop_log::all = {};
    }

    // Follows the machine's counters with the mirror: confirmed lines leave at the front.
    void settle() {
        const backends::delivery_counters& c = machine_.counters();
        const auto dropped = [&](backends::drop_reason r) {
            return c.dropped[static_cast<std::size_t>(r)].lines;
        };
        for (; confirmed_ != c.confirmed.lines; ++confirmed_) {
            require(held_lines() < mirror_.size(), "confirmed more than there was");
            const auto first = mirror_.begin() + static_cast<std::ptrdiff_t>(held_lines());
            const std::size_t id = *first;
            mirror_.erase(first);
            mirror_bytes_ -= text_[id].size();
            confirmed_bytes_ += text_[id].size();
            require(begun_[id] != 0, "confirmed and never written");
            require(promise_ != level::acked || arrived_[id] != 0, "confirmed and never arrived");
            require(promise_ != level::read || times_read_[id] != 0, "confirmed and never read");
        }
        require(confirmed_bytes_ == c.confirmed.bytes, "confirmed bytes are not whole lines");
        for (; poison_ != dropped(backends::drop_reason::poison); ++poison_) {
            require(!mirror_.empty() && begun_[mirror_.front()] >= machine_.options().poison_limit,
                    "an innocent line was dropped as poison");
            mirror_bytes_ -= text_[mirror_.front()].size();
            mirror_.pop_front();
        }
        held_ = machine_.queue().held();
        if (machine_.state() == backends::delivery_phase::stopped) {
            shutdown_ += mirror_.size();
            mirror_.clear();
            mirror_bytes_ = 0;
        }
        require(c.lost().lines == refused_ + overflowed_ + poison_ + shutdown_,
                "dropped lines are miscounted");
    }

    std::mt19937_64 random_;
    Machine machine_;
    std::size_t destinations_;
    level promise_;
    options how_;
    instant now_{1'000'000'000};
    std::optional<link> link_;
    std::optional<action> pending_;
    std::uint64_t awaited_ = 0;
    std::size_t resolved_ = 0;
    std::uint64_t last_attempt_ = 0;

    std::vector<std::string> text_;
    std::vector<char> arrived_;
    std::vector<std::size_t> times_read_;
    std::vector<std::size_t> begun_;
    std::deque<std::size_t> mirror_;
    std::size_t mirror_bytes_ = 0;
    std::uint64_t confirmed_ = 0;
    std::uint64_t confirmed_bytes_ = 0;
    std::uint64_t poison_ = 0;
    std::uint64_t shutdown_ = 0;
    std::uint64_t overflowed_ = 0;
    std::uint64_t again_ = 0;
    std::size_t held_ = 0;
    std::size_t refused_ = 0;
};

}  // namespace world
