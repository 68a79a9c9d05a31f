// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/unix_datagram.hpp>

#include "catch.hpp"
#include "support/datagram_peer.hpp"
#include "support/temporary_folder.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

using namespace backends;

namespace {

static_assert(waiting_transport<unix_datagram>);
static_assert(line_bounding_transport<unix_datagram>);
static_assert(unix_datagram::proves == evidence::none);

destination at(const std::string& address) {
    return parse_destinations(address, 1, unix_datagram::schemes).at(0);
}

io_result connect(unix_datagram& t, const std::string& address) {
    t.resolve(at(address));
    REQUIRE(t.resolved().count == 1);
    t.connect(0);
    return t.connected();
}

std::string line_of(std::size_t bytes) { return std::string(bytes - 1, 'x') + '\n'; }

}  // namespace

TEST_CASE("lines reach a path in datagrams of whole lines") {
    const test::temporary_folder folder;
    test::datagram_peer far{folder.path() + "/s"};
    unix_datagram t;
    CHECK(t.longest_line() == 8'192);
    REQUIRE_FALSE(connect(t, far.address()).error);
    const std::string text = line_of(8'000) + line_of(192) + line_of(1);
    CHECK(t.write_some(text).count == 8'192);
    CHECK_FALSE(t.unacknowledged().has_value());
    far.read(1, 1000);
    CHECK(far.text() == text.substr(0, 8'192));
    std::array<char, 16> room{};
    CHECK(t.read_some(room).would_block());
    t.half_close();
    CHECK(t.read_some(room).error == errc::end_of_stream);
    t.abort();
    CHECK(t.connected().error == errc::end_of_stream);
}

TEST_CASE("a receiver of datagrams that does not read makes the sender wait") {
    const test::temporary_folder folder;
    test::datagram_peer far{folder.path() + "/s"};
    unix_datagram t;
    REQUIRE_FALSE(connect(t, far.address()).error);
    std::size_t written = 0;
    for (io_result r; !(r = t.write_some(line_of(100))).would_block(); written += r.count) {
        REQUIRE_FALSE(r.error);
        REQUIRE(written < 100'000'000);
    }
    t.arm(false, true, instant::never());
    far.read(100);
    t.run_one();
    far.read();
    CHECK(t.write_some(line_of(100)).count == 100);
    far.read();
    CHECK(far.text().size() == written + 100);
}

TEST_CASE("a path of datagrams without a receiver is an error, and so is one that has died") {
    const test::temporary_folder folder;
    unix_datagram t;
    CHECK(connect(t, "unixgram:" + folder.path() + "/s").error ==
          std::errc::no_such_file_or_directory);
    test::datagram_peer far{folder.path() + "/s"};
    REQUIRE_FALSE(connect(t, far.address()).error);
    far.go_away();
    CHECK(t.write_some(line_of(10)).error);
    CHECK(connect(t, far.address()).error == std::errc::connection_refused);
    far.open();
    REQUIRE_FALSE(connect(t, far.address()).error);
    CHECK(t.write_some(line_of(10)).count == 10);
}

TEST_CASE("a datagram that the system does not take is divided") {
    const test::temporary_folder folder;
    test::datagram_peer far{folder.path() + "/s"};
    unix_datagram t{{.datagram_bytes = 65'507}};
    REQUIRE_FALSE(connect(t, far.address()).error);
    // As with a small net.core.wmem_default. The system rounds up, and has an overhead of its own.
    const int room = 4'096;
    for (int fd = 0; fd != 256; ++fd) {
        sockaddr_un peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
            peer.sun_family == AF_UNIX && (folder.path() + "/s") == peer.sun_path) {
            REQUIRE(::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
        }
    }
    std::string text;
    for (int i = 0; i != 600; ++i) {
        text += line_of(100);
    }
    for (std::string_view rest = text; !rest.empty();) {
        const io_result done = t.write_some(rest);
        REQUIRE((!done.error || done.would_block()));
        rest.remove_prefix(done.count);
        far.read();
    }
    CHECK(far.text() == text);
    CHECK(far.longest() < 65'507);
    CHECK(t.write_some(line_of(60'000)).count == 1);
    CHECK(t.write_some(line_of(60'000)).error == std::errc::message_size);
}

TEST_CASE("a path may be called unixgram, unix, or nothing") {
    CHECK(at("unixgram:/run/dsd.socket").host == "/run/dsd.socket");
    CHECK(at("unixgram:///run/dsd.socket").host == "/run/dsd.socket");
    CHECK(at("unix:///run/dsd.socket").host == "/run/dsd.socket");
    CHECK(at("/run/dsd.socket").host == "/run/dsd.socket");
    CHECK_THROWS_AS(at("udp://h:1"), config_error);
    CHECK_THROWS_WITH((unix_datagram{{.datagram_bytes = 1}}), ContainsSubstring("datagram_bytes"));
}
