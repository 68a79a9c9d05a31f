// SPDX-License-Identifier: BSL-1.0
#include "proc.hpp"

#include "catch.hpp"

#include <limits>
#include <string>

TEST_CASE("the cpu lines of /proc/stat are read whole, guests left out") {
    const auto s = proc::read_stat(
        "cpu  10132153 290696 3084719 46828483 16683 0 25195 1 175628 0\n"
        "cpu0 1393280 32966 572056 13343292 6130 0 17875 0 23933 0\n"
        "cpu1 18446744073709551615 2 3 4 5 6 7 8 9 10\n"
        "intr 199292 1 2 3\n"
        "ctxt 4294967296\n"
        "btime 1700000000\n"
        "processes 43031\n"
        "procs_running 2\n"
        "procs_blocked 1\n");
    REQUIRE(s.all);
    CHECK(*s.all == proc::cpu_ticks{10132153, 290696, 3084719, 46828483, 16683, 0, 25195, 1});
    REQUIRE(s.each.size() == 2);
    CHECK(s.names[1] == "cpu1");
    CHECK(s.each[1][0] == std::numeric_limits<std::uint64_t>::max());
    CHECK(s.interrupts == 199292);
    CHECK(s.context_switches == 4294967296);
    CHECK(s.forks == 43031);
    CHECK(s.running == 2);
    CHECK(s.blocked == 1);
}

TEST_CASE("a cpu line of an old kernel has fewer states, one with a hole is left out") {
    CHECK(*proc::read_stat("cpu 1 2 3 4\n").all == proc::cpu_ticks{1, 2, 3, 4});
    CHECK_FALSE(proc::read_stat("cpu 1 2 3 x 5 6 7 8\n").all);
    CHECK_FALSE(proc::read_stat("cpu\n").all);
    CHECK_FALSE(proc::read_stat("cpu 1 2 3 4 5 6 7 18446744073709551616\n").all);
    CHECK_FALSE(proc::read_stat("").all);
}

TEST_CASE("/proc/meminfo gives KiB, and what is used is the rest") {
    const auto m = proc::read_meminfo(
        "MemTotal:       16303428 kB\nMemFree:         2000000 kB\nMemAvailable:    9000000 kB\n"
        "Buffers:          300000 kB\nCached:          4003428 kB\nSwapCached:            7 kB\n"
        "SwapTotal:       1000000 kB\nSwapFree:         999999 kB\n");
    CHECK(m.total == 16303428);
    CHECK(m.available == 9000000);
    CHECK(m.cached == 4003428);
    CHECK(m.used() == 10000000);
    CHECK(m.swap_free == 999999);
    CHECK(m.swap_used() == 1);
}

TEST_CASE("a field of /proc/meminfo that is missing is nothing, and so is what follows from it") {
    const auto none = proc::read_meminfo("Something: 1 kB\n");
    CHECK_FALSE(none.total);
    CHECK_FALSE(none.used());
    CHECK_FALSE(none.swap_used());
    const auto m =
        proc::read_meminfo("MemTotal: 9 kB\nMemFree: 4 kB\nCached: x kB\nSwapTotal: 7\n");
    CHECK(m.free == 4);
    CHECK_FALSE(m.available);
    CHECK_FALSE(m.cached);
    CHECK_FALSE(m.used());
    CHECK_FALSE(m.swap_used());
}

TEST_CASE("what is used is never negative") {
    CHECK(
        proc::read_meminfo("MemTotal: 5 kB\nMemFree: 4 kB\nCached: 3 kB\nBuffers: 0 kB\n").used() ==
        0);
    CHECK(proc::read_meminfo("SwapTotal: 5 kB\nSwapFree: 6 kB\n").swap_used() == 0);
}

TEST_CASE("/proc/loadavg gives the three averages and the number of processes") {
    const auto l = proc::read_loadavg("0.20 1.18 10.12 1/80 11206\n");
    CHECK(l.average[0] == 0.20);
    CHECK(l.average[1] == 1.18);
    CHECK(l.average[2] == 10.12);
    CHECK(l.processes == 80);
    const auto two = proc::read_loadavg("0.20 1.18\n");
    CHECK(two.average[1] == 1.18);
    CHECK_FALSE(two.average[2]);
    CHECK_FALSE(two.processes);
    CHECK_FALSE(proc::read_loadavg("0.20 1.18 10.12 180 11206\n").processes);
}

TEST_CASE("/proc/diskstats is read with the short lines of old kernels and the long ones of new") {
    const auto disks = proc::read_diskstats(
        "   8       0 sda 4230 113 221538 1200 12043 9000 774506 8000 0 5000 9200 1 2 3 4 5 6\n"
        "   8       1 sda1 1 2 3 4 5 6 7 8 9 10 11\n"
        "   8       2 sda2 1 2\n");
    REQUIRE(disks.size() == 2);
    CHECK(disks[0].name == "sda");
    CHECK(disks[0].reads == 4230);
    CHECK(disks[0].read_sectors == 221538);
    CHECK(disks[0].writes == 12043);
    CHECK(disks[0].written_sectors == 774506);
    CHECK(disks[1].written_sectors == 7);
}

TEST_CASE("/proc/net/dev is read with a number that touches the colon") {
    const auto nets = proc::read_net_dev(
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
        "    lo: 1000 10 0 0 0 0 0 0 1000 10 0 0 0 0 0 0\n"
        "  eth0:18446744073709551615 20 0 0 0 0 0 0 30 40 0 0 0 0 0 0\n"
        "broken: 1 2 3\n");
    REQUIRE(nets.size() == 2);
    CHECK(nets[0].name == "lo");
    CHECK(nets[0].sent_packets == 10);
    CHECK(nets[1].name == "eth0");
    CHECK(nets[1].received_bytes == std::numeric_limits<std::uint64_t>::max());
    CHECK(nets[1].sent_bytes == 30);
    CHECK(nets[1].sent_packets == 40);
}

TEST_CASE("no reader trips over text that ends anywhere") {
    const std::string text =
        "cpu  1 2 3 4 5 6 7 8\nMemTotal: 5 kB\n 8 0 sda 1 2 3 4 5 6 7 8\n eth0: 1 2 3 4 5 6 7 8 9 "
        "10\n";
    for (std::size_t n = 0; n <= text.size(); ++n) {
        const std::string_view part{text.data(), n};
        proc::read_stat(part);
        proc::read_meminfo(part);
        proc::read_loadavg(part);
        proc::read_diskstats(part);
        proc::read_net_dev(part);
    }
    SUCCEED();
}
