// SPDX-License-Identifier: BSL-1.0
//
// A process that forks while an exporter runs: its child sends nothing, does the parent no harm,
// and gets rid of its copy at once, whichever way the exporter is driven.
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"
#include "support/subject.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include <sys/syscall.h>
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
    /// A slot has one row, so a second one may have to wait for the next.
    void record(double value) {
        while (!chart.record({value})) {
            std::this_thread::yield();
        }
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
    static_cast<void>(w.chart.record({99.0}));
    static_cast<void>(test::error_of([&] { w.exporting->poll(test::subject::now()); }));
    w.exporting->request_stop(seconds{30});
    if (w.exporting->stop(seconds{30}).counters != backends::counters{}) {
        ::_exit(2);
    }
    w.exporting.reset();
    const bool at_once = std::chrono::steady_clock::now() - begin < std::chrono::seconds{10};
    ::_exit(at_once ? 0 : 3);
}

/// Runs `work` in a child, which it ends with what that returns.
template <class Work>
pid_t fork_child(Work work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::_exit(work());
    }
    return child;
}

void wait_for(pid_t child) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

void fork_and_wait(world& w) {
    wait_for(fork_child([&]() -> int { as_child(w); }));
}

/// Sleeps in the kernel, so it has come to where it waits.
void until_asleep(const std::atomic<long>& thread) {
    std::string state;
    while (state != "S") {
        std::ifstream stat{"/proc/self/task/" + std::to_string(thread) + "/stat"};
        std::string ignored;
        stat >> ignored >> ignored >> state;
    }
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
    w.record(1.0);
    w.confirm(1);
    fork_and_wait(w);
    w.record(2.0);
    w.confirm(2);
    w.exporting.reset();
    check_peer(w);
}

TEST_CASE("the child of a fork has no part in an exporter on the user's executor") {
    world w;
    w.exporting.emplace(w.host, w.settings(), backends::tcp{w.context.get_executor()});
    std::future<void> done = w.exporting->async_run(boost::asio::use_future);
    std::thread runs{[&] { w.context.run(); }};
    w.record(1.0);
    w.confirm(1);
    fork_and_wait(w);
    w.record(2.0);
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
    w.record(1.0);
    poll_until(1);
    fork_and_wait(w);
    w.record(2.0);
    poll_until(2);
    w.exporting.reset();
    check_peer(w);
}

TEST_CASE("each call in the child of a fork is an error, in every state but one") {
    using backends::errc;
    using test::situation;
    using test::stage;
    using test::way;
    const auto driven_by = GENERATE(way::polled, way::own_thread, way::executor);
    const auto at = GENERATE(stage::driven, stage::stopping, stage::finished);
    const situation s{driven_by, at};
    INFO(to_string(s));
    test::subject e{s};
    const backends::stop_handle handle = e->stopper();
    const bool on_executor = e.on_executor();
    wait_for(fork_child([&] {
        const auto is = [](std::error_code error, errc wanted, int number) {
            return error == wanted ? 0 : number;
        };
        const auto wrong_way = [&](errc otherwise) {
            return on_executor ? errc::on_executor : otherwise;
        };
        int failed = is(test::error_of([&] { e->start(); }), wrong_way(errc::other_process), 1);
        failed |= is(test::error_of([&] { e->async_run([](boost::system::error_code) {}); }),
                     on_executor ? errc::other_process : errc::no_executor, 2);
        const std::error_code poll = test::error_of([&] { e->poll(test::subject::now()); });
        failed |= poll == errc::other_process || poll == errc::on_executor ? 0 : 4;
        failed |= is(e->request_stop(seconds{60}), errc::other_process, 8);
        failed |= is(handle.request_stop(seconds{60}), errc::other_process, 16);
        const backends::stop_result result = e->stop(seconds{60});
        failed |= is(result.error, errc::other_process, 32) | (result.complete() ? 64 : 0);
        failed |= e->counters() == backends::counters{} ? 0 : 128;
        e->skip_last_cycle();  // its own copy
        const std::error_code positions =
            test::error_of([&] { static_cast<void>(e->positions()); });
        failed |= is(positions, errc::other_process, 256) != 0 ? 3 : 0;
        e.forget();  // its destructor returns, without a thread to join
        return failed;
    }));
}

TEST_CASE("the child of a fork gets rid of an exporter whose stop another thread waits for") {
    test::subject e{{GENERATE(test::way::own_thread, test::way::executor), test::stage::stopping}};
    std::atomic<long> id{0};
    std::thread waits{[&] {
        id = ::syscall(SYS_gettid);
        e->stop(seconds{60});
    }};
    while (id == 0) {
        std::this_thread::yield();
    }
    until_asleep(id);
    const pid_t child = fork_child([&] {
        e.forget();
        return 0;
    });
    wait_for(child);
    e->request_stop(seconds{0});
    waits.join();
}

TEST_CASE("an exporter that nobody had driven can be driven in the child of a fork, and here too") {
    world w;
    w.exporting.emplace(w.host, w.settings());
    const auto deliver = [&w](bool polled, double value) {
        w.record(value);
        if (!polled) {
            w.exporting->start();
            return w.exporting->stop(seconds{20}).complete();
        }
        w.exporting->poll(test::subject::now());
        w.exporting->request_stop(seconds{20});
        while (!w.exporting->finished()) {
            w.exporting->poll(test::subject::now());
        }
        return w.exporting->stop().complete();
    };
    const bool polled = GENERATE(false, true);
    const pid_t child = fork_child([&] {
        const bool delivered = deliver(polled, 1.0);
        w.exporting.reset();
        return delivered ? 0 : 1;
    });
    int status = -1;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        w.peer.step();
    }
    CHECK(status == 0);
    REQUIRE(w.peer.connections().size() == 1);
    CHECK(w.peer.connections()[0].find(" 1.0000000 ") != std::string::npos);
    std::atomic<bool> over{false};
    std::thread serves{[&] {
        while (!over) {
            w.peer.step();
        }
    }};
    CHECK(deliver(polled, 2.0));
    over = true;
    serves.join();
    REQUIRE(w.peer.connections().size() == 2);
    CHECK(w.peer.connections()[1].find(" 2.0000000 ") != std::string::npos);
}

TEST_CASE("an exporter over a spool, which its parent holds, cannot be driven in a child") {
    struct spooling : backends::default_policies {
        using spool = backends::file_spool;
    };
    const test::temporary_folder folder;
    backends::host host{"h"};
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp, backends::host,
                       spooling>
        e{host, {.destination = "127.0.0.1:1", .spool_directory = folder.path()}};
    wait_for(fork_child([&] {
        return test::error_of([&] { e.start(); }) == backends::errc::other_process ? 0 : 1;
    }));
}
