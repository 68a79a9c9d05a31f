// SPDX-License-Identifier: BSL-1.0
//
// Testing. The names of a simulated network: look-ups that answer, fail, hang and come late, and
// addresses that move meanwhile. What is done with a late answer is the library's own decision
// (transport/known_name.hpp); a witness watches that no answer is used after a newer one has come.
#pragma once

#include <backends/testing/network_settings.hpp>
#include <backends/testing/verdict.hpp>
#include <backends/transport/known_name.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA::testing {

/// Some addresses of a destination. All are gone once it has moved.
struct simulated_addresses {
    std::size_t count = 0;
    std::uint64_t home = 0;    ///< how often the destination had moved
    std::uint64_t answer = 0;  ///< by which answer of the name servers, in their order

    [[nodiscard]] bool empty() const noexcept { return count == 0; }
};

struct simulated_resolution {
    simulated_addresses endpoints;
    std::error_code error;

    [[nodiscard]] bool is_answer() const noexcept { return !error; }
};

/// Not thread-safe.
class simulated_names {
public:
    explicit simulated_names(verdict& promises) noexcept : promises_{&promises} {}

    /// What becomes of look-ups of destination `i` from now on, and of one that hangs.
    void set(std::size_t i, lookup how) noexcept {
        names_[i].how = how;
        if (!hangs(how)) {
            finish(names_[i], how);
        }
    }
    /// Destination `i` has other addresses from now on.
    void move(std::size_t i) noexcept { ++names_[i].home; }
    /// Look-ups that hang or are late come to their end: well, or with an error.
    void answer(bool well) noexcept {
        for (name& n : names_) {
            finish(n, well ? lookup::answers : lookup::fails);
        }
    }
    /// All names are answered again.
    void heal() noexcept {
        for (std::size_t i = 0; i != names_.size(); ++i) {
            set(i, lookup::answers);
        }
    }

    /// @param endpoints  how many addresses a destination usually has
    void ask(std::size_t i, std::size_t endpoints) noexcept {
        name& n = names_[i];
        n.endpoints = endpoints;
        n.newest_before = n.newest;
        n.known.question([&n] { return n.found; },
                         [this, &n] {
                             promises_->require(!n.is_looked_up, "D12 two look-ups of one name");
                             n.is_looked_up = true;
                             n.found.reset();
                             if (!hangs(n.how)) {
                                 finish(n, n.how);
                             }
                         });
    }
    [[nodiscard]] std::optional<simulated_resolution> answered(std::size_t i) noexcept {
        name& n = names_[i];
        return n.known.answer([&n] { return n.found; });
    }

    /// The transport connects to addresses of destination `i`.
    void check_used(std::size_t i, const simulated_addresses& used) noexcept {
        promises_->require(used.answer >= names_[i].newest_before,
                           "D12 an address of old was used although a newer answer had come");
    }
    /// Whether somebody is still at home at these addresses of destination `i`.
    [[nodiscard]] bool is_at_home(std::size_t i, const simulated_addresses& there) const noexcept {
        return there.home == names_[i].home;
    }

private:
    struct name {
        lookup how = lookup::answers;
        bool is_looked_up = false;
        std::size_t endpoints = 0;
        std::uint64_t home = 0;
        std::uint64_t newest = 0;         // answer of the name servers
        std::uint64_t newest_before = 0;  // the running question
        std::optional<simulated_resolution> found;
        detail::known_name<simulated_resolution> known;
    };

    static bool hangs(lookup how) noexcept { return how == lookup::hangs || how == lookup::late; }

    void finish(name& n, lookup how) noexcept {
        if (!std::exchange(n.is_looked_up, false)) {
            return;
        }
        if (how == lookup::fails) {
            n.found = simulated_resolution{{}, std::make_error_code(std::errc::host_unreachable)};
            return;
        }
        n.newest = ++answers_;
        const std::size_t count = how == lookup::many    ? 1000
                                  : how == lookup::empty ? 0
                                                         : n.endpoints;
        n.found = simulated_resolution{{count, n.home, answers_}, {}};
    }

    verdict* promises_;
    std::uint64_t answers_ = 0;
    std::array<name, max_destinations> names_{};
};

}  // namespace backends::testing
