// SPDX-License-Identifier: BSL-1.0
//
// What exporters send, count and tell while `exporters` drives them is what they send, count and
// tell while each is driven by itself, whatever happens: one history for both.
#include <backends/exporter/joint_steps.hpp>

#include <backends/exporter/exporter.hpp>
#include <backends/exporter/exporters.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/influx_lines.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/memory.hpp>

#include <boost/hana/adapt_struct.hpp>

#include "catch.hpp"
#include "support/stepped_clock.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

struct requests {
    backends::counter hits;
    backends::histogram<int> ms;
};
BOOST_HANA_ADAPT_STRUCT(requests, hits, ms);

using namespace backends;
using test::stepped_clock;

namespace {

/// Counts how often charts are read.
struct counted_sum : stored<sum> {
    static inline std::uint64_t reads = 0;

    template <class Chart, class Emit>
    static read_result read(const Chart& from, cursor& at, unix_seconds before,
                            Emit&& sink) noexcept {
        ++reads;
        return stored<sum>::read(from, at, before, sink);
    }
};

/// Writes down what it is told.
struct listening {
    std::string* told;

    void on_tick(const counters& all) noexcept {
        *told +=
            "tick " + std::to_string(all.samples) + " " + std::to_string(all.accepted.bytes) + "\n";
    }
    void on_failure(const destination&, std::error_code why) noexcept {
        *told += why.message() + "\n";
    }
    void on_dropped(drop_reason, amount lost) noexcept {
        *told += "dropped " + std::to_string(lost.lines) + "\n";
    }
    void on_refused_rows(std::string_view chart, std::uint64_t n) noexcept { tell(chart, n); }
    void on_clock_steps(std::string_view chart, std::uint64_t n) noexcept { tell(chart, n); }
    void on_overrun(std::string_view chart, std::uint64_t n) noexcept { tell(chart, n); }
    void on_not_finite(std::string_view chart, std::uint64_t n) noexcept { tell(chart, n); }
    void on_missed_ticks(std::uint64_t n) noexcept { tell("missed", n); }
    void on_stamp_step(seconds by) noexcept { *told += std::to_string(by.value) + " set\n"; }

    void tell(std::string_view what, std::uint64_t n) noexcept {
        told->append(what).append(" ").append(std::to_string(n)).append("\n");
    }
};

struct same_random {
    same_random() noexcept {}
    std::uint64_t operator()() noexcept { return next += 0x9e3779b97f4a7c15; }
    std::uint64_t next = 0;
};

struct policies : default_policies {
    using clock = stepped_clock;
    using observer = listening;
    using random = same_random;
};

/// Its peer's program has acknowledged what the test says.
class answered : public basic_memory<evidence::application> {
public:
    using basic_memory::basic_memory;

    static inline const memory_peer* fails = nullptr;  // the peer whose transport has no memory
    static inline std::function<void()> meanwhile;     // what another thread does

    void poll() {
        if (&peer() == fails) {
            throw std::bad_alloc{};
        }
        if (meanwhile) {
            std::exchange(meanwhile, nullptr)();
        }
    }

    io_result write_some(std::span<const char> bytes) noexcept {
        const io_result done = basic_memory::write_some(bytes);
        peer().with([&](auto& p) { p.unacknowledged += done.count; });
        return done;
    }
};

using small_host = basic_host<double_cell, 16>;
template <class Format>
using exporter_of = exporter<counted_sum, Format, answered, small_host, policies>;

/// Three exporters over one host, and everything that happens to them in a history.
class world {
public:
    static constexpr std::size_t size = 3;

    /// What can be seen of each from outside.
    struct seen {
        std::array<std::string, size> received;
        std::array<std::string, size> told;
        std::array<counters, size> account;
        std::vector<std::int64_t> until;
        std::uint64_t reads = 0;
        std::uint64_t ticks = 0;
    };

