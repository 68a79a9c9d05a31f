// SPDX-License-Identifier: BSL-1.0
//
// What a transport learns once, before its first connection: how patient the machine is, and that
// the machine's queue keeps what the transport takes.
#pragma once

#include <backends/delivery/confirmation.hpp>
#include <backends/queue/queue_view.hpp>
#include <backends/transport/lent_bytes.hpp>
#include <backends/transport/transport.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

/// Copies bytes that begin so many before the end of what the living connection has taken. Copies
/// less where the queue has not so many.
template <class Queue>
void copy_sent(const void* keeper, std::size_t before_end, std::span<char> to) noexcept {
    const Queue& queue = *static_cast<const Queue*>(keeper);
    const queue_view view{queue};
    std::size_t at = queue.sent() - before_end;
    const std::size_t end = queue.sent();
    while (!to.empty() && at < end) {
        const queue_stretch next = view.from(at);
        for (const std::string_view piece : {next.first, next.second}) {
            const std::size_t n = piece.copy(to.data(), to.size());
            to = to.subspan(n);
            at += n;
        }
    }
}

/// Both outlive the transport's connections; the queue stays where it is.
template <class Confirmation, class Transport, class Queue>
void prepare(Transport& transport, const Queue& queue, nanoseconds stall_timeout) noexcept {
    if constexpr (stall_aware_transport<Transport>) {
        transport.stall_timeout(stall_timeout);
    }
    if constexpr (borrowing_transport<Transport> && keeps_unacknowledged<Confirmation>) {
        transport.borrow({&queue, &copy_sent<Queue>});
    }
}

}  // namespace backends::detail
