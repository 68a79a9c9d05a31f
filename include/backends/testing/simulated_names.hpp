// SPDX-License-Identifier: BSL-1.0
//
// Testing. The names of a simulated network: look-ups that answer, fail, hang or come late, and
// addresses that move meanwhile. The library itself decides about late answers
// (transport/known_name.hpp); a witness checks that no answer is used after a newer one.
#pragma once

#include <backends/testing/network_settings.hpp>
#include <backends/testing/verdict.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/known_name.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// Some addresses of a destination. All are invalid once it has moved.
struct simulated_addresses {
    std::size_t count = 0;     ///< how many
    std::uint64_t home = 0;    ///< how often the destination had moved
    std::uint64_t answer = 0;  ///< the number of the name servers' answer

    [[nodiscard]] bool empty() const noexcept { return count == 0; }  ///< no address
};

/// The outcome of a look-up.
struct simulated_resolution {
    simulated_addresses endpoints;  ///< if there is no error
    std::error_code error;          ///< why there are none

    [[nodiscard]] bool is_answer() const noexcept { return !error; }  ///< not an error
};

/// Names for a destination list, from `simulated-0` on.
inline std::vector<destination> simulated_destinations(std::size_t n) {
    std::string names;
    for (std::size_t i = 0; i != n; ++i) {
        names += "simulated-" + std::to_string(i) + " ";
    }
    return parse_destinations(names, 1);
}

/// Not thread-safe.
class simulated_names {
public:
    /// `promises` must outlive it.
    explicit simulated_names(verdict& promises) noexcept : promises_{&promises} {}

    /// Sets the outcome of destination `i`'s look-ups from now on, also of a hanging one.
    void set(std::size_t i, lookup how) noexcept {
        names_[i].how = how;
        if (!hangs(how)) {
            finish(names_[i], how);
        }
    }
    /// Gives destination `i` other addresses from now on.
    void move(std::size_t i) noexcept { ++names_[i].home; }
    /// Ends hanging and late look-ups: well, or with an error.
    void answer(bool well) noexcept {
        for (name& n : names_) {
            finish(n, well ? lookup::answers : lookup::fails);
        }
    }
    /// Makes all names resolve again.
    void heal() noexcept {
        for (std::size_t i = 0; i != names_.size(); ++i) {
            set(i, lookup::answers);
        }
    }

    /// @param endpoints  the usual number of a destination's addresses
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
    /// The outcome of ask(), once it is there.
    [[nodiscard]] std::optional<simulated_resolution> answered(std::size_t i) noexcept {
        name& n = names_[i];
        return n.known.answer([&n] { return n.found; });
    }

    /// The transport connects to addresses of destination `i`.
    void check_used(std::size_t i, const simulated_addresses& used) noexcept {
        promises_->require(used.answer >= names_[i].newest_before,
                           "D12 an address of old was used although a newer answer had come");
    }
    /// Whether destination `i` still has these addresses.
    [[nodiscard]] bool is_at_home(std::size_t i, const simulated_addresses& there) const noexcept {
        return there.home == names_[i].home;
    }

private:
    struct name {
        lookup how = lookup::answers;
        bool is_looked_up = false;
        std::size_t endpoints = 0;
        std::uint64_t home = 0;
        std::uint64_t newest = 0;         // newest answer of the name servers
        std::uint64_t newest_before = 0;  // newest answer before the running question
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
