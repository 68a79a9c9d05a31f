// SPDX-License-Identifier: BSL-1.0
//
// Testing. The second account: which lines were accepted, which connection carried each, which the
// peer read, and so which may count as confirmed or dropped. It learns only from the producer and
// from the wire, and shares no code with the delivery machine.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/testing/accepted_lines.hpp>
#include <backends/testing/connection_lines.hpp>
#include <backends/testing/poison_witness.hpp>
#include <backends/testing/promise.hpp>
#include <backends/testing/simulated_link.hpp>
#include <backends/testing/verdict.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// Lines must differ from each other, or a duplicate would look like an original.
class line_witness {
public:
    /// `promises` must outlive it.
    line_witness(verdict& promises, const witness_settings& settings)
        : promises_{&promises}, settings_{settings}, poison_{settings.poison_limit} {}

    /// The queue's owner accepted a line.
    void accepted(std::string_view text) {
        lines_.add(text);
        accepted_ += {1, text.size()};
    }
    /// It refused one of so many bytes.
    void refused(std::size_t bytes) noexcept {
        accepted_ += {1, bytes};
        refused_ += {1, bytes};
    }
    /// A connection to this destination begins.
    void opened(std::size_t destination) noexcept {
        destination_ = destination;
        here_.clear();
        held_ = 0;
        next_ = first_;
    }

    /// D2: whole lines, in order, once, from a line's start. The kernel took n bytes of `offered`.
    void wrote(simulated_link& link, std::span<const char> offered, std::size_t n) noexcept {
        std::uint64_t at = link.written - n;
        while (n != 0) {
            if (!here_.inside_line() && !begin_line(offered, at)) {
                return;
            }
            std::size_t piece = (std::min)(n, left_of_line());
            while (std::memcmp(lines_.text(here_.newest().index) + here_.written(), offered.data(),
                               piece) != 0) {
                if (!another_line(offered.first(piece))) {
                    return;
                }
                piece = (std::min)(n, left_of_line());
            }
            at += piece;
            n -= piece;
            offered = offered.subspan(piece);
            if (here_.go_on(piece)) {
                end_line();
            }
        }
        mark_poison(link);
    }

    /// Follows the machine's account: confirmed lines, in order, each as its level promises.
    void settle(const delivery_counters& c, simulated_link* link) noexcept {
        lost_ = c.lost();
        const amount rejected = c.dropped_for(drop_reason::rejected);
        while (confirmed_.lines + rejected_.lines < c.confirmed.lines + rejected.lines) {
            if (link == nullptr || here_.all_confirmed()) {
                promises_->require(false, "D3 a line is confirmed that no connection carried");
                return;
            }
            const connection_lines::passage& p = here_.confirm();
            accepted_line& l = lines_[p.index];
            check_confirmed(*promises_, settings_.level, p.last, *link);
            l.settled = true;
            const bool refused = is_refused({lines_.text(p.index), l.size}, settings_.refuse_every);
            (refused ? rejected_ : confirmed_) += {1, l.size};
            promises_->require(poison_.confirmed(p.index, destination_),
                               "D12 a line ends connections, others pass, and it is not dropped");
        }
        while (poison_dropped_ < c.dropped[static_cast<std::size_t>(drop_reason::poison)].lines) {
            ++poison_dropped_;
            const std::size_t index = poison_.condemned();
            if (index == poison_witness::nobody) {
                promises_->require(false, "D12 poison, and no other line was confirmed instead");
                return;
            }
            pass_over(index);
            held_ = 0;
        }
        promises_->require(rejected_ == rejected, "D1 other lines than the refused are rejected");
        promises_->require(confirmed_ == c.confirmed, "D1 confirmed bytes are not whole lines");
        promises_->require(accepted_ == c.accepted, "D1 accepted lines are miscounted");
        if (link == nullptr || !here_.inside_line()) {
            promises_->require(again_ == c.replayed, "D4 replayed lines are miscounted");
            const amount known = passed_ + refused_ + rejected_;
            promises_->require(known.lines <= lost_.lines && known.bytes <= lost_.bytes,
                               "D3 lines were passed over and not counted as dropped");
        }
        note_reading(link);
    }
    /// While the connection lives, its begun and unconfirmed lines are in flight.
    void check_in_flight(const delivery_counters& c) const noexcept {
        const std::size_t begun = here_.size() - here_.confirmed();
        promises_->require(c.in_flight.lines == begun, "D1 lines in flight are miscounted");
        if (!here_.inside_line()) {
            promises_->require(c.in_flight.bytes == here_.end() - here_.confirmed_end(),
                               "D1 bytes in flight are miscounted");
        }
        const bool holds_back = held_ > lost_.lines - (passed_ + refused_ + rejected_).lines;
        promises_->require(!holds_back || here_.size() <= 1,
                           "D12 more than one line travels in place of a suspected one");
    }

