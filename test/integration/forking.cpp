// SPDX-License-Identifier: BSL-1.0
//
// A process that forks while an exporter runs: its child sends nothing, does the parent no harm, and
// gets rid of its copy at once, whichever way the exporter is driven.
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using backends::seconds;
using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp>;

/// Everything that one run needs; the exporter goes first.
struct world {
    test::loopback_peer peer;
    backends::host host{"h"};
    backends::host::chart_type& chart = host.add("c", {"d"});
    boost::asio::io_context context;
    std::optional<exporter> exporting;

    [[nodiscard]] backends::options settings() const {
        return {
            .destination = peer.address(), .update_every = seconds{1}, .self_monitoring = false};
    }
    /// Serves the peer until so many lines are confirmed.
    void confirm(std::uint64_t lines) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (exporting->counters().confirmed.lines < lines &&
               std::chrono::steady_clock::now() < give_up) {
            peer.step();
        }
        REQUIRE(exporting->counters().confirmed.lines == lines);
    }
};

/// What the child does with its copy of everything; its exit status says what went wrong.
[[noreturn]] void as_child(world& w) {
    const auto begin = std::chrono::steady_clock::now();
    w.chart.record({99.0});
    if (w.exporting->poll(backends::system_clock::steady_now()) != backends::instant::never()) {
        ::_exit(1);
    }
    w.exporting->request_stop(seconds{30});
    if (w.exporting->stop(seconds{30}).counters != backends::counters{}) {
        ::_exit(2);
    }
    w.exporting.reset();
    const bool at_once = std::chrono::steady_clock::now() - begin < std::chrono::seconds{10};
    ::_exit(at_once ? 0 : 3);
}

void fork_and_wait(world& w) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        as_child(w);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

/// The parent's connection is the same as before, and has the parent's lines only.
void check_peer(world& w) {
    while (w.peer.connected() && !w.peer.saw_end()) {
        w.peer.step();
    }
    REQUIRE(w.peer.connections().size() == 1);
    const std::string& text = w.peer.connections()[0];
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK(text.find(" 1.0000000 ") != std::string::npos);
    CHECK(text.find(" 2.0000000 ") != std::string::npos);
}

}  // namespace

TEST_CASE("the child of a fork has no part in an exporter on a thread of its own") {
    world w;
    w.exporting.emplace(w.host, w.settings());
    w.exporting->start();
    w.chart.record({1.0});
    w.confirm(1);
    fork_and_wait(w);
    w.chart.record({2.0});
    w.confirm(2);
    w.exporting.reset();
    check_peer(w);
}

TEST_CASE("the child of a fork has no part in an exporter on the user's executor") {
    world w;
    w.exporting.emplace(w.host, w.settings(), backends::tcp{w.context.get_executor()});
    std::future<void> done = w.exporting->async_run(boost::asio::use_future);
    std::thread runs{[&] { w.context.run(); }};
    w.chart.record({1.0});
    w.confirm(1);
    fork_and_wait(w);
    w.chart.record({2.0});
    w.confirm(2);
    w.exporting->request_stop(seconds{5});
    while (done.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
        w.peer.step();
    }
    runs.join();
    check_peer(w);
}

TEST_CASE("the child of a fork has no part in an exporter that is polled") {
    world w;
    w.exporting.emplace(w.host, w.settings());
    const auto poll_until = [&](std::uint64_t lines) {
        while (w.exporting->counters().confirmed.lines < lines) {
            w.exporting->poll(backends::system_clock::steady_now());
            w.peer.step();
        }
    };
    w.chart.record({1.0});
    poll_until(1);
    fork_and_wait(w);
    w.chart.record({2.0});
    poll_until(2);
    w.exporting.reset();
    check_peer(w);
}