    explicit world(std::uint64_t seed) : random_{seed} {
        stepped_clock::steady = instant{1'000'000'000};
        stepped_clock::wall = 1'700'000'000;
        counted_sum::reads = 0;
        is_alike_ = below(2) == 0;
        for (int i = 0; i < 3; ++i) {
            add_chart();
        }
        for (std::int64_t n = 0; n < 5; ++n) {
            ++stepped_clock::wall;
            record();
        }
    }

    seen run(bool together) {
        exporter_of<graphite_plaintext> one{host_, settings(0), answered{peers_[0]}, {&told_[0]}};
        exporter_of<opentsdb_telnet> two{host_, settings(1), answered{peers_[1]}, {&told_[1]}};
        exporter_of<influx_lines> three{host_, settings(2), answered{peers_[2]}, {&told_[2]}};
        exporters all{host_, one, two, three};
        seen found;
        const auto poll = [&] {
            const instant now = stepped_clock::steady;
            found.until.push_back(
                together ? all.poll(now).ns
                         : std::min({one.poll(now), two.poll(now), three.poll(now)}).ns);
        };
        poll();
        for (int n = 0; n < 120; ++n) {
            change(one, two, three);
            poll();
        }
        for (auto& peer : peers_) {
            peer->with([](auto& p) { p.refuses = false; });
        }
        all.request_stop(seconds{3});
        for (int n = 0; n < 12; ++n) {
            pass(milliseconds(500).value);
            poll();
        }
        found.account = all.counters();
        CHECK(all.finished());
        for (std::size_t i = 0; i < size; ++i) {
            found.received[i] = peers_[i]->received();
            found.ticks += found.account[i].ticks;
        }
        found.told = told_;
        found.reads = counted_sum::reads;
        return found;
    }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }

    options settings(std::size_t i) {
        options o;
        o.hostname = "h";
        o.prefix = is_alike_ || below(2) == 0 ? "p" : "q";
        o.update_every = seconds{is_alike_ || below(2) == 0 ? 3 : 6};
        o.align = is_alike_ || below(2) == 0;
        constexpr std::array<const char*, 4> filters{"*", "!*3 *", "*1 *2 *5", "*7 *8"};
        o.charts_matching = filters.at(below(3) == 0 ? below(4) : 0);
        o.dimensions_matching = below(4) == 0 ? "!b *" : "*";
        o.begin = is_alike_ ? begin_at::latest : static_cast<begin_at>(below(3));
        o.queue_bytes = 65'536;
        o.unacknowledged_bytes = o.queue_bytes / 2;
        o.buffer_on_failures = 3;
        o.self_monitoring = false;
        is_dead_.at(i) = below(4) == 0;
        return o;
    }

