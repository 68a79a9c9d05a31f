// SPDX-License-Identifier: BSL-1.0
//
// Readers of /proc: plain functions from the text of a file to numbers. Counters stay the unsigned
// 64-bit integers that the kernel prints, so that what is exported "as collected" is what
// /proc said. A line that a reader does not understand is left out, never guessed at.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace proc {

/// The words of one line, and of a text its lines.
class words {
public:
    explicit words(std::string_view text) : rest_{text} {}

    /// The next word; empty at the end.
    std::string_view next() {
        const auto begin = rest_.find_first_not_of(" \t");
        if (begin == rest_.npos) {
            return rest_ = {};
        }
        rest_.remove_prefix(begin);
        const auto word = rest_.substr(0, rest_.find_first_of(" \t"));
        rest_.remove_prefix(word.size());
        return word;
    }

    /// The next word as a whole number.
    template <class Number>
    bool read(Number& out) {
        const auto word = next();
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
        return !word.empty() && error == std::errc{} && end == word.data() + word.size();
    }

private:
    std::string_view rest_;
};

/// Calls `use(line)` for every line of `text`, without its newline.
template <class Use>
void each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const auto newline = text.find('\n');
        use(text.substr(0, newline));
        text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    }
}

/// Ticks (1/100 s) that a processor spent in each state since the machine started. What guests used
/// is part of user and nice already, so these eight add up to the whole time.
inline constexpr std::array cpu_states{"user",   "nice", "system",  "idle",
                                       "iowait", "irq",  "softirq", "steal"};
using cpu_ticks = std::array<std::uint64_t, cpu_states.size()>;

/// /proc/stat.
struct stat {
    std::optional<cpu_ticks> all;    ///< the "cpu" line
    std::vector<cpu_ticks> each;     ///< "cpu0", "cpu1", …, in the file's order
    std::vector<std::string> names;  ///< their names
    std::uint64_t interrupts = 0;
    std::uint64_t context_switches = 0;
    std::uint64_t forks = 0;
    std::uint64_t running = 0;
    std::uint64_t blocked = 0;
};

inline stat read_stat(std::string_view text) {
    stat out;
    each_line(text, [&](std::string_view line) {
        words w{line};
        const auto name = w.next();
        if (name.starts_with("cpu")) {
            cpu_ticks ticks{};
            for (std::uint64_t& state : ticks) {
                if (!w.read(state)) {
                    return;
                }
            }
            if (name == "cpu") {
                out.all = ticks;
            } else {
                out.names.emplace_back(name);
                out.each.push_back(ticks);
            }
        } else if (name == "intr") {
            w.read(out.interrupts);
        } else if (name == "ctxt") {
            w.read(out.context_switches);
        } else if (name == "processes") {
            w.read(out.forks);
        } else if (name == "procs_running") {
            w.read(out.running);
        } else if (name == "procs_blocked") {
            w.read(out.blocked);
        }
    });
    return out;
}

/// /proc/meminfo, in KiB.
struct memory {
    std::uint64_t total = 0;
    std::uint64_t free = 0;
    std::uint64_t available = 0;
    std::uint64_t buffers = 0;
    std::uint64_t cached = 0;
    std::uint64_t swap_total = 0;
    std::uint64_t swap_free = 0;

    /// What programs and the kernel hold: neither free nor a cache.
    [[nodiscard]] std::uint64_t used() const {
        const std::uint64_t rest = free + buffers + cached;
        return total > rest ? total - rest : 0;
    }
};

inline std::optional<memory> read_meminfo(std::string_view text) {
    memory out;
    each_line(text, [&](std::string_view line) {
        words w{line};
        const auto name = w.next();
        std::uint64_t* const field = name == "MemTotal:"       ? &out.total
                                     : name == "MemFree:"      ? &out.free
                                     : name == "MemAvailable:" ? &out.available
                                     : name == "Buffers:"      ? &out.buffers
                                     : name == "Cached:"       ? &out.cached
                                     : name == "SwapTotal:"    ? &out.swap_total
                                     : name == "SwapFree:"     ? &out.swap_free
                                                               : nullptr;
        if (field != nullptr) {
            w.read(*field);
        }
    });
    return out.total != 0 ? std::optional{out} : std::nullopt;
}

/// /proc/loadavg: the load of the last 1, 5 and 15 minutes, and the number of processes.
struct load {
    std::array<double, 3> average{};
    std::uint64_t processes = 0;
};

inline std::optional<load> read_loadavg(std::string_view text) {
    load out;
    words w{text.substr(0, text.find('\n'))};
    for (double& average : out.average) {
        if (!w.read(average)) {
            return std::nullopt;
        }
    }
    const auto running_of_all = w.next();  // "2/345"
    const auto slash = running_of_all.find('/');
    if (slash == running_of_all.npos ||
        !words{running_of_all.substr(slash + 1)}.read(out.processes)) {
        return std::nullopt;
    }
    return out;
}

/// One disk of /proc/diskstats.
struct disk {
    std::string name;
    std::uint64_t reads = 0;
    std::uint64_t read_sectors = 0;  ///< of 512 bytes, whatever the disk's own are
    std::uint64_t writes = 0;
    std::uint64_t written_sectors = 0;
};

inline std::vector<disk> read_diskstats(std::string_view text) {
    std::vector<disk> out;
    each_line(text, [&](std::string_view line) {
        words w{line};
        w.next();  // major, minor
        w.next();
        disk d{.name = std::string{w.next()}};
        const bool understood = w.read(d.reads) && !w.next().empty() /* merged */ &&
                                w.read(d.read_sectors) && !w.next().empty() /* ms */ &&
                                w.read(d.writes) && !w.next().empty() /* merged */ &&
                                w.read(d.written_sectors);
        if (understood) {
            out.push_back(std::move(d));
        }
    });
    return out;
}

/// One interface of /proc/net/dev.
struct interface {
    std::string name;
    std::uint64_t received_bytes = 0;
    std::uint64_t received_packets = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t sent_packets = 0;
};

inline std::vector<interface> read_net_dev(std::string_view text) {
    std::vector<interface> out;
    each_line(text, [&](std::string_view line) {
        // "  eth0:1234 …": a large number touches the colon, and an alias ("eth0:1:") has its own.
        const auto colon = line.rfind(':');
        if (colon == line.npos) {
            return;  // the two lines of headings
        }
        interface i{.name = std::string{words{line.substr(0, colon)}.next()}};
        words w{line.substr(colon + 1)};
        bool understood = w.read(i.received_bytes) && w.read(i.received_packets);
        for (int skipped = 0; skipped < 6; ++skipped) {
            understood = understood && !w.next().empty();
        }
        if (understood && w.read(i.sent_bytes) && w.read(i.sent_packets) && !i.name.empty()) {
            out.push_back(std::move(i));
        }
    });
    return out;
}

}  // namespace proc
