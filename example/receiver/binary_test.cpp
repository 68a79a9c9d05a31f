// SPDX-License-Identifier: BSL-1.0
#include "line_readers.hpp"
#include "line_receiver.hpp"
#include "message_bytes.hpp"

#include "catch.hpp"
#include "support/allocation_count.hpp"

#include <boost/asio/read.hpp>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace message_bytes;
using namespace std::string_literals;
using receiver::damaged_request;
using lines = std::vector<std::string>;

/// What one reader makes of one request.
struct reading {
    explicit reading(const receiver::message_format& format, std::string_view body) {
        try {
            account = format.read(body, [this](std::string_view line, const auto& seen) {
                told.emplace_back(line);
                REQUIRE(seen);
                CHECK(line.starts_with(seen->series + " " + std::string{seen->value} + " "));
                at = seen->at;
            });
        } catch (const damaged_request& e) {
            CHECK(told.empty());
            why = e.what();
        }
    }
    lines told;
    receiver::request_account account;
    std::string why;
    std::int64_t at = 0;
};

reading write(std::string_view message) {
    return reading{receiver::remote_write_requests, snappy(message)};
}
reading otlp(std::string_view body) { return reading{receiver::otlp_requests, body}; }

/// A request of one metric, for a resource of one attribute.
std::string request(std::string_view metric) {
    return field(1, field(1, attribute("host.name", "h")) + field(2, field(2, metric)));
}
/// A metric of one kind with one point.
std::string metric(std::uint64_t kind, std::string_view point, std::string_view more = "") {
    return field(1, "m") + field(kind, field(1, point) + std::string{more});
}
const std::string at_17_5 = fixed(3, std::uint64_t{17'500'000'000});
const std::string delta = number(2, 1);

/// The value of the one line that is told of a point, or why it is rejected.
std::string value_of(std::uint64_t kind, std::string_view point) {
    const reading read = otlp(request(metric(kind, point, kind == 11 ? "" : delta)));
    if (read.told.empty()) {
        return read.account.why + read.why;
    }
    const std::string& line = read.told.at(0);
    const std::size_t begin = line.find(' ') + 1;
    return line.substr(begin, line.find(' ', begin) - begin);
}

std::string varints(const std::vector<std::uint64_t>& all) {
    std::string out;
    for (const std::uint64_t one : all) {
        out += varint(one);
    }
    return out;
}
template <class T>
std::string eights(const std::vector<T>& all) {
    std::string out;
    for (const T one : all) {
        out += eight(one);
    }
    return out;
}

std::string unpacked(std::string_view block) {
    try {
        return receiver::snappy_block::unpacked(block);
    } catch (const damaged_request& e) {
        return e.what();
    }
}

}  // namespace

TEST_CASE("a block of snappy is unpacked, whatever its elements") {
    CHECK(unpacked("\0"s).empty());
    CHECK(unpacked("\x03\x08"
                   "abc") == "abc");
    CHECK(unpacked("\x0a\x08"
                   "abc"
                   "\x0d\x03") == "abcabcabca");  // of one byte
    CHECK(unpacked("\x0a\x08"
                   "abc"
                   "\x1a\x02\0"s) == "abcbcbcbcb");  // of two
    CHECK(unpacked("\x05\x08"
                   "abc"
                   "\x07\x03\0\0\0"s) == "abcab");  // of four
    CHECK(unpacked("\x49\xf0\x3f" + std::string(64, 'x') + "\x22\x01\0"s) ==
          std::string(73, 'x'));  // a long literal, and a copy that reads what it writes
    std::string far =
        "\xcb\x02\x18"
        "abcdefg";
    for (int i = 0; i < 5; ++i) {
        far += "\xfe\x07\0"s;
    }
    CHECK(unpacked(far + "\x21\x03").ends_with("abcdefgab"));  // of one byte and three bits
    CHECK(unpacked(snappy(std::string(1000, 'y'))) == std::string(1000, 'y'));
}

TEST_CASE("a damaged block of snappy says what is wrong") {
    CHECK(unpacked("") == "The block of snappy ends inside its length.");
    CHECK(unpacked("\xff\xff\xff\xff\xff\x01") ==
          "The block of snappy has a length of more than 32 bits.");
    CHECK(unpacked("\xff\xff\xff\xff\x0f") ==
          "The block of snappy is longer than this receiver takes.");
    CHECK(unpacked("\x03\x08"
                   "ab") == "The block of snappy ends inside a literal.");
    CHECK(unpacked("\x03\xf4") == "The block of snappy ends inside an element.");
    CHECK(unpacked("\x02\x08"
                   "abc") == "The block of snappy says another length than it has.");
    CHECK(unpacked("\x04\x08"
                   "abc") == "The block of snappy says another length than it has.");
    CHECK(unpacked("\x05\x08"
                   "abc"
                   "\x0d\x03") == "The block of snappy says another length than it has.");
    for (const auto& copy : {"\x0d\x04"s, "\x0d\0"s, "\x07\xff\xff\xff\xff"s}) {
        CHECK(unpacked("\x0a\x08"
                       "abc" +
                       copy) == "The block of snappy copies from where nothing is.");
    }
}

TEST_CASE("a series of remote write is read in any order, with fields that nobody knows") {
    const std::string sample = unknown() + number(2, 17'500) + fixed(1, 0.1);
    const std::string one = field(2, sample) + unknown() + label("b", "2") +
                            label("__name__", "up") + label("a", "x\"\n\x1b\\") + label("c", "") +
                            field(2, fixed(1, -2.0) + number(2, 18'000));
    const reading read = write(unknown() + field(1, one));
    CHECK(read.told ==
          lines{R"(up{a="x\"\n\x1b\\",b="2"} 0.1 17.5)", R"(up{a="x\"\n\x1b\\",b="2"} -2 18)"});
    CHECK(read.account.samples == 2);
    CHECK(read.account.bytes == field(1, one).size());
    CHECK(read.at == 18);
}

TEST_CASE("what a sample does not say is zero, and times may be before 1970") {
    CHECK(write(field(1, label("__name__", "up") + field(2, ""))).told == lines{"up 0 0"});
    const reading early =
        write(field(1, label("__name__", "up") +
                           field(2, number(2, static_cast<std::uint64_t>(-1'500)) +
                                        fixed(1, std::numeric_limits<double>::infinity()))));
    CHECK(early.told == lines{"up inf -1.5"});
    CHECK(early.at == -2);
}

TEST_CASE("a request of remote write that is not taken says why, and tells no sample") {
    const std::string good = field(1, label("__name__", "up") + field(2, ""));
    const auto why = [&](std::string_view message) {
        const reading read = write(good + std::string{message});
        CHECK(read.told.empty());
        return read.why;
    };
    const std::string name = label("__name__", "m");
    CHECK(why(field(1, label("a", "b"))) == "A TimeSeries has no label __name__.");
    CHECK(why(field(1, name + label("", "b"))) == "A Label has no name.");
    CHECK(why(field(1, name + label("a", "b") + label("a", "c"))) ==
          "A TimeSeries has the label a twice.");
    CHECK(why(field(1, name + label("a", "\xff"))) == "Field 2 of Label is no text in UTF-8.");
    CHECK(why(field(1, name + label("a", std::string(70'000, 'x')))) ==
          "A TimeSeries has labels of more than 65536 bytes.");
    CHECK(why(field(1, field(4, "") + name)) ==
          "The series m has a native histogram, which this receiver does not read.");
    CHECK(why(field(1, name + field(2, number(1, 5)))) ==
          "Field 1 of Sample has the wire type 0, not 1.");
    CHECK(why("\x0a\x05"
              "abc") == "Field 1 of WriteRequest is longer than the message.");
    CHECK(why("\x09"
              "abc") == "Field 1 of WriteRequest is cut.");
    CHECK(why("\x0f") == "Field 1 of WriteRequest has a wire type that nobody knows.");
    CHECK(why("\x0c") == "Field 1 of WriteRequest has a wire type that nobody knows.");
    CHECK(why("\x0b\x14") == "Field 2 of WriteRequest ends a group that has not begun.");
    CHECK(why(std::string(100, '\x0b')) ==
          "Field 1 of WriteRequest holds too many groups in each other.");
    CHECK(why("\x02") == "Field 0 of WriteRequest is none that there can be.");
    CHECK(why("\x08" + std::string(10, '\xff')) ==
          "Field 1 of WriteRequest has a number without end.");
}

TEST_CASE("a metric is read in any order, each kind as a line") {
    const std::string point =
        unknown() + fixed(4, 0.5) + unknown() + at_17_5 + attribute("path", "/a", 7);
    const std::string of_metric = field(5, unknown() + field(1, point)) + unknown() + field(1, "m");
    const std::string scope = unknown() + field(2, of_metric) + field(1, field(1, "scope"));
    const reading read =
        otlp(unknown() + field(1, field(2, scope) + unknown() +
                                      field(1, attribute("host.name", "h") + unknown())));
    CHECK(read.told == lines{R"(m{path="/a",host.name="h"} 0.5 17.5 gauge)"});
    CHECK(read.account.bytes == field(2, of_metric).size());
    CHECK(read.at == 17);

    const auto kind = [](std::uint64_t number, std::string_view more) {
        const lines told = otlp(request(metric(number, fixed(4, 0.5) + at_17_5, more))).told;
        return told.size() == 1 ? told[0].substr(told[0].rfind(' ') + 1) : "?";
    };
    CHECK(kind(7, delta) == "delta_sum");
    CHECK(kind(7, number(3, 1) + number(2, 2)) == "cumulative_monotonic_sum");
    CHECK(kind(11, "") == "summary");
    CHECK(value_of(5, at_17_5 + fixed(6, static_cast<std::uint64_t>(-7))) == "-7");
    CHECK(value_of(5, at_17_5 + fixed(4, 1.0) + fixed(6, std::uint64_t{2})) == "2");  // the last
    CHECK(value_of(5, at_17_5 + number(8, 1)) == "no_value");
}

TEST_CASE("attributes of any type are read") {
    const auto text = [](std::string_view value) {
        const std::string point =
            at_17_5 + fixed(4, 1.0) + field(7, field(2, value) + field(1, "a"));
        const lines told = otlp(field(1, field(2, field(2, metric(5, point))))).told;
        return told.size() == 1 ? told[0].substr(0, told[0].find('}')) : "?";
    };
    CHECK(text(field(1, "x")) == R"(m{a="x")");
    CHECK(text(number(2, 1)) == R"(m{a="true")");
    CHECK(text(number(3, static_cast<std::uint64_t>(-5))) == R"(m{a="-5")");
    CHECK(text(fixed(4, 2.5)) == R"(m{a="2.5")");
    CHECK(text(field(5, "xyz")) == R"(m{a="an array of 3 bytes")");
    CHECK(text(field(1, "x") + number(2, 0)) == R"(m{a="false")");
    CHECK(text("") == R"(m{a="")");
}

TEST_CASE("a histogram's line has its count, its sum, and what its buckets hold") {
    const std::string head = at_17_5 + fixed(4, std::uint64_t{6}) + fixed(5, 12.5);
    const std::vector<std::uint64_t> counts{2, 0, 4};
    const std::vector<double> bounds{0.5, 1};
    const std::string packed = field(6, eights(counts)) + field(7, eights(bounds));
    CHECK(value_of(9, head + packed + fixed(11, 0.25) + fixed(12, 7.0)) ==
          "count=6,sum=12.5,min=0.25,max=7,0.5:2,inf:4");
    std::string one_by_one;
    for (const std::uint64_t n : counts) {
        one_by_one += fixed(6, n);
    }
    for (const double bound : bounds) {
        one_by_one = fixed(7, bound) + one_by_one;  // they come in the wrong order
    }
    CHECK(value_of(9, head + one_by_one) == "The metric m has bounds that do not rise.");
    CHECK(value_of(9, head) == "count=6,sum=12.5");
    CHECK(value_of(9, head + field(6, eights(counts))) ==
          "The metric m has not one bucket more than bounds.");
    CHECK(value_of(9, at_17_5 + fixed(4, std::uint64_t{5}) + packed) ==
          "The metric m has other counts in its buckets than in all.");
    CHECK(value_of(9, head + field(6, "seven b")) == "Field 6 of DataPoint is cut.");
}

TEST_CASE("an exponential histogram's line names its buckets by the bound farther from zero") {
    const std::string head = at_17_5 + fixed(4, std::uint64_t{10}) + fixed(7, std::uint64_t{1});
    const std::string up = field(8, field(2, varints({2, 0, 3})) + number(1, 2));  // from 1
    const std::string down = field(9, number(1, 1) + number(2, 4));                // from -1
    CHECK(value_of(10, head + up + down + number(6, 0)) == "count=10,-1:4,0:1,4:2,16:3");
    CHECK(value_of(10, head + number(6, 1) + up + down) == "count=10,-1:4,0:1,16:2,256:3");
    CHECK(value_of(10, head + number(6, 2) + up + down) == "count=10,-1:4,0:1,2:2,4:3");
    CHECK(value_of(10, head + up) == "The metric m has other counts in its buckets than in all.");
    CHECK(value_of(10, head + number(6, ~std::uint64_t{0} - 1)) ==
          "The metric m has a scale beyond 32 bits.");
    CHECK(value_of(10, head + field(8, number(1, ~std::uint64_t{0}))) ==
          "The metric m has buckets of an index beyond 32 bits.");
    CHECK(value_of(10, head + field(8, field(2, std::string(4'097, '\0')))) ==
          "The metric m has more than 4096 buckets.");
}

TEST_CASE("a summary's line has its quantiles") {
    const std::string head = at_17_5 + fixed(4, std::uint64_t{6}) + fixed(5, 12.5);
    CHECK(value_of(11, head + field(6, fixed(2, 2.0) + fixed(1, 0.5)) +
                           field(6, fixed(1, 0.99) + fixed(2, 7.0))) ==
          "count=6,sum=12.5,0.5:2,0.99:7");
    CHECK(value_of(11, head + field(6, fixed(1, std::nan("")))) ==
          "The metric m has a quantile that is not between 0 and 1.");
}

TEST_CASE("points that cannot be taken are counted, and the answer says so") {
    const std::string good = field(2, metric(5, fixed(4, 1.0) + at_17_5));
    const auto why = [&](std::string_view metric, std::uint64_t rejected = 1) {
        const reading read = otlp(field(1, field(2, good + field(2, metric) + good)));
        CHECK(read.told.size() == 2);
        CHECK(read.account.bytes == 2 * good.size());
        CHECK(read.account.rejected == rejected);
        const std::string& text = read.account.why;
        CHECK(receiver::otlp_requests.answer(read.account) ==
              field(1, number(1, rejected) + field(2, text)));
        return text;
    };
    CHECK(why(metric(5, fixed(4, 1.0))) == "The metric m has no time.");
    CHECK(why(metric(5, at_17_5)) == "The metric m has no value.");
    CHECK(why(metric(7, fixed(4, 1.0) + at_17_5)) == "The metric m has no temporality.");
    CHECK(why(metric(13, at_17_5)) ==
          "The metric m is of a kind that this receiver does not know.");
    CHECK(why(field(5, field(1, fixed(4, 1.0) + at_17_5) + field(1, fixed(4, 2.0) + at_17_5)), 2) ==
          "The metric without a name has no name.");
    CHECK(why(field(1, std::string(199, 'x') + "\xc3\xbc") + field(13, "")) ==
          "The metric " + std::string(199, 'x') +
              " is of a kind that this receiver does not know.");
    CHECK(receiver::otlp_requests.answer({.samples = 5}).empty());
}

TEST_CASE("text of any bytes stays on its line and moves no cursor") {
    const auto escaped = [](std::string_view text) {
        std::string out;
        receiver::append_escaped(out, text);
        return out;
    };
    CHECK(escaped("\xc3\xbc\xe2\x98\x83\xf0\x9f\x98\x80\xc2\xa0") ==
          "\xc3\xbc\xe2\x98\x83\xf0\x9f\x98\x80\xc2\xa0");
    CHECK(escaped("a\n\x1b\x7f\"\\") == R"(a\n\x1b\x7f\"\\)");
    CHECK(escaped("\xc2\x80\xc2\x9b\xc2\x9f") == R"(\xc2\x80\xc2\x9b\xc2\x9f)");
    CHECK(escaped("\xff\xe2\x98x\x9b") == R"(\xff\xe2\x98x\x9b)");
    std::string many;
    for (int i = 0; i != 197; ++i) {
        many += R"(\x80)";
    }
    CHECK(receiver::shown(std::string(300, '\x80')) == many);
    CHECK(receiver::shown(std::string(198, 'x') + "\xe2\x98\x83") == std::string(198, 'x'));
}

namespace {

/// A request of OTLP with points that say nothing but that they have no value.
std::string points(std::size_t n, std::size_t resource_size) {
    const std::string point = field(1, at_17_5 + number(8, 1));
    std::string all = field(1, "m");
    std::string of_kind;
    for (std::size_t i = 0; i != n; ++i) {
        of_kind += point;
    }
    all += field(5, of_kind);
    return field(
        1, field(1, attribute("k", std::string(resource_size, 'v'))) + field(2, field(2, all)));
}

}  // namespace

TEST_CASE("samples that repeat long labels become no more text than a receiver takes") {
    const std::string large(65'000, 'x');
    const auto samples = [&](int n) {
        std::string series = label("__name__", "m") + label("a", large);
        for (; n != 0; --n) {
            series += field(2, "");
        }
        return field(1, series);
    };
    CHECK(write(samples(10)).told.size() == 10);
    CHECK(write(samples(1'100)).why == "The samples are more than 64 MiB as text.");
    CHECK(otlp(points(10, 65'000)).told.size() == 10);
    CHECK(otlp(points(1'100, 65'000)).why == "The samples are more than 64 MiB as text.");
}

TEST_CASE("a resource that is too long rejects its points, and no point repeats it") {
    const auto memory_taken = [](std::size_t n) {
        const std::string body = points(n, 100'000);
        const std::uint64_t before = test::allocation_count();
        const reading read = otlp(body);
        const std::uint64_t taken = test::allocation_count() - before;
        CHECK(read.account.rejected == n);
        return taken;
    };
    CHECK(memory_taken(1'000) == memory_taken(1));
    const reading read = otlp(points(1, 100'000));
    CHECK(read.told.empty());
    CHECK(read.account.why == "The metric m has labels of more than 65536 bytes.");
    CHECK(otlp(points(1, 65'536)).account.rejected == 1);
    CHECK(otlp(points(1, 65'500)).told.size() == 1);
    // Bytes that are escaped count as the text that they become.
    const std::string controls(20'000, '\x01');
    CHECK(otlp(request(metric(5, at_17_5 + number(8, 1) + attribute("a", controls, 7))))
              .account.rejected == 1);
    CHECK(write(field(1, label("__name__", controls) + field(2, ""))).why ==
          "A TimeSeries has labels of more than 65536 bytes.");
    CHECK(otlp(points(1, 65'500) + points(1, 65'536) + points(1, 1)).told.size() == 2);
}

TEST_CASE("a metric of many small parts takes no memory for each") {
    const auto memory_taken = [](int n) {
        std::string parts;
        for (; n != 0; --n) {
            parts += "\x2a\0"s;
        }
        const std::string body = request(field(1, "m") + parts);
        const std::uint64_t before = test::allocation_count();
        CHECK(otlp(body).why.empty());
        return test::allocation_count() - before;
    };
    CHECK(memory_taken(10'000) == memory_taken(10));
}

TEST_CASE("of a metric that says several kinds the last one counts, in all its fields") {
    const std::string point = field(1, at_17_5 + fixed(4, 0.5));
    const reading read = otlp(request(field(5, point) + field(7, "") + field(5, point) + unknown() +
                                      field(1, "m") + field(5, point)));
    CHECK(read.told == lines(2, R"(m{host.name="h"} 0.5 17.5 gauge)"));
}

TEST_CASE("a damaged request is refused or read, wherever it is cut and whichever bit is wrong") {
    const std::string series = field(
        1, label("__name__", "up") + label("a", "b") + field(2, fixed(1, 1.5) + number(2, 17'000)));
    const std::string metrics = request(
        field(1, "m") +
        field(10, number(2, 1) + field(1, at_17_5 + fixed(4, std::uint64_t{6}) + number(6, 3) +
                                              field(8, field(2, varints({1, 2, 3}))))));
    const bool is_otlp = GENERATE(false, true);
    const auto& format = is_otlp ? receiver::otlp_requests : receiver::remote_write_requests;
    const std::string body = is_otlp ? metrics : snappy(series + series);
    CHECK(reading(format, body).told.size() == (is_otlp ? 1 : 2));
    for (std::size_t n = 1; n < body.size(); ++n) {
        CHECK(!reading(format, body.substr(0, n)).why.empty());
    }
    for (std::size_t bit = 0; bit != 8 * body.size(); ++bit) {
        std::string other = body;
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ 1 << bit % 8);
        const reading read{format, other};
        CHECK(read.told.size() == read.account.samples);
        CHECK((read.why.empty() || (read.why.ends_with('.') && read.told.empty())));
    }
}

namespace {

namespace asio = boost::asio;

struct hearing {
    lines* told;
    lines* refused;
    void operator()(std::string_view line, const std::optional<receiver::line_seen>& seen) const {
        told->push_back(seen ? std::string{line} : "?");
    }
    void not_taken(std::string_view why) const { refused->emplace_back(why); }
};

/// A receiver and one sender.
struct conversation {
    explicit conversation(std::string_view type, receiver::misbehaviour asked = {})
        : listening{receiver::reader_of(type), hearing{&told, &refused}, 0, "127.0.0.1", asked} {
        sender.connect({asio::ip::address_v4::loopback(), listening.port()});
    }

    void send(std::string_view text) { asio::write(sender, asio::buffer(text)); }
    static std::string post(std::string_view body, std::string_view head) {
        return "POST /any HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               std::string{head} + "\r\n" + std::string{body};
    }
    /// All that is answered, until the receiver closes its side.
    std::string answers() {
        sender.shutdown(asio::ip::tcp::socket::shutdown_send);
        std::string all;
        boost::system::error_code error;
        asio::read(sender, asio::dynamic_buffer(all), error);
        listening.finish(std::chrono::seconds{10});
        return all;
    }

    lines told;
    lines refused;
    receiver::line_receiver<hearing> listening;
    asio::io_context io;
    asio::ip::tcp::socket sender{io};
};

constexpr std::string_view packed =
    "Content-Encoding: Snappy\r\nContent-Type: "
    "application/x-protobuf;a=b\r\n";
const std::string one_series = field(1, label("__name__", "up") + field(2, number(2, 17'000)));
const std::string one_metric = request(metric(5, fixed(4, 0.5) + at_17_5));

}  // namespace

TEST_CASE("requests of binary records are answered, however their bytes are cut") {
    conversation c{"remote_write"};
    const std::string two = conversation::post(snappy(one_series), packed) +
                            conversation::post(snappy(one_series + one_series), packed);
    const std::size_t cut = GENERATE(1U, 40U, 110U, 150U, 200U);
    c.send(two.substr(0, cut));
    c.send(two.substr(cut));
    CHECK(c.answers() == "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    CHECK(c.told == lines{"up 0 17", "up 0 17", "up 0 17"});
    const receiver::tally t = c.listening.counts();
    CHECK((t.well_formed == 3 && t.well_formed_bytes == 3 * one_series.size()));
    CHECK((t.malformed == 0 && t.requests == 2 && t.refused_requests == 0 && t.torn_tails == 0));
}

TEST_CASE("a request that is not taken is answered with a sentence, and the next one is read") {
    conversation c{"remote_write"};
    c.send(conversation::post(one_series, packed));
    c.send(conversation::post(snappy(one_series), ""));
    c.send(conversation::post(snappy(one_series),
                              "Content-Encoding: snappy\r\n"
                              "Content-Type: application/json\r\n"));
    c.send(conversation::post(snappy(one_series), packed));
    const std::string said = c.answers();
    CHECK(
        said.starts_with("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                         "Content-Length: 50\r\n\r\n"
                         "The block of snappy copies from where nothing is.\n"
                         "HTTP/1.1 400 "));
    CHECK(said.ends_with("\nHTTP/1.1 204 No Content\r\n\r\n"));
    CHECK(c.told == lines{"up 0 17"});
    CHECK(c.refused ==
          lines{"The block of snappy copies from where nothing is.",
                "The body has the Content-Encoding none, not snappy.",
                "The body has the Content-Type application/json, not application/x-protobuf."});
    const receiver::tally t = c.listening.counts();
    CHECK((t.requests == 4 && t.refused_requests == 3 && t.malformed == 3));
}

TEST_CASE("remote write of another version is refused as such, and no body of it is empty") {
    const auto answer = [](const std::string& head) {
        conversation c{"remote_write"};
        c.send(conversation::post(snappy(field(4, "")), "Content-Encoding: snappy\r\n" + head));
        const std::string said = c.answers();
        return said.substr(0, said.find('\r')) + said.substr(said.find("\r\n\r\n") + 4);
    };
    const std::string type = "Content-Type: application/x-protobuf";
    const std::string version = "X-Prometheus-Remote-Write-Version: ";
    const std::string taken = "HTTP/1.1 204 No Content";
    const std::string refused = "HTTP/1.1 415 Unsupported Media Type";
    CHECK(answer(type + "\r\n" + version + "0.1.0\r\n") == taken);
    CHECK(answer(type + "; a=b ; proto=\"prometheus.WriteRequest\"\r\n") == taken);
    CHECK(answer(type + ";proto=io.prometheus.write.v2.Request\r\n") ==
          refused +
              "The body is of the type io.prometheus.write.v2.request, which this receiver does "
              "not read.\n");
    CHECK(answer(version + "2.0.0\r\n") ==
          refused + "The body is remote write 2.0.0, which this receiver does not read.\n");
    CHECK(answer("Content-Type: text/plain\r\n") ==
          refused + "The body has the Content-Type text/plain, not application/x-protobuf.\n");
}

TEST_CASE("what a head says is told without its control characters") {
    conversation c{"otlp"};
    const std::string raw = "\x1b[2J\xc2\x9b" + std::string(300, '\x80');
    c.send(conversation::post("", "Content-Encoding: " + raw + "\r\n"));
    c.send(conversation::post("", "Content-Type: " + raw + "\r\n"));
    const std::string said = c.answers();
    REQUIRE(c.refused.size() == 2);
    CHECK(c.refused[0].starts_with(R"(The body has the Content-Encoding \x1b[2j\xc2\x9b\x80\x80)"));
    CHECK(c.refused[1].starts_with(R"(The body has the Content-Type \x1b[2j\xc2\x9b\x80\x80)"));
    for (const std::string& why : c.refused) {
        CHECK(said.find(field(2, why)) != said.npos);
        CHECK(backends::detail::utf8_value::scan(why) == why.size());
        CHECK(why.find('\x1b') == why.npos);
    }
}

TEST_CASE("a body that is too long is refused by its head") {
    conversation c{"otlp"};
    const auto head = [](std::uint64_t size) {
        return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    c.send(head((64U << 20U) + 1));
    const std::string said = c.answers();
    CHECK(said.starts_with("HTTP/1.1 400 "));
    CHECK(said.ends_with(field(2, "The body is longer than this receiver takes.")));
    conversation waits{"otlp"};
    waits.send(head(64U << 20U));
    CHECK(waits.answers().empty());
}

TEST_CASE("a sender that goes on writing hears why its request is refused") {
    conversation c{"otlp"};
    c.send("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n");
    c.send(std::string(12U << 20U, 'x'));  // more than the kernel holds for both
    CHECK(c.answers().ends_with("The request has no Content-Length that this receiver takes."));
    CHECK(c.listening.counts().bytes > 12U << 20U);
}

TEST_CASE("a sender that does not end after a refusal is left, after bytes and after a time") {
    conversation c{"otlp"};
    c.send("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n");
    const std::string block(1U << 20U, 'x');
    boost::system::error_code error;
    int blocks = 0;
    for (; !error && blocks != 100; ++blocks) {
        asio::write(c.sender, asio::buffer(block), error);
    }
    CHECK(blocks < 100);

    asio::ip::tcp::acceptor door{c.io, {asio::ip::address_v4::loopback(), 0}};
    asio::ip::tcp::socket silent{c.io};
    silent.connect(door.local_endpoint());
    const auto peer = std::make_shared<asio::ip::tcp::socket>(door.accept());
    std::array<char, 16> room{};
    asio::co_spawn(c.io, receiver::drain(peer, room, {.time = std::chrono::milliseconds{1}}),
                   asio::detached);
    c.io.run();
    CHECK_FALSE(peer->is_open());
}

TEST_CASE("a collector's answer says how many points were rejected, and a refusal is a Status") {
    conversation c{"otlp"};
    const std::string no_time = "The metric m has no time.";
    c.send(conversation::post(one_metric, ""));
    c.send(conversation::post(request(metric(5, fixed(4, 0.5))), "Content-Encoding: identity\r\n"));
    c.send(conversation::post("\x0a", ""));
    c.send("lines are no requests\n\r\n\r\n");
    const auto answer = [](std::string_view status, const std::string& body) {
        return "HTTP/1.1 " + std::string{status} +
               "\r\nContent-Type: application/x-protobuf\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    const std::string cut = "Field 1 of ExportMetricsServiceRequest has a number without end.";
    CHECK(c.answers() == answer("200 OK", "") +
                             answer("200 OK", field(1, number(1, 1) + field(2, no_time))) +
                             answer("400 Bad Request", field(2, cut)) +
                             answer("400 Bad Request", field(2, "The request is no POST.")));
    CHECK(c.told == lines{R"(m{host.name="h"} 0.5 17.5 gauge)"});
    CHECK(c.refused == lines{no_time, cut, "The request is no POST."});
}

TEST_CASE("lines that are sent to a receiver of binary records are malformed") {
    conversation c{"otlp"};
    c.send("netdata.h.c.d 1 17\n");
    CHECK(c.answers().empty());
    CHECK(c.told == lines{"?"});
    CHECK(c.listening.counts().malformed == 1);
}

TEST_CASE("a receiver of binary records answers with the status that it is asked for") {
    const std::uint64_t status = GENERATE(202U, 503U);
    conversation c{"otlp", {.status = status}};
    c.send(conversation::post(one_metric, ""));
    CHECK(c.answers().starts_with("HTTP/1.1 " + std::to_string(status) + " "));
    CHECK(c.told.size() == (status == 202 ? 1 : 0));
}
