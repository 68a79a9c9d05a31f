// SPDX-License-Identifier: BSL-1.0
//
// counting: threads that come and go count, while charts come and go and receivers are killed.
//
//     counting [ADDITIONS]     of each of eight threads at a time, over a hundred counters
//
// Two exporters, of one second and of three, send everything over TCP, at level `epoch`, each to a
// receiver that is killed twice. What each receiver has read, a line that came again counting once,
// must be what the threads say that they counted: for each series, exactly. The test's own thread
// drives the exporters, the receivers and the time, so that nobody waits for a second.
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/parser.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/tcp.hpp>

#include "support/loopback_peer.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

struct ten_counters {
    backends::counter c0, c1, c2, c3, c4, c5, c6, c7, c8, c9;

    backends::counter& at(std::size_t i) noexcept {
        const std::array all{&c0, &c1, &c2, &c3, &c4, &c5, &c6, &c7, &c8, &c9};
        return *all[i];
    }
};
BOOST_HANA_ADAPT_STRUCT(ten_counters, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9);

namespace {

/// Of the driving thread; others see what time it is.
struct stepped_time {
    static inline backends::instant steady{1'000'000'000};
    static inline std::atomic<backends::unix_seconds> wall = 1'700'000'000;

    static void go_on(std::int64_t ms) noexcept {
        steady = steady + backends::milliseconds(ms);
        wall = 1'700'000'000 + steady.ns / 1'000'000'000;
        wall.notify_all();
    }
    static backends::instant steady_now() noexcept { return steady; }
    static backends::unix_seconds system_now() noexcept { return wall; }
};
struct at_stepped_time : backends::wait_free {
    static backends::wall_time wall_clock() noexcept { return {stepped_time::wall}; }
};
struct certain : backends::default_policies {
    using confirmation = backends::confirm::epoch<>;
    using clock = stepped_time;
    using observer = backends::no_observer;
};
using host_type = backends::basic_host<backends::double_cell, 300, at_stepped_time>;

constexpr std::size_t lanes = 8;
constexpr std::size_t permanent = 9;  // charts of ten counters; one more comes and goes a lane
constexpr std::size_t rounds = 20;    // threads and charts that a lane has, one after another

std::string name(std::size_t chart) {
    return chart < permanent ? "c" + std::to_string(chart)
                             : "own" + std::to_string(chart - permanent);
}

/// What one thread has counted, by chart and counter.
using tally = std::array<std::array<std::uint64_t, 10>, permanent + lanes>;

/// One thread at a time, which counts, as its successor does beside it.
class lane {
public:
    lane(host_type& host, std::array<ten_counters*, permanent>& charts, std::size_t number)
        : host_{host}, charts_{charts}, number_{number}, random_{number * 977 + 1} {}

    /// Until `additions` are made and enough is true.
    void run(std::uint64_t additions, const std::atomic<bool>& enough) {
        const std::uint64_t share = additions / rounds / 2 + 1;
        for (std::uint64_t made = 0; made < additions || !enough; made += 2 * share) {
            auto own = host_.lease<ten_counters>(name(permanent + number_));
            tally of_child{};
            std::thread child{[&, own, seed = next()] { count(*own, share, seed, of_child); }};
            count(*own, share, next(), counted_);
            child.join();
            remove(own, next());
            for (std::size_t c = 0; c < of_child.size(); ++c) {
                for (std::size_t i = 0; i < 10; ++i) {
                    counted_[c][i] += of_child[c][i];
                }
            }
            ++threads_;
            stepped_time::wall.wait(stepped_time::wall);  // else all ends before the first cycle
        }
    }
    [[nodiscard]] const tally& counted() const noexcept { return counted_; }
    [[nodiscard]] std::uint64_t threads() const noexcept { return threads_; }

private:
    std::uint64_t next() noexcept {
        return random_ = random_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    }
    void count(ten_counters& own, std::uint64_t n, std::uint64_t random, tally& counted) const {
        for (; n != 0; --n) {
            random = random * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
            const std::size_t chart = (random >> 40U) % (permanent + 1);
            const std::size_t i = (random >> 50U) % 10;
            (chart == permanent ? own : *charts_[chart]).at(i).add();
            ++counted[chart == permanent ? permanent + number_ : chart][i];
        }
    }
    /// Nobody records into it any more.
    void remove(backends::lease<ten_counters>& own, std::uint64_t random) {
        if (random >> 63U == 0) {
            host_.remove(own);
        }
        own = {};
    }

