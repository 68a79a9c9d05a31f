// SPDX-License-Identifier: BSL-1.0
//
// One small export on a simulated network, repeated with each of its allocations failing in turn,
// and with each call of the transport that may throw throwing in turn. The caller sees the
// exception, tries again, and everything recorded is exported all the same; nothing leaks.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
#include <backends/testing/run_recording.hpp>

#include "catch.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>

namespace {

thread_local std::int64_t allocations_left = -1;  // -1: as many as there are
thread_local std::int64_t allocated = 0;

// Apart from operator new and not inlined, so that no compiler pairs malloc with a delete it sees.
[[gnu::noinline]] void* allocate(std::size_t bytes) {
    if (allocations_left == 0) {
        allocations_left = -1;
        throw std::bad_alloc{};
    }
    allocations_left -= allocations_left > 0;
    void* const p = std::malloc(bytes == 0 ? 1 : bytes);
    if (p == nullptr) {
        throw std::bad_alloc{};
    }
    ++allocated;
    return p;
}
[[gnu::noinline]] void release(void* p) noexcept {
    allocated -= p != nullptr;
    std::free(p);
}

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

using namespace backends;
using backends::testing::received_text;
using backends::testing::simulated_clock;
using backends::testing::simulated_network;
using backends::testing::simulated_policies;
using backends::testing::simulated_transport;

struct refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The simulated transport, whose k-th call that may throw does.
struct throwing_transport : simulated_transport<received_text> {
    using base = simulated_transport<received_text>;
    using base::base;
    static inline std::int64_t calls_left = -1;

    void resolve(const destination& where) {
        may_throw();
        base::resolve(where);
    }
    io_result resolved() {
        may_throw();
        return base::resolved();
    }
    void connect(std::size_t endpoint) {
        may_throw();
        base::connect(endpoint);
    }
    io_result connected() {
        may_throw();
        return base::connected();
    }

private:
    static void may_throw() {
        if (calls_left == 0) {
            calls_left = -1;
            throw refused{"not now"};
        }
        calls_left -= calls_left > 0;
    }
};

/// Tries until nothing throws; returns how often something did.
template <class F>
int insist(F f) {
    for (int failures = 0;; ++failures) {
        try {
            f();
            return failures;
        } catch (const std::bad_alloc&) {
        } catch (const config_error&) {  // no memory for the queue
        } catch (const refused&) {}
    }
}

struct outcome {
    int failures = 0;
    std::string text;
    counters account;
    std::string promise;
};

/// Two charts, one of them added while the exporter runs; three cycles and a stop.
outcome run(std::int64_t allocations = -1) {
    outcome out;
    out.text.reserve(4096);
    received_text peer;
    peer.text.reserve(4096);  // the test's own memory is not to fail
    simulated_clock::now = testing::manual_clock{};
    simulated_network<received_text> network{peer};
    std::optional<host> machine;
    using exporter_type =
        exporter<average, graphite_plaintext, throwing_transport, host, simulated_policies<>>;
    std::optional<exporter_type> exporting;
    host::chart_type* a = nullptr;
    host::chart_type* b = nullptr;

    const auto cycle = [&](double value) {
        static_cast<void>(a->record(simulated_clock::system_now(), {value}));
        if (b != nullptr) {
            static_cast<void>(b->record(simulated_clock::system_now(), {value, -value}));
        }
        simulated_clock::now.advance(seconds{10});
        for (int n = 0; n != 4; ++n) {
            out.failures += insist([&] { exporting->poll(simulated_clock::steady_now()); });
            network.operations = 0;
        }
    };
    allocations_left = allocations;
    out.failures += insist([&] { machine.emplace("h"); });
    out.failures += insist([&] { a = &machine->add("first chart with a long name", {"x"}); });
    out.failures += insist([&] {
        exporting.emplace(
            *machine,
            options{.destination = "simulated-0", .prefix = "p", .self_monitoring = false},
            throwing_transport{network});
    });
    out.failures += insist([&] { exporting->poll(simulated_clock::steady_now()); });
    cycle(1);
    out.failures += insist([&] { b = &machine->add("second chart with a long name", {"y", "z"}); });
    cycle(2);
    cycle(3);
    exporting->request_stop(seconds{5});
    for (int n = 0; n != 100 && !exporting->finished(); ++n) {
        out.failures += insist([&] { exporting->poll(simulated_clock::steady_now()); });
        simulated_clock::now.advance(milliseconds(50));
        network.operations = 0;
    }
    allocations_left = -1;
    out.account = exporting->counters();
    out.failures += static_cast<int>(out.account.postponed);
    out.text = peer.text;
    out.promise = network.promises.broken() == nullptr ? "" : network.promises.broken();
    return out;
}

std::size_t count_lines(const std::string& text, const char* what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++n;
    }
    return n;
}

void check(const outcome& out) {
    CHECK(out.promise.empty());
    CHECK(out.account.balanced());
    CHECK(out.account.accepted == out.account.confirmed);
    CHECK(out.account.samples + out.account.overrun == 3 + 2 * 2);
    CHECK(count_lines(out.text, "\n") == out.account.confirmed.lines);
    CHECK(count_lines(out.text, "p.h.first") >= 1);
    CHECK(count_lines(out.text, "long_name.z ") >= 1);
    CHECK(out.account.merged_names == 0);
}

}  // namespace

TEST_CASE("whichever allocation fails, trying again exports everything") {
    run();  // what is allocated once and for all
    const std::int64_t before = allocated;
    for (std::int64_t k = 0;; ++k) {
        INFO("allocation " << k);
        const outcome out = run(k);
        check(out);
        if (out.failures == 0) {
            CHECK(k > 20);
            break;
        }
        REQUIRE(out.failures == 1);
    }
    CHECK(allocated <= before + 8);  // Catch keeps a little
}

TEST_CASE("whichever call of the transport throws, everything is exported") {
    for (std::int64_t k = 0;; ++k) {
        INFO("call " << k);
        throwing_transport::calls_left = k;
        const outcome out = run();
        const bool thrown = throwing_transport::calls_left == -1;
        throwing_transport::calls_left = -1;
        check(out);
        if (!thrown) {
            CHECK(k >= 4);
            break;
        }
    }
}
