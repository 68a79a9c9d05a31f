// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/tls.hpp>

#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/certificates.hpp"
#include "support/temporary_file.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

using backends::errc;
using backends::io_result;
using test::authority;
using test::certificate;

static_assert(backends::waiting_transport<backends::tls<backends::tcp>>);
static_assert(backends::waiting_transport<backends::http_post<backends::tls<backends::tcp>>>);
static_assert(backends::gathering_transport<backends::tls<backends::tcp>>);
static_assert(backends::holding_transport<backends::tls<backends::tcp>>);
static_assert(!backends::holding_transport<backends::tcp>);

namespace {

/// A TLS server in memory, by OpenSSL itself.
struct server {
    std::string to_it;
    std::string from_it;
    std::string heard;
    std::size_t room = 1'000'000;  // bytes that the wire takes
    int sends = 0;                 // calls that brought bytes
    std::error_code cut;           // once there is no room; none: it waits
    bool has_ended = false;
    bool wire_has_ended = false;

    explicit server(const certificate& shown) : context_{::SSL_CTX_new(::TLS_server_method())} {
        REQUIRE(::SSL_CTX_use_certificate(context_.get(), shown.get()) == 1);
        REQUIRE(::SSL_CTX_use_PrivateKey(context_.get(), shown.key()) == 1);
        reset();
    }
    void reset() {
        ssl_.reset(::SSL_new(context_.get()));
        ::SSL_set_bio(ssl_.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
        ::SSL_set_accept_state(ssl_.get());
        to_it.clear();
        from_it.clear();
        has_ended = wire_has_ended = false;
    }
    void step() {
        ::BIO_write(::SSL_get_rbio(ssl_.get()), to_it.data(), static_cast<int>(to_it.size()));
        to_it.clear();
        std::array<char, 20'000> some;
        for (int n = 1; n > 0;) {
            n = ::SSL_read(ssl_.get(), some.data(), static_cast<int>(some.size()));
            heard.append(some.data(), static_cast<std::size_t>(std::max(n, 0)));
            has_ended = has_ended || ::SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
        }
        pour();
    }
    void say(std::string_view text) {
        ::SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        pour();
    }
    void end() {
        ::SSL_shutdown(ssl_.get());
        pour();
    }

private:
    struct free_it {
        void operator()(SSL_CTX* c) const { ::SSL_CTX_free(c); }
        void operator()(SSL* s) const { ::SSL_free(s); }
    };
    void pour() {
        std::array<char, 20'000> some;
        for (int n = 1; n > 0;) {
            n = ::BIO_read(::SSL_get_wbio(ssl_.get()), some.data(), static_cast<int>(some.size()));
            from_it.append(some.data(), static_cast<std::size_t>(std::max(n, 0)));
        }
    }
    std::unique_ptr<SSL_CTX, free_it> context_;
    std::unique_ptr<SSL, free_it> ssl_;
};

/// The wire to it.
struct wire {
    static constexpr backends::evidence proves = backends::evidence::kernel;
    std::shared_ptr<server> to;
    std::size_t unread = 0;
    bool closed = false;

    void resolve(const backends::destination&) {}
    io_result resolved() { return {1, {}}; }
    void connect(std::size_t) { to->reset(); }
    io_result connected() { return {}; }
    io_result write_some(std::span<const char> bytes) noexcept {
        const std::size_t n = std::min(bytes.size(), to->room);
        to->room -= n;
        to->to_it.append(bytes.data(), n);
        to->sends += n != 0 ? 1 : 0;
        if (n == 0 && to->cut) {
            return {0, to->cut};
        }
        return n == 0 ? io_result::pending() : io_result{n, {}};
    }
    io_result read_some(std::span<char> room) noexcept {
        const std::size_t n = to->from_it.copy(room.data(), room.size());
        to->from_it.erase(0, n);
        if (n == 0) {
            return closed ? io_result{0, errc::end_of_stream} : io_result::pending();
        }
        return {n, {}};
    }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return to->to_it.size();
    }
    void half_close() noexcept { to->wire_has_ended = true; }
    void close() noexcept {}
    void abort() noexcept {}
};

struct client : backends::tls<wire> {
    client(const std::shared_ptr<server>& peer, const backends::tls_options& options,
           std::string host = "db.example")
        : tls{options, wire{peer}} {
        resolve({.host = std::move(host), .interface_name = "", .service = "443"});
        connect(0);
    }
    /// Both pieces.
    io_result write(std::string_view first, std::string_view second) {
        return write_pieces(first, second, false);
    }
    /// The outcome of the handshake.
    std::error_code shaken() {
        io_result done = connected();
        for (int i = 0; i < 100 && done.would_block(); ++i) {
            to->step();
            done = connected();
        }
        return done.error;
    }
};

}  // namespace

