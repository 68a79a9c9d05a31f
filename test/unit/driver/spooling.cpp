// SPDX-License-Identifier: BSL-1.0
#include <backends/driver/spooling.hpp>

#include <backends/core/request_body.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"
#include "support/records.hpp"
#include "support/stepped_clock.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace {

using backends::amount;
using backends::drop_reason;
using backends::instant;
using backends::seconds;
using test::stepped_clock;
using test::temporary_folder;

struct events {
    amount restored;
    std::uint64_t damaged = 0;
    int failures = 0;
};

struct watching {
    events* seen = nullptr;
    void on_restored(amount what, std::uint64_t damaged) noexcept {
        if (seen != nullptr) {
            seen->restored = what;
            seen->damaged = damaged;
        }
    }
    void on_spool_failure(std::error_code why) noexcept {
        if (seen != nullptr) {
            seen->failures += why ? 1 : 0;
        }
    }
};

struct spooled : backends::default_policies {
    using clock = stepped_clock;
    using observer = watching;
    using spool = backends::file_spool;
};

static_assert(std::is_empty_v<backends::detail::spooling<backends::no_spool>>,
              "what is not chosen has no byte in the exporter");

/// A transport in memory for records of this kind.
template <class Kind>
struct memory_for : backends::memory {
    struct body : backends::line_body {
        static constexpr backends::record_end ends = Kind::value;
    };
    using backends::memory::memory;
};

template <class Kind>
struct ship_of {
    explicit ship_of(const temporary_folder& folder, std::size_t queue_bytes = 65536,
                     std::size_t batches = 10)
        : shipping{memory_for<Kind>{peer},
                   backends::parse_destinations("here", 1),
                   {.queue_bytes = queue_bytes, .batches = batches},
                   watching{&seen},
                   {.directory = folder.path(), .contents = "graphite"}} {}

    /// Records like these lines.
    void accept(std::string_view text) {
        const std::string lines = test::like<Kind>(text);
        char* const room = shipping.lines().reserve(lines.size());
        REQUIRE(room != nullptr);
        std::copy(lines.begin(), lines.end(), room);
        shipping.lines().commit(
            lines.size(), static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
        shipping.lines().end_batch(stepped_clock::steady);
    }
    void step(std::int64_t n = 0) {
        stepped_clock::steady = stepped_clock::steady + seconds{n};
        shipping.step(stepped_clock::steady);
    }
    [[nodiscard]] backends::delivery_counters account() const {
        return shipping.lines().counters();
    }
    [[nodiscard]] amount dropped(drop_reason why) const {
        return account().dropped[static_cast<std::size_t>(why)];
    }

    events seen;
    std::shared_ptr<backends::memory_peer> peer = std::make_shared<backends::memory_peer>();
    backends::shipping<memory_for<Kind>, spooled> shipping;
};
using ship = ship_of<test::text_records>;

/// What this process would leave if it were killed now.
std::unique_ptr<temporary_folder> killed(const temporary_folder& folder) {
    auto copy = std::make_unique<temporary_folder>();
    folder.copy_to(*copy);
    return copy;
}

}  // namespace

TEMPLATE_TEST_CASE("lines that a killed process had accepted are delivered by the next one", "",
                   test::text_records, test::field_records) {
    using ship = ship_of<TestType>;
    const temporary_folder folder;
    ship first{folder};
    first.peer->with([](auto& p) { p.refuses = true; });
    first.accept("a 1 1\nb 2 2\n");
    first.accept("c 3 3\n");
    first.step();
    const auto left = killed(folder);

    ship second{*left};
    CHECK(second.seen.restored == amount{3, 18});
    CHECK(second.account().accepted == amount{3, 18});
    CHECK(second.account().queued == amount{3, 18});
    CHECK(second.shipping.lines().queue().waiting_batches() == 2);
    second.accept("d 4 4\n");
    second.step();
    CHECK(second.peer->received() == test::like<TestType>("a 1 1\nb 2 2\nc 3 3\nd 4 4\n"));
    CHECK(second.account().confirmed == amount{4, 24});
    CHECK(second.account().balanced());
    CHECK(second.shipping.spooled().restored == amount{3, 18});

    const auto nothing = killed(*left);
    ship third{*nothing};
    CHECK(third.account().accepted == amount{});
}

TEST_CASE("what is confirmed is not sent by the next process, what is only written is") {
    const temporary_folder folder;
    ship first{folder};
    first.accept("a 1 1\n");
    first.step();
    first.peer->with([](auto& p) { p.unacknowledged = 6; });
    first.accept("b 2 2\n");
    first.step();
    REQUIRE(first.account().confirmed == amount{1, 6});
    REQUIRE(first.account().in_flight == amount{1, 6});
    const auto left = killed(folder);
    ship second{*left};
    second.step();
    CHECK(second.peer->received() == "b 2 2\n");
}

