// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/udp.hpp>

#include "catch.hpp"
#include "support/datagram_peer.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <sys/socket.h>

using namespace backends;

namespace {

static_assert(waiting_transport<udp>);
static_assert(line_bounding_transport<udp>);
static_assert(udp::proves == evidence::none);

destination at(const std::string& address) {
    return parse_destinations(address, 8125, udp::schemes).at(0);
}

io_result connect(udp& t, const std::string& address) {
    t.resolve(at(address));
    REQUIRE(t.resolved().count == 1);
    t.connect(0);
    return t.connected();
}

/// Writes all of it; the number of datagrams.
std::size_t write_all(udp& t, std::string_view text) {
    std::size_t writes = 0;
    while (!text.empty()) {
        const io_result done = t.write_some(text);
        REQUIRE_FALSE(done.error);
        text.remove_prefix(done.count);
        ++writes;
    }
    return writes;
}

std::string line_of(std::size_t bytes) { return std::string(bytes - 1, 'x') + '\n'; }

}  // namespace

TEST_CASE("lines reach a port over IPv4 and IPv6, and nobody acknowledges them") {
    for (const int family : {AF_INET, AF_INET6}) {
        test::datagram_peer far{0, family};
        udp t;
        CHECK(t.connected().error == errc::end_of_stream);
        REQUIRE_FALSE(connect(t, far.address()).error);
        CHECK(t.write_some(std::string_view{"a:1|g\nb:2|g\n"}).count == 12);
        CHECK_FALSE(t.unacknowledged().has_value());
        far.read(12, 1000);
        CHECK(far.datagrams() == std::vector<std::string>{"a:1|g\nb:2|g\n"});

        far.say("hello");
        std::array<char, 16> room{};
        t.arm(true, false, instant::never());
        t.run_one();
        CHECK(t.read_some(room).count == 5);
        CHECK(t.read_some(room).would_block());
        far.say("");
        CHECK(t.read_some(room).would_block());
        t.half_close();
        CHECK(t.read_some(room).error == errc::end_of_stream);
        t.run_one();
        t.close();
        REQUIRE_FALSE(connect(t, far.address()).error);
        CHECK(t.read_some(room).would_block());
    }
}

TEST_CASE("a datagram holds whole lines, as many as fit") {
    test::datagram_peer far;
    udp t{{.datagram_bytes = 512}};
    CHECK(t.longest_line() == 512);
    REQUIRE_FALSE(connect(t, far.address()).error);
    const std::string text =
        line_of(256) + line_of(256) + line_of(300) + line_of(212) + line_of(512);
    CHECK(write_all(t, text) == 3);
    far.read(text.size(), 1000);
    CHECK(far.text() == text);
    CHECK(far.longest() == 512);
    CHECK(t.write_some(std::string_view{}).count == 0);
    CHECK(t.write_some(std::string_view{"a 1 2\nb 3"}).count == 6);
}

TEST_CASE("a line whose start lies elsewhere is sent whole, with those that follow") {
    test::datagram_peer far;
    udp t{{.datagram_bytes = 512}};
    REQUIRE_FALSE(connect(t, far.address()).error);
    CHECK(t.write_some(std::string_view{"a 1"}).count == 3);
    CHECK(t.write_some(std::string_view{" 2"}).count == 2);
    CHECK(t.write_some(line_of(3) + line_of(504) + line_of(1)).count == 507);
    far.read(1, 1000);
    CHECK(far.datagrams() == std::vector<std::string>{"a 1 2" + line_of(3) + line_of(504)});
    // With a new connection the line begins anew.
    CHECK(t.write_some(std::string_view{"a 1"}).count == 3);
    REQUIRE_FALSE(connect(t, far.address()).error);
    CHECK(t.write_some(std::string_view{"b 1\n"}).count == 4);
    far.read(1, 1000);
    CHECK(far.datagrams().back() == "b 1\n");
}