TEST_CASE("bytes go encrypted both ways, and count until the wire has delivered them") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    REQUIRE_FALSE(t.shaken());
    peer->step();
    const std::string text = "netdata.web-1.room.celsius 21.5 1795967180\n";
    CHECK(t.write_some(text).count == text.size());
    CHECK(t.unacknowledged() == text.size());
    CHECK(peer->to_it.find("celsius") == std::string::npos);
    peer->step();
    CHECK(peer->heard == text);
    CHECK(t.unacknowledged() == 0U);
    peer->say("well done");
    std::array<char, 100> room;
    const io_result got = t.read_some(room);
    CHECK(std::string(room.data(), got.count) == "well done");
    CHECK(t.read_some(room).would_block());
    t.half_close();
    peer->step();
    CHECK(peer->has_ended);
    peer->end();
    CHECK(t.read_some(room).error == errc::end_of_stream);
}

TEST_CASE("much text arrives in order over a narrow wire, in one piece or two") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    REQUIRE_FALSE(t.shaken());
    std::string all;
    for (int i = 0; i < 20'000; ++i) {
        all += "line " + std::to_string(i) + "\n";
    }
    std::size_t written = 0;
    std::size_t waiting = 0;
    for (int i = 0; i < 100'000 && peer->heard.size() != all.size(); ++i) {
        peer->room = i % 7 == 0 ? 40'000 : 777;
        const std::string_view rest = std::string_view{all}.substr(written);
        const std::size_t cut =
            std::min<std::size_t>(rest.size(), static_cast<std::size_t>(i % 5) * 9'000);
        const io_result done =
            i % 2 == 0 ? t.write_some(rest)
                       : t.write_pieces(rest.substr(0, cut), rest.substr(cut), i % 3 == 0);
        written += done.count;
        waiting += done.count;
        REQUIRE(t.unacknowledged().value_or(9'999'999) <= waiting);
        peer->step();
        REQUIRE(written - t.unacknowledged().value_or(0) <= peer->heard.size());
        waiting = t.unacknowledged().value_or(0);
    }
    CHECK(peer->heard == all);
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("a request leaves in one call as long as the wire takes it") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    REQUIRE_FALSE(t.shaken());
    const auto sends_of = [&](const std::string& head, const std::string& records) {
        peer->step();
        peer->heard.clear();
        peer->room = 1'000'000;
        peer->sends = 0;
        REQUIRE(t.write(head, records).count == head.size() + records.size());
        peer->step();
        CHECK(peer->heard == head + records);
        return peer->sends;
    };
    const std::string head(150, 'h');
    CHECK(sends_of("", "a line\n") == 1);
    CHECK(sends_of(head, std::string(16'384, 'r')) == 1);
    CHECK(sends_of(head, std::string(std::size_t{128} << 10U, 'r')) == 1);
    CHECK(sends_of(head, std::string(std::size_t{256} << 10U, 'r')) == 2);
}

TEST_CASE("a head is no record of its own") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    REQUIRE_FALSE(t.shaken());
    constexpr std::size_t around = 22;  // a record's head, its kind, its tag
    for (const std::size_t head : {0U, 1U, 150U, 16'383U, 16'384U, 16'385U, 40'000U}) {
        for (const std::size_t records : {0U, 1U, 16'234U, 16'235U, 40'000U}) {
            peer->step();
            peer->heard.clear();
            const std::string first(head, 'h');
            const std::string second(records, 'r');
            const std::size_t all = head + records;
            CHECK(t.write(first, second).count == all);
            CHECK(peer->to_it.size() == all + (all + 16'383) / 16'384 * around);
            peer->step();
            CHECK(peer->heard == first + second);
        }
    }
}

TEST_CASE("a wire that stops at any byte gets the rest in order, before anything else") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    REQUIRE_FALSE(t.shaken());
    const auto stops_at = [&](std::size_t n, std::string_view head, std::string_view records) {
        peer->step();
        peer->heard.clear();
        peer->room = n;
        const std::string all = std::string{head} + std::string{records};
        const std::size_t taken = t.write(head, records).count;
        REQUIRE(t.unacknowledged() == taken);
        const std::size_t on_wire = peer->to_it.size();
        REQUIRE(on_wire == n);
        REQUIRE(t.write("", "too early").would_block());
        REQUIRE(peer->to_it.size() == n);
        peer->step();
        REQUIRE(taken - t.unacknowledged().value_or(0) <= peer->heard.size());
        peer->room = 1'000'000;
        std::array<char, 100> room;
        REQUIRE(t.read_some(room).would_block());  // any call moves what waits
        const std::string_view rest = std::string_view{all}.substr(taken);
        REQUIRE((rest.empty() || t.write_some(rest).count == rest.size()));
        peer->step();
        REQUIRE(peer->heard == all);
        REQUIRE(t.unacknowledged() == 0U);
    };
    const std::string head = "POST / HTTP/1.1\r\n\r\n";
    for (std::size_t n = 0; n < head.size() + 100 + 22; ++n) {
        stops_at(n, head, std::string(100, 'r'));
    }
    const std::string many(300'000, 'r');
    for (std::size_t n = 0; n < many.size(); n += 4'999) {
        stops_at(n, head, many);
    }
}

TEST_CASE("with bytes that wait, an end comes after them, and an abort forgets them") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    std::array<char, 100> room;
    const std::string text(50'000, 'r');
    for (const std::size_t n : {0U, 1U, 16'405U, 16'406U, 16'407U, 49'999U}) {
        REQUIRE_FALSE(t.shaken());
        peer->heard.clear();
        peer->room = n;
        CHECK(t.write_some(text).count == text.size());
        t.half_close();
        CHECK_FALSE(peer->wire_has_ended);
        peer->room = 1'000'000;
        CHECK(t.read_some(room).would_block());
        CHECK(peer->wire_has_ended);
        peer->step();
        CHECK(peer->has_ended);
        CHECK(peer->heard == text);

        t.connect(0);
        REQUIRE_FALSE(t.shaken());
        peer->step();
        peer->heard.clear();
        peer->room = n;
        CHECK(t.write_some(text).count == text.size());
        t.abort();
        peer->room = 1'000'000;
        t.connect(0);
        REQUIRE_FALSE(t.shaken());
        CHECK(t.write("", "new").count == 3);
        peer->step();
        CHECK(peer->heard.ends_with("new"));
        CHECK(peer->heard.size() <= n + 3);

        peer->room = n;
        peer->cut = std::make_error_code(std::errc::connection_reset);
        CHECK(t.write_some(text).count == text.size());
        CHECK(t.write_some(text).error == std::errc::connection_reset);
        CHECK(t.read_some(room).error == std::errc::connection_reset);
        peer->cut.clear();
        peer->room = 1'000'000;
        t.connect(0);
    }
}

TEST_CASE("a certificate that is not to be trusted fails in words") {
    const authority trusted;
    const authority other;
    const test::temporary_file file{trusted.pem()};
    const auto why = [&](const certificate& shown, const std::string& host,
                         backends::tls_options options = {}) {
        options.ca_file = file.path();
        client t{std::make_shared<server>(shown), options, host};
        return t.shaken().message();
    };
    const certificate good = trusted.issue("db.example");
    const std::string fine = std::error_code{}.message();
    CHECK(why(good, "db.example") == fine);
    CHECK(why(good, "DB.example") == fine);
    CHECK(why(good, "evil.example") == "the receiver's certificate: hostname mismatch");
    CHECK(why(good, "10.1.2.3") == "the receiver's certificate: IP address mismatch");
    CHECK(why(good, "10.1.2.3", {.server_name = "db.example"}) == fine);
    CHECK(why(trusted.issue("db.example", -7'200, -3'600), "db.example") ==
          "the receiver's certificate: certificate has expired");
    CHECK(why(trusted.issue("db.example", 3'600, 7'200), "db.example") ==
          "the receiver's certificate: certificate is not yet valid");
    CHECK(why(other.issue("db.example"), "db.example") ==
          "the receiver's certificate: unable to get local issuer certificate");
    CHECK(why(other.issue("evil.example"), "db.example", {.verify = false}) == fine);
}

TEST_CASE("what does not speak TLS is an error, and an end without TLS's own is one too") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const auto peer = std::make_shared<server>(trusted.issue("db.example"));
    client t{peer, {.ca_file = file.path()}};
    CHECK(t.connected().would_block());
    peer->from_it = "HTTP/1.1 400 Bad Request\r\n\r\n";
    CHECK(t.connected().error.message().starts_with("TLS: "));

    client u{peer, {.ca_file = file.path()}};
    REQUIRE_FALSE(u.shaken());
    u.half_close();
    u.closed = true;
    std::array<char, 100> room;
    io_result done = u.read_some(room);
    CHECK(done.error.message() == "the connection ended without an end of TLS");
}

TEST_CASE("a file that cannot be used is refused by its name") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    const test::temporary_file garbage{"hello"};
    const auto why = [](const backends::tls_options& options) {
        try {
            const backends::tls<wire> t{options};
            return std::string{};
        } catch (const backends::config_error& e) {
            return e.key() + " = " + e.value();
        }
    };
    CHECK(why({.ca_file = "/nowhere.pem"}) == "ca_file = /nowhere.pem");
    CHECK(why({.ca_file = garbage.path()}) == "ca_file = " + garbage.path());
    CHECK(why({.certificate_file = file.path()}) == "key_file = ");
    CHECK(why({.certificate_file = file.path(), .key_file = garbage.path()}) ==
          "key_file = " + garbage.path());
    CHECK(why({.certificate_file = "/nowhere.pem", .key_file = "/nowhere.pem"}) ==
          "certificate_file = /nowhere.pem");
    CHECK(why({.ca_file = file.path()}).empty());
}

TEST_CASE("a file that is missing is called missing") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    for (const backends::tls_options& options :
         {backends::tls_options{.ca_file = "/nowhere.pem"},
          backends::tls_options{.certificate_file = "/nowhere.pem", .key_file = "/nowhere.pem"},
          backends::tls_options{.certificate_file = file.path(), .key_file = "/nowhere.pem"}}) {
        try {
            const backends::tls<wire> t{options};
            FAIL("it is not refused");
        } catch (const backends::config_error& e) {
            CHECK(e.value() == "/nowhere.pem");
            CHECK(e.why() == "No such file or directory");
        }
    }
}

TEST_CASE("an answer to a request that has not left is too early") {
    const authority trusted;
    const test::temporary_file file{trusted.pem()};
    for (const std::string_view answer :
         {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n"}) {
        const auto peer = std::make_shared<server>(trusted.issue("db.example"));
        backends::http_post<backends::tls<wire>> t{
            {}, backends::tls<wire>{{.ca_file = file.path()}, wire{peer}}};
        t.resolve({.host = "db.example", .interface_name = "", .service = "443"});
        t.connect(0);
        io_result shaken = t.connected();
        for (int i = 0; i < 100 && shaken.would_block(); ++i) {
            peer->step();
            shaken = t.connected();
        }
        REQUIRE_FALSE(shaken.error);
        peer->step();
        peer->heard.clear();
        peer->room = 1'000;
        REQUIRE(t.write_some(std::string(100'000, 'x') + "\n").count == 100'001);
        peer->step();
        REQUIRE(peer->heard.empty());
        peer->say(answer);
        std::array<char, 100> room;
        io_result done = t.read_some(room);
        while (!done.error) {
            done = t.read_some(room);
        }
        CHECK_FALSE(done.would_block());
        CHECK_FALSE(done.error == errc::refused);
        CHECK(t.unacknowledged() == 100'001U);
    }
}
