// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/unix_stream.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "catch.hpp"
#include "support/temporary_folder.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace backends;

namespace {

static_assert(waiting_transport<unix_stream>);

/// A receiver made of plain system calls.
class peer {
public:
    explicit peer(const std::string& path) : listener_{::socket(AF_UNIX, SOCK_STREAM, 0)} {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof at.sun_path);
        std::memcpy(at.sun_path, path.data(), path.size());
        ::unlink(path.c_str());
        REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
        REQUIRE(::listen(listener_, 4) == 0);
    }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;
    ~peer() {
        hang_up();
        ::close(listener_);
    }

    void accept() { connection_ = ::accept(listener_, nullptr, nullptr); }
    /// What is there within a second.
    [[nodiscard]] std::string read() const {
        std::array<char, 65536> room{};
        pollfd one{connection_, POLLIN, 0};
        const ssize_t n =
            ::poll(&one, 1, 1000) == 1 ? ::recv(connection_, room.data(), room.size(), 0) : 0;
        return {room.data(), static_cast<std::size_t>(n > 0 ? n : 0)};
    }
    void say(const std::string& text) const {
        REQUIRE(::send(connection_, text.data(), text.size(), 0) == static_cast<int>(text.size()));
    }
    void hang_up() {
        if (connection_ >= 0) {
            ::close(std::exchange(connection_, -1));
        }
    }

private:
    int listener_;
    int connection_ = -1;
};

destination at(const std::string& path) {
    return parse_destinations("unix:" + path, 1, unix_stream::schemes).at(0);
}

io_result connect(unix_stream& t, const std::string& path) {
    t.resolve(at(path));
    REQUIRE(t.resolved().count == 1);
    t.connect(0);
    return t.connected();
}

}  // namespace

TEST_CASE("bytes reach a path, and are acknowledged when the program has read them") {
    const test::temporary_folder folder;
    peer far{folder.path() + "/s"};
    unix_stream t;
    REQUIRE_FALSE(connect(t, folder.path() + "/s").error);
    far.accept();
    CHECK(t.unacknowledged() == 0U);
    const std::string text = "a 1 2\n";
    CHECK(t.write_some(text).count == text.size());
    CHECK(t.unacknowledged() == text.size());
    CHECK(far.read() == text);
    CHECK(t.unacknowledged() == 0U);

    far.say("hello");
    std::array<char, 16> room{};
    CHECK(t.read_some(room).count == 5);
    CHECK(t.read_some(room).would_block());
    t.half_close();
    CHECK(far.read().empty());
    far.hang_up();
    CHECK(t.read_some(room).error == errc::end_of_stream);
    t.close();
    CHECK_FALSE(t.unacknowledged().has_value());
}

TEST_CASE("a receiver that does not read makes the sender wait, and never counts as having read") {
    const test::temporary_folder folder;
    peer far{folder.path() + "/s"};
    unix_stream t;
    REQUIRE_FALSE(connect(t, folder.path() + "/s").error);
    far.accept();
    const std::string text(4096, 'x');
    std::size_t written = 0;
    for (io_result r; !(r = t.write_some(text)).would_block(); written += r.count) {
        REQUIRE_FALSE(r.error);
    }
    CHECK(t.unacknowledged() == written);
    const std::size_t read = far.read().size();
    CHECK(read > 0);
    CHECK(*t.unacknowledged() >= written - read);
    while (*t.unacknowledged() != 0) {
        REQUIRE_FALSE(far.read().empty());
    }
    t.arm(false, true, instant::never());
    t.run_one();
    CHECK(t.write_some(text).count > 0);
}

TEST_CASE("a path without a receiver is an error, and so is one that nobody listens at any more") {
    const test::temporary_folder folder;
    unix_stream t;
    CHECK(connect(t, folder.path() + "/none").error == std::errc::no_such_file_or_directory);
    { const peer gone{folder.path() + "/s"}; }
    CHECK(connect(t, folder.path() + "/s").error == std::errc::connection_refused);
    peer back{folder.path() + "/s"};
    CHECK_FALSE(connect(t, folder.path() + "/s").error);
}

TEST_CASE("an exporter sends its lines to a path, and refuses a host") {
    const test::temporary_folder folder;
    peer far{folder.path() + "/s"};
    host h{"h"};
    REQUIRE(h.add("c", {"d"}).record(1'700'000'000, {21.5}));
    using to_path = exporter<sum, graphite_plaintext, unix_stream>;
    to_path e{h,
              {.destination = "unix:" + folder.path() + "/s",
               .prefix = "p",
               .begin = begin_at::oldest,
               .self_monitoring = false}};
    e.start();
    e.request_stop(seconds{10});
    far.accept();
    CHECK_THAT(far.read(), StartsWith("p.h.c.d 21.5000000 "));
    far.hang_up();
    CHECK(e.stop(seconds{10}).counters.balanced());
    CHECK_THROWS_AS((to_path{h, {.destination = "localhost:2003"}}), config_error);
    CHECK_THROWS_AS((to_path{h, {.destination = "tcp://localhost:2003"}}), config_error);
}