namespace {

/// Before it takes bytes it looks whether a process that is killed now would leave them.
class witness : public backends::memory {
public:
    /// @param bytes  how many it took that would be left
    explicit witness(const temporary_folder& folder, std::uint64_t& bytes)
        : folder_{&folder}, bytes_{&bytes} {}

    backends::io_result write_some(std::span<const char> bytes) noexcept {
        const auto left = killed(*folder_);
        std::string lines;
        backends::file_spool spool{{.directory = left->path(), .contents = "graphite"}};
        spool.restore([&](std::string_view text, bool) { lines += text; });
        if (lines.find(std::string_view{bytes.data(), bytes.size()}) != std::string::npos) {
            *bytes_ += bytes.size();
        }
        return memory::write_some(bytes);
    }

private:
    const temporary_folder* folder_;
    std::uint64_t* bytes_;
};

}  // namespace

TEST_CASE("no byte is written to the network that is not on disk") {
    const temporary_folder folder;
    std::uint64_t written = 0;
    backends::shipping<witness, spooled> shipping{
        witness{folder, written},
        backends::parse_destinations("here", 1),
        {.queue_bytes = 65536},
        {},
        {.directory = folder.path(), .contents = "graphite"}};
    for (int i = 0; i < 50; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        std::copy(line.begin(), line.end(), shipping.lines().reserve(line.size()));
        shipping.lines().commit(line.size(), 1);
        if (i % 3 == 0) {
            shipping.lines().end_batch(stepped_clock::steady);
        }
        shipping.step(stepped_clock::steady);
    }
    CHECK(written == shipping.lines().counters().accepted.bytes);
}

TEST_CASE("what a stop gives up stays on disk, and the account says how much") {
    const temporary_folder folder;
    {
        ship first{folder};
        first.peer->with([](auto& p) { p.room = 7; });
        first.accept("a 1 1\nb 2 2\nc 3 3\n");
        first.step();
        REQUIRE(first.account().confirmed == amount{1, 6});
        first.shipping.lines().stop(stepped_clock::steady, stepped_clock::steady + seconds{1});
        first.step(2);
        REQUIRE(first.shipping.lines().stopped());
        CHECK(first.dropped(drop_reason::shutdown) == amount{2, 12});
        CHECK(first.shipping.spooled().spooled == amount{2, 12});
        CHECK(first.account().balanced());
        first.step(1);  // nothing is left to do, and nothing is undone
        CHECK(first.shipping.spooled().spooled == amount{2, 12});
    }
    ship second{folder};
    second.step();
    CHECK(second.peer->received() == "b 2 2\nc 3 3\n");
}

TEST_CASE("a stop that delivers everything leaves nothing") {
    const temporary_folder folder;
    {
        ship first{folder};
        first.accept("a 1 1\n");
        first.shipping.lines().stop(stepped_clock::steady, stepped_clock::steady + seconds{1});
        first.step();
        first.step();
        CHECK(first.account().confirmed == amount{1, 6});
        CHECK(first.shipping.spooled().spooled == amount{});
    }
    CHECK(folder.files(".spool").empty());
}

TEST_CASE("lines that were dropped while nobody took them do not come back") {
    const temporary_folder folder;
    ship first{folder, 65536, 3};
    first.peer->with([](auto& p) { p.refuses = true; });
    for (int i = 0; i < 8; ++i) {
        first.accept("line " + std::to_string(i) + "\n");
        first.step(1);
    }
    CHECK(first.dropped(drop_reason::overflow) == amount{5, 35});
    const auto left = killed(folder);
    ship second{*left};
    second.step();
    CHECK(second.peer->received() == "line 5\nline 6\nline 7\n");
}

TEST_CASE("no start drops lines, however many batches they were in") {
    const temporary_folder folder;
    {
        ship first{folder, 65536, 20};
        first.peer->with([](auto& p) { p.refuses = true; });
        for (int i = 0; i < 20; ++i) {
            first.accept("line " + std::to_string(i) + "\n");
        }
        first.step();
    }
    ship second{folder, 65536, 3};
    CHECK(second.account().accepted.lines == 20);
    CHECK(second.account().lost() == amount{});
    CHECK(second.shipping.lines().queue().waiting_batches() == 3);
}

TEST_CASE("a queue that is too small for what is kept is refused") {
    const temporary_folder folder;
    {
        ship first{folder};
        first.peer->with([](auto& p) { p.refuses = true; });
        first.accept(std::string(999, 'x') + "\n");
        first.step();
    }
    CHECK_THROWS_AS((ship{folder, 999}), backends::config_error);
    CHECK(ship{folder, 1000}.account().accepted == amount{1, 1000});
}