    /// A connection is over. Returns the bytes that are confirmed and were never read.
    std::uint64_t closed(const simulated_link& link, const delivery_counters& c) {
        note_reading(&link);
        const std::uint64_t known = settings_.counts_unacked ? link.reported : link.written;
        torn_ +=
            here_.inside_line() || (known > here_.confirmed_end() && !here_.is_boundary(known));
        promises_->require(c.torn_tails == torn_, "D2 torn tails are miscounted");
        promises_->require(!link.delivered_end || here_.is_boundary(link.written),
                           "D2 an ordinary end of stream inside a line");
        promises_->require(link.aborted || here_.all_confirmed() ||
                               (settings_.counts_unacked && link.reported == link.written),
                           "D2 lines of a connection that was given up may still arrive");
        promises_->require(!settings_.counts_unacked || link.told ||
                               link.reported == link.written || here_.empty(),
                           "D3 closed without asking what is unacknowledged");
        const std::uint64_t lost = here_.acked_unconfirmed(link.read);
        check_lost(*promises_, settings_, lost, link);
        // Lines to be sent again: unconfirmed here, although as good as known to have arrived.
        if (settings_.level != promise::written && !here_.all_confirmed()) {
            const connection_lines::passage& p = here_.unconfirmed();
            const std::size_t spare = settings_.holds == 0 ? 0 : settings_.holds + lines_.longest();
            promises_->require(p.last > known || known - p.first <= spare,
                               "D4 more will be replayed than the level allows");
        }
        if (here_.inside_line()) {
            count_begun(lines_[here_.newest().index]);
        }
        if (here_.size() == 1 && here_.confirmed() == 0 && !link.answers.said_not_now) {
            poison_.ended(here_.oldest().index, destination_);
        }
        held_ = 0;
        here_.clear();
        return lost;
    }
    /// Whether the connection has begun a line and not finished it.
    [[nodiscard]] bool inside_line() const noexcept { return here_.inside_line(); }
    /// Whether all lines that the connection has begun are confirmed.
    [[nodiscard]] bool all_here_confirmed() const noexcept { return here_.all_confirmed(); }
    /// Whether any line of the connection is confirmed.
    [[nodiscard]] bool any_here_confirmed() const noexcept { return here_.confirmed() != 0; }
    /// Whether only the line waits that kills its reader.
    [[nodiscard]] bool only_poison_left(const delivery_counters& c) const noexcept {
        return settings_.poison < lines_.size() && !lines_[settings_.poison].settled &&
               c.queued.lines + c.in_flight.lines == 1;
    }
    /// At the end, with an empty queue: every line is confirmed or dropped.
    void check_end(const delivery_counters& c) const noexcept {
        amount gone = passed_ + refused_ + rejected_;
        for (std::size_t i = first_; i < lines_.size(); ++i) {
            gone += lines_[i].settled ? amount{} : amount{1, lines_[i].size};
        }
        promises_->require(gone == c.lost(), "D1 dropped lines are miscounted");
        promises_->require(duplicates_ <= again_.lines, "D4 a duplicate that was not counted");
    }
    /// Forgets settled lines that no event can change, so that an endless run stays small.
    void compact() {
        const std::size_t n = here_.empty() ? first_ : (std::min)(first_, here_.oldest().index);
        if (n < 4096) {
            return;
        }
        lines_.erase_front(n);
        here_.renumber(n);
        first_ -= n;
        next_ -= (std::min)(next_, n);
        poison_.renumber(n);
    }

