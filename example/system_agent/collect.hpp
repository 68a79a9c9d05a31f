// SPDX-License-Identifier: BSL-1.0
//
// This machine as charts: /proc read once a second into a host. Everything is collected as the
// integer that the kernel prints; the charts make bytes, rates and percentages of it.
#pragma once

#include "proc.hpp"

#include <backends/core/time.hpp>
#include <backends/storage/host.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent {

/// @tparam Host a backends::basic_host
template <class Host = backends::host>
class machine_charts {
public:
    /// @param folder     where to read, "/proc"
    /// @param every_cpu  whether each processor gets a chart, beside the one for all
    machine_charts(Host& host, std::string folder, bool every_cpu)
        : host_{host}, folder_{std::move(folder)}, every_cpu_{every_cpu} {}

    /// Reads everything and records it as of `at`. Charts are added when there is first something to
    /// record, so that a disk or an interface may appear later.
    void sample(backends::unix_seconds at) {
        sample_stat(at);
        sample_memory(at);
        sample_load(at);
        sample_disks(at);
        sample_interfaces(at);
        integers("agent.samples", {"taken"}, {}).record(at, std::array<std::uint64_t, 1>{1});
    }

private:
    using chart = typename Host::chart_type;
    using new_dimensions = std::initializer_list<backends::new_dimension>;

    static constexpr std::uint64_t kib = 1024;
    static constexpr std::int64_t sector = 512;
    static constexpr backends::chart_options rate{.algorithm = backends::incremental};

    void sample_stat(backends::unix_seconds at) {
        const proc::stat s = proc::read_stat(text("stat"));
        if (!s.all) {
            return;
        }
        cpu("system.cpu").record(at, *s.all);
        for (std::size_t i = 0; every_cpu_ && i < s.each.size(); ++i) {
            cpu("cpu." + s.names[i]).record(at, s.each[i]);
        }
        integers("system.ctxt", {"switches"}, rate).record(at, std::array{s.context_switches});
        integers("system.intr", {"interrupts"}, rate).record(at, std::array{s.interrupts});
        integers("system.forks", {"started"}, rate).record(at, std::array{s.forks});
        integers("system.processes", {"running", "blocked"}, {})
            .record(at, std::array{s.running, s.blocked});
    }

    void sample_memory(backends::unix_seconds at) {
        const auto m = proc::read_meminfo(text("meminfo"));
        if (!m) {
            return;
        }
        const backends::chart_options bytes{.multiplier = kib};
        integers("system.ram", {"used", "cached", "buffers", "free", "available"}, bytes)
            .record(at, std::array{m->used(), m->cached, m->buffers, m->free, m->available});
        if (m->swap_total != 0) {
            integers("system.swap", {"used", "free"}, bytes)
                .record(at, std::array{m->swap_total - m->swap_free, m->swap_free});
        }
    }

    void sample_load(backends::unix_seconds at) {
        const auto l = proc::read_loadavg(text("loadavg"));
        if (!l) {
            return;
        }
        chart_named("system.load", [&](const std::string& id) -> chart& {
            return host_.add(id, {"load1", "load5", "load15"}, {});
        }).record(at, l->average);
        integers("system.tasks", {"total"}, {}).record(at, std::array{l->processes});
    }

    void sample_disks(backends::unix_seconds at) {
        for (const proc::disk& d : proc::read_diskstats(text("diskstats"))) {
            if (d.reads + d.writes == 0) {
                continue;  // most loop and RAM devices, never used
            }
            integers("disk." + d.name, {"read", "written"},
                     {.algorithm = backends::incremental, .multiplier = sector})
                .record(at, std::array{d.read_sectors, d.written_sectors});
            integers("disk_ops." + d.name, {"reads", "writes"}, rate)
                .record(at, std::array{d.reads, d.writes});
        }
    }

    void sample_interfaces(backends::unix_seconds at) {
        for (const proc::interface& i : proc::read_net_dev(text("net/dev"))) {
            integers("net." + i.name, {"received", "sent"}, rate)
                .record(at, std::array{i.received_bytes, i.sent_bytes});
            integers("net_packets." + i.name, {"received", "sent"}, rate)
                .record(at, std::array{i.received_packets, i.sent_packets});
        }
    }

    /// Shares of the processors' time since the sample before, in percent.
    chart& cpu(const std::string& id) {
        return chart_named(id, [&](const std::string& name) -> chart& {
            const std::vector<backends::new_dimension> states{proc::cpu_states.begin(),
                                                              proc::cpu_states.end()};
            return host_.template add<std::uint64_t>(
                name, states, {.algorithm = backends::percentage_of_incremental_row});
        });
    }

    chart& integers(const std::string& id, new_dimensions dimensions,
                    const backends::chart_options& options) {
        return chart_named(id, [&](const std::string& name) -> chart& {
            return host_.template add<std::uint64_t>(name, dimensions, options);
        });
    }

    template <class Add>
    chart& chart_named(const std::string& id, Add add) {
        const auto it = charts_.find(id);
        if (it != charts_.end()) {
            return *it->second;
        }
        chart& added = add(id);
        charts_.emplace(id, &added);
        return added;
    }

    /// The whole file, valid until the next call; empty when it cannot be read.
    std::string_view text(std::string_view file) {
        std::ifstream in{folder_ + "/" + std::string{file}, std::ios::binary};
        text_.assign(std::istreambuf_iterator<char>{in}, {});
        return text_;
    }

    Host& host_;
    std::string folder_;
    bool every_cpu_;
    std::map<std::string, chart*, std::less<>> charts_;
    std::string text_;
};

}  // namespace agent
