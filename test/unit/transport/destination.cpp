// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/destination.hpp>

#include "catch.hpp"

#include <array>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using backends::config_error;
using backends::destination;
using backends::parse_destinations;
using backends::path_after_port;
using backends::path_alone;
using backends::scheme;
namespace detail = backends::detail;

TEST_CASE("one destination is read in all its parts") {
    const auto one = [](std::string_view text) {
        const auto list = parse_destinations(text, 2003);
        REQUIRE(list.size() == 1);
        return list[0];
    };
    CHECK(one("localhost") == destination{"localhost", "", "2003", false});
    CHECK(one("localhost:4242") == destination{"localhost", "", "4242", false});
    CHECK(one("tcp:localhost:4242") == destination{"localhost", "", "4242", false});
    CHECK(one("10.0.0.1:65535") == destination{"10.0.0.1", "", "65535", false});
    CHECK(one("graphite:http-alt") == destination{"graphite", "", "http-alt", false});
    CHECK(one("host%eth0:1") == destination{"host", "eth0", "1", false});
    CHECK(one("host%eth0") == destination{"host", "eth0", "2003", false});
    CHECK(one("[::1]") == destination{"::1", "", "2003", true});
    CHECK(one("[::1]:4242") == destination{"::1", "", "4242", true});
    CHECK(one("[fe80::1%eth0]:4242") == destination{"fe80::1", "eth0", "4242", true});
    CHECK(one("[fe80::1]%eth0:4242") == destination{"fe80::1", "eth0", "4242", true});
    CHECK(one("tcp:[::ffff:10.0.0.1]:1") == destination{"::ffff:10.0.0.1", "", "1", true});
    CHECK(one("host:007").service == "7");
    CHECK(one("[fe80::1%2]:1") == destination{"fe80::1", "2", "1", true});
    CHECK(one("[fe80::1%25eth0]:1") == destination{"fe80::1", "eth0", "1", true});
    CHECK(one("[fe80::1]%25eth0:1") == destination{"fe80::1", "eth0", "1", true});
    CHECK(one("[fe80::1%25]:1").interface_name == "25");
    CHECK(one("[fe80::1%251]:1").interface_name == "251");
    CHECK(one("graphite.example.com.:1").host == "graphite.example.com.");
    CHECK(one("TCP:Graphite:4242") == destination{"Graphite", "", "4242", false});
    CHECK(one("http:8080") == destination{"http", "", "8080", false});
    CHECK(one("_carbon._tcp.a-b:1").host == "_carbon._tcp.a-b");
}

namespace {

constexpr std::array<scheme, 4> several{{{"unix", 0, &path_alone},
                                         {"tcp"},
                                         {"http", 80, &path_after_port},
                                         {"https", 443, &path_after_port}}};

destination read_as_several(std::string_view text) {
    const auto list = parse_destinations(text, 2003, several);
    REQUIRE(list.size() == 1);
    CHECK(parse_destinations(to_string(list[0]), 1, several) == list);
    return list[0];
}
std::string refused_by_several(std::string_view text) {
    try {
        parse_destinations(text, 2003, several);
    } catch (const config_error& e) {
        CHECK(e.key() == "destination");
        CHECK(e.value() == text);
        return e.why();
    }
    return "accepted";
}

struct without_schemes {};
struct with_schemes {
    static constexpr std::array<scheme, 1> schemes{{{"serial", 0, &path_alone}}};
};

}  // namespace

TEST_CASE("a scheme stands before the host, with slashes or, as ever, without") {
    const auto one = [](std::string_view text) { return parse_destinations(text, 2003).at(0); };
    CHECK(one("tcp://localhost:4242") == destination{"localhost", "", "4242", false});
    CHECK(one("TCP://[fe80::1%2]") == destination{"fe80::1", "2", "2003", true});
    CHECK(one("tcp://tcp:80") == destination{"tcp", "", "80", false});
    CHECK(one("tcp:tcp:80") == destination{"tcp", "", "80", false});
}

TEST_CASE("a transport has the schemes that it declares, each with its port, a path, or a file") {
    CHECK(read_as_several("http://h") == destination{"h", "", "80", false, "http", ""});
    CHECK(read_as_several("HTTPS://h:1/a/b?c=d&e") ==
          destination{"h", "", "1", false, "https", "/a/b?c=d&e"});
    CHECK(read_as_several("https://[fe80::1%25eth0]/x") ==
          destination{"fe80::1", "eth0", "443", true, "https", "/x"});
    CHECK(read_as_several("http://h%eth0?db=x") ==
          destination{"h", "eth0", "80", false, "http", "/?db=x"});
    CHECK(read_as_several("tcp://h") == destination{"h", "", "2003", false, "tcp", ""});
    CHECK(read_as_several("tcp:h:1") == destination{"h", "", "1", false, "tcp", ""});
    CHECK(read_as_several("unix:/run/x.sock") ==
          destination{"/run/x.sock", "", "", false, "unix", ""});
    CHECK(read_as_several("unix:///run/x.sock").host == "/run/x.sock");
    CHECK(read_as_several("/run/x.sock").host == "/run/x.sock");
    CHECK(parse_destinations("unix:/a, http://h tcp:h", 1, several).size() == 3);
}

