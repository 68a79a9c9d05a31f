// SPDX-License-Identifier: BSL-1.0
//
// The laws of transports hold for those that are provided, and for one on another.
#include <backends/testing/transport_laws.hpp>

#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/udp.hpp>
#include <backends/transport/unix_datagram.hpp>
#include <backends/transport/unix_stream.hpp>

#include "catch.hpp"
#include "support/datagram_peer.hpp"
#include "support/http_peer.hpp"
#include "support/loopback_peer.hpp"
#include "support/path_peer.hpp"
#include "support/temporary_folder.hpp"

#include <span>
#include <string>

using backends::memory;
using backends::tcp;

namespace {

const backends::destination anywhere{.host = "127.0.0.1", .interface_name = "", .service = "1"};

backends::destination place(const std::string& address,
                            std::span<const backends::scheme> schemes = backends::tcp_schemes) {
    return backends::parse_destinations(address, 1, schemes).front();
}

/// A memory_peer has room for what a turn says.
struct in_memory {
    memory& end;

    void turn(std::size_t n) {
        end.peer().with([n](auto& p) { p.room = n; });
    }
    [[nodiscard]] std::string taken() const { return end.peer().received(); }
};

struct over_loopback {
    test::loopback_peer peer;

    void turn(std::size_t n) {
        peer.reads_at_most = n + 1;
        peer.step();
    }
    [[nodiscard]] std::string taken() const {
        std::string all;
        for (const std::string& one : peer.connections()) {
            all += one;
        }
        return all;
    }
};

struct over_datagrams {
    test::datagram_peer peer;

    void turn(std::size_t n) { peer.read(n + 1); }
    [[nodiscard]] std::string taken() const { return peer.text(); }
};

struct over_http {
    test::http_peer peer;

    void turn(std::size_t n) {
        peer.says_at_most = 1 + n / 100;
        peer.step();
    }
    [[nodiscard]] std::string taken() const {
        std::string all;
        for (const std::string& one : peer.bodies()) {
            all += one;
        }
        return all;
    }
};

/// Forgets a byte now and then.
struct careless : memory {
    int writes = 0;
    backends::io_result write_some(std::span<const char> bytes) noexcept {
        const auto done = memory::write_some(bytes.first(bytes.size() - (++writes % 50 == 0)));
        return done.error ? done : backends::io_result{bytes.size(), {}};
    }
};

static_assert(backends::gathering_transport<tcp> && backends::gathering_transport<memory> &&
              backends::gathering_transport<backends::unix_stream>);
static_assert(!backends::gathering_transport<careless>,
              "a write_some() of its own, and pieces that pass it by");

struct fields : backends::line_body {
    static constexpr backends::record_end ends = backends::record_end::length;
};

template <class Transport, class Peer>
std::string broken(Transport& on, Peer& peer, const backends::destination& where) {
    std::string all;
    for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        all += backends::testing::transport_laws<Transport, Peer>::broken(on, peer, where, seed);
    }
    return all;
}

}  // namespace

TEST_CASE("memory keeps the laws of transports") {
    memory on;
    in_memory peer{on};
    CHECK(broken(on, peer, anywhere) == "");
}

TEST_CASE("tcp keeps them") {
    tcp on;
    over_loopback peer;
    CHECK(broken(on, peer, place(peer.peer.address())) == "");
}

TEST_CASE("unix_stream keeps them") {
    const test::temporary_folder folder;
    backends::unix_stream on;
    test::path_peer peer{folder.path() + "/s"};
    CHECK(broken(on, peer, place(peer.address(), backends::unix_stream::schemes)) == "");
}

TEST_CASE("udp keeps them") {
    backends::udp on;
    over_datagrams peer{.peer = test::datagram_peer{0}};
    CHECK(broken(on, peer, place(peer.peer.address(), backends::udp::schemes)) == "");
}

TEST_CASE("unix_datagram keeps them") {
    const test::temporary_folder folder;
    backends::unix_datagram on;
    over_datagrams peer{.peer = test::datagram_peer{folder.path() + "/s"}};
    CHECK(broken(on, peer, place(peer.peer.address(), backends::unix_datagram::schemes)) == "");
}

TEST_CASE("http_post keeps them on tcp") {
    backends::http_post<tcp> on;
    over_http peer;
    CHECK(broken(on, peer, place(peer.peer.address())) == "");
}

TEST_CASE("http_post keeps them with records that end by length") {
    backends::http_post<tcp, backends::not_encoded, fields> on{{.request_bytes = 16'384}};
    over_http peer;
    CHECK(broken(on, peer, place(peer.peer.address())) == "");
}

TEST_CASE("a transport that loses a byte breaks them") {
    careless on;
    in_memory peer{on};
    CHECK(broken(on, peer, anywhere) != "");
}
