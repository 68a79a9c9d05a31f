// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/tcp.hpp>

#include <backends/transport/executor.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <thread>

using backends::destination;
using backends::errc;
using backends::instant;
using backends::io_result;

namespace {

static_assert(backends::waiting_transport<backends::tcp>);
static_assert(backends::resolver<backends::thread_resolver>);

destination at(const std::string& host, const std::string& service) {
    destination d;
    d.host = host;
    d.service = service;
    return d;
}

destination at(std::uint16_t port) { return at("127.0.0.1", std::to_string(port)); }

/// Runs the transport until `done` answers something else than "would block".
template <class Done>
io_result outcome(backends::tcp& t, Done done) {
    io_result answer = done();
    while (answer.would_block()) {
        t.arm(true, true, backends::instant::never());
        t.run_one();
        answer = done();
    }
    return answer;
}

io_result connect(backends::tcp& t, const destination& to) {
    t.resolve(to);
    const io_result found = outcome(t, [&] { return t.resolved(); });
    if (found.error) {
        return found;
    }
    t.connect(0);
    return outcome(t, [&] { return t.connected(); });
}

}  // namespace

TEST_CASE("bytes written arrive, and are acknowledged") {
    test::loopback_peer peer;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    const std::string text = "a 1 2\n";
    CHECK(t.write_some(text).count == text.size());
    while (peer.connections().empty() || peer.connections().back() != text) {
        peer.step();
    }
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("what the peer does not read stays unacknowledged in the end") {
    test::loopback_peer peer{0, 4096};
    peer.reads = false;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    const std::string text(1U << 16U, 'x');
    std::size_t written = 0;
    for (io_result r; !(r = t.write_some(text)).would_block(); written += r.count) {
        REQUIRE_FALSE(r.error);
    }
    REQUIRE(t.unacknowledged().has_value());
    CHECK(*t.unacknowledged() > 0);
    CHECK(*t.unacknowledged() < written);
}

TEST_CASE("an idle connection has nothing to read, and a closed one is at its end") {
    test::loopback_peer peer;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    std::array<char, 16> room{};
    CHECK(t.read_some(room).would_block());
    while (!peer.connected()) {
        peer.step();
    }
    peer.reply("hi");
    peer.close_connection();
    const io_result reply = outcome(t, [&] { return t.read_some(room); });
    CHECK(reply.count == 2);
    CHECK(outcome(t, [&] { return t.read_some(room); }).error == errc::end_of_stream);
}

TEST_CASE("half a close ends our direction only") {
    test::loopback_peer peer;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    t.half_close();
    while (!peer.saw_end()) {
        peer.step();
    }
    CHECK(t.write_some(std::string{"x"}).error == std::errc::broken_pipe);
}

TEST_CASE("a port without a listener refuses") {
    const test::closed_port nobody;
    const std::string address = nobody.address();
    backends::tcp t;
    const auto port = address.substr(address.find(':') + 1);
    CHECK(connect(t, at("127.0.0.1", port)).error == std::errc::connection_refused);
    t.close();
    CHECK_FALSE(t.unacknowledged().has_value());
}

TEST_CASE("names are looked up") {
    test::loopback_peer peer;
    backends::tcp t;
    t.resolve(at("localhost", std::to_string(peer.port())));
    const io_result found = outcome(t, [&] { return t.resolved(); });
    REQUIRE_FALSE(found.error);
    CHECK(found.count >= 1);
    CHECK(found.count <= backends::detail::max_addresses);
}

TEST_CASE("an unknown service of a known host is an error") {
    backends::tcp t;
    t.resolve(at("localhost", "no-such-service"));
    CHECK(outcome(t, [&] { return t.resolved(); }).error);
}

TEST_CASE("an endpoint that was not resolved is an error, not a crash") {
    backends::tcp t;
    t.connect(3);
    CHECK(t.connected().error == errc::no_address);
}

TEST_CASE("wake makes an event, from another thread too") {
    backends::tcp t;
    int events = 0;
    t.on_event({[](void* n) noexcept { ++*static_cast<int*>(n); }, &events});
    std::thread other{[&] { t.wake(); }};
    other.join();
    t.poll();
    CHECK(events == 1);
}

TEST_CASE("the alarm rings, the earliest of those that were set") {
    backends::tcp t;
    int events = 0;
    t.on_event({[](void* n) noexcept { ++*static_cast<int*>(n); }, &events});
    t.arm(false, false, instant::never());
    t.arm(false, false, instant{1});  // long ago
    while (events == 0) {
        t.run_one();
    }
    CHECK(events == 1);
}

TEST_CASE("sockets are not inherited by programs that are started") {
    test::loopback_peer peer;
    const int fd = backends::detail::open_tcp_socket(AF_INET);
    REQUIRE(fd >= 0);
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    ::close(fd);
}

TEST_CASE("a transport may go while operations are under way") {
    test::loopback_peer peer;
    boost::asio::io_context context;
    {
        backends::tcp t{context.get_executor()};
        t.resolve(at(peer.port()));
        REQUIRE(t.resolved().count == 1);
        t.connect(0);
        t.arm(true, true, instant{INT64_MAX / 2});
        t.resolve(at("localhost", "80"));
    }
    context.run();  // the operations come back and find nobody
    SUCCEED();
}

TEST_CASE("a peer that does not read shows it by its window") {
    test::loopback_peer peer{0, 65536};
    peer.reads = false;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    CHECK(t.unread() == 0);
    const std::string text(4096, 'x');
    std::size_t written = 0;
    for (io_result r; !(r = t.write_some(text)).would_block(); written += r.count) {
        CHECK(t.unread() <= written);
    }
    CHECK(t.unread() >= text.size());
}

TEST_CASE("an interface is taken by its name or by its number") {
    const auto binds = [](const std::string& name) {
        const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
        REQUIRE(fd >= 0);
        const bool bound = backends::detail::bind_to_interface(fd, name);
        ::close(fd);
        return bound;
    };
    CHECK(binds("lo") == binds(std::to_string(::if_nametoindex("lo"))));
    CHECK(binds("lo"));
    CHECK_FALSE(binds("4294967295"));
    CHECK_FALSE(binds("99999999999999999999"));
    CHECK_FALSE(binds("1x"));
}

TEST_CASE("what an aborted connection had not delivered never arrives") {
    const bool resets = GENERATE(true, false);
    test::loopback_peer peer{0, 4096};
    peer.reads = false;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    const std::string text(1U << 16U, 'x');
    std::size_t written = 0;
    for (io_result r; !(r = t.write_some(text)).would_block(); written += r.count) {
        REQUIRE_FALSE(r.error);
    }
    while (!peer.connected()) {
        peer.step();
    }
    REQUIRE(*t.unacknowledged() > 0);
    resets ? t.abort() : t.close();
    CHECK_FALSE(t.unacknowledged().has_value());
    peer.reads = true;
    while (peer.connected() && !peer.saw_end()) {
        peer.step();
    }
    CHECK((peer.connections().back().size() < written) == resets);
}

TEST_CASE("a peer that stands still has whole lines only, however long they are") {
    const std::size_t length = GENERATE(1U, 2U, 7U, 60U, 100U, 999U, 1461U, 4000U);
    // A line that is longer than half of the peer's window may be cut.
    const auto buffer = GENERATE_COPY(filter([=](std::size_t size) { return size >= 8 * length; },
                                             values<std::size_t>({4096, 16'384, 65'536})));
    test::loopback_peer peer{0, static_cast<int>(buffer)};
    peer.reads = false;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    const std::string line = std::string(length - 1, 'x') + '\n';
    std::string lines;
    while (lines.size() < (1U << 17U)) {
        lines += line;
    }
    // As a ring gives them: pieces that end anywhere.
    std::size_t written = 0;
    std::size_t piece = 1;
    for (io_result r; !r.would_block(); written += r.count) {
        piece = piece * 7 % 10'007;
        const std::size_t from = written % (lines.size() / line.size() * line.size());
        r = t.write_some(std::string_view{lines}.substr(from, piece));
        REQUIRE((r.would_block() || !r.error));
    }
    CHECK(written > 0);
    while (!peer.connected()) {
        peer.step();
    }
    t.abort();
    peer.reads = true;
    while (peer.connected() && !peer.saw_end()) {
        peer.step();
    }
    const std::string& arrived = peer.connections().back();
    CHECK(arrived.size() <= written);
    CHECK((arrived.empty() || arrived.back() == '\n'));
}

TEST_CASE("a peer that goes on gets the rest, without an event that tells of its room") {
    test::loopback_peer peer{0, 4096};
    peer.reads = false;
    backends::tcp t;
    REQUIRE_FALSE(connect(t, at(peer.port())).error);
    std::string lines;
    while (lines.size() < (1U << 17U)) {
        lines += "shop.web-1.disk.sda.reads 1.0000000 1700000000\n";
    }
    std::size_t written = 0;
    const auto write = [&] {
        const io_result r = t.write_some(std::string_view{lines}.substr(written));
        written += r.count;
        return r;
    };
    while (!write().would_block()) {}
    CHECK(written < lines.size());
    peer.reads = true;
    while (written < lines.size()) {
        if (write().would_block()) {
            t.arm(false, true, instant::never());
            t.run_one();
        }
        peer.step();
    }
    while (peer.connections().back().size() < written) {
        peer.step();
    }
    CHECK(peer.connections().back() == lines);
}

TEST_CASE("the kernel's patience is longer than delivery's") {
    const auto time_of = [](backends::tcp_options options, backends::nanoseconds stall) {
        test::loopback_peer peer;
        const int fd = backends::detail::open_tcp_socket(AF_INET);
        backends::detail::apply(options, stall, fd);
        int milliseconds = -1;
        socklen_t size = sizeof milliseconds;
        ::getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size);
        ::close(fd);
        return milliseconds;
    };
    using backends::seconds;
    CHECK(time_of({}, seconds{20}) == 25'000);
    CHECK(time_of({}, seconds{120}) == 150'000);
    CHECK(time_of({}, seconds{31'536'000}) == std::numeric_limits<int>::max());
    CHECK(time_of({}, {}) == 0);
    CHECK(time_of({.user_timeout = seconds{3}}, seconds{20}) == 3000);
    CHECK(time_of({.user_timeout = seconds{0}}, seconds{20}) == 0);
}

TEST_CASE("every option of the socket is taken by the kernel at both ends, and refused beyond") {
    using backends::nanoseconds;
    using backends::seconds;
    using backends::tcp_options;
    constexpr int most = std::numeric_limits<int>::max();
    constexpr auto least_of_64 = std::numeric_limits<std::int64_t>::min();
    constexpr auto most_of_64 = std::numeric_limits<std::int64_t>::max();

    const auto what_is_set = [](const tcp_options& options, int name) {
        const backends::tcp accepted{options};
        const int fd = backends::detail::open_tcp_socket(AF_INET);
        backends::detail::apply(options, {}, fd);
        int value = -1;
        socklen_t size = sizeof value;
        ::getsockopt(fd, IPPROTO_TCP, name, &value, &size);
        ::close(fd);
        return value;
    };
    CHECK(what_is_set({.not_sent_low_water = 1}, TCP_NOTSENT_LOWAT) == 1);
    CHECK(what_is_set({.not_sent_low_water = most}, TCP_NOTSENT_LOWAT) == most);
    CHECK(what_is_set({.user_timeout = backends::milliseconds(1)}, TCP_USER_TIMEOUT) == 1);
    CHECK(what_is_set({.user_timeout = backends::milliseconds(most)}, TCP_USER_TIMEOUT) == most);
    CHECK(what_is_set({.keep_alive_idle = seconds{1}}, TCP_KEEPIDLE) == 1);
    CHECK(what_is_set({.keep_alive_idle = seconds{32'767}}, TCP_KEEPIDLE) == 32'767);
    CHECK(what_is_set({.keep_alive_interval = seconds{1}}, TCP_KEEPINTVL) == 1);
    CHECK(what_is_set({.keep_alive_interval = seconds{32'767}}, TCP_KEEPINTVL) == 32'767);
    CHECK(what_is_set({.keep_alive_probes = 1}, TCP_KEEPCNT) == 1);
    CHECK(what_is_set({.keep_alive_probes = 127}, TCP_KEEPCNT) == 127);
    CHECK_NOTHROW(backends::tcp{tcp_options{.send_buffer = most}});
    CHECK_NOTHROW(backends::tcp{tcp_options{
        .not_sent_low_water = 0, .user_timeout = seconds{0}, .keep_alive_idle = seconds{0}}});

    const auto refused = [](const tcp_options& options, const char* what) {
        CHECK_THROWS_WITH(backends::tcp{options}, what);
        boost::asio::io_context users;
        CHECK_THROWS_WITH((backends::tcp{users.get_executor(), options}), what);
    };
    refused({.not_sent_low_water = -1}, "not_sent_low_water = -1: must be 0 to 2147483647 bytes");
    for (const auto bad : {nanoseconds{-1}, nanoseconds{1}, nanoseconds{999'999},
                           backends::milliseconds(most) + nanoseconds{1}, nanoseconds{most_of_64},
                           nanoseconds{least_of_64}}) {
        refused({.user_timeout = bad}, ("user_timeout = " + std::to_string(bad.value) +
                                        " ns: must be 1 to 2147483647 milliseconds, or 0")
                                           .c_str());
    }
    for (const auto bad : {std::int64_t{-1}, std::int64_t{32'768}, std::int64_t{1} << 32U,
                           most_of_64, least_of_64}) {
        const std::string value = " = " + std::to_string(bad) + " s: must be ";
        refused({.keep_alive_idle = seconds{bad}},
                ("keep_alive_idle" + value + "0 to 32767 seconds").c_str());
        refused({.keep_alive_interval = seconds{bad}},
                ("keep_alive_interval" + value + "1 to 32767 seconds").c_str());
    }
    refused({.keep_alive_interval = seconds{0}},
            "keep_alive_interval = 0 s: must be 1 to 32767 seconds");
    refused({.keep_alive_probes = 0}, "keep_alive_probes = 0: must be 1 to 127");
    refused({.keep_alive_probes = 128}, "keep_alive_probes = 128: must be 1 to 127");
    refused({.send_buffer = -1}, "send_buffer = -1: must be 0 to 2147483647 bytes");
}
