// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/line_queue.hpp>

#include "catch.hpp"
#include "support/records.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <string>

namespace {

using backends::amount;
using test::like;

/// Every test is of both kinds of queues.
template <class Kind>
using queue_of = backends::record_queue<Kind::value>;

template <class Queue>
void push(Queue& queue, const std::string& text) {
    char* room = queue.reserve(text.size());
    REQUIRE(room != nullptr);
    std::copy(text.begin(), text.end(), room);
    queue.commit(text.size());
}

/// Everything that is still to be written, piece by piece.
template <class Queue>
std::string drain(Queue& queue) {
    std::string out;
    while (!queue.unsent().empty()) {
        const std::size_t n = queue.unsent().size();
        out += queue.unsent();
        queue.write(n);
    }
    return out;
}

struct naive_line {
    std::string text;
    bool known = false;  // has begun on an earlier connection
    bool ends_batch = false;
};

/// What the queue must do, written without a thought for memory or time.
struct naive_queue {
    std::deque<naive_line> lines;
    std::size_t sent = 0;

    std::size_t size() const {
        std::size_t n = 0;
        for (const naive_line& line : lines) {
            n += line.text.size();
        }
        return n;
    }
    std::size_t begun_lines() const {
        std::size_t at = 0;
        std::size_t n = 0;
        while (at < sent) {
            at += lines[n++].text.size();
        }
        return n;
    }
    std::string text() const {
        std::string all;
        for (const naive_line& line : lines) {
            all += line.text;
        }
        return all;
    }
    bool starts_line(std::size_t offset) const {
        std::size_t at = 0;
        for (std::size_t i = 0; at < offset; ++i) {
            at += lines[i].text.size();
        }
        return at == offset;
    }
    /// The last end of a line after what was sent, and at most n bytes from there; or 0.
    std::size_t last_end(std::size_t n) const {
        while (n != 0 && !starts_line(sent + n)) {
            --n;
        }
        return n;
    }
    std::size_t first_end(std::size_t n) const {
        for (std::size_t i = 1; i <= n; ++i) {
            if (starts_line(sent + i)) {
                return i;
            }
        }
        return 0;
    }
    amount erase(std::size_t first, std::size_t last) {
        amount gone;
        for (std::size_t i = first; i != last; ++i) {
            gone += {1, lines[i].text.size()};
        }
        // A batch that loses its last lines ends with the line in front of them.
        for (std::size_t i = first; i != last && first != 0; ++i) {
            lines[first - 1].ends_batch |= lines[i].ends_batch;
        }
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                    lines.begin() + static_cast<std::ptrdiff_t>(last));
        return gone;
    }
    /// The number of whole lines in the first n bytes.
    std::size_t lines_before(std::size_t n) const {
        std::size_t i = 0;
        for (; i != lines.size() && lines[i].text.size() <= n; ++i) {
            n -= lines[i].text.size();
        }
        return i;
    }
    amount drop_oldest() {
        const std::size_t first = begun_lines();
        std::size_t last = first;
        while (last != lines.size() && !lines[last++].ends_batch) {}
        return erase(first, last);
    }
    amount drop_newest() {
        std::size_t first = lines.size();
        const std::size_t begun = begun_lines();
        while (first > begun) {
            --first;
            if (first != begun && lines[first - 1].ends_batch) {
                break;
            }
        }
        return erase(first, lines.size());
    }
};