TEST_CASE("a destination that the transport does not serve is refused by its name") {
    CHECK(refused_by_several("udp://h") ==
          "udp is not spoken here, only unix or tcp or http or https; HOST:PORT is: h");
    CHECK(refused_by_several("udp:h") ==
          "udp is not spoken here, only unix or tcp or http or https; HOST:PORT is: h");
    CHECK(refused_by_several("http:h") == "two slashes follow: http://HOST:PORT");
    CHECK(refused_by_several("https:/h/x") == "two slashes follow: https://HOST:PORT");
    CHECK_THAT(refused_by_several("unix:run"), StartsWith("a path of 2 to 107 bytes"));
    CHECK_THAT(refused_by_several("unix:/"), StartsWith("a path of 2 to 107 bytes"));
    CHECK_THAT(refused_by_several("unix:/" + std::string(107, 'a')),
               StartsWith("a path of 2 to 107 bytes"));
    CHECK_THAT(refused_by_several("http://h/#x"), StartsWith("a path has no quotes"));
    CHECK_THAT(refused_by_several("http://h/\xc3\xa4"), StartsWith("a path has no quotes"));
    CHECK(refused_by_several("tcp://h/x") == "a receiver is HOST:PORT, without a path");
    CHECK(refused_by_several("http:///x") == "the host is missing before the colon");
    CHECK(refused_by_several("http://h:0/x") == "the port is not between 1 and 65535");
}

TEST_CASE("a transport that declares no scheme has tcp") {
    CHECK(detail::schemes_of<without_schemes>().front().name == "tcp");
    CHECK(detail::schemes_of<with_schemes>().front().name == "serial");
}

TEST_CASE("a list keeps its order, whatever separates it") {
    const auto list = parse_destinations(" a:1,b ,\tc:3  , d\n", 2003);
    REQUIRE(list.size() == 4);
    CHECK(list[0] == destination{"a", "", "1", false});
    CHECK(list[1] == destination{"b", "", "2003", false});
    CHECK(list[2] == destination{"c", "", "3", false});
    CHECK(list[3] == destination{"d", "", "2003", false});
}

TEST_CASE("what cannot be read is refused, with the key and the item") {
    const auto refused = [](std::string_view text, std::string_view item) {
        INFO(text);
        try {
            parse_destinations(text, 2003);
            FAIL("accepted");
        } catch (const config_error& e) {
            CHECK(e.key() == "destination");
            CHECK(e.value() == item);
        }
    };
    refused("", "");
    refused(" ,, ", " ,, ");
    refused("user@a:1", "***@a:1");
    refused("a b:70000 c", "b:70000");
    for (const std::string_view item :
         {":2003",      "a:",          "a:0",       "a:65536",     "a:99999999999999999999",
          "a:-1",       "a:+1",        "a:20x",     "a:1:2",       "::1",
          "fe80::1",    "[::1",        "::1]",      "[::1]x",      "[::1]2003",
          "[::1]:",     "[::1]:70000", "[]",        "[]:1",        "[localhost]",
          "[10.0.0.1]", "[::1]]:1",    "[[::1]]",   "a%",          "a%:1",
          "%eth0",      "%eth0:1",     "[::1%]",    "[::1%a]%b",   "a%b%c",
          "tcp:",       "tcp::1",      "udp:a",     "unix:/tmp/x", "/tmp/x",
          "a/b:1",      "a:b/c",       "a:?",       "a]:1",        "a[:1",
          "a\x01",      "a:1\x7f",     "*:1",       "a:1;b:1",     "10.0.0.256",
          "10.0.0",     "1.2.3.4.5",   "01.2.3.4",  "2003",        "'a'",
          "\"a\"",      "#",           "=",         "-",           "-a",
          "a..b",       ".a",          "a\xc3\xa9", "[::1::]",     "[:::]",
          "http://a",   "a#b",         "a:1#b",     "[::1%]:1",    "a%0123456789abcdef"}) {
        refused(item, item);
    }
    refused("a # primary", "#");
    refused(std::string(64, 'a'), std::string(64, 'a'));
    const std::string long_name = std::string(50, 'a') + "." + std::string(63, 'b') + "." +
                                  std::string(63, 'c') + "." + std::string(75, 'd');
    refused(long_name, long_name);
}

