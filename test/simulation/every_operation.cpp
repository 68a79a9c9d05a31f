// SPDX-License-Identifier: BSL-1.0
//
// One small export, repeated with each of its operations failing in turn: for writes of every size
// from 1 to 64 bytes, lines of every format, every confirmation level, and three ways to fail.
// Whichever operation fails, nothing is dropped, and nothing is lost that the level promises to
// keep.
#include <backends/testing/delivery_simulation.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/renderer.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace backends;
using backends::testing::delivery_simulation;
using backends::testing::failing;
using backends::testing::promise;
using backends::testing::schedule;

constexpr std::size_t batches = 2;
constexpr std::size_t lines_in_batch = 2;

template <class Format>
std::vector<std::string> lines() {
    renderer<Format> writer{{.prefix = "p", .hostname = "h", .tags = {{"k", "v"}}}};
    std::uint32_t series = 0;
    REQUIRE_FALSE(writer.add("c", "d", series));
    std::vector<std::string> out;
    for (std::size_t i = 0; i != batches * lines_in_batch; ++i) {
        std::string room(writer.max_line() + writer.line_slack, '\0');
        char* const end =
            writer.line(room.data(), series, 1'700'000'000 + static_cast<unix_seconds>(i),
                        1.5 * static_cast<double>(i));
        out.emplace_back(room.data(), end);
    }
    return out;
}

template <class Confirmation>
struct policies : default_policies {
    using confirmation = Confirmation;
    using observer = no_observer;
};

/// Exports the lines. Returns how many operations it took.
template <class Confirmation>
std::uint64_t deliver(const std::vector<std::string>& text, std::size_t write_size,
                      std::uint64_t fail_at, failing how) {
    schedule what;
    what.options.queue_bytes = 4096;
    what.options.max_in_flight = 64;
    what.destinations = 2;
    what.network.endpoints = 2;
    what.network.send_buffer = 200;
    what.network.receive_buffer = 150;
    what.network.largest_write = write_size;
    delivery_simulation<policies<Confirmation>> world{what};
    world.fail_at = fail_at;
    world.fail_how = how;
    const auto flow = [&](std::size_t n) {
        if (auto* link = world.network().link()) {
            link->flow(n, n / 2, n / 2);
            link->flow(n, n, n);
        }
    };
    for (std::size_t batch = 0; batch != batches; ++batch) {
        for (std::size_t i = 0; i != lines_in_batch; ++i) {
            world.put(text[batch * lines_in_batch + i]);
        }
        world.end_batch();
        world.drive();
        if (auto* link = world.network().link()) {
            link->replies += 5;
        }
        flow(20);
        world.drive();
    }
    world.stop(seconds{3600});
    for (int round = 0; round != 3000 && !world.shell().lines().stopped(); ++round) {
        flow(1000);
        world.drive();
        backends::testing::simulated_clock::now.advance_to(
            std::min(world.shell().lines().deadline(), world.now() + seconds{1}));
    }
    world.check_end(false);
    const auto& c = world.counters();
    world.require(c.confirmed.lines == text.size(), "D3 one failure, and a line is not confirmed");
    world.require(c.lost() == amount{}, "D3 one failure, and a line is dropped");
    world.require(fail_at != UINT64_MAX || c.replayed == amount{},
                  "D4 a duplicate without a failure");
    const bool is_kept = backends::testing::promise_of<Confirmation> != promise::written;
    if (Confirmation::holds != 0 || (is_kept && how == failing::here)) {
        world.require(world.lines().read() - world.lines().duplicates() == text.size(),
                      "D3 one failure, and a line is not read");
    }
    if (const char* broken = world.broken()) {
        FAIL(Confirmation::name << ", writes of " << write_size << ", operation " << fail_at
                                << " fails " << static_cast<int>(how) << ": " << broken << "\n"
                                << text.front());
    }
    return world.performed;
}

template <class Confirmation, class Format>
std::size_t fail_at_every_operation() {
    const auto text = lines<Format>();
    std::size_t runs = 0;
    for (std::size_t write_size = 1; write_size <= 64; ++write_size) {
        const std::uint64_t operations =
            deliver<Confirmation>(text, write_size, UINT64_MAX, failing::here);
        for (std::uint64_t k = 1; k <= operations; ++k) {
            for (const failing how : {failing::here, failing::there, failing::ended}) {
                deliver<Confirmation>(text, write_size, k, how);
                ++runs;
            }
        }
    }
    return runs;
}

template <class Confirmation>
void fail_with_every_format() {
    std::size_t runs = fail_at_every_operation<Confirmation, graphite_plaintext>();
    runs += fail_at_every_operation<Confirmation, opentsdb_telnet>();
    runs += fail_at_every_operation<Confirmation, json_plaintext>();
    CHECK(runs > 20'000);
}

}  // namespace

TEST_CASE("written: whichever operation fails, every line is confirmed") {
    fail_with_every_format<confirm::written>();
}
TEST_CASE("acked: whichever operation fails, every line is confirmed") {
    fail_with_every_format<confirm::acked>();
}
TEST_CASE("acked, with a replay: whichever operation fails, every line is confirmed") {
    fail_with_every_format<confirm::acked_replay<150>>();
}
TEST_CASE("epoch: whichever operation fails, every line is read") {
    fail_with_every_format<confirm::epoch<100>>();
}
