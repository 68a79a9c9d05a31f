// SPDX-License-Identifier: BSL-1.0
#include "line_receiver.hpp"

#include "any_receiver.hpp"
#include "line_readers.hpp"

#include "catch.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/read.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct collecting {
    std::vector<std::string>* series;
    void operator()(std::string_view, const std::optional<receiver::line_seen>& seen) const {
        series->push_back(seen ? seen->series : "?");
    }
};

/// A receiver of Graphite lines and one sender.
struct pair {
    explicit pair(receiver::misbehaviour asked = {})
        : listening{receiver::reader_of("graphite"), collecting{&series}, 0, "127.0.0.1", asked} {
        sender.connect({asio::ip::address_v4::loopback(), listening.port()});
    }

    void send(std::string_view text) { asio::write(sender, asio::buffer(text)); }

    /// How the receiver ended the connection.
    boost::system::error_code ending() {
        boost::system::error_code error;
        std::array<char, 256> room;
        while (!error) {
            sender.read_some(asio::buffer(room), error);
        }
        return error;
    }

    std::vector<std::string> series;
    receiver::line_receiver<collecting> listening;
    asio::io_context io;
    tcp::socket sender{io};
};

constexpr std::chrono::milliseconds enough{10'000};

}  // namespace

TEST_CASE("lines are counted and taken apart however the bytes are cut") {
    pair p;
    p.send("netdata.h.c.d 1.0000000 17000");
    p.send("00000\nbroken\nnetdata.h.c.e 2 1700000001\nnetdata.h");
    p.sender.close();
    CHECK(p.listening.finish(enough));
    const auto t = p.listening.counts();
    CHECK(t.well_formed == 2);
    CHECK(t.well_formed_bytes == 35 + 27);
    CHECK(t.malformed == 1);
    CHECK(t.torn_tails == 1);
    CHECK(t.connections == 1);
    CHECK(t.bytes == 35 + 7 + 27 + 9);
    CHECK(p.series == std::vector<std::string>{"netdata.h.c.d", "?", "netdata.h.c.e"});
}