TEST_CASE("a line longer than a datagram is begun, and then an error") {
    test::datagram_peer far;
    udp t{{.datagram_bytes = 512}};
    REQUIRE_FALSE(connect(t, far.address()).error);
    const std::string text = line_of(10) + line_of(513) + line_of(10);
    CHECK(t.write_some(text).count == 10);
    const std::string_view rest = std::string_view{text}.substr(10);
    CHECK(t.write_some(rest).count == 1);
    CHECK(t.write_some(rest.substr(1)).error == std::errc::message_size);
    // Begun elsewhere, too.
    REQUIRE_FALSE(connect(t, far.address()).error);
    CHECK(t.write_some(std::string(300, 'y')).count == 300);
    CHECK(t.write_some(std::string(300, 'y')).error == std::errc::message_size);
    far.read();
    CHECK(far.text() == line_of(10));
}

TEST_CASE("a line that adds to the one before it travels with it") {
    test::datagram_peer far;
    udp t{{.datagram_bytes = 512}};
    t.keep_together([](std::string_view line) noexcept { return line.starts_with('+'); });
    REQUIRE_FALSE(connect(t, far.address()).error);
    const std::string adding = '+' + line_of(200);
    const std::string text = line_of(200) + line_of(200) + adding + line_of(200) + line_of(301) +
                             adding + '+' + line_of(511) + adding;
    write_all(t, text);
    far.read(text.size(), 1000);
    CHECK(far.text() == text);
    REQUIRE(far.datagrams().size() == 6);
    CHECK(far.datagrams()[0] == line_of(200));
    CHECK(far.datagrams()[1] == line_of(200) + adding);
    CHECK(far.datagrams()[2] == line_of(200));
    CHECK(far.datagrams()[3] == line_of(301) + adding);
    CHECK(far.datagrams()[4].size() == 512);  // alone it fills one: nothing can be done
}

TEST_CASE("where nobody listens, a later call fails and takes nothing") {
    test::datagram_peer far;
    udp t;
    REQUIRE_FALSE(connect(t, far.address()).error);
    far.go_away();
    CHECK(t.write_some(std::string_view{"a 1 2\n"}).count == 6);  // lost: nobody could know
    CHECK(t.write_some(std::string_view{"b 1 2\n"}).error == std::errc::connection_refused);
    CHECK(t.write_some(std::string_view{"c 1 2\n"}).count == 6);
    std::array<char, 16> room{};
    CHECK(t.read_some(room).error == std::errc::connection_refused);
    far.open();
    REQUIRE_FALSE(connect(t, far.address()).error);
    CHECK(t.write_some(std::string_view{"b 1 2\n"}).count == 6);
    far.read(6, 1000);
    CHECK(far.text() == "b 1 2\n");
}

TEST_CASE("a receiver that does not exist, and one by another interface, are errors") {
    udp t;
    t.connect(0);
    CHECK(t.connected().error == errc::no_address);
    t.resolve(at("udp://127.0.0.1%no-such-device:1"));
    REQUIRE(t.resolved().count == 1);
    t.connect(0);
    CHECK(t.connected().error);
}

TEST_CASE("UDP's destinations are udp://HOST:PORT, and HOST alone has the format's port") {
    CHECK(to_string(at("statsd-1")) == "udp://statsd-1:8125");
    CHECK(to_string(at("udp:statsd-1:9125")) == "udp://statsd-1:9125");
    CHECK(to_string(at("udp://[::1%lo]:9125")) == "udp://[::1%lo]:9125");
    CHECK_THROWS_AS(at("tcp://statsd-1"), config_error);
    CHECK_THROWS_WITH(parse_destinations("udp://statsd-1", 1),
                      ContainsSubstring("udp is not spoken here"));
}

TEST_CASE("a datagram of a size that cannot work is refused with its key") {
    CHECK_THROWS_WITH((udp{{.datagram_bytes = 511}}),
                      ContainsSubstring("datagram_bytes") && ContainsSubstring("511"));
    CHECK_THROWS_AS((udp{{.datagram_bytes = 65'508}}), config_error);
    test::datagram_peer far;
    udp t{{.datagram_bytes = 65'507}};
    REQUIRE_FALSE(connect(t, far.address()).error);
    CHECK(t.write_some(line_of(65'507)).count == 65'507);
    far.read(1, 1000);
    CHECK(far.longest() == 65'507);
}
