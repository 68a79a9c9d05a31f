// SPDX-License-Identifier: BSL-1.0
//
// Testing. An independent check of the poison rule (D12): which lines ended a connection alone,
// whether another line was confirmed at the same destination after that, and so which line may be
// dropped.
#pragma once

#include <backends/testing/network_settings.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// Not thread-safe.
class poison_witness {
public:
    static constexpr std::size_t nobody = SIZE_MAX;  ///< no line

    /// `limit`: the evidence that condemns a line.
    explicit poison_witness(unsigned limit) noexcept : limit_{limit} {}

    /// A connection that carried only this line ended and confirmed nothing. Lines that had failed
    /// there before may have failed for the same reason.
    void ended(std::size_t line, std::size_t destination) {
        for (suspect& s : suspects_) {
            if (s.line != line && std::exchange(s.failed[destination], false)) {
                s.evidence[destination] = 0;
            }
        }
        auto found = std::find_if(suspects_.begin(), suspects_.end(),
                                  [=](const suspect& s) { return s.line == line; });
        if (found == suspects_.end()) {
            suspects_.push_back({line, {}, {}});
            found = suspects_.end() - 1;
        }
        found->failed[destination] = true;
    }
    /// A destination confirmed a line, which clears it. Lines that had failed there are suspected
    /// with reason. False when there is more than enough evidence against one of them.
    bool confirmed(std::size_t line, std::size_t destination) noexcept {
        if (suspects_.empty()) [[likely]] {
            return true;
        }
        gone(line);
        bool good = true;
        for (suspect& s : suspects_) {
            s.evidence[destination] += std::exchange(s.failed[destination], false);
            good = good && s.evidence[destination] <= limit_ + max_doubt;
        }
        return good;
    }
    /// Forgets a line that has left.
    void gone(std::size_t line) noexcept {
        std::erase_if(suspects_, [=](const suspect& s) { return s.line == line; });
    }
    /// The machine dropped one line as poison. Returns which, or nobody if none may be dropped.
    std::size_t condemned() noexcept {
        std::size_t line = nobody;
        for (const suspect& s : suspects_) {
            if (*std::max_element(s.evidence.begin(), s.evidence.end()) >= limit_) {
                line = (std::min)(line, s.line);
            }
        }
        gone(line);
        return line;
    }
    /// Whether a connection to this destination may leave out earlier lines.
    [[nodiscard]] bool may_pass_over(std::size_t destination) const noexcept {
        return std::any_of(suspects_.begin(), suspects_.end(),
                           [=](const suspect& s) { return s.failed[destination]; });
    }
    /// Forgets the first n lines, and renumbers the others.
    void renumber(std::size_t n) noexcept {
        std::erase_if(suspects_, [=](const suspect& s) { return s.line < n; });
        for (suspect& s : suspects_) {
            s.line -= n;
        }
    }

private:
    static constexpr unsigned max_doubt = 32;
    static constexpr std::size_t places = max_destinations;

    struct suspect {
        std::size_t line;
        std::array<bool, places> failed;  ///< and no line was confirmed there since
        std::array<unsigned, places>
            evidence;  ///< how often another line was confirmed there after it failed
    };

    unsigned limit_;
    std::vector<suspect> suspects_;
};

}  // namespace backends::testing
