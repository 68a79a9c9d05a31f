// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/endpoint.hpp>

#include <boost/asio/ip/tcp.hpp>

#include "catch.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

using backends::tcp_endpoint;

TEST_CASE("an endpoint is what the system, or Asio, has of one") {
    namespace ip = boost::asio::ip;
    const ip::tcp::endpoint four{ip::make_address("127.0.0.1"), 2003};
    const ip::tcp::endpoint six{ip::make_address("::1"), 2003};
    CHECK(tcp_endpoint{}.family() == AF_UNSPEC);
    CHECK(tcp_endpoint{four}.family() == AF_INET);
    CHECK(tcp_endpoint{six}.family() == AF_INET6);
    CHECK(tcp_endpoint{six}.size() == six.size());
    CHECK(std::memcmp(tcp_endpoint{six}.data(), six.data(), six.size()) == 0);
    CHECK(tcp_endpoint{four} == tcp_endpoint{four.data(), four.size()});
    CHECK(tcp_endpoint{four} != tcp_endpoint{six});
    CHECK(tcp_endpoint{four} != tcp_endpoint{ip::tcp::endpoint{four.address(), 2004}});
    CHECK(tcp_endpoint::fits(six.size()));
    CHECK_FALSE(tcp_endpoint::fits(sizeof(sockaddr_storage)));
}

TEST_CASE("the ends of a socket are asked for") {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    tcp_endpoint end;
    CHECK(end.take(fd, ::getsockname));
    CHECK(end.family() == AF_INET);
    CHECK_FALSE(end.take(fd, ::getpeername));
    CHECK(errno == ENOTCONN);
    ::close(fd);
}
