// SPDX-License-Identifier: BSL-1.0
//
// What a receiver costs that refuses one line of a hundred, for ever: shipping a tick's lines, made
// before, over HTTP until each is confirmed or refused, in turn to a receiver that refuses nothing,
// to one that says how many lines of a request it refuses and keeps the others, and to one that
// refuses whole requests without a word: once divided down to those lines, once given up. A row
// each: its name, the least time in nanoseconds a line by the wall's clock, that as a multiple of
// the first, and requests a tick.
//
//   refusal_cost [LINES] [TICKS]      100000 and 20 if not said
#include <backends/bench/workload.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>

#include "answering_reader.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <string.h>

namespace {

/// Lines of a receiver that says how many of them it refuses.
struct graphite : backends::graphite_plaintext {
    struct body : backends::line_body {
        static backends::body_rejection rejected(std::string_view answer) noexcept {
            backends::body_rejection found;
            std::from_chars(answer.data(), answer.data() + answer.size(), found.records);
            return found;
        }
    };
};

enum class receiver { takes_all, says_how_many, refuses_whole };

/// The body of one request after the other, and what is said to it.
class judge {
public:
    judge(receiver of, std::atomic<std::uint64_t>& requests) : of_{of}, requests_{&requests} {}

    /// One line of a hundred, in every tick the same.
    std::string_view operator()(std::string_view bytes, bool is_last) {
        body_ += bytes;
        if (!is_last) {
            return {};
        }
        std::size_t refused = 0;
        constexpr std::string_view bad = "0.reads_00 ";
        const char* const end = body_.data() + body_.size();
        const char* at = body_.data();
        const auto find = [&] {
            return static_cast<const char*>(
                ::memmem(at, static_cast<std::size_t>(end - at), bad.data() + 1, bad.size() - 1));
        };
        for (const char* found = find(); found != nullptr; found = find()) {
            refused += found[-1] == bad.front() ? 1U : 0U;
            at = found + bad.size() - 1;
        }
        body_.clear();
        ++*requests_;
        if (refused == 0 || of_ == receiver::takes_all) {
            return bench::answering_reader::yes;
        }
        const std::string count = of_ == receiver::refuses_whole ? "" : std::to_string(refused);
        said_ = "HTTP/1.1 400 x\r\nContent-Length: " + std::to_string(count.size()) + "\r\n\r\n" +
                count;
        return said_;
    }

private:
    receiver of_;
    std::atomic<std::uint64_t>* requests_;
    std::string body_;
    std::string said_;
};

class timed {
    using nanoseconds = std::chrono::duration<double, std::nano>;
    using transport = backends::http_post_for<graphite, backends::tcp>;
    struct policies : backends::default_policies {
        using observer = backends::no_observer;
    };

public:
    timed(const char* name, receiver of, std::size_t lines, bool divides = true)
        : name_{name},
          lines_{lines},
          refused_{of == receiver::takes_all ? 0
                   : divides                 ? lines / 100
                                             : lines},
          reader_{[this, of](auto& socket) {
              bench::answering_reader::converse(socket, [] {}, judge{of, requests_});
          }},
          shell_{transport{{.divide_refused = divides}},
                 backends::parse_destinations(reader_.url("http"), 80, transport::schemes),
                 {.queue_bytes = lines * 100,
                  // A tick ends when its last answer comes.
                  .ack_poll_min = backends::nanoseconds{10'000},
                  .ack_poll_max = backends::nanoseconds{10'000}}} {
        for (std::size_t chart = 0; chart != lines / line_count; ++chart) {
            std::string text;
            for (std::size_t i = 0; i != line_count; ++i) {
                text += "netdata.web-1." + backends::bench::chart_id(chart) + '.' +
                        backends::bench::dimension_id(i) + " 4711.2500000 1700000000\n";
            }
            charts_.push_back(text);
        }
    }

    void tick() {
        const std::uint64_t before = requests_;
        const nanoseconds taken = ship();
        least_ = (std::min)(least_, taken.count() / static_cast<double>(lines_));
        requests_a_tick_ = requests_ - before;
    }
    void print(const timed& reference) const {
        std::printf("%-14s %8.2f ns a line  %6.2f x  %7llu requests\n", name_, least_,
                    least_ / reference.least_, static_cast<unsigned long long>(requests_a_tick_));
    }

private:
    static constexpr std::size_t line_count = backends::bench::chart_width;
    static constexpr std::size_t charts_a_step = 100;

    nanoseconds ship() {
        const std::uint64_t before = rejected();
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i != charts_.size(); ++i) {
            const std::string& text = charts_[i];
            char* const room = shell_.lines().reserve(text.size());
            if (room == nullptr) {
                throw std::runtime_error{"the queue is full"};
            }
            text.copy(room, text.size());
            shell_.lines().commit(text.size(), line_count);
            if (i % charts_a_step == charts_a_step - 1) {
                step();
            }
        }
        shell_.lines().end_batch(backends::system_clock::steady_now());
        while (!shell_.lines().queue().empty()) {
            step();
        }
        const nanoseconds taken = std::chrono::steady_clock::now() - begin;
        if (rejected() - before != refused_) {
            throw std::runtime_error{std::string{name_} + ": not the refused lines"};
        }
        return taken;
    }
    void step() { shell_.step(backends::system_clock::steady_now()); }
    [[nodiscard]] std::uint64_t rejected() const {
        return shell_.lines().counters().dropped_for(backends::drop_reason::rejected).lines;
    }

    const char* name_;
    std::size_t lines_;
    std::uint64_t refused_;
    std::atomic<std::uint64_t> requests_{0};
    bench::answering_reader reader_;
    backends::shipping<transport, policies> shell_;
    std::vector<std::string> charts_;
    std::uint64_t requests_a_tick_ = 0;
    double least_ = std::numeric_limits<double>::infinity();
};

void run(std::size_t lines, long ticks) {
    if (lines == 0 || lines % 100 != 0) {
        throw std::runtime_error{"the number of lines is a multiple of a hundred"};
    }
    timed takes_all{"takes all", receiver::takes_all, lines};
    timed says{"says how many", receiver::says_how_many, lines};
    timed whole{"refuses whole", receiver::refuses_whole, lines};
    timed given_up{"given up", receiver::refuses_whole, lines, false};
    for (long n = 0; n < ticks; ++n) {
        takes_all.tick();
        says.tick();
        whole.tick();
        given_up.tick();
    }
    takes_all.print(takes_all);
    says.print(takes_all);
    whole.print(takes_all);
    given_up.print(takes_all);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000,
            argc > 2 ? std::strtol(argv[2], nullptr, 10) : 20);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "refusal_cost: %s\n", error.what());
        return 1;
    }
    return 0;
}