    void pass(std::int64_t ns) {
        stepped_clock::steady = stepped_clock::steady + nanoseconds{ns};
        rest_ += ns;
        stepped_clock::wall += rest_ / 1'000'000'000;
        rest_ %= 1'000'000'000;
    }
    void add_chart() {
        const std::string id = "c" + std::to_string(below(10));
        for (const auto* const one : charts_) {
            if (one->id() == id) {
                return;
            }
        }
        chart_options o;
        if (below(3) == 0) {
            o.labels = {{"at", "here"}};
        }
        // Wide ones fill slices, so that delivery goes on within a cycle.
        std::vector<new_dimension> dimensions{"b"};
        for (std::uint64_t n = below(2) * below(120); n > 0; --n) {
            dimensions.emplace_back("d" + std::to_string(n));
        }
        charts_.push_back(&host_.add(id, dimensions, o));
    }
    void record() {
        constexpr std::array<double, 5> values{0.5, 1e9, -3, 3e307, 0.00000005};
        for (auto* const one : charts_) {
            std::vector<double> row;
            for (std::size_t i = 0; i < one->width(); ++i) {
                row.push_back(below(9) == 0   ? std::numeric_limits<double>::quiet_NaN()
                              : below(4) == 0 ? values.at(below(5))
                                              : static_cast<double>(below(1'000)));
            }
            const std::int64_t shift = below(20) == 0 ? -std::int64_t(below(40)) : 0;
            static_cast<void>(one->record(stepped_clock::wall + shift, row));
        }
        instruments_.hits.add();
        instruments_.ms.record(static_cast<int>(below(100)));
    }
    template <class... Exporters>
    void change(Exporters&... all) {
        pass(below(3) == 0 ? static_cast<std::int64_t>(below(2'000'000'000)) : 1'000'000'000);
        if (below(5) != 0) {
            record();
        }
        switch (below(30)) {
            case 0: stepped_clock::wall += static_cast<std::int64_t>(below(20)); break;
            case 1: stepped_clock::wall -= static_cast<std::int64_t>(below(20)); break;
            case 2: pass(20'000'000'000); break;
            case 3:
            case 4: add_chart(); break;
            case 5:
                if (!charts_.empty()) {
                    const auto at =
                        charts_.begin() + static_cast<std::ptrdiff_t>(below(charts_.size()));
                    host_.remove(**at);
                    charts_.erase(at);
                }
                break;
            case 6: {
                const std::uint64_t which = below(3);
                std::uint64_t i = 0;
                const bool stops = below(4) == 0;
                ((stops && i++ == which ? void(all.request_stop(seconds{2})) : void()), ...);
                break;
            }
            default: break;
        }
        for (std::size_t i = 0; i < size; ++i) {
            peers_[i]->with([&](auto& p) {
                p.refuses = is_dead_[i] || (p.refuses ? below(4) != 0 : below(20) == 0);
                p.closed = p.closed || below(30) == 0;
                p.room = below(4) == 0 ? below(2'000) : 1'000'000;
                switch (below(6)) {
                    case 0: break;
                    case 1: p.refused = p.unacknowledged; break;
                    case 2: p.not_now = true; break;
                    default: p.unacknowledged = 0;
                }
            });
        }
    }

    std::mt19937_64 random_;
    bool is_alike_ = true;
    small_host host_{"h"};
    requests& instruments_{host_.instrument<requests>("requests")};
    std::vector<small_host::chart_type*> charts_;
    std::array<std::shared_ptr<memory_peer>, size> peers_{std::make_shared<memory_peer>(),
                                                          std::make_shared<memory_peer>(),
                                                          std::make_shared<memory_peer>()};
    std::array<std::string, size> told_;
    std::array<bool, size> is_dead_{};
    std::int64_t rest_ = 0;
};

}  // namespace

TEST_CASE("exporters that are driven together do what each does by itself, for less") {
    std::uint64_t alone_reads = 0;
    std::uint64_t joint_reads = 0;
    std::uint64_t dropped = 0;
    std::uint64_t ticks = 0;
    for (std::uint64_t seed = 1; seed <= 120; ++seed) {
        const world::seen alone = world{seed}.run(false);
        const world::seen together = world{seed}.run(true);
        CAPTURE(seed);
        for (std::size_t i = 0; i < world::size; ++i) {
            CAPTURE(i);
            REQUIRE(together.received[i] == alone.received[i]);
            REQUIRE(together.told[i] == alone.told[i]);
            REQUIRE(together.account[i] == alone.account[i]);
            dropped += alone.account[i].lost().lines;
        }
        REQUIRE(together.until == alone.until);
        REQUIRE(together.reads <= alone.reads);
        ticks += alone.ticks;
        alone_reads += alone.reads;
        joint_reads += together.reads;
    }
    CHECK(ticks > 8'000);
    CHECK(dropped > 10'000);
    CHECK(joint_reads < alone_reads * 3 / 4);
}

TEST_CASE("a transport that throws keeps no cycle of the others waiting, and loses none") {
    stepped_clock::steady = instant{1'000'000'000};
    stepped_clock::wall = 1'700'000'000;
    small_host host{"h"};
    auto& chart = host.add("c", {"a"});
    options o{.hostname = "h", .update_every = seconds{1}, .align = false};
    o.self_monitoring = false;
    const auto failing = std::make_shared<memory_peer>();
    const auto healthy = std::make_shared<memory_peer>();
    std::string told;
    exporter_of<graphite_plaintext> one{host, o, answered{failing}, {&told}};
    exporter_of<opentsdb_telnet> two{host, o, answered{healthy}, {&told}};
    exporters all{host, one, two};
    static_cast<void>(all.poll(stepped_clock::steady));
    const auto pass = [&] {
        stepped_clock::steady = stepped_clock::steady + seconds{1};
        REQUIRE(chart.record(++stepped_clock::wall, {1.0}));
    };
    pass();
    answered::fails = failing.get();
    CHECK_THROWS_AS(all.poll(stepped_clock::steady), std::bad_alloc);
    CHECK(one.counters().samples == 0);
    CHECK(two.counters().samples == 1);
    answered::fails = nullptr;
    pass();
    static_cast<void>(all.poll(stepped_clock::steady));
    CHECK(one.counters().samples == 2);
    CHECK(two.counters().samples == 2);
    static_cast<void>(all.request_stop(nanoseconds{0}));
    static_cast<void>(all.poll(stepped_clock::steady));
    CHECK(all.finished());
}

TEST_CASE("a stop that is asked for while a joint step begins is not overheard") {
    stepped_clock::steady = instant{1'000'000'000};
    stepped_clock::wall = 1'700'000'000;
    small_host host{"h"};
    host.add("c", {"a"});
    options o{.hostname = "h", .update_every = seconds{1}, .align = false};
    o.self_monitoring = false;
    std::string told;
    exporter_of<graphite_plaintext> one{host, o, answered{}, {&told}};
    exporter_of<opentsdb_telnet> two{host, o, answered{}, {&told}};
    exporters all{host, one, two};
    static_cast<void>(all.poll(stepped_clock::steady));
    stepped_clock::steady = stepped_clock::steady + seconds{1};
    ++stepped_clock::wall;
    answered::meanwhile = [&] { static_cast<void>(all.request_stop(nanoseconds{0})); };
    static_cast<void>(all.poll(stepped_clock::steady));
    CHECK(all.finished());
}
