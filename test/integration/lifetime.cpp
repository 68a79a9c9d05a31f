// SPDX-License-Identifier: BSL-1.0
//
// Each public call in each state of an exporter: the table of docs/lifetime.md, a test case a row.
// The column of a fork's child is in forking.cpp.
#include "catch.hpp"
#include "support/subject.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

using backends::errc;
using backends::instant;
using backends::milliseconds;
using backends::seconds;
using test::error_of;
using test::situation;
using test::stage;
using test::subject;
using test::way;
using namespace std::chrono_literals;

namespace {

const std::vector<situation> all{
    {way::polled, stage::driven},       {way::polled, stage::stopping},
    {way::polled, stage::finished},     {way::own_thread, stage::driven},
    {way::own_thread, stage::stopping}, {way::own_thread, stage::finished},
    {way::executor, stage::driven},     {way::executor, stage::stopping},
    {way::executor, stage::finished},   {way::no_way, stage::driven},
    {way::no_way, stage::finished},
};

/// Calls check(subject, situation) for each.
template <class Check>
void in_each_state(Check check) {
    for (const situation s : all) {
        INFO(to_string(s));
        subject e{s};
        check(e, s);
    }
}

/// What a call that begins to drive says.
std::error_code of_beginning(situation s) {
    if (s.at == stage::finished) {
        return errc::stopped;
    }
    return s.driven_by == way::no_way ? std::error_code{} : errc::already_driven;
}

/// How long a call took.
template <class Call>
std::chrono::steady_clock::duration time_of(Call call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    return std::chrono::steady_clock::now() - begin;
}

}  // namespace

TEST_CASE("start() in each state") {
    in_each_state([](subject& e, situation s) {
        const std::error_code error = error_of([&] { e->start(); });
        CHECK(error == (e.on_executor() ? errc::on_executor : of_beginning(s)));
    });
    subject e{true};  // and nobody drives it
    CHECK(error_of([&] { e->start(); }) == errc::on_executor);
    CHECK(e->stop(seconds{1}).error == errc::not_driven);
}

TEST_CASE("async_run() in each state") {
    in_each_state([](subject& e, situation s) {
        if (s.driven_by == way::executor) {
            e.pause_context();
        }
        const std::error_code error =
            error_of([&] { e->async_run([](boost::system::error_code) {}); });
        CHECK(error == (e.on_executor() ? of_beginning(s) : errc::no_executor));
    });
}

TEST_CASE("poll() in each state") {
    in_each_state([](subject& e, situation s) {
        instant until{};
        const std::error_code error = error_of([&] { until = e->poll(subject::now()); });
        if (s.at == stage::finished) {
            CHECK_FALSE(error);
            CHECK(until == instant::never());
        } else if (s.driven_by == way::polled || s.driven_by == way::no_way) {
            CHECK_FALSE(error);
            CHECK(until < instant::never());
        } else {
            CHECK(error == (e.on_executor() ? errc::on_executor : errc::already_driven));
        }
    });
    subject e{true};
    CHECK(error_of([&] { e->poll(subject::now()); }) == errc::on_executor);
}

TEST_CASE("request_stop() and a stop handle in each state, from any thread") {
    in_each_state([](subject& e, situation s) {
        const backends::stop_handle handle = e->stopper();
        std::error_code direct;
        std::error_code by_handle;
        std::thread other{[&] { direct = e->request_stop(seconds{60}); }};
        other.join();
        // The first of them may have ended it already.
        by_handle = handle.request_stop(seconds{60});
        CHECK(direct ==
              (s.at == stage::finished ? make_error_code(errc::stopped) : std::error_code{}));
        CHECK((!by_handle || by_handle == errc::stopped));
        e.destroy();
        CHECK(handle.finished());
        CHECK(handle.request_stop(seconds{1}) == errc::stopped);
    });
}

TEST_CASE("stop() in each state") {
    in_each_state([](subject& e, situation s) {
        backends::stop_result result;
        // It was asked to stop within a minute: the earliest deadline counts.
        CHECK(time_of([&] { result = e->stop(milliseconds(100)); }) < 2s);
        CHECK(result.counters.balanced());
        if (s.driven_by == way::no_way) {
            CHECK(result.error == errc::not_driven);
            CHECK_FALSE(result.complete());
        } else {
            CHECK_FALSE(result.error);
            CHECK(result.complete() == (s.at != stage::stopping));
        }
        CHECK(e->finished());
        CHECK(e->stop(milliseconds(100)).error == result.error);  // and again
    });
}

TEST_CASE("the account can be read in each state, and the destructor stops in time") {
    in_each_state([](subject& e, situation s) {
        CHECK(e->counters().balanced());
        CHECK(e->finished() == (s.at == stage::finished));
        CHECK(time_of([&] { e.destroy(); }) < 2s);
        if (s.driven_by == way::executor && s.at != stage::finished) {
            e.context().restart();
            e.context().poll();
            CHECK(e.completed);
        }
    });
}

TEST_CASE("skip_last_cycle() in each state, from any thread") {
    in_each_state([](subject& e, situation s) {
        const std::uint64_t before = e->counters().ticks;
        std::thread other{[&] { e->skip_last_cycle(); }};
        other.join();
        e.record(2.0);
        const backends::stop_result result = e->stop(milliseconds(100));
        CHECK(e->positions().size() == 1);
        if (s.at == stage::driven && s.driven_by != way::no_way) {
            CHECK_FALSE(result.error);
            CHECK(result.counters.ticks == before);
            CHECK(result.counters.accepted == backends::amount{});
            CHECK(result.complete() == (before != 0));
        }
        CHECK(result.counters.balanced());
    });
}

