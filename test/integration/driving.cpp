// SPDX-License-Identifier: BSL-1.0
//
// The three ways to drive an exporter, on real clocks and sockets, and stop() in every state.
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

using backends::milliseconds;
using backends::options;
using backends::seconds;
using namespace std::chrono_literals;

namespace {

using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp>;

options quiet(std::string destination) {
    return {.destination = std::move(destination),
            .update_every = seconds{60},
            .self_monitoring = false};
}

/// A peer that its own thread serves until the test is over.
class serving {
public:
    explicit serving(test::loopback_peer& peer)
        : thread_{[this, &peer] {
              while (!over_) {
                  peer.step();
              }
          }} {}
    serving(const serving&) = delete;
    serving& operator=(const serving&) = delete;
    ~serving() { end(); }

    /// After this the peer's strings are the test's.
    void end() {
        over_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    std::atomic<bool> over_{false};
    std::thread thread_;
};

/// A resolver whose name server never answers.
struct silent_resolver {
    void start(const backends::destination&, backends::waker) {}
    std::optional<backends::resolution> result() { return std::nullopt; }
    void forget() noexcept {}
};

/// How long a stop within 300 ms takes, and whether the account adds up after it.
template <class Exporter>
void stops_in_time(Exporter& e) {
    const auto begin = std::chrono::steady_clock::now();
    const backends::stop_result result = e.stop(milliseconds(300));
    CHECK(std::chrono::steady_clock::now() - begin < 350ms);
    CHECK(result.counters.balanced());
    CHECK(result.counters.in_flight.lines + result.counters.queued.lines == 0);
}

}  // namespace

TEST_CASE("on a thread of its own, stop() delivers what was recorded last") {
    test::loopback_peer peer;
    serving served{peer};
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    exporter e{host, quiet(peer.address())};
    e.start();
    REQUIRE(chart.record({42.0}));
    const auto result = e.stop(seconds{5});
    CHECK(result.complete());
    CHECK(result.counters.confirmed.lines == 1);
    served.end();
    REQUIRE(peer.connections().size() == 1);
    CHECK(peer.connections()[0].find("netdata.h.c.d 42.0000000 ") == 0);
}

TEST_CASE("the destructor stops as well") {
    test::loopback_peer peer;
    serving served{peer};
    {
        backends::host host{"h"};
        auto& chart = host.add("c", {"d"});
        exporter e{host, quiet(peer.address())};
        e.start();
        REQUIRE(chart.record({1.0}));
    }
    served.end();
    REQUIRE(peer.connections().size() == 1);
    CHECK_FALSE(peer.connections()[0].empty());
}

TEST_CASE("cycles come by the clock") {
    test::loopback_peer peer;
    serving served{peer};
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    options o = quiet(peer.address());
    o.update_every = seconds{1};
    exporter e{host, o};
    REQUIRE(chart.record({1.0}));
    e.start();
    while (e.counters().confirmed.lines == 0) {
        std::this_thread::yield();
    }
    CHECK(e.counters().ticks == 1);
    CHECK(e.stop(seconds{1}).complete());
}

TEST_CASE("on the user's io_context, and stopped from another thread") {
    test::loopback_peer peer;
    serving served{peer};
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    boost::asio::io_context context;
    exporter e{host, quiet(peer.address()), backends::tcp{context.get_executor()}};
    std::future<void> done = e.async_run(boost::asio::use_future);
    std::thread runner{[&context] { context.run(); }};
    REQUIRE(chart.record({1.0}));
    const auto result = e.stop(seconds{5});
    CHECK(result.complete());
    CHECK(result.counters.confirmed.lines == 1);
    done.get();
    runner.join();
}

TEST_CASE("a cancelled async_run flushes and completes") {
    test::loopback_peer peer;
    serving served{peer};
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    boost::asio::io_context context;
    exporter e{host, quiet(peer.address()), backends::tcp{context.get_executor()}};
    boost::asio::cancellation_signal cancel;
    bool completed = false;
    e.async_run(boost::asio::bind_cancellation_slot(
        cancel.slot(), [&completed](boost::system::error_code error) { completed = !error; }));
    REQUIRE(chart.record({1.0}));
    cancel.emit(boost::asio::cancellation_type::terminal);
    context.run();
    CHECK(completed);
    CHECK(e.counters().confirmed.lines == 1);
}

TEST_CASE("a coroutine's io_context may end with the exporter still running") {
    backends::host host{"h"};
    boost::asio::io_context context;
    bool completed = false;
    {
        exporter e{host, quiet("127.0.0.1:1"), backends::tcp{context.get_executor()}};
        e.async_run([&completed](boost::system::error_code error) { completed = error.failed(); });
        context.poll();
    }
    context.run();
    CHECK(completed);
}

TEST_CASE("an exporter that is destroyed on the user's executor leaves whole lines") {
    test::loopback_peer peer{0, 4096};
    peer.reads = false;
    backends::host host{"h"};
    for (int i = 0; i != 5000; ++i) {
        REQUIRE(host.add("chart" + std::to_string(i), {"d"}).record({1.0}));
    }
    boost::asio::io_context context;
    std::uint64_t sent = 0;
    {
        exporter e{host, quiet(peer.address()), backends::tcp{context.get_executor()}};
        e.async_run([](boost::system::error_code) {});
        e.request_stop(seconds{60});
        // Until neither kernel takes more.
        for (std::uint64_t before = 1; sent != before || sent == 0 || !peer.connected();) {
            before = sent;
            context.run_for(20ms);
            peer.step();
            sent = e.counters().sent_bytes;
        }
    }
    context.run();
    peer.reads = true;
    while (!peer.saw_end()) {
        peer.step();
    }
    CHECK(peer.connections().back().size() <= sent);
    CHECK(peer.connections().back().ends_with('\n'));
}

TEST_CASE("polled, it never blocks and delivers all the same") {
    test::loopback_peer peer;
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    options o = quiet(peer.address());
    exporter e{host, o};
    REQUIRE(chart.record({1.0}));
    backends::instant now = backends::system_clock::steady_now();
    e.poll(now);
    now = now + seconds{60};
    while (e.counters().confirmed.lines == 0) {
        e.poll(now);
        now = now + milliseconds(1);
        peer.step();
    }
    CHECK(e.counters().balanced());
}

TEST_CASE("stop returns in time when nobody listens") {
    const test::closed_port nobody;
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    exporter e{host, quiet(nobody.address())};
    e.start();
    REQUIRE(chart.record({1.0}));
    stops_in_time(e);
    CHECK(e.counters().dropped[static_cast<std::size_t>(backends::drop_reason::shutdown)].lines ==
          1);
}

TEST_CASE("stop returns in time when the peer reads nothing") {
    test::loopback_peer stuck{0, 4096};
    stuck.reads = false;
    backends::host host{"h"};
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) {
        names.push_back("dimension-with-a-long-name-" + std::to_string(i));
    }
    std::vector<backends::new_dimension> dimensions{names.begin(), names.end()};
    auto& chart = host.add("c", dimensions);
    exporter e{host, quiet(stuck.address())};
    e.start();
    REQUIRE(chart.record(std::vector<double>(500, 1.0)));
    stops_in_time(e);
}

TEST_CASE("stop returns in time when the name server is silent") {
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    using silent = backends::basic_tcp<silent_resolver>;
    backends::exporter<backends::sum, backends::graphite_plaintext, silent> e{host,
                                                                              quiet("nowhere")};
    e.start();
    REQUIRE(chart.record({1.0}));
    stops_in_time(e);
}

TEST_CASE("stop returns at once when nothing was recorded") {
    backends::host host{"h"};
    exporter e{host, quiet("127.0.0.1:1")};
    e.start();
    const auto begin = std::chrono::steady_clock::now();
    CHECK(e.stop(seconds{10}).complete());
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
}

TEST_CASE("several threads may stop it") {
    test::loopback_peer peer;
    serving served{peer};
    backends::host host{"h"};
    exporter e{host, quiet(peer.address())};
    e.start();
    std::thread other{[&e] { e.stop(seconds{1}); }};
    e.stop(seconds{1});
    other.join();
    CHECK(e.finished());
}