TEST_CASE("a refusal says what is wrong and what would be right") {
    const auto why = [](std::string_view text) -> std::string {
        try {
            parse_destinations(text, 2003);
        } catch (const config_error& e) {
            return e.why();
        }
        return "accepted";
    };
    CHECK(why("http://graphite:2003/x") ==
          "http is not spoken here, only tcp; HOST:PORT is: graphite:2003");
    CHECK(why("udp://graphite:2003") ==
          "udp is not spoken here, only tcp; HOST:PORT is: graphite:2003");
    CHECK(why("tcp://graphite:2003/x") == "a receiver is HOST:PORT, without a path");
    CHECK(why("tcp://:2003") == "the host is missing before the colon");
    CHECK(why("UDP:graphite:2003") ==
          "UDP is not spoken here, only tcp; HOST:PORT is: graphite:2003");
    for (const std::string_view item :
         {"Unix:a", "tcp6:graphite", "TCP4:[::1]", "http:graphite", "udp6:a:1"}) {
        CHECK(why(item).find(" is not spoken here, only tcp; HOST:PORT is: ") != std::string::npos);
    }
    CHECK(why("graphite:2003/") == "a receiver is HOST:PORT, without a path");
    CHECK(why("::1") == "an IPv6 address stands in [ ], a port after them: [::1]");
    CHECK(why("fe80::1%eth0") ==
          "an IPv6 address stands in [ ], a port after them: [fe80::1%eth0]");
    CHECK(why("[::1]2003") == "a colon stands between ] and the port");
    CHECK(why("[10.0.0.1]") == "what stands in [ ] is no IPv6 address");
    CHECK(why("graphite:2003:tcp") == "one colon and one port follow the host");
    CHECK(why("10.0.0.256:2003") == "an IPv4 address is four numbers of 0 to 255");
    CHECK(why("2003") == "a number is no host; a port follows its host and a colon");
    CHECK(why(":2003") == "the host is missing before the colon");
    CHECK(why("*:2003") == "* is every address of a machine that listens; name one host");
    CHECK(why("user@a") == "no user stands here; HTTP has options for user and password");
    CHECK(why("'a'") == "quotes do not belong here");
    CHECK(why("a # b") == "a comment may not stand here");
    CHECK(why("a;b") == "receivers are separated by blanks or commas");
    CHECK(why("a: 2003") == "a port or a service name follows the colon, without a blank");
}

TEST_CASE("no refusal shows a password") {
    static constexpr std::array<scheme, 1> http{{{.name = "http", .path = &path_after_port}}};
    for (const std::string_view text :
         {"http://me:secret@a", "me:secret@a:1", "http://me:secret@a/x", "http://me:sec\"ret@a",
          "b http://me:secret@a:0", "tcp:secret@a"}) {
        for (const std::span<const scheme> all :
             {std::span<const scheme>{backends::tcp_schemes}, std::span<const scheme>{http}}) {
            try {
                parse_destinations(text, 2003, all);
                FAIL_CHECK("accepted");
            } catch (const config_error& e) {
                CHECK(std::string_view{e.what()}.find("secret") == std::string_view::npos);
                CHECK(std::string_view{e.what()}.find("@a") != std::string_view::npos);
            }
        }
    }
}

TEST_CASE("what is printed is read back as the same") {
    for (const std::string_view text : {"a", "a:1", "a%e:1", "[::1]:2", "[fe80::1%eth0]:http",
                                        "tcp:x:9", "h%2525e:1", "[fe80::1%25]:1"}) {
        const auto list = parse_destinations(text, 2003);
        CHECK(parse_destinations(to_string(list[0]), 1) == list);
    }
}

TEST_CASE("any text is either read or refused, and what is read can be read again") {
    std::mt19937_64 random{3};
    constexpr std::string_view alphabet = "a1:%[].,- tcp6/\n\x01\xff";
    int accepted = 0;
    for (int i = 0; i != 200'000; ++i) {
        std::string text;
        for (std::uint64_t n = random() % 14; n != 0; --n) {
            text += alphabet[random() % alphabet.size()];
        }
        try {
            const auto list = parse_destinations(text, 2003);
            REQUIRE_FALSE(list.empty());
            for (const destination& d : list) {
                REQUIRE_FALSE(d.host.empty());
                REQUIRE_FALSE(d.service.empty());
                REQUIRE(parse_destinations(to_string(d), 1) == std::vector{d});
            }
            ++accepted;
        } catch (const config_error& e) {
            REQUIRE(e.key() == "destination");
        }
    }
    CHECK(accepted > 1000);
}