/// Compares both, whatever is asked of them. `make` makes a record of at most `longest` bytes.
/// Returns how often a batch was dropped whose queue lay in two pieces.
template <class Kind, class Make>
std::size_t compare(int schedules, std::size_t longest, Make make) {
    std::mt19937_64 random{7};
    const auto pick = [&](std::uint64_t bound) {
        return static_cast<std::size_t>(bound == 0 ? 0 : random() % bound);
    };
    std::size_t wrapped_drops = 0;
    for (int schedule = 0; schedule != schedules; ++schedule) {
        const std::size_t capacity = longest + pick(8 * longest);
        queue_of<Kind> queue{capacity, 1000};
        naive_queue naive;
        for (int step = 0; step != 150; ++step) {
            switch (pick(10)) {
                case 0:
                case 1:
                case 2: {
                    const std::string text = make(pick, step);
                    const bool fits = queue.fits(text.size());
                    char* room = queue.reserve(text.size());
                    REQUIRE(fits == (room != nullptr));
                    if (room != nullptr) {
                        std::copy(text.begin(), text.end(), room);
                        queue.commit(text.size());
                        naive.lines.push_back({text});
                    }
                    break;
                }
                case 3:
                    queue.end_batch();
                    if (!naive.lines.empty()) {
                        naive.lines.back().ends_batch = true;
                    }
                    break;
                case 4: {
                    const std::size_t n = pick(queue.unsent().size() + 1);
                    const std::size_t before = naive.begun_lines();
                    const auto begun = queue.write(n);
                    naive.sent += n;
                    amount all;
                    amount again;
                    for (std::size_t i = before; i != naive.begun_lines(); ++i) {
                        const amount line{1, naive.lines[i].text.size()};
                        all += line;
                        again += naive.lines[i].known ? line : amount{};
                        naive.lines[i].known = true;
                    }
                    REQUIRE(begun.all == all);
                    REQUIRE(begun.again == again);
                    break;
                }
                case 5: {
                    const std::size_t n = pick(queue.sent() + 1);
                    std::size_t whole = 0;
                    std::size_t count = 0;
                    while (count != naive.lines.size() &&
                           whole + naive.lines[count].text.size() <= n) {
                        whole += naive.lines[count++].text.size();
                    }
                    REQUIRE(queue.release(n) == naive.erase(0, count));
                    naive.sent -= whole;
                    break;
                }
                case 6: {
                    const std::size_t first = pick(queue.sent() + 1);
                    const std::size_t n = pick(queue.sent() - first + 1);
                    const std::size_t begin = naive.lines_before(first);
                    const std::size_t end = std::max(begin, naive.lines_before(first + n));
                    const amount gone = naive.erase(begin, end);
                    REQUIRE(queue.take_out(first, n) == gone);
                    naive.sent -= gone.bytes;
                    break;
                }
                case 7:
                    if (pick(4) == 0) {
                        queue.rewind();
                        naive.sent = 0;
                    } else if (pick(2) == 0) {
                        const std::size_t first = naive.begun_lines();
                        const bool any = first != naive.lines.size();
                        REQUIRE(queue.drop_oldest_line() == naive.erase(first, first + any));
                    }
                    break;
                case 8: {
                    const amount dropped = naive.drop_oldest();
                    wrapped_drops +=
                        queue.unsent().size() < naive.size() + dropped.bytes - naive.sent;
                    REQUIRE(queue.drop_oldest_batch() == dropped);
                    break;
                }
                default:
                    if (pick(3) == 0) {
                        REQUIRE(queue.drop_newest_batch() == naive.drop_newest());
                    }
                    break;
            }
            REQUIRE(queue.size() == naive.size());
            REQUIRE(queue.sent() == naive.sent);
            REQUIRE(naive.text().substr(naive.sent, queue.unsent().size()) == queue.unsent());
            REQUIRE((queue.unsent().empty() == (naive.sent == naive.size())));
            const std::size_t place = pick(naive.size() + 1);
            REQUIRE(queue.starts_line(place) == naive.starts_line(place));
            const std::size_t part = pick(queue.unsent().size() + 1);
            REQUIRE(queue.last_end(queue.unsent().data(), part) == naive.last_end(part));
            REQUIRE(queue.first_end(queue.unsent().data(), part) == naive.first_end(part));
        }
        queue.rewind();
        REQUIRE(drain(queue) == naive.text());
        REQUIRE(queue.clear(naive.lines.size()) ==
                backends::amount{naive.lines.size(), naive.size()});
        REQUIRE(queue.empty());
    }
    return wrapped_drops;
}

}  // namespace

TEMPLATE_TEST_CASE("a queue gives back what was put in, in order", "", test::text_records,
                   test::field_records) {
    queue_of<TestType> queue{64};
    push(queue, like<TestType>("one\n"));
    push(queue, like<TestType>("two\nthree\n"));
    CHECK(queue.size() == 14);
    CHECK(queue.unsent() == like<TestType>("one\ntwo\nthree\n"));
    CHECK(drain(queue) == like<TestType>("one\ntwo\nthree\n"));
    CHECK(queue.release(14) == amount{3, 14});
    CHECK(queue.empty());
}

TEMPLATE_TEST_CASE("only whole lines are released", "", test::text_records, test::field_records) {
    queue_of<TestType> queue{64};
    push(queue, like<TestType>("one\ntwo\n"));
    queue.write(8);
    CHECK(queue.release(3) == amount{0, 0});
    CHECK(queue.release(6) == amount{1, 4});
    CHECK(queue.sent() == 4);
    CHECK(queue.release(4) == amount{1, 4});
}

TEMPLATE_TEST_CASE("a line begins with its first byte, and is begun to its end", "",
                   test::text_records, test::field_records) {
    queue_of<TestType> queue{64};
    push(queue, like<TestType>("one\ntwo\n"));
    CHECK(queue.write(1).all == amount{1, 4});
    CHECK(queue.inside_line());
    CHECK(queue.write(2).all == amount{0, 0});
    CHECK(queue.write(1).all == amount{0, 0});
    CHECK_FALSE(queue.inside_line());
    CHECK(queue.write(2).all == amount{1, 4});
}

