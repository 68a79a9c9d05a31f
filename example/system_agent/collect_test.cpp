// SPDX-License-Identifier: BSL-1.0
//
// The agent's charts of a /proc that the test writes.
#include "collect.hpp"

#include "catch.hpp"
#include "support/temporary_folder.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/transport/memory.hpp>

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

namespace {

constexpr const char* stat =
    "cpu  10 20 30 40 50 60 70 80 0 0\nintr 5 1\nctxt 6\nprocesses 7\nprocs_running 3\n"
    "procs_blocked 1\n";
constexpr const char* meminfo =
    "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nBuffers: 50 kB\nCached: 250 kB\n"
    "SwapTotal: 10 kB\nSwapFree: 4 kB\n";
constexpr const char* loadavg = "0.25 1.50 10.12 1/80 11206\n";

/// A machine, and what of it is exported.
class machine {
public:
    machine() {
        std::filesystem::create_directory(proc_.path("net"));
        write("stat", stat);
        write("meminfo", meminfo);
        write("loadavg", loadavg);
        exporter_.poll(now_);  // from here on it counts
    }
    void write(const std::string& file, const std::string& text) const {
        test::temporary_folder::write(proc_.path(file), text);
    }
    /// The series of one reading.
    std::set<std::string> sample() {
        charts_.sample(at_++);
        exporter_.poll(now_ = now_ + backends::seconds{10});
        exporter_.poll(now_);
        const std::string text = exporter_.transport().peer().received().substr(seen_);
        seen_ += text.size();
        std::set<std::string> out;
        for (std::size_t begin = 0; begin != text.size();) {
            const std::size_t end = text.find('\n', begin) + 1;
            out.insert(text.substr(begin + 4, text.find(' ', begin) - begin - 4));  // "p.h."
            begin = end;
        }
        return out;
    }

    [[nodiscard]] std::size_t charts() const { return host_.size(); }

private:
    test::temporary_folder proc_;
    backends::host host_{"h"};
    agent::machine_charts<backends::host> charts_{host_, proc_.path(), false};
    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::memory>
        exporter_{host_, {.prefix = "p", .self_monitoring = false}};
    backends::unix_seconds at_ = 1'700'000'000;
    backends::instant now_ = backends::instant{} + backends::seconds{1};
    std::size_t seen_ = 0;
};

/// /proc/net/dev with these.
std::string interfaces(std::initializer_list<const char*> names) {
    std::string out = "Inter-| Receive\n face |bytes\n";
    for (const char* const name : names) {
        out += std::string{" "} + name + ": 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n";
    }
    return out;
}

/// `text` without the lines that begin with `name`.
std::string without(const std::string& text, const std::string& name) {
    std::string out;
    proc::each_line(text, [&](std::string_view line) {
        if (!line.starts_with(name)) {
            out.append(line) += '\n';
        }
    });
    return out;
}

}  // namespace

TEST_CASE("each field that the kernel does not print is left out, and no other") {
    machine whole;
    const auto all = whole.sample();
    REQUIRE(all.count("system.ram.available") == 1);
    REQUIRE(all.count("system.swap.used") == 1);
    REQUIRE(all.size() == 8 + 1 + 1 + 1 + 2 + 5 + 2 + 3 + 1 + 1);

    const auto missing = [&](const std::string& file, const std::string& text) {
        machine m;
        m.write(file, text);
        const auto found = m.sample();
        std::set<std::string> out;
        for (const std::string& series : all) {
            if (found.count(series) == 0) {
                out.insert(series);
            }
        }
        for (const std::string& series : found) {
            CHECK(all.count(series) == 1);
        }
        return out;
    };
    using names = std::set<std::string>;
    for (const auto& [line, gone] : std::initializer_list<std::pair<const char*, names>>{
             {"intr", {"system.intr.interrupts"}},
             {"ctxt", {"system.ctxt.switches"}},
             {"processes", {"system.forks.started"}},
             {"procs_running", {"system.processes.running"}},
             {"procs_blocked", {"system.processes.blocked"}}}) {
        CHECK(missing("stat", without(stat, line)) == gone);
    }
    CHECK(missing("stat", without(stat, "cpu")).size() == proc::cpu_states.size());
    CHECK(missing("stat", "cpu 1 2 3 4 5 6 7\n" + without(stat, "cpu")) ==
          names{"system.cpu.steal"});
    for (const auto& [line, gone] : std::initializer_list<std::pair<const char*, names>>{
             {"MemTotal", {"system.ram.used"}},
             {"MemFree", {"system.ram.used", "system.ram.free"}},
             {"MemAvailable", {"system.ram.available"}},
             {"Buffers", {"system.ram.used", "system.ram.buffers"}},
             {"Cached", {"system.ram.used", "system.ram.cached"}},
             {"SwapTotal", {"system.swap.used"}},
             {"SwapFree", {"system.swap.used", "system.swap.free"}}}) {
        CHECK(missing("meminfo", without(meminfo, line)) == gone);
    }
    CHECK(missing("loadavg", "0.25\n") ==
          names{"system.load.load5", "system.load.load15", "system.tasks.total"});
    CHECK(missing("stat", "").size() == 13);
}

TEST_CASE(
    "what a disk or an interface had is exported and gone when it is, and comes back with it") {
    machine m;
    const std::size_t others = (m.sample(), m.charts());
    m.write("net/dev", interfaces({"eth0", "veth1"}));
    m.write("diskstats", "   8  0 sda 4230 113 221538 1200 12043 9000 774506 8000 0 5000 9200\n");
    CHECK(m.sample().count("net.veth1.sent") == 1);
    CHECK(m.charts() == others + 6);
    m.write("net/dev", interfaces({"eth0"}));
    CHECK(m.sample().count("net.veth1.sent") == 0);
    CHECK(m.charts() == others + 4);
    m.write("diskstats", "");
    m.write("net/dev", interfaces({"eth0", "veth1", "veth2"}));
    const auto series = m.sample();
    CHECK(series.count("net.veth1.sent") == 1);
    CHECK(series.count("net_packets.veth2.received") == 1);
    CHECK(series.count("disk.sda.read") == 0);
    CHECK(m.charts() == others + 6);
    m.write("net/dev", "");
    CHECK(m.sample().count("system.ram.used") == 1);
    CHECK(m.charts() == others);
}
