// SPDX-License-Identifier: BSL-1.0
//
// This machine as charts: /proc read once a second into a host. Everything is collected as the
// integer that the kernel prints; the charts make bytes, rates and percentages of it.
#pragma once

#include "proc.hpp"

#include <backends/core/time.hpp>
#include <backends/storage/host.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
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

    /// Reads everything and records it as of `at`. Charts are added when there is first something
    /// to record, so that a disk or an interface may appear later. What a reading lacks is gone,
    /// and its chart is removed: containers bring thousands of interfaces that never return.
    void sample(backends::unix_seconds at) {
        // What is refused, as a second sample in a second is, the exporter counts and tells.
        ++reading_;
        sample_stat(at);
        sample_memory(at);
        sample_load(at);
        sample_disks(at);
        sample_interfaces(at);
        integers(at, std::array{proc::field{1}}, "agent.samples", {"taken"}, {});
        std::erase_if(charts_, [this](const auto& named) {
            const bool is_gone = named.second.reading != reading_;
            if (is_gone) {
                host_.remove(*named.second.chart);
            }
            return is_gone;
        });
    }

private:
    using chart = typename Host::chart_type;
    using fields = std::array<proc::field, 2>;
    using new_dimensions = std::initializer_list<backends::new_dimension>;

    struct known {
        typename Host::chart_type* chart;
        std::uint64_t reading = 0;  // the last that had it
    };

    static constexpr std::uint64_t kib = 1024;
    static constexpr std::int64_t sector = 512;
    static constexpr backends::chart_options rate{.algorithm = backends::incremental};

    void sample_stat(backends::unix_seconds at) {
        const proc::stat s = proc::read_stat(text("stat"));
        if (s.all) {
            record(at, *s.all, [&]() -> chart& { return cpu("system.cpu"); });
        }
        for (std::size_t i = 0; every_cpu_ && i < s.each.size(); ++i) {
            record(at, s.each[i], [&]() -> chart& { return cpu("cpu." + s.names[i]); });
        }
        integers(at, std::array{s.context_switches}, "system.ctxt", {"switches"}, rate);
        integers(at, std::array{s.interrupts}, "system.intr", {"interrupts"}, rate);
        integers(at, std::array{s.forks}, "system.forks", {"started"}, rate);
        integers(at, std::array{s.running, s.blocked}, "system.processes", {"running", "blocked"},
                 {});
    }

    void sample_memory(backends::unix_seconds at) {
        const proc::memory m = proc::read_meminfo(text("meminfo"));
        const backends::chart_options bytes{.multiplier = kib};
        integers(at, std::array{m.used(), m.cached, m.buffers, m.free, m.available}, "system.ram",
                 {"used", "cached", "buffers", "free", "available"}, bytes);
        if (m.swap_total != 0) {  // there is some
            integers(at, std::array{m.swap_used(), m.swap_free}, "system.swap", {"used", "free"},
                     bytes);
        }
    }

    void sample_load(backends::unix_seconds at) {
        const proc::load l = proc::read_loadavg(text("loadavg"));
        record(at, l.average, [&]() -> chart& {
            return chart_named("system.load", [&](const std::string& id) -> chart& {
                return host_.add(id, {"load1", "load5", "load15"}, {});
            });
        });
        integers(at, std::array{l.processes}, "system.tasks", {"total"}, {});
    }

    void sample_disks(backends::unix_seconds at) {
        for (const proc::disk& d : proc::read_diskstats(text("diskstats"))) {
            if (d.reads + d.writes == 0) {
                continue;  // most loop and RAM devices, never used
            }
            integers(at, fields{d.read_sectors, d.written_sectors}, "disk." + d.name,
                     {"read", "written"},
                     {.algorithm = backends::incremental, .multiplier = sector});
            integers(at, fields{d.reads, d.writes}, "disk_ops." + d.name, {"reads", "writes"},
                     rate);
        }
    }

    void sample_interfaces(backends::unix_seconds at) {
        for (const proc::interface& i : proc::read_net_dev(text("net/dev"))) {
            integers(at, fields{i.received_bytes, i.sent_bytes}, "net." + i.name,
                     {"received", "sent"}, rate);
            integers(at, fields{i.received_packets, i.sent_packets}, "net_packets." + i.name,
                     {"received", "sent"}, rate);
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

    template <std::size_t N>
    void integers(backends::unix_seconds at, const std::array<proc::field, N>& values,
                  const std::string& id, new_dimensions dimensions,
                  const backends::chart_options& options) {
        record(at, values, [&]() -> chart& {
            return chart_named(id, [&](const std::string& name) -> chart& {
                return host_.template add<std::uint64_t>(name, dimensions, options);
            });
        });
    }

    /// Records the fields that there are, into a chart that is made once there is one.
    template <class Value, std::size_t N, class Chart>
    void record(backends::unix_seconds at, const std::array<std::optional<Value>, N>& values,
                Chart named) {
        if (std::ranges::none_of(values, [](const auto& v) { return v.has_value(); })) {
            return;
        }
        chart& to = named();
        for (std::size_t i = 0; i < N; ++i) {
            if (values[i]) {
                to.set(i, *values[i]);
            }
        }
        static_cast<void>(to.commit(at));  // what is refused the exporter counts and tells
    }

    template <class Add>
    chart& chart_named(const std::string& id, Add add) {
        auto it = charts_.find(id);
        if (it == charts_.end()) {
            it = charts_.emplace(id, known{.chart = &add(id)}).first;
        }
        it->second.reading = reading_;
        return *it->second.chart;
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
    std::map<std::string, known, std::less<>> charts_;
    std::uint64_t reading_ = 0;
    std::string text_;
};

}  // namespace agent
