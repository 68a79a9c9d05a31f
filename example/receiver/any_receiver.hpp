// SPDX-License-Identifier: BSL-1.0
//
// A receiver of the kind that a format needs: of connections or of datagrams.
#pragma once

#include "datagram_receiver.hpp"
#include "line_receiver.hpp"
#include "tally.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace receiver {

/// Its members are those of line_receiver.
template <class OnLine>
class any_receiver {
public:
    /// Throws boost::system::system_error when port and address cannot be had. A receiver of
    /// datagrams does not misbehave.
    any_receiver(format_reader read, OnLine on_line, std::uint16_t port = 0,
                 const std::string& address = "127.0.0.1", misbehaviour asked = {}) {
        if (read.in_datagrams) {
            held_.template emplace<datagram_receiver<OnLine>>(read, std::move(on_line), port,
                                                              address);
        } else {
            held_.template emplace<line_receiver<OnLine>>(read, std::move(on_line), port, address,
                                                          std::move(asked));
        }
    }
    /// At a path, of datagrams.
    any_receiver(format_reader read, OnLine on_line, const std::string& path) {
        held_.template emplace<datagram_receiver<OnLine>>(read, std::move(on_line), path);
    }

    [[nodiscard]] std::uint16_t port() const {
        return visit([](const auto& one) { return one.port(); });
    }
    [[nodiscard]] tally counts() const {
        return visit([](const auto& one) { return one.counts(); });
    }
    void finish(std::chrono::milliseconds within) {
        if (auto* const one = std::get_if<line_receiver<OnLine>>(&held_)) {
            one->finish(within);
        } else {
            std::get<datagram_receiver<OnLine>>(held_).finish();
        }
    }

private:
    template <class F>
    auto visit(F f) const {
        return std::visit(
            [&f]<class One>(const One& one) {
                if constexpr (std::is_same_v<One, std::monostate>) {
                    return decltype(f(
                        std::declval<line_receiver<OnLine>>())){};  // until it is made
                } else {
                    return f(one);
                }
            },
            held_);
    }

    std::variant<std::monostate, line_receiver<OnLine>, datagram_receiver<OnLine>> held_;
};

}  // namespace receiver
