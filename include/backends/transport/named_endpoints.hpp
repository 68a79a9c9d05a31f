// SPDX-License-Identifier: BSL-1.0
//
// What the name of a destination stands for, as it was last looked up: the part that transports of
// the internet have in common.
#pragma once

#include <backends/core/fork_detector.hpp>
#include <backends/core/inline.hpp>
#include <backends/transport/resolver.hpp>
#include <backends/transport/transport.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

template <resolver Resolver>
class named_endpoints {
public:
    BACKENDS_INLINE explicit named_endpoints(Resolver&& names)
        : names_{new Resolver{std::move(names)}} {}

    /// Begins to look the name up; wakes whoever waits when the answer is there.
    void look_up(const destination& where, waker wakes) {
        interface_name_ = where.interface_name;
        names_->start(where, wakes);
    }
    /// Pending, an error, or the number of endpoints.
    io_result result() {
        auto answer = names_->result();
        if (!answer) {
            return io_result::pending();
        }
        endpoints_ = std::move(answer->endpoints);
        return {endpoints_.size(), answer->error};
    }
    /// An endpoint of the last answer; nullptr: it has fewer.
    [[nodiscard]] const tcp_endpoint* at(std::size_t index) const noexcept {
        return index < endpoints_.size() ? &endpoints_[index] : nullptr;
    }
    /// The interface that the destination asks for; empty: any.
    [[nodiscard]] const std::string& interface_name() const noexcept { return interface_name_; }
    /// Gives the look-up up.
    void forget() noexcept { names_->forget(); }
    /// Whether it was not moved away.
    [[nodiscard]] bool is_here() const noexcept { return names_.get() != nullptr; }

private:
    owned_at_home<Resolver> names_;
    std::vector<tcp_endpoint> endpoints_;
    std::string interface_name_;
};

}  // namespace backends::detail