TEST_CASE("positions() in each state, on the thread that drives or after the end") {
    in_each_state([](subject& e, situation s) {
        const bool ended = s.at == stage::finished;
        if (s.driven_by == way::own_thread && !ended) {
            return;  // nobody else may ask
        }
        std::promise<std::size_t> charts;
        const auto ask = [&] { charts.set_value(e->positions().size()); };
        if (s.driven_by == way::executor && !ended) {
            boost::asio::post(e.context(), ask);
        } else {
            ask();
        }
        CHECK(charts.get_future().get() == 1);
    });
}

TEST_CASE("a stop that was asked for before anybody drives comes as soon as somebody does") {
    subject e{false};
    CHECK_FALSE(e->request_stop(seconds{1}));
    CHECK_FALSE(e->finished());
    CHECK_FALSE(error_of([&] { e->start(); }));
    while (!e->finished()) {
        std::this_thread::yield();
    }
    CHECK(e->counters().ticks == 1);
}

TEST_CASE("stop() on the thread that would have to bring the end about does not wait for itself") {
    subject e{{way::executor, stage::driven}};
    // In a handler of the same executor nothing tells; it is back in time and says so.
    std::promise<backends::stop_result> result;
    boost::asio::post(e.context(), [&] { result.set_value(e->stop(milliseconds(50))); });
    CHECK(result.get_future().get().error == errc::timed_out);
}

namespace {

/// Does something within a step.
struct meddling_observer {
    std::function<void()>* meddle = nullptr;
    void on_tick(const backends::counters&) const noexcept { (*meddle)(); }
};
struct meddling : backends::default_policies {
    using observer = meddling_observer;
};

}  // namespace

TEST_CASE("stop() from within a step says that it cannot wait, however it is driven") {
    backends::host host{"h"};
    std::error_code error;
    std::function<void()> meddle;
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp, backends::host,
                       meddling>
        e{host,
          {.destination = "127.0.0.1:1", .self_monitoring = false},
          backends::tcp{},
          meddling_observer{&meddle}};
    meddle = [&] { error = e.stop(seconds{10}).error; };
    SECTION("on its own thread") {
        e.start();
        CHECK_FALSE(e.stop(seconds{10}).error);
    }
    SECTION("polled") {
        e.poll(subject::now());
        e.request_stop(seconds{10});
        while (!e.finished()) {
            e.poll(subject::now());
        }
    }
    CHECK(error == std::errc::resource_deadlock_would_occur);
}

namespace {

/// On a disk that does not answer until the test says so.
struct hanging_spool {
    static constexpr std::string_view name = "hanging_spool";
    static inline std::atomic<bool> hangs{false};
    static inline std::atomic<bool> writes{false};

    explicit hanging_spool(const backends::spool_options&) {}
    template <class Accept>
    void restore(Accept) {}
    std::error_code keep(const backends::queue_view&, instant) noexcept {
        writes = true;
        while (hangs) {
            std::this_thread::yield();
        }
        return {};
    }
    [[nodiscard]] backends::spool_counters counters() const noexcept { return {}; }
};
struct on_a_hung_disk : backends::default_policies {
    using spool = hanging_spool;
};

}  // namespace

TEST_CASE("a disk that hangs does not make stop() late, which says that it has not seen the end") {
    backends::host host{"h"};
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp, backends::host,
                       on_a_hung_disk>
        e{host, {.destination = "127.0.0.1:1", .self_monitoring = false}};
    hanging_spool::hangs = true;
    e.start();
    while (!hanging_spool::writes) {
        std::this_thread::yield();
    }
    backends::stop_result result;
    CHECK(time_of([&] { result = e.stop(milliseconds(50)); }) < 2s);
    CHECK(result.error == errc::timed_out);
    CHECK_FALSE(result.complete());
    hanging_spool::hangs = false;
    CHECK_FALSE(e.stop(seconds{20}).error);
}

TEST_CASE("the completion handler may destroy the exporter while another thread asks for the end") {
    for (int i = 0; i < 200; ++i) {
        backends::host host{"h"};
        boost::asio::io_context context;
        auto e = std::make_unique<subject::exporter>(
            host, backends::options{.destination = "127.0.0.1:1", .self_monitoring = false},
            backends::tcp{context.get_executor()});
        subject::exporter& exporting = *e;
        const backends::stop_handle handle = e->stopper();
        bool stopped = false;
        exporting.async_run([&](boost::system::error_code error) {
            e.reset();
            stopped = !error;
        });
        std::thread runs{[&] { context.run(); }};
        // The call that brings the end about is under way when the end comes. The handle may be
        // asked at any time, also after it.
        std::thread asks{[&] {
            if (i % 3 == 0) {
                exporting.request_stop(seconds{10});
            } else if (i % 3 == 1) {
                CHECK_FALSE(exporting.stop(seconds{10}).error);
            } else {
                handle.request_stop(seconds{10});
            }
        }};
        while (!handle.finished()) {
            if (i % 3 == 2) {
                handle.request_stop(seconds{10});
            }
        }
        handle.request_stop(seconds{10});
        asks.join();
        runs.join();
        CHECK(stopped);
        CHECK(e == nullptr);
    }
}

TEST_CASE("who waits for the end on another thread may destroy the exporter") {
    for (int i = 0; i < 200; ++i) {
        backends::host host{"h"};
        boost::asio::io_context context;
        auto e = std::make_unique<subject::exporter>(
            host, backends::options{.destination = "127.0.0.1:1", .self_monitoring = false},
            backends::tcp{context.get_executor()});
        std::future<void> done = e->async_run(boost::asio::use_future);
        std::thread runs{[&] { context.run(); }};
        e->request_stop(seconds{10});
        done.get();
        e.reset();
        runs.join();
    }
}
