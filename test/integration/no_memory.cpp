// SPDX-License-Identifier: BSL-1.0
//
// A line over real TCP, with each allocation failing in turn, in each way of driving, on whichever
// thread it is: the caller's, the exporter's, the resolver's, the executor's. The caller tries
// again what threw, or runs again what completed with an error, and the line arrives all the same;
// nothing ends the program, no descriptor leaks.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

namespace {

std::atomic<std::int64_t> allocations_left{-1};  // -1: as many as there are
std::atomic<int> failed{0};
thread_local bool is_the_tests = false;  // what this thread allocates does not fail

// Apart from operator new and not inlined, so that no compiler pairs malloc with a delete it sees.
[[gnu::noinline]] void* allocate(std::size_t bytes) {
    if (!is_the_tests && allocations_left >= 0 && allocations_left.fetch_sub(1) == 0) {
        ++failed;
        throw std::bad_alloc{};
    }
    if (void* const p = std::malloc(bytes == 0 ? 1 : bytes)) {
        return p;
    }
    throw std::bad_alloc{};
}
[[gnu::noinline]] void release(void* p) noexcept { std::free(p); }

}  // namespace

void* operator new(std::size_t n) { return allocate(n); }
void* operator new[](std::size_t n) { return allocate(n); }
// Catch allocates by this form and frees by the plain delete, so both must be ours.
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return std::malloc(n); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept { return std::malloc(n); }
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }

namespace {

using backends::seconds;
using backends::system_clock;
using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp>;

/// While it lives, this thread's allocations may fail.
struct may_fail {
    may_fail() noexcept { is_the_tests = false; }
    may_fail(const may_fail&) = delete;
    may_fail& operator=(const may_fail&) = delete;
    ~may_fail() { is_the_tests = true; }
};

/// Tries until nothing throws.
template <class F>
void insist(F f) {
    for (;;) {
        try {
            const may_fail now;
            f();
            return;
        } catch (const std::bad_alloc&) {
        } catch (const backends::config_error&) {  // of the memory that the options ask for
        } catch (const std::system_error& e) {
            REQUIRE(e.code() == std::errc::not_enough_memory);
        }
    }
}

/// What each way of driving shares: a receiver that this thread serves, and a line to deliver.
struct world {
    struct tests_memory {
        tests_memory() noexcept { is_the_tests = true; }
        tests_memory(const tests_memory&) = delete;
        tests_memory& operator=(const tests_memory&) = delete;
        ~tests_memory() { is_the_tests = false; }
    } what_follows;

    test::loopback_peer peer;
    backends::host host{"h"};
    boost::asio::io_context context;  // outlives the exporter
    std::optional<exporter> exporting;

    /// By name, so that there is a look-up; time does not run out.
    [[nodiscard]] backends::options settings() const {
        return {.destination = "localhost:" + std::to_string(peer.port()),
                .timeout = seconds{1000},
                .self_monitoring = false};
    }
    template <class... Transport>
    void make(Transport... transport) {
        const backends::options o = settings();
        static_cast<void>(host.add("c", {"d"}).record({1.0}));
        insist([&] { exporting.emplace(host, o, transport()...); });
    }
    template <class Done>
    void serve_until(Done done) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!done()) {
            REQUIRE(std::chrono::steady_clock::now() < give_up);
            peer.step();
        }
    }
    void check() {
        const backends::counters account = exporting->counters();
        CHECK(account.balanced());
        CHECK(account.confirmed.lines == 1);
        CHECK(account.accepted == account.confirmed);
        CHECK(peer.connections().back().find("netdata.h.c.d 1.0000000 ") == 0);
    }
};

void polled() {
    world w;
    w.make();
    insist([&] { w.exporting->poll(system_clock::steady_now()); });
    insist([&] { w.exporting->request_stop(seconds{1000}); });
    w.serve_until([&] {
        insist([&] { w.exporting->poll(system_clock::steady_now()); });
        return w.exporting->finished();
    });
    w.check();
}

void stopped_when_polled() {
    world w;
    w.make();
    insist([&] { w.exporting->poll(system_clock::steady_now()); });
    std::thread stops{[&] { w.exporting->stop(seconds{1000}); }};
    w.serve_until([&] { return w.exporting->finished(); });
    stops.join();
    w.check();
}

void on_its_own_thread() {
    world w;
    w.make();
    insist([&] { w.exporting->start(); });
    insist([&] { w.exporting->request_stop(seconds{1000}); });
    w.serve_until([&] { return w.exporting->finished(); });
    w.check();
}

void on_an_executor() {
    world w;
    boost::asio::io_context& context = w.context;
    w.make([&] { return backends::tcp{context.get_executor()}; });
    std::atomic<bool> completed{false};
    bool surprised = false;
    std::thread runs{[&] {
        bool running = false;
        bool asked = false;
        while (!completed) {
            try {
                if (!running) {
                    w.exporting->async_run([&](boost::system::error_code error) {
                        running = false;
                        completed = !error;
                        surprised |= error && error != boost::system::errc::not_enough_memory;
                    });
                    running = true;
                }
                if (!asked) {
                    w.exporting->request_stop(seconds{1000});
                    asked = true;
                }
                context.restart();
                context.run();
            } catch (const std::bad_alloc&) {
                // Again.
            }
        }
    }};
    w.serve_until([&] { return completed.load(); });
    runs.join();
    CHECK_FALSE(surprised);
    w.check();
}

std::ptrdiff_t descriptors() {
    namespace fs = std::filesystem;
    return std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{});
}

}  // namespace

TEST_CASE("whichever allocation fails, a line arrives over TCP") {
    void (*const drive)() =
        GENERATE(&polled, &stopped_when_polled, &on_its_own_thread, &on_an_executor);
    drive();  // what is allocated once and for all
    const std::ptrdiff_t before = descriptors();
    std::int64_t k = 0;
    for (;; ++k) {
        INFO("allocation " << k);
        failed = 0;
        allocations_left = k;
        drive();
        allocations_left = -1;
        if (failed == 0) {
            break;
        }
    }
    CHECK(k > 15);
    CHECK(descriptors() == before);
}
