// SPDX-License-Identifier: BSL-1.0
//
// Testing. The transport of a simulated network. Models transport, not waiting_transport: a test
// drives its exporter by poll(), and so decides how time passes.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/core/request_body.hpp>
#include <backends/testing/simulated_network.hpp>
#include <backends/transport/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

namespace backends::inline BACKENDS_ISA::testing {

/// The body of requests of records that end by length.
struct simulated_body : line_body {
    static constexpr record_end ends = record_end::length;  ///< all that differs
};

/// Refers to a network, which must outlive it. Copies use the same network.
///
/// @tparam Watcher  the network's
/// @tparam Proves   what its acknowledgements prove; with `application` the peers' programs answer
/// @tparam Ends     what ends a record
template <class Watcher = no_watcher, evidence Proves = evidence::kernel,
          record_end Ends = record_end::newline>
class simulated_transport {
public:
    /// Of the requests that its records would go in.
    using body = std::conditional_t<Ends == record_end::newline, line_body, simulated_body>;
    static constexpr evidence proves = Proves;

    /// `network` must outlive it.
    explicit simulated_transport(simulated_network<Watcher>& network) noexcept
        : network_{&network} {
        network.program_answers = Proves == evidence::application;
        network.records = Ends;
    }

    void resolve(const destination& where) noexcept { network_->resolve(where); }
    io_result resolved() noexcept { return network_->resolved(); }
    void connect(std::size_t endpoint) noexcept { network_->connect(endpoint); }
    io_result connected() noexcept { return network_->connected(); }
    io_result write_some(std::span<const char> bytes) noexcept { return network_->write(bytes); }
    io_result read_some(std::span<char> room) noexcept { return network_->read(room); }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        if constexpr (Proves != evidence::none) {
            return network_->unacknowledged();
        } else {
            return std::nullopt;
        }
    }
    [[nodiscard]] std::uint64_t arrived() const noexcept
        requires(Proves == evidence::application)
    {
        simulated_link* const link = network_->link();
        return link == nullptr ? 0 : link->report_arrivals();
    }
    [[nodiscard]] std::size_t unread() const noexcept { return network_->unread(); }
    void half_close() noexcept { network_->half_close(); }
    void close() noexcept { network_->close(); }
    void abort() noexcept { network_->abort(); }

private:
    simulated_network<Watcher>* network_;
};

static_assert(transport<simulated_transport<>> &&
              transport<simulated_transport<no_watcher, evidence::none>>);

}  // namespace backends::testing
