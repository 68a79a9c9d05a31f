// SPDX-License-Identifier: BSL-1.0
//
// Delivery stage. Why connections end without having confirmed anything: because of one line, or by
// themselves. Failed connections say little, confirmed lines say much: no line is blamed where
// nothing else is confirmed either.
#pragma once

#include <backends/core/extremes.hpp>
#include <backends/core/list.hpp>
#include <backends/delivery/confirmation.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// After a few connections in a row that confirmed nothing, the oldest line becomes the suspect and
/// travels alone. If it fails alone, the next connection to that destination leaves it out and
/// carries another line, a probe. A confirmed probe is evidence: this destination takes lines, but
/// not that one. A failed probe takes the evidence back: the destination fails with any line. A
/// line with enough evidence against it is poison.
///
/// At some destinations connections fail by themselves. Such failures show when all lines of a
/// failed connection are confirmed later. The more of them, the more failures in a row it takes to
/// suspect a line, and the more evidence to condemn it.
///
/// Lines are known by their positions (line_queue::position). Allocates at construction only.
class quarantine {
public:
    /// @param limit         evidence that makes a line poison; 0: no line ever is
    /// @param destinations  their number
    quarantine(unsigned limit, std::size_t destinations) : limit_{limit}, places_(destinations) {}

    /// The maximum number of unconfirmed bytes, rounded up to a line.
    [[nodiscard]] std::uint64_t allowance() const noexcept { return allowance_; }
    /// A connection to a destination begins; `front` is the oldest line. Returns how many of the
    /// oldest lines it must leave out.
    std::size_t opened(std::uint64_t front, std::size_t destination) noexcept {
        here_ = detail::smaller(destination, places_.size() - 1);
        proved_ = false;
        if (suspect_ != front) {
            acquit();
        }
        probes_ = places_[here_].failed;
        return probes_ ? passed_over_ : 0;
    }
    /// The queue holds fewer lines than that: leaves out one, if there is a second; otherwise
    /// probes nothing.
    std::size_t too_few() noexcept {
        probes_ = passed_over_ > 1;
        passed_over_ = 1;
        return probes_ ? passed_over_ : 0;
    }

    /// Lines of `bytes` bytes were confirmed, and `front` is the oldest one now. True when that
    /// makes the suspect poison.
    bool confirmed(std::uint64_t front, std::uint64_t bytes, std::uint64_t in_flight) noexcept {
        in_a_row_ = 0;
        if (!std::exchange(proved_, true)) {
            note_success();
        }
        if (probes_ && front == suspect_) {
            place& here = places_[here_];
            here.evidence += std::exchange(here.failed, false);
            return condemned();
        }
        probes_ = false;
        if (suspect_ != nobody) {
            blameless(lonely_failures_);
            acquit();
        }
        if (front >= cleared_at_) {
            blameless(failures_);
            forget_failures();
        } else if (allowance_ != unbounded) {
            allowance_ = growth * detail::larger(allowance_, bytes);
            allowance_ = allowance_ < in_flight ? allowance_ : unbounded;
        }
        return false;
    }

    /// A connection ended that had begun the lines from `front` up to `end` and confirmed none.
    /// `refused`: the receiver refused a line in words. True when that makes the suspect poison.
    bool ended(std::uint64_t front, std::uint64_t end, bool refused) noexcept {
        ++in_a_row_;
        place& here = places_[here_];
        if (std::exchange(probes_, false)) {
            ++lonely_failures_;
            ++passed_over_;
            here = {};
            return false;
        }
        if (allowance_ == 1) {
            suspect_ = front;
            ++lonely_failures_;
            here.failed = !refused;
            return refused && limit_ != 0 && ++here.evidence >= limit_;
        }
        ++failures_;
        cleared_at_ = detail::smaller(cleared_at_, end);
        const unsigned most = (allowance_ == unbounded ? patience : 1) + caution();
        allowance_ = in_a_row_ < most ? allowance_ : 1;
        return false;
    }

    /// The suspect was dropped. It explains all failures so far.
    void dropped() noexcept {
        acquit();
        forget_failures();
        probes_ = false;
    }

private:
    /// Connections in a row that confirm nothing before a line is suspected. While the search for
    /// the reason goes on, one is enough.
    static constexpr unsigned patience = 3;
    /// After a suspect was confirmed, the amount of lines after it grows by this factor: a bad line
    /// among them soon has few neighbours.
    static constexpr std::uint64_t growth = 4;
    /// More failures in a row than this are an outage, and say nothing about single connections.
    static constexpr unsigned outage = 16;
    static constexpr unsigned max_caution = 32;
    static constexpr unsigned remembered = 32;

    static constexpr std::uint64_t nobody = UINT64_MAX;

    struct place {
        bool failed = false;    ///< the suspect failed alone, and nothing was tried since
        unsigned evidence = 0;  ///< how often another line passed where the suspect had failed
    };

    /// Four times the failures per success, so that a connection's own failure is seldom blamed on
    /// a line: where half of the connections fail, one series of failures in 64 is that long.
    [[nodiscard]] unsigned caution(unsigned in_doubt = 0) const noexcept {
        return detail::smaller(max_caution, 4 * (blameless_ + in_doubt) / (successes_ + 3));
    }
    /// Failures whose reason is not known yet speak for the suspect.
    [[nodiscard]] bool condemned() const noexcept {
        return limit_ != 0 &&
               places_[here_].evidence >= limit_ + caution(detail::smaller(failures_, patience));
    }

    void note_success() noexcept {
        if (++successes_ == remembered) {
            successes_ /= 2;
            blameless_ /= 2;
        }
    }
    void blameless(unsigned failures) noexcept { blameless_ += failures <= outage ? failures : 0; }
    void acquit() noexcept {
        suspect_ = nobody;
        lonely_failures_ = 0;
        passed_over_ = 1;
        for (place& one : places_) {
            one = {};
        }
    }
    void forget_failures() noexcept {
        failures_ = 0;
        cleared_at_ = nobody;
        allowance_ = unbounded;
    }

    unsigned limit_;
    list<place> places_;
    std::size_t here_ = 0;
    bool probes_ = false;  // the living connection carries a line other than the suspect
    bool proved_ = false;  // the living connection has confirmed a line
    std::uint64_t suspect_ = nobody;
    std::size_t passed_over_ = 1;  // lines that the next probe leaves out
    std::uint64_t allowance_ = unbounded;
    unsigned in_a_row_ = 0;              // connections that confirmed nothing
    unsigned lonely_failures_ = 0;       // of the suspect and of probes
    unsigned failures_ = 0;              // of connections with more lines
    std::uint64_t cleared_at_ = nobody;  // if a line caused them, it lies before this position
    unsigned blameless_ = 0;             // failures that no line caused
    unsigned successes_ = 0;             // connections that confirmed something
};

}  // namespace backends::detail