    /// Lines that peers had whole, and how many of these were repeated.
    [[nodiscard]] std::uint64_t read() const noexcept { return read_; }
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return duplicates_; }  ///< see read()

private:
    /// Bytes that the begun line still needs.
    [[nodiscard]] std::size_t left_of_line() const noexcept {
        return lines_[here_.newest().index].size - here_.written();
    }

    bool is_strange() const noexcept {
        promises_->require(false, "D2 not one of ours, or out of order, or twice");
        return false;
    }
    /// Finds the next line that begins like this.
    bool begin_line(std::span<const char> offered, std::uint64_t at) noexcept {
        const std::size_t found = lines_.find(next_, {}, offered);
        if (found == lines_.size()) {
            return is_strange();
        }
        here_.begin_line(found, lines_[found].size, at);
        return true;
    }
    /// The line that seemed to be written is another that begins alike.
    bool another_line(std::span<const char> piece) noexcept {
        const std::size_t index = here_.newest().index;
        const std::string_view before{lines_.text(index), here_.written()};
        const std::size_t found = lines_.find(index + 1, before, piece);
        if (found == lines_.size()) {
            return is_strange();
        }
        here_.correct(found, lines_[found].size);
        return true;
    }
    void end_line() noexcept {
        const std::size_t index = here_.newest().index;
        count_begun(lines_[index]);
        // Earlier lines may not come any more, unless this one is a probe for a suspect.
        const bool may_wait = here_.size() == 1 && poison_.may_pass_over(destination_);
        for (std::size_t i = next_; i < index; ++i) {
            if (!lines_[i].settled && !may_wait) {
                pass_over(i);
            }
            held_ += !lines_[i].settled;
        }
        next_ = index + 1;
    }
    void pass_over(std::size_t index) noexcept {
        lines_[index].settled = true;
        passed_ += {1, lines_[index].size};
        poison_.gone(index);
    }
    void count_begun(accepted_line& l) noexcept {
        again_ += l.begun++ != 0 ? amount{1, l.size} : amount{};
    }
    void mark_poison(simulated_link& link) noexcept {
        const bool none = settings_.poison == UINT64_MAX;
        if (const auto* const p = none ? nullptr : here_.find(settings_.poison)) {
            link.fatal = {p->first, p->last, settings_.poison_on_arrival};
        }
    }

    void note_reading(const simulated_link* link) noexcept {
        if (link != nullptr) {
            here_.read_up_to(link->read, [this](std::size_t index) noexcept {
                duplicates_ += lines_[index].read++ != 0;
                ++read_;
            });
        }
        while (first_ < lines_.size() && lines_[first_].settled) {
            ++first_;
        }
    }

    verdict* promises_;
    witness_settings settings_;
    accepted_lines lines_;
    connection_lines here_;  // on the living connection
    std::size_t destination_ = 0;
    std::uint64_t held_ = 0;  // lines left out by the living connection, or dropped
    std::size_t next_ = 0;    // no earlier line may begin on this connection
    std::size_t first_ = 0;   // every line before it is settled
    poison_witness poison_;
    std::uint64_t poison_dropped_ = 0;
    std::uint64_t torn_ = 0;
    amount accepted_;
    amount refused_;
    amount lost_;  // by the machine's account
    amount confirmed_;
    amount rejected_;
    amount passed_;
    amount again_;
    std::uint64_t duplicates_ = 0;
    std::uint64_t read_ = 0;
};

}  // namespace backends::testing