TEMPLATE_TEST_CASE("after a rewind the same lines begin again, and are told from new ones", "",
                   test::text_records, test::field_records) {
    queue_of<TestType> queue{64};
    push(queue, like<TestType>("one\ntwo\nthree\n"));
    queue.write(5);
    queue.release(4);
    queue.rewind();
    CHECK(queue.sent() == 0);
    CHECK(queue.unsent() == like<TestType>("two\nthree\n"));
    const auto begun = queue.write(10);
    CHECK(begun.all == amount{2, 10});
    CHECK(begun.again == amount{1, 4});
}

TEMPLATE_TEST_CASE("the oldest batch is dropped behind the lines that have begun", "",
                   test::text_records, test::field_records) {
    queue_of<TestType> queue{64};
    push(queue, like<TestType>("one\n"));
    push(queue, like<TestType>("two\n"));
    queue.end_batch();
    push(queue, like<TestType>("three\n"));
    queue.end_batch();
    push(queue, like<TestType>("four\n"));
    queue.write(2);
    CHECK(queue.waiting_batches() == 2);
    CHECK(queue.drop_oldest_batch() == amount{1, 4});
    CHECK(queue.drop_oldest_batch() == amount{1, 6});
    CHECK(queue.waiting_batches() == 0);
    CHECK(queue.unsent() == like<TestType>("one\nfour\n").substr(2));
    CHECK(queue.drop_oldest_batch() == amount{1, 5});
    CHECK(queue.drop_oldest_batch() == amount{0, 0});
    CHECK(queue.unsent() == like<TestType>("one\n").substr(2));
}

TEMPLATE_TEST_CASE("the newest batch is dropped, but not what has begun of it", "",
                   test::text_records, test::field_records) {
    queue_of<TestType> queue{64};
    push(queue, like<TestType>("one\n"));
    queue.end_batch();
    push(queue, like<TestType>("two\nthree\n"));
    queue.end_batch();
    queue.write(5);
    CHECK(queue.drop_newest_batch() == amount{1, 6});
    CHECK(queue.drop_newest_batch() == amount{0, 0});
    CHECK(queue.unsent() == like<TestType>("two\n").substr(1));
}

TEMPLATE_TEST_CASE("a line that fits in what is free behind begun lines finds room", "",
                   test::text_records, test::field_records) {
    queue_of<TestType> queue{30};
    push(queue, like<TestType>("0123456789\n"));
    push(queue, like<TestType>("abcdefghi\n"));
    queue.write(21);
    queue.release(11);
    // 10 bytes are begun in the middle, 9 free behind them, 11 in front; 20 fit only when they
    // move.
    CHECK(queue.fits(20));
    push(queue, like<TestType>("ABCDEFGHIJKLMNOPQRS\n"));
    CHECK_FALSE(queue.fits(1));
    CHECK(queue.reserve(1) == nullptr);
    queue.rewind();
    CHECK(drain(queue) == like<TestType>("abcdefghi\nABCDEFGHIJKLMNOPQRS\n"));
}

TEMPLATE_TEST_CASE("batches beyond what it remembers merge, oldest first", "", test::text_records,
                   test::field_records) {
    queue_of<TestType> queue{64, 2};
    for (const char* text : {"a\n", "b\n", "c\n", "d\n"}) {
        push(queue, like<TestType>(text));
        queue.end_batch();
    }
    CHECK(queue.waiting_batches() == 2);
    CHECK(queue.drop_oldest_batch() == amount{3, 6});
    CHECK(queue.drop_oldest_batch() == amount{1, 2});
}

TEMPLATE_TEST_CASE("a queue does what a naive queue does, whatever is asked of it", "",
                   test::text_records, test::field_records) {
    const std::size_t wrapped = compare<TestType>(3000, 40, [](auto pick, int step) {
        std::string body(pick(39), static_cast<char>('a' + step % 26));
        std::fill(body.begin() + static_cast<std::ptrdiff_t>(pick(body.size() + 1)), body.end(),
                  '\n');
        return test::record<TestType>(body);
    });
    CHECK(wrapped > 1000);  // the hard case was met
}

TEMPLATE_TEST_CASE("it does so for records whose lengths have two and three bytes", "",
                   test::text_records, test::field_records) {
    for (const std::size_t bound : {128U, 16'384U}) {
        const std::size_t wrapped =
            compare<TestType>(bound == 128 ? 300 : 40, bound + 5, [bound](auto pick, int step) {
                std::string body(pick(3) == 0 ? pick(40) : bound - 2 + pick(4), '\n');
                body += static_cast<char>('a' + step % 26);
                return test::record<TestType>(body.substr(1));
            });
        CHECK(wrapped > 20);
    }
}
