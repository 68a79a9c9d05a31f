// SPDX-License-Identifier: BSL-1.0
//
// Which types are transports and resolvers, and that each missing part makes the difference.
#include <backends/transport/memory.hpp>
#include <backends/transport/resolver.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/transport.hpp>

namespace {

using backends::io_result;

/// The least that is a transport.
struct archetype {
    static constexpr backends::evidence proves = backends::evidence::none;
    void resolve(const backends::destination&);
    io_result resolved();
    void connect(std::size_t);
    io_result connected();
    io_result write_some(std::span<const char>) noexcept;
    io_result read_some(std::span<char>) noexcept;
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept;
    void half_close() noexcept;
    void close() noexcept;
    void abort() noexcept;
};

struct waiting_archetype : archetype {
    void on_event(backends::waker);
    void arm(bool, bool, backends::instant);
    void poll();
    void run_one();
    [[nodiscard]] bool on_users_executor() const;
    void wake() noexcept;
};

struct without_trait : archetype {
    static constexpr bool proves = true;
};
struct without_resolve : archetype {
    void resolve(const backends::destination&) = delete;
};
struct without_resolved : archetype {
    io_result resolved() = delete;
};
struct without_connect : archetype {
    void connect(std::size_t) = delete;
};
struct without_connected : archetype {
    bool connected();
};
struct throwing_write : archetype {
    io_result write_some(std::span<const char>);
};
struct throwing_read : archetype {
    io_result read_some(std::span<char>);
};
struct counting_for_sure : archetype {
    [[nodiscard]] std::size_t unacknowledged() const noexcept;
};
struct throwing_wake : waiting_archetype {
    void wake();
};
struct throwing_close : archetype {
    void close();
};
struct without_half_close : archetype {
    void half_close() noexcept = delete;
};
struct without_wake : waiting_archetype {
    void wake() = delete;
};
struct without_arm : waiting_archetype {
    void arm(bool, bool, backends::instant) = delete;
};

static_assert(backends::transport<archetype>);
static_assert(!backends::waiting_transport<archetype>);
static_assert(backends::waiting_transport<waiting_archetype>);
static_assert(backends::waiting_transport<backends::tcp>);
static_assert(backends::waiting_transport<backends::memory>);

static_assert(!backends::transport<int>);
static_assert(!backends::transport<without_trait>);
static_assert(!backends::transport<without_resolve>);
static_assert(!backends::transport<without_resolved>);
static_assert(!backends::transport<without_connect>);
static_assert(!backends::transport<without_connected>);
static_assert(!backends::transport<throwing_write>);
static_assert(!backends::transport<throwing_read>);
static_assert(!backends::transport<counting_for_sure>);
static_assert(!backends::transport<throwing_close>);
static_assert(!backends::transport<without_half_close>);
static_assert(!backends::waiting_transport<without_wake>);
static_assert(!backends::waiting_transport<throwing_wake>);
static_assert(!backends::waiting_transport<without_arm>);

/// The least that is a resolver.
struct resolver_archetype {
    void start(const backends::destination&, backends::waker);
    std::optional<backends::resolution> result();
    void forget() noexcept;
};
struct without_result : resolver_archetype {
    void result();
};
struct throwing_forget : resolver_archetype {
    void forget();
};

static_assert(backends::resolver<resolver_archetype>);
static_assert(backends::resolver<backends::thread_resolver>);
static_assert(!backends::resolver<without_result>);
static_assert(!backends::resolver<throwing_forget>);
static_assert(!backends::resolver<int>);

}  // namespace