TEST_CASE("what a sender left behind before it closed is still read") {
    std::string text;
    for (int i = 0; i < 20'000; ++i) {
        text += "netdata.h.c.d 1.0000000 1700000000\n";
    }
    pair p;
    p.send(text);
    p.sender.close();
    CHECK(p.listening.finish(enough));
    CHECK(p.listening.counts().well_formed == 20'000);
}

TEST_CASE("the formats name their series") {
    const auto series = [](std::string_view type, std::string_view line) {
        const auto seen = receiver::reader_of(type)(line);
        return seen ? seen->series + "=" + std::string{seen->value} : "?";
    };
    CHECK(series("graphite", "p.h.c.d 1.0000000 17") == "p.h.c.d=1.0000000");
    CHECK(series("graphite", "p.h.c.d;a=b 1.0000000 17") == "p.h.c.d;a=b=1.0000000");
    CHECK(series("opentsdb:telnet", "put p.c.d 17 -3 host=h") == "p.c.d{h}=-3");
    CHECK(series("opentsdb:telnet", "put p.c.d 17 -3 host=h a=b") == "p.c.d{h} a=b=-3");
    CHECK(
        series("json",
               R"({"prefix":"p","hostname":"h","id":"c","subid":"d","value":4,"timestamp": 17})") ==
        "p.h.c.d=4");
    CHECK(series("json", "p.h.c.d 1.0000000 17") == "?");
    CHECK(series("influx", "p.c,host=h,a=b d=4 17") == "p.c.d{h},a=b=4");
    CHECK_THROWS_AS(receiver::reader_of("xml"), backends::config_error);
}

TEST_CASE("a line of several values names the series of each") {
    const auto seen = receiver::reader_of("influx:lines")("p.c,host=h d=4,e=-5.0000000 17");
    REQUIRE(seen);
    CHECK(seen->series == "p.c.d{h}");
    REQUIRE(seen->more.size() == 1);
    CHECK(seen->more[0].first == "p.c.e{h}");
    CHECK(seen->more[0].second == "-5.0000000");
}

TEST_CASE("a receiver that is asked to close or to reset does so after the given amount") {
    {
        pair p{{.close_after_lines = 1}};
        p.send("netdata.h.c.d 1 17\n");
        CHECK(p.ending() == asio::error::eof);
    }
    pair p{{.reset_after = 10}};
    p.send("netdata.h.c.d 1 17\nnetdata.h.c.d 1 18\n");
    CHECK(p.ending() == asio::error::connection_reset);
    p.listening.finish(enough);
    CHECK(p.listening.counts().bytes == 10);
    CHECK(p.listening.counts().torn_tails == 1);
}

TEST_CASE("a receiver that is asked to talk back answers each line") {
    pair p{{.reply = "put: illegal argument"}};
    p.send("netdata.h.c.d 1 17\nnetdata.h.c.d 1 18\n");
    std::string said(2 * 22, ' ');
    asio::read(p.sender, asio::buffer(said));
    CHECK(said == "put: illegal argument\nput: illegal argument\n");
}

TEST_CASE("a receiver that is asked to stop reading keeps the connection and its senders wait") {
    pair p{{.stop_reading_after = 5}};
    p.send("netdata.h.c.d 1 17\n");
    CHECK_FALSE(p.listening.finish(std::chrono::milliseconds{50}));
    CHECK(p.listening.counts().bytes <= 5);
}

namespace {
std::string request(std::string_view body) {
    return "POST /write?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string{body};
}
constexpr std::string_view yes = "HTTP/1.1 204 No Content\r\n\r\n";
}  // namespace

TEST_CASE("lines that come in requests are counted, and each request is answered") {
    pair p;
    const std::string both =
        request("netdata.h.c.d 1 17\nbroken\n") + request("netdata.h.c.e 1 17\n");
    const std::size_t cut = GENERATE(0U, 3U, 40U, 75U);
    p.send(both.substr(0, cut));
    p.send(both.substr(cut));
    std::string said(2 * yes.size(), ' ');
    asio::read(p.sender, asio::buffer(said));
    CHECK(said == std::string{yes} + std::string{yes});
    p.sender.close();
    CHECK(p.listening.finish(enough));
    const auto t = p.listening.counts();
    CHECK(t.requests == 2);
    CHECK(t.well_formed == 2);
    CHECK(t.malformed == 1);
    CHECK(t.bytes == both.size());
    CHECK(t.torn_tails == 0);
    CHECK(p.series == std::vector<std::string>{"netdata.h.c.d", "?", "netdata.h.c.e"});
}

TEST_CASE("a receiver that is asked for another status counts no line of the request") {
    pair p{{.status = 503}};
    p.send(request("netdata.h.c.d 1 17\n"));
    constexpr std::string_view no = "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n";
    std::string said(no.size(), ' ');
    asio::read(p.sender, asio::buffer(said));
    CHECK(said == no);
    CHECK(p.listening.counts().refused_requests == 1);
    CHECK(p.listening.counts().well_formed == 0);
}

TEST_CASE("a request without a length, or with an encoded body, is refused") {
    for (const std::string head :
         {"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
          "POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n"
          "Content-Length: 0\r\n\r\n"}) {
        pair p;
        p.send(head);
        std::string said(12, ' ');
        asio::read(p.sender, asio::buffer(said));
        CHECK(said == "HTTP/1.1 400");
    }
}

TEST_CASE("objects that come as arrays are counted one by one, as they were before") {
    std::vector<std::string> series;
    receiver::line_receiver<collecting> listening{receiver::reader_of("opentsdb_http"),
                                                  collecting{&series}};
    asio::io_context io;
    tcp::socket sender{io};
    sender.connect({asio::ip::address_v4::loopback(), listening.port()});
    const auto object = [](const std::string& metric) {
        return R"({"metric":")" + metric + R"(","timestamp":17,"value":1,"tags":{"host":"h"}})";
    };
    const std::string both = object("p.c.d") + ",\n" + object("p.c.e");
    asio::write(sender, asio::buffer(request("[" + both + "]\n") + request(both + ",\n") +
                                     request("[" + object("p.c.f") + "]\n")));
    std::string said(yes.size(), ' ');
    asio::read(sender, asio::buffer(said));
    CHECK(said == yes);
    sender.shutdown(tcp::socket::shutdown_send);
    said.resize(12);
    asio::read(sender, asio::buffer(said));
    CHECK(said == "HTTP/1.1 400");  // records without their array
    sender.close();
    CHECK(listening.finish(enough));
    CHECK(series == std::vector<std::string>{"p.c.d{h}", "p.c.e{h}", "p.c.f{h}"});
    const auto t = listening.counts();
    CHECK((t.well_formed == 3 && t.malformed == 1 && t.refused_requests == 1));
    CHECK(t.well_formed_bytes == both.size() + 2 + object("p.c.f").size() + 2);
}

TEST_CASE("datagrams at a port and at a path are cut into lines") {
    const test::temporary_folder folder;
    const bool is_at_path = GENERATE(false, true);
    std::vector<std::string> series;
    using any = receiver::any_receiver<collecting>;
    std::optional<any> listening;
    const auto format = receiver::reader_of(is_at_path ? "dogstatsd" : "statsd");
    asio::io_context io;
    asio::generic::datagram_protocol::socket sender{io};
    if (is_at_path) {
        listening.emplace(format, collecting{&series}, folder.path() + "/s");
        sender.connect(asio::local::datagram_protocol::endpoint{folder.path() + "/s"});
    } else {
        listening.emplace(format, collecting{&series});
        sender.connect(
            asio::ip::udp::endpoint{asio::ip::address_v4::loopback(), listening->port()});
    }
    const std::string line = is_at_path ? "p.c.d:1|c|#host:h|T17\n" : "p.h.c.d:0|g\np.h.c.d:-1|g\n";
    for (const std::string& text : {line + line, line + "broken\n", std::string{"torn"}}) {
        CHECK(sender.send(asio::buffer(text)) == text.size());
    }
    listening->finish(enough);
    const auto t = listening->counts();
    CHECK(t.well_formed == (is_at_path ? 3 : 6));
    CHECK(t.well_formed_bytes == 3 * line.size());
    CHECK((t.malformed == 1 && t.torn_tails == 1 && t.datagrams == 3));
    CHECK(series.front() == (is_at_path ? "p.c.d{h}" : "p.h.c.d"));
}

TEST_CASE("a flooding receiver sends without having been asked") {
    pair p{{.flood = true}};
    std::string said(1 << 20, ' ');
    asio::read(p.sender, asio::buffer(said));
    CHECK(said == std::string(1 << 20, '#'));
}
