// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/http_post.hpp>

#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_http.hpp>

#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using backends::errc;
using backends::http_options;
using backends::io_result;

namespace {

/// Says what it is asked to wait for.
struct watched_memory : backends::memory {
    using memory::memory;
    bool waits_to_read = false;
    bool waits_to_write = false;

    void arm(bool r, bool w, backends::instant) noexcept {
        waits_to_read = r;
        waits_to_write = w;
    }
};
using post = backends::http_post<watched_memory>;
static_assert(backends::waiting_transport<post>);
static_assert(backends::window_telling_transport<post>);
static_assert(backends::arrival_telling_transport<post>);
static_assert(backends::borrowing_transport<post>);
static_assert(!backends::gathering_transport<post>);
/// What it writes is not what somebody lends.
struct shouting : post {
    backends::io_result write_some(std::span<const char> bytes) noexcept {
        return post::write_some(bytes);
    }
};
static_assert(!backends::borrowing_transport<shouting>);
/// Bodies may be made by calls of other forms.
struct own_end : backends::line_body {
    static char* end(char* p) noexcept { return p; }
};
static_assert(backends::request_body<own_end>);
static_assert(!backends::borrowing_transport<
              backends::http_post<backends::memory, backends::not_encoded, own_end>>);
struct own_type : backends::line_body {
    static constexpr std::string_view content_type = "application/x-ndjson";
};
static_assert(backends::detail::stands_alone<backends::line_body>());
static_assert(backends::detail::stands_alone<own_type>());
static_assert(!backends::detail::stands_alone<own_end>());
/// Requests have what the format says of them; without requests its lines go as they are.
struct typed_lines : backends::json_plaintext {
    using body = own_type;
};
static_assert(backends::detail::carries<backends::memory, typed_lines>);
static_assert(
    backends::detail::carries<backends::http_post_for<typed_lines, backends::memory>, typed_lines>);
static_assert(!backends::detail::carries<post, typed_lines>);
static_assert(!backends::detail::carries<post, backends::opentsdb_http>);
static_assert(!backends::detail::carries<backends::memory, backends::opentsdb_http>);
static_assert(post::proves == backends::evidence::application);

/// A transport that cannot wait makes one that cannot.
struct without_waiting {
    static constexpr backends::evidence proves = backends::evidence::none;
    void resolve(const backends::destination&) {}
    io_result resolved() { return {1, {}}; }
    void connect(std::size_t) {}
    io_result connected() { return {}; }
    io_result write_some(std::span<const char> bytes) noexcept { return {bytes.size(), {}}; }
    io_result read_some(std::span<char>) noexcept { return io_result::pending(); }
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept { return {}; }
    void half_close() noexcept {}
    void close() noexcept {}
    void abort() noexcept {}
};
static_assert(backends::transport<backends::http_post<without_waiting>>);
static_assert(backends::detail::has_whole_parts<backends::http_post<without_waiting>>());
static_assert(!backends::borrowing_transport<backends::http_post<without_waiting>>);

constexpr std::string_view yes = "HTTP/1.1 204 No Content\r\n\r\n";

std::string answer(int status, std::string_view body = "", std::string_view headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " x\r\n" + std::string{headers} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

/// The bodies of whole requests; what does not look like one throws.
std::vector<std::string> bodies(std::string_view text, std::string_view* rest = nullptr) {
    std::vector<std::string> all;
    while (true) {
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view head = text.substr(0, end);
        constexpr std::string_view key = "\r\nContent-Length: ";
        const std::size_t at = head.find(key);
        if (!head.starts_with("POST / HTTP/1.1\r\nHost: db:8086\r\n") ||
            at == std::string_view::npos) {
            throw std::runtime_error{"no request: " + std::string{head}};
        }
        std::size_t size = 0;
        std::from_chars(head.data() + at + key.size(), head.data() + head.size(), size);
        if (text.size() < end + 4 + size) {
            break;
        }
        all.emplace_back(text.substr(end + 4, size));
        text.remove_prefix(end + 4 + size);
    }
    if (rest != nullptr) {
        *rest = text;
    }
    return all;
}

/// An open connection to a peer in memory.
struct opened : post {
    /// @param lends  whether what was written is kept for it
    explicit opened(http_options o = {}, bool lends = false) : post{std::move(o)} {
        if (lends) {
            borrow({this, &copy});
        }
        open();
    }

    void open() {
        resolve({.host = "db", .interface_name = "", .service = "8086"});
        connect(0);
        REQUIRE_FALSE(connected().error);
    }
    std::size_t write(std::string_view text) {
        const std::size_t n = write_some(text).count;
        kept.append(text, 0, n);
        return n;
    }
    static void copy(const void* keeper, std::size_t before_end, std::span<char> to) noexcept {
        const auto& of = *static_cast<const opened*>(keeper);
        ++of.copies;
        of.kept.copy(to.data(), to.size(), of.kept.size() - before_end);
    }
    io_result read() {
        std::array<char, 300> room;
        const io_result done = read_some(room);
        heard.append(room.data(), done.error ? 0 : done.count);
        return done;
    }
    /// Reads until there is nothing more, or something is wrong.
    io_result read_all() {
        io_result done = read();
        while (!done.error) {
            done = read();
        }
        return done;
    }
    io_result answered(std::string_view bytes) {
        peer().with([&](auto& p) { p.replies += bytes; });
        return read_all();
    }
    std::vector<std::string> requests() { return bodies(peer().received()); }

    std::string heard;
    std::string kept;        // all that was taken
    mutable int copies = 0;  // of what was kept
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a destination's path goes before the option") {
    opened c{{.target = "/option"}};
    c.resolve({"db", "", "8086", false, "http", "/write?db=shop"});
    c.connect(0);
    REQUIRE_FALSE(c.connected().error);
    c.write("a\n");
    CHECK(c.peer().received().starts_with("POST /write?db=shop HTTP/1.1\r\nHost: db:8086\r\n"));
}

TEST_CASE("a write is a request, and its bytes wait for the receiver's yes") {
    opened t;
    CHECK(t.write("a 1\nb 2\n") == 8);
    CHECK(t.requests() == texts{"a 1\nb 2\n"});
    CHECK(t.unacknowledged() == 8U);
    CHECK(t.read().would_block());
    CHECK(t.unacknowledged() == 8U);
    CHECK(t.answered(yes).would_block());
    CHECK(t.unacknowledged() == 0U);
    CHECK(t.heard.empty());
    t.close();
    CHECK_FALSE(t.unacknowledged());
}

TEST_CASE("it tells the bytes that have arrived, of requests and not of lines") {
    opened t;
    CHECK(t.arrived() == 0);
    t.peer().with([](auto& p) { p.room = 40; });
    t.write("a 1\nb 2\n");
    CHECK(t.peer().received().size() == 40);
    const std::size_t waiting = t.peer().with([](auto& p) { return p.unacknowledged; });
    CHECK(t.arrived() == 40 - waiting);
    t.peer().with([](auto& p) { p.unacknowledged = 0; });
    CHECK(t.arrived() == 40);
    t.peer().with([](auto& p) { p.room = 1'000; });
    CHECK(t.read().would_block());
    t.peer().with([](auto& p) { p.unacknowledged = 0; });
    CHECK(t.arrived() == t.peer().received().size());
    CHECK(t.unacknowledged() == 8U);
    t.open();
    CHECK(t.arrived() == 0);
}

TEST_CASE("an answer counts once it is whole") {
    opened t;
    t.write("a\n");
    const std::string text = answer(200, "thanks");
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        CHECK(t.answered(text.substr(i, 1)).would_block());
        CHECK(t.unacknowledged() == 2U);
    }
    CHECK(t.answered(text.substr(text.size() - 1)).would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("one request is on its way until the receiver has kept a connection, then several are") {
    opened t{{.request_bytes = 16'384, .requests = 3}};
    const std::string record = std::string(8'000, 'x') + "\n";
    CHECK(t.write("a\n") == 2);
    CHECK(t.write("b\n") == 0);
    CHECK(t.write_some(std::string_view{"b\n"}).would_block());
    t.answered(yes);
    for (int i = 0; i < 5; ++i) {
        CHECK(t.write(record) == record.size());
    }
    CHECK(t.write(record) == 0);
    CHECK(t.requests() == texts{"a\n", record, record + record, record + record});
    t.answered(yes);
    CHECK(t.write(record) == record.size());
    CHECK(t.unacknowledged() == 5 * record.size());
}

TEST_CASE("records that come while a request is on its way go together") {
    opened t;
    t.write("a\n");
    t.answered(yes);
    for (const auto* record : {"b\n", "c\n", "d\n"}) {
        CHECK(t.write(record) == 2);
    }
    CHECK(t.requests() == texts{"a\n", "b\n"});
    t.answered(yes);
    CHECK(t.requests() == texts{"a\n", "b\n", "c\nd\n"});
    t.answered(yes);
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("a record is never cut into two requests, wherever its bytes are cut") {
    opened t{{.request_bytes = 16'384}};
    const std::string record = std::string(9'000, 'x') + "\n";
    CHECK(t.write(record.substr(0, 5'000)) == 5'000);
    CHECK(t.peer().received().empty());
    CHECK(t.write(record.substr(5'000) + record) == record.size() - 5'000);
    CHECK(t.requests() == texts{record});
}

TEST_CASE("a record that no request can hold ends the connection") {
    opened t{{.request_bytes = 16'384}};
    CHECK(t.write_some(std::string(16'384, 'x') + "\n").error == errc::line_too_long);
    CHECK(t.read_all().would_block());
    CHECK(t.peer().received().empty());  // not even an empty request
    CHECK(t.unacknowledged() == 0U);
    t.write("a\n");
    CHECK(t.answered(answer(400, "", "Connection: close\r\n")).count == 2);
    CHECK(t.requests() == texts{"a\n"});
}

TEST_CASE("statuses put off, refuse or fail") {
    struct row {
        int status;
        std::error_code overload;
        std::error_code server_errors;
    };
    const auto failed = [](int status) {
        return std::error_code{status, backends::http_category()};
    };
    const std::error_code later = errc::not_now;
    const std::error_code refused = errc::refused;
    const std::error_code fine = errc::would_block;
    for (const row& one : std::initializer_list<row>{{200, fine, fine},
                                                     {202, fine, fine},
                                                     {204, fine, fine},
                                                     {301, failed(301), failed(301)},
                                                     {400, refused, refused},
                                                     {401, failed(401), failed(401)},
                                                     {403, failed(403), failed(403)},
                                                     {404, failed(404), failed(404)},
                                                     {408, failed(408), failed(408)},
                                                     {413, refused, refused},
                                                     {422, refused, refused},
                                                     {429, later, later},
                                                     {500, failed(500), later},
                                                     {501, failed(501), later},
                                                     {502, later, later},
                                                     {503, later, later},
                                                     {504, later, later},
                                                     {507, failed(507), later}}) {
        INFO(one.status);
        opened t;
        t.write("a\n");
        CHECK(t.answered(one.status == 204 ? std::string{yes} : answer(one.status)).error ==
              one.overload);
        opened u{{.retry = backends::http_retry::server_errors}};
        u.write("a\n");
        CHECK(u.answered(one.status == 204 ? std::string{yes} : answer(one.status)).error ==
              one.server_errors);
    }
    CHECK(failed(404).message() ==
          "the receiver answered 404 Not Found: the target is not one of its paths");
    CHECK(failed(301).message() ==
          "the receiver answered 301: it has moved, and redirects are not followed");
    CHECK(failed(299).message() == "the receiver answered 299");
}

TEST_CASE("the pause that the receiver asks for comes along") {
    opened t;
    t.write("a\n");
    const io_result done = t.answered(answer(503, "busy", "Retry-After: 7\r\n"));
    CHECK(done.error == errc::not_now);
    CHECK(done.delay == backends::seconds{7});
    CHECK(t.unacknowledged() == 2U);
    CHECK(t.heard == "HTTP 503 busy\n");
}

TEST_CASE("a refused record is reported with its bytes, and the words before it") {
    opened t;
    t.write("bad\n");
    t.peer().with([](auto& p) { p.replies = answer(400, "line 1:\nno number"); });
    const std::size_t words = t.read().count;
    CHECK(words == t.heard.size());
    CHECK(t.unacknowledged() == 4U);
    const io_result done = t.read_all();
    CHECK(done.error == errc::refused);
    CHECK(done.count == 4);
    CHECK(t.unacknowledged() == 0U);
    CHECK(t.heard == "HTTP 400 line 1: no number\n");
    CHECK(t.write("a\n") == 2);
    CHECK(t.answered(yes).would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("a refused request is refused as a whole if parts are not wanted") {
    opened t{{.divide_refused = false}};
    t.write("a\nbad\nc\n");
    const io_result done = t.answered(answer(400));
    CHECK(done.error == errc::refused);
    CHECK(done.count == 8);
    CHECK(t.requests().size() == 1);
}

TEST_CASE("of a refused request only the bad records are refused, and all others arrive") {
    std::minstd_rand random{7};
    const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
    for (int round = 0; round < 400; ++round) {
        const unsigned depth = 1 + below(4);
        opened t{{.request_bytes = 16'384, .requests = depth}, round % 2 != 0};
        const unsigned rarity = 1 + below(60);
        std::string unsent;
        std::string good;
        std::string bad;
        for (unsigned i = 0, n = 1 + below(600); i < n; ++i) {
            const bool is_bad = below(rarity) == 0;
            const std::string record = (is_bad ? "bad " : "good ") + std::to_string(i) +
                                       std::string(below(80), '.') + '\n';
            unsent += record;
            (is_bad ? bad : good) += record;
        }
        const std::string all = unsent;
        std::string accepted;
        std::string gone;
        std::size_t settled = 0;  // of `all`
        std::size_t written = 0;
        std::size_t read = 0;  // requests answered
        for (int step = 0; step < 100'000 && settled != all.size(); ++step) {
            t.peer().with([&](auto& p) { p.room = below(3) == 0 ? below(500) : 1'000'000; });
            const std::size_t upto = unsent.find('\n', below(2'000)) + 1;
            const std::size_t n = t.write(unsent.substr(0, upto == 0 ? unsent.size() : upto));
            unsent.erase(0, n);
            written += n;
            const auto requests = t.requests();
            for (; read < requests.size() && below(3) != 0; ++read) {
                const std::string& body = requests[read];
                const bool refused = body.find("bad") != std::string::npos;
                t.peer().with([&](auto& p) { p.replies += refused ? answer(400) : yes; });
                accepted += refused ? "" : body;
            }
            const io_result done = t.read_all();
            REQUIRE((done.would_block() || done.error == errc::refused));
            const std::size_t now = written - t.unacknowledged().value_or(0);
            REQUIRE(now >= settled);
            gone += done.would_block() ? "" : all.substr(now - done.count, done.count);
            settled = now;
        }
        CHECK(settled == all.size());
        CHECK(gone == bad);
        // Requests that were on their way already overtake the parts of an elder.
        const auto sorted = [](const std::string& text) {
            texts lines;
            for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos;
                 begin = end + 1) {
                lines.push_back(text.substr(begin, end - begin));
            }
            std::sort(lines.begin(), lines.end());
            return lines;
        };
        CHECK(sorted(accepted) == sorted(good));
        REQUIRE(t.unacknowledged() == 0U);
    }
}

TEST_CASE("the parts of a refused request are on their way together, and settled in order") {
    for (const bool lends : {false, true}) {
        opened t{{}, lends};
        t.write("a\nb\nbad\nd\ne\nf\ng\nh\n");
        CHECK(t.answered(answer(400)).would_block());
        texts went{"a\nb\nbad\nd\ne\nf\ng\nh\n", "a\nb\n", "bad\nd\n", "e\nf\n", "g\nh\n"};
        CHECK(t.requests() == went);
        CHECK(t.answered(yes).would_block());
        CHECK(t.unacknowledged() == 14U);
        CHECK(t.answered(answer(400) + std::string{yes} + answer(400)).would_block());
        CHECK(t.unacknowledged() == 14U);
        went.insert(went.end(), {"bad\n", "d\n"});
        CHECK(t.requests() == went);
        const io_result done = t.answered(answer(400));
        CHECK(done.error == errc::refused);
        CHECK(done.count == 4);
        CHECK(t.unacknowledged() == 10U);
        CHECK(t.answered(yes).would_block());
        CHECK(t.unacknowledged() == 4U);
        went.insert(went.end(), {"g\n", "h\n"});
        CHECK(t.requests() == went);
        CHECK(t.answered(std::string{yes} + answer(400)).count == 2);
        CHECK(t.unacknowledged() == 0U);
        CHECK(t.copies == (lends ? 1 : 0));
    }
}

TEST_CASE("no more parts are on their way than requests may be") {
    for (std::size_t most = 1; most <= 4; ++most) {
        opened t{{.requests = most}, true};
        t.write("a\nb\nc\nd\ne\nf\ng\nh\n");
        t.answered(answer(400));
        CHECK(t.requests().size() == 1 + most);
        t.write(std::string(100'000, 'x') + '\n');  // so much goes at once if it may
        CHECK(t.requests().size() == 1 + most);
        t.answered(yes);
        CHECK(t.requests().size() == 1 + (std::min)(most + 1, std::size_t{4}));
    }
}

TEST_CASE("records that somebody keeps are copied when their request is refused, and no sooner") {
    opened t{{}, true};
    t.write("a\nb\n");
    CHECK(t.requests() == texts{"a\nb\n"});
    t.answered(yes);
    CHECK(t.unacknowledged() == 0U);
    CHECK(t.copies == 0);
    t.write("bad\nc\n");
    CHECK(t.answered(answer(400)).would_block());
    CHECK(t.copies == 1);
    CHECK(t.requests() == texts{"a\nb\n", "bad\nc\n", "bad\n", "c\n"});
    const io_result done = t.answered(answer(400));
    CHECK(done.error == errc::refused);
    CHECK(done.count == 4);
    CHECK(t.answered(yes).would_block());
    CHECK(t.unacknowledged() == 0U);
    CHECK(t.copies == 1);
}

TEST_CASE("what its receiver has no room for waits in the transport, wherever the rest begins") {
    const std::string all = "a 1\nb 2\n";
    for (std::size_t room = 0; room != 200; ++room) {
        opened t{{}, true};
        t.peer().with([room](auto& p) { p.room = room; });
        CHECK(t.write(std::string{all}) == all.size());
        CHECK(t.peer().received().size() <= room);
        t.peer().with([](auto& p) { p.room = 1'000; });
        CHECK(t.read_all().would_block());
        CHECK(t.requests() == texts{all});
        CHECK(t.answered(yes).would_block());
        CHECK(t.unacknowledged() == 0U);
    }
}

TEST_CASE("what was accepted after a refused record is acknowledged after it") {
    opened t{{.request_bytes = 16'384, .requests = 2}};
    t.write("a\n");
    t.answered(yes);
    const std::string good = std::string(16'000, 'x') + "\n";
    CHECK(t.write(good + "bad\n") == good.size() + 4);
    CHECK(t.write(good + good) == good.size());  // it is full, so it goes
    CHECK(t.answered(answer(400) + std::string{yes}).would_block());
    CHECK(t.requests().size() == 5);  // its two records again
    CHECK(t.answered(yes).would_block());
    CHECK(t.unacknowledged() == good.size() + 4);
    const io_result done = t.answered(answer(400));
    CHECK(done.error == errc::refused);
    CHECK(done.count == 4);
    CHECK(t.unacknowledged() == good.size());
    CHECK(t.read_all().would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("a receiver that closes after a refusal gets smaller requests, until all is settled") {
    opened t;
    std::string all = "a 1\nb 2\nc 3\nbad\ne 5\nf 6\ng 7\n";
    std::string accepted;
    std::string gone;
    for (int connection = 0; connection < 100 && !all.empty(); ++connection) {
        const std::size_t before = t.requests().size();
        t.write(all);
        const auto requests = t.requests();
        REQUIRE(requests.size() == before + 1);
        const std::string& body = requests.back();
        const bool refused = body.find("bad") != std::string::npos;
        const io_result done = t.answered(answer(refused ? 400 : 200, "", "Connection: close\r\n"));
        if (done.error == errc::refused) {
            gone += all.substr(0, done.count);
            all.erase(0, done.count);
        } else if (!refused) {
            CHECK(done.error == errc::end_of_stream);
            accepted += body;
            all.erase(0, body.size());
        } else {
            CHECK(done.error == errc::not_now);
        }
        t.close();
        t.open();
    }
    CHECK(gone == "bad\n");
    CHECK(accepted == "a 1\nb 2\nc 3\ne 5\nf 6\ng 7\n");
}

TEST_CASE("short requests that are accepted say nothing about long ones") {
    opened t;
    std::string all;
    for (int i = 0; i != 200; ++i) {
        all += std::string(20, 'a') + "\n";
    }
    t.write(all);
    CHECK(t.answered(answer(413, "", "Connection: close\r\n")).error == errc::not_now);
    t.close();
    t.open();
    for (int i = 0; i != 10; ++i) {
        t.write("x\n");
        CHECK(t.answered(yes).would_block());
    }
    const std::size_t before = t.requests().size();
    t.write(all);
    REQUIRE(t.requests().size() > before);
    CHECK(t.requests()[before].size() == all.size() / 8);  // half of a part of four
    t.answered(yes);
    t.write(all);
    CHECK(t.requests()[before + 1].size() == all.size() / 4);
}

TEST_CASE("connections that end within a division go on with requests as short as its parts") {
    for (const bool lends : {false, true}) {
        opened t{{}, lends};
        std::string all;
        for (int i = 0; i != 2'000; ++i) {
            all += (i % 100 == 50 ? "bad " : "good ") + std::to_string(i) + "\n";
        }
        const std::size_t size = all.size();
        std::string gone;
        std::size_t accepted = 0;
        int connections = 0;
        while (!all.empty() && connections != 1'000) {
            ++connections;
            std::size_t written = 0;
            std::size_t answers = 0;
            const auto drop = [&](std::size_t n) {
                all.erase(0, n);
                written -= n;
            };
            while (answers != 10 && !all.empty()) {
                written += t.write(std::string_view{all}.substr(written));
                const auto requests = t.requests();
                REQUIRE(answers < requests.size());
                const bool is_bad = requests[answers++].find("bad") != std::string::npos;
                io_result done = t.answered(is_bad ? answer(400) : std::string{yes});
                while (done.error == errc::refused) {
                    const std::size_t good = written - t.unacknowledged().value() - done.count;
                    accepted += good;
                    drop(good);
                    gone += all.substr(0, done.count);
                    drop(done.count);
                    done = t.read_all();
                }
                const std::size_t good = written - t.unacknowledged().value();
                accepted += good;
                drop(good);
            }
            t.abort();
            t.peer().with([](auto& p) { p.received.clear(); });
            t.open();
        }
        CHECK(all.empty());
        CHECK(std::count(gone.begin(), gone.end(), '\n') == 20);
        CHECK(gone.find("good") == std::string::npos);
        CHECK(accepted + gone.size() == size);
        CHECK(connections < 60);
    }
}

TEST_CASE("a request that is too long before it has arrived is followed by shorter ones") {
    for (const bool lends : {false, true}) {
        opened t{{}, lends};
        std::string all;
        for (int i = 0; i != 200; ++i) {
            all += std::string(20, static_cast<char>('a' + i % 26)) + "\n";
        }
        std::string accepted;
        for (int connection = 0; connection < 100 && !all.empty(); ++connection) {
            t.peer().with([](auto& p) { p.room = p.received.size() + 400; });
            t.write(all);
            const auto requests = t.requests();
            std::string_view rest;
            static_cast<void>(bodies(t.peer().received(), &rest));
            if (!rest.empty()) {  // as nginx does: it knows the length, and reads on for a while
                const io_result done = t.answered(answer(413, "", "Connection: close\r\n"));
                CHECK(done.error == errc::not_now);
            } else {
                REQUIRE(requests.size() == 1);
                CHECK(t.answered(yes).would_block());
                accepted += requests.back();
                all.erase(0, requests.back().size());
            }
            t.abort();
            t.peer().with([](auto& p) { p.received.clear(); });
            t.open();
        }
        CHECK(all.empty());
        CHECK(accepted.size() == 200U * 21);
    }
}

TEST_CASE("after an answer that closes, nothing is written and the stream ends") {
    opened t;
    t.write("a\n");
    t.answered(yes);
    t.write("b\n");
    t.write("c\n");
    const io_result done = t.answered(answer(200, "", "Connection: close\r\n"));
    CHECK(done.error == errc::end_of_stream);
    CHECK(t.unacknowledged() == 2U);
    CHECK(t.write_some(std::string_view{"d\n"}).would_block());
    CHECK(t.requests() == texts{"a\n", "b\n"});
}

TEST_CASE("our direction ends when every answer has come") {
    opened t;
    const auto half_closed = [&] { return t.peer().with([](auto& p) { return p.half_closed; }); };
    t.write("a\n");
    t.answered(yes);
    t.write("b\n");
    t.write("c\n");
    t.half_close();
    CHECK_FALSE(half_closed());
    t.answered(yes);
    CHECK_FALSE(half_closed());
    CHECK(t.answered(yes).error == errc::end_of_stream);
    CHECK(half_closed());
    CHECK(t.requests() == texts{"a\n", "b\n", "c\n"});
}

TEST_CASE("an answer before the request's end, or to none, ends the connection") {
    opened early;
    early.peer().with([](auto& p) { p.room = 200; });
    early.write(std::string(1'000, 'x') + "\n");
    CHECK(early.answered(yes).error == backends::http_errc::too_early);

    opened late;
    late.peer().with([](auto& p) { p.room = 200; });
    late.write(std::string(1'000, 'x') + "\n");
    CHECK(late.answered(answer(413)).error.message() ==
          "the receiver answered 413 Content Too Large: request_bytes is more than it takes");

    opened unasked;
    CHECK(unasked.answered(yes).error == backends::http_errc::unasked);
    opened idle;
    CHECK(idle.answered(answer(408, "", "Connection: close\r\n")).error == errc::end_of_stream);
}

TEST_CASE("an answer that comes before the connection breaks is heard first") {
    opened t;
    t.write("a\n");
    t.peer().with([](auto& p) { p.closed = true; });
    t.write("b\n");
    CHECK(t.answered(answer(413, "too long")).error == errc::refused);
    CHECK(t.heard == "HTTP 413 too long\n");
}

TEST_CASE("garbage, and an end within an answer, are errors in words") {
    opened t;
    t.write("a\n");
    CHECK(t.answered("hello\r\n\r\n").error == backends::http_errc::not_http);
    opened u;
    u.write("a\n");
    u.answered("HTTP/1.1 200 O");
    u.peer().with([](auto& p) { p.closed = true; });
    CHECK(u.read_all().error == backends::http_errc::cut_off);
    CHECK(u.unacknowledged() == 2U);
}

TEST_CASE("it waits for room while a request is being sent, and for answers while some are due") {
    opened t;
    t.arm(false, true, backends::instant::never());
    CHECK_FALSE(t.waits_to_read);
    CHECK_FALSE(t.waits_to_write);
    t.peer().with([](auto& p) { p.room = 10; });
    t.write("a\n");
    t.arm(false, false, backends::instant::never());
    CHECK(t.waits_to_read);
    CHECK(t.waits_to_write);
    t.peer().with([](auto& p) { p.room = 1'000; });
    CHECK(t.read().would_block());
    t.arm(false, true, backends::instant::never());
    CHECK(t.waits_to_read);
    CHECK_FALSE(t.waits_to_write);
}

TEST_CASE("a new connection starts afresh") {
    opened t;
    t.write("a\n");
    t.answered("HTTP/1.1 20");
    t.abort();
    t.open();
    CHECK(t.unacknowledged() == 0U);
    CHECK(t.write("b\n") == 2);
    CHECK(t.answered(yes).would_block());
    CHECK(t.unacknowledged() == 0U);
}

TEST_CASE("the bearer token is read again at each connection, and errors name its file") {
    const test::temporary_file file{"one\n"};
    opened t{{.bearer_token_file = file.path()}};
    const auto request = [&] {
        t.write("a\n");
        return t.peer().received();
    };
    CHECK(request().find("Authorization: Bearer one\r\n") != std::string::npos);
    std::ofstream{file.path()} << "two";
    t.close();
    t.open();
    CHECK(request().find("Authorization: Bearer two\r\n") != std::string::npos);

    std::ofstream{file.path()} << "three words here";
    t.connect(0);
    CHECK(t.connected().error.message() ==
          "the bearer token file " + file.path() +
              ": holds no token: visible characters, without a blank");
    std::ofstream{file.path()} << "four";
    t.open();
    CHECK(request().find("Authorization: Bearer four\r\n") != std::string::npos);

    CHECK_THROWS_WITH((post{{.bearer_token_file = "/nowhere/token"}}),
                      "bearer_token_file = /nowhere/token: No such file or directory");
}
