// SPDX-License-Identifier: BSL-1.0
//
// What happens around the threads that the library makes: the signals of the program that it is
// part of, and the end of the shared object that it is part of, while a look-up hangs.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

#include <dlfcn.h>
#include <netdb.h>

namespace {

/// Stands for a name server that answers when the test says so.
std::atomic<bool> asked{false};
std::atomic<bool> answers{false};

/// The signals that a program may want to take itself and that the calling thread would take.
int unblocked_signals() {
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    int n = 0;
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        const bool free =
            signal != SIGKILL && signal != SIGSTOP && (signal < SIGSYS + 1 || signal >= SIGRTMIN);
        n += free && ::sigismember(&blocked, signal) == 0;
    }
    return n;
}
std::atomic<int> unblocked_in_look_up{-1};
std::atomic<int> unblocked_in_step{-1};

}  // namespace

// Instead of the system's.
extern "C" int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
    unblocked_in_look_up = unblocked_signals();
    asked = true;
    while (!answers) {
        std::this_thread::yield();
    }
    return EAI_NONAME;
}

namespace {

struct sees_signals {
    static void on_tick(const backends::counters&) noexcept {
        unblocked_in_step = unblocked_signals();
    }
};
struct watched : backends::default_policies {
    using observer = sees_signals;
};

// A sanitizer starts a thread of its own with the first that the program starts.
std::ptrdiff_t threads() {
    std::thread{[] {}}.join();
    namespace fs = std::filesystem;
    return std::distance(fs::directory_iterator{"/proc/self/task"}, fs::directory_iterator{});
}

}  // namespace

TEST_CASE("the library's threads take none of the program's signals") {
    asked = answers = false;
    const std::ptrdiff_t threads_before = threads();
    backends::host host{"h"};
    backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp, backends::host,
                       watched>
        e{host, {.destination = "slow.example"}};
    const int before = unblocked_signals();
    REQUIRE(before > 20);
    e.start();
    CHECK(unblocked_signals() == before);  // the program's threads keep theirs
    e.request_stop(backends::seconds{20});
    while (!asked) {
        std::this_thread::yield();
    }
    answers = true;
    e.request_stop(backends::seconds{0});
    CHECK_FALSE(e.stop().error);
    CHECK(unblocked_in_step == 0);
    CHECK(unblocked_in_look_up == 0);
    while (threads() > threads_before) {
        std::this_thread::yield();
    }
}

TEST_CASE("a shared object may be closed while a look-up that it began hangs") {
    asked = answers = false;
    const std::ptrdiff_t before = threads();
    void* const module = ::dlopen(INTEGRATION_MODULE, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(module != nullptr);
    void (*ask_and_leave)() = nullptr;
    void* const found = ::dlsym(module, "ask_and_leave");
    REQUIRE(found != nullptr);
    std::memcpy(&ask_and_leave, &found, sizeof found);
    ask_and_leave();
    while (!asked) {
        std::this_thread::yield();
    }
    REQUIRE(::dlclose(module) == 0);
    answers = true;  // and the thread returns to its code
    while (threads() > before) {
        std::this_thread::yield();
    }
    CHECK(::dlopen(INTEGRATION_MODULE, RTLD_NOW | RTLD_NOLOAD) != nullptr);
}