    host_type& host_;
    std::array<ten_counters*, permanent>& charts_;
    std::size_t number_;
    std::uint64_t random_;
    std::uint64_t threads_ = 0;
    tally counted_{};
};

/// An exporter and its receiver.
class exported {
public:
    exported(host_type& host, std::int64_t every)
        : exporter_{host,
                    {.destination = peer_.address(),
                     .prefix = "p",
                     .update_every = backends::seconds{every},
                     .buffer_on_failures = 100'000,
                     .timeout = backends::seconds{100'000},  // time runs ahead of the kernel's
                     .queue_bytes = std::size_t{64} << 20U,
                     .self_monitoring = false}},
          period_{every} {
        exporter_.poll(stepped_time::steady);
    }

    void step() {
        exporter_.poll(stepped_time::steady);
        peer_.step();
        kill_or_restart();
    }
    [[nodiscard]] bool was_killed_twice() const noexcept { return kills_ == 2 && is_alive_; }
    void request_stop() { exporter_.request_stop(backends::seconds{1000}); }
    [[nodiscard]] bool finished() const { return exporter_.finished(); }

    /// Says what is wrong; how many mistakes there are.
    int judge(const tally& counted) const {
        std::map<std::string, std::string_view> lines;  // by series and stamp
        std::map<std::string, double> totals;
        int mistakes = 0;
        std::size_t again = 0;
        for (const std::string_view text : peer_.connections()) {
            for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos;
                 begin = end + 1) {
                const std::string_view whole = text.substr(begin, end - begin);
                const std::string series{whole.substr(0, whole.find(' '))};
                const auto [at, is_new] =
                    lines.emplace(series + std::string{whole.substr(whole.rfind(' '))}, whole);
                again += is_new ? 0 : 1;
                mistakes += at->second == whole ? 0 : 1;
                const auto line = backends::parse<backends::graphite_plaintext>(whole);
                mistakes += line ? 0 : 1;
                double value = 0;
                std::from_chars(line.line.number.data(),
                                line.line.number.data() + line.line.number.size(), value);
                totals[series] += is_new ? value : 0;
            }
        }
        const backends::counters account = exporter_.counters();
        std::printf(
            "every %lld s: %zu lines, %zu of them came again; %llu cycles, %llu "
            "connections; the receiver was killed %d times\n",
            static_cast<long long>(period_), lines.size(), again,
            static_cast<unsigned long long>(account.ticks),
            static_cast<unsigned long long>(account.connections), kills_);
        double all = 0;
        for (std::size_t chart = 0; chart < counted.size(); ++chart) {
            for (std::size_t i = 0; i < 10; ++i) {
                const std::string series = "p.h." + name(chart) + ".c" + std::to_string(i);
                const double got = totals[series];
                all += got;
                if (got != static_cast<double>(counted[chart][i]) && ++mistakes < 10) {
                    std::printf("%s: %.0f arrived of %llu\n", series.c_str(), got,
                                static_cast<unsigned long long>(counted[chart][i]));
                }
            }
        }
        mistakes += totals.size() == counted.size() * 10 ? 0 : 1;
        mistakes += account.overrun == 0 && account.queued.lines == 0 ? 0 : 1;
        std::printf("%.0f additions arrived, %d mistakes\n", all, mistakes);
        return mistakes;
    }

private:
    using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp,
                                        host_type, certain>;

    /// A receiver dies with what it has not read, inside a connection that has brought lines, and
    /// is back some cycles later.
    void kill_or_restart() {
        const std::uint64_t cycles = exporter_.counters().ticks;
        if (cycles < next_ || was_killed_twice()) {
            return;
        }
        if (!is_alive_) {
            peer_.listen_again();
            is_alive_ = true;
            next_ = cycles + 3;
        } else if (peer_.reads_at_most = 1000;  // slow enough to be met inside a connection
                   peer_.connected() && !peer_.connections().back().empty()) {
            peer_.stop_listening();
            peer_.reset_connection();
            peer_.reads_at_most = 0;
            is_alive_ = false;
            ++kills_;
            next_ = cycles + 3;
        }
    }

    test::loopback_peer peer_;
    exporter exporter_;
    std::int64_t period_;
    std::uint64_t next_ = 2;
    int kills_ = 0;
    bool is_alive_ = true;
};

int run(std::uint64_t additions) {
    host_type host{"h"};
    std::array<ten_counters*, permanent> charts{};
    for (std::size_t c = 0; c < permanent; ++c) {
        charts[c] = &host.instrument<ten_counters>(name(c));
    }
    exported often{host, 1};
    exported rarely{host, 3};
    std::atomic<bool> enough{false};
    std::atomic<std::size_t> running{lanes};
    std::vector<lane> all;
    all.reserve(lanes);
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n < lanes; ++n) {
        all.emplace_back(host, charts, n);
        threads.emplace_back([&, n] {
            all[n].run(additions, enough);
            --running;
        });
    }
    constexpr int most_steps = 1'000'000;  // some minutes
    int steps = 0;
    const auto step = [&] {
        stepped_time::go_on(100);
        often.step();
        rarely.step();
        enough = (often.was_killed_twice() && rarely.was_killed_twice()) || ++steps > most_steps;
    };
    while (running != 0) {
        step();
    }
    for (std::thread& one : threads) {
        one.join();
    }
    often.request_stop();
    rarely.request_stop();
    while ((!often.finished() || !rarely.finished()) && steps <= most_steps) {
        step();
    }
    tally counted{};
    std::uint64_t sum = 0;
    std::uint64_t ended = 0;
    for (const lane& one : all) {
        ended += 1 + one.threads();
        for (std::size_t c = 0; c < counted.size(); ++c) {
            for (std::size_t i = 0; i < 10; ++i) {
                counted[c][i] += one.counted()[c][i];
                sum += one.counted()[c][i];
            }
        }
    }
    std::printf("%llu threads made %llu additions\n", static_cast<unsigned long long>(ended),
                static_cast<unsigned long long>(sum));
    const int mistakes = often.judge(counted) + rarely.judge(counted);
    if (steps > most_steps || !often.was_killed_twice() || !rarely.was_killed_twice()) {
        std::puts("it did not come to its end");
        return 1;
    }
    return mistakes == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    return run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000);
}