TEST_CASE("a folder that cannot be written to is counted and told, and delivery goes on") {
    const temporary_folder folder;
    ship first{folder};
    std::filesystem::remove_all(folder.path());
    first.accept("a 1 1\n");
    first.step();
    CHECK(first.peer->received() == "a 1 1\n");
    CHECK(first.seen.failures == 1);
    CHECK(first.shipping.spooled().spool_failures == 1);
    first.peer->with([](auto& p) { p.room = 0; });
    first.accept("b 2 2\n");
    first.shipping.lines().stop(stepped_clock::steady, stepped_clock::steady + seconds{1});
    first.step(2);
    first.step(0);
    CHECK(first.dropped(drop_reason::shutdown) == amount{1, 6});
    CHECK(first.shipping.spooled().spooled == amount{});  // it is not on disk
}

TEST_CASE("an exporter's lines outlive it, and its account says so") {
    const temporary_folder folder;
    using exporting = backends::exporter<backends::average, backends::graphite_plaintext,
                                         backends::memory, backends::host, spooled>;
    const backends::options options{
        .hostname = "h", .spool_directory = folder.path(), .self_monitoring = false};
    stepped_clock::wall = 1'700'000'000;
    {
        backends::host host{"h"};
        auto& chart = host.add("c", {"d"});
        exporting e{host, options};
        e.transport().peer().with([](auto& p) { p.refuses = true; });
        e.poll(stepped_clock::steady);
        REQUIRE(chart.record(1'700'000'000, {1.0}));
        const backends::stop_result end = e.stop(seconds{0});
        CHECK(end.counters.spooled.lines == 1);
        CHECK(end.counters.spooled == end.counters.lost());
        CHECK(end.counters.balanced());
        CHECK_FALSE(end.complete());
    }
    backends::host host{"h"};
    const auto peer = std::make_shared<backends::memory_peer>();
    exporting e{host, options, backends::memory{peer}};
    CHECK(e.counters().restored.lines == 1);  // before the first step
    CHECK(e.counters().accepted == e.counters().restored);
    CHECK(e.counters().queued == e.counters().restored);
    e.poll(stepped_clock::steady);
    CHECK(peer->received() == "netdata.h.c.d 1.0000000 1700000000\n");
    e.stop(seconds{0});
}

TEST_CASE("a folder for an exporter without a spool is refused") {
    backends::host host{"h"};
    using exporting =
        backends::exporter<backends::average, backends::graphite_plaintext, backends::memory>;
    CHECK_THROWS_WITH((exporting{host, {.spool_directory = "/var/spool/x"}}),
                      "spool_directory = /var/spool/x: needs a spool among the policies, such as "
                      "file_spool");
}

TEMPLATE_TEST_CASE("a spool that is to survive a loss of power needs a folder", "",
                   backends::default_policies, spooled) {
    backends::host host{"h"};
    using exporting = backends::exporter<backends::average, backends::graphite_plaintext,
                                         backends::memory, backends::host, TestType>;
    CHECK_THROWS_WITH((exporting{host, {.spool_sync = true}}),
                      "spool_sync = yes: needs a spool_directory");
}

TEST_CASE("what is given up without a folder is not kept, and the account does not say so") {
    using exporting = backends::exporter<backends::average, backends::graphite_plaintext,
                                         backends::memory, backends::host, spooled>;
    stepped_clock::wall = 1'700'000'000;
    backends::host host{"h"};
    auto& chart = host.add("c", {"d"});
    exporting e{host, {.hostname = "h", .self_monitoring = false}};
    e.transport().peer().with([](auto& p) { p.refuses = true; });
    e.poll(stepped_clock::steady);
    REQUIRE(chart.record(1'700'000'000, {1.0}));
    const backends::counters end = e.stop(seconds{0}).counters;
    CHECK(end.lost().lines == 1);
    CHECK(end.spooled == amount{});
    CHECK(end.spool_failures == 0);  // nobody asked for a spool
}

TEST_CASE("the stop of an exporter that never ran is not complete, with a spool or without") {
    using exporting = backends::exporter<backends::average, backends::graphite_plaintext,
                                         backends::memory, backends::host, spooled>;
    const temporary_folder folder;
    {
        ship first{folder};
        first.peer->with([](auto& p) { p.refuses = true; });
        first.accept("a 1 1\n");
        first.step();
    }
    backends::host host{"h"};
    REQUIRE(host.add("c", {"d"}).record(1'700'000'000, {1.0}));
    exporting restored{host, {.hostname = "h", .spool_directory = folder.path()}};
    const backends::stop_result end = restored.stop(seconds{0});
    CHECK_FALSE(end.complete());
    CHECK(end.counters.accepted == amount{1, 6});
    CHECK(end.counters.queued == amount{1, 6});
    CHECK_FALSE(exporting{host}.stop(seconds{0}).complete());
}
