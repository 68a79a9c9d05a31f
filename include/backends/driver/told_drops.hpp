// SPDX-License-Identifier: BSL-1.0
//
// Tells the observer which lines were dropped, and why, once each: subtracts the told from the
// counted lines.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/driver/observer.hpp>

#include <array>
#include <cstddef>

namespace backends::inline BACKENDS_ISA::detail {

class told_drops {
public:
    /// Tells the lines dropped since the last call, by reason.
    template <class Observer>
    void tell(Observer& observer, const delivery_counters& now) noexcept {
        for (std::size_t i = 0; i < drop_reasons; ++i) {
            if (now.dropped[i] != told_[i]) {
                observe::dropped(observer, static_cast<drop_reason>(i), now.dropped[i] - told_[i]);
                told_[i] = now.dropped[i];
            }
        }
    }

private:
    std::array<amount, drop_reasons> told_{};
};

}  // namespace backends::detail
