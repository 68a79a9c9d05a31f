// SPDX-License-Identifier: BSL-1.0
//
// Readers of /proc: plain functions from the text of a file to numbers. Counters stay the unsigned
// 64-bit integers that the kernel prints, so that what is exported "as collected" is what /proc
// said. A line that a reader does not understand is left out, and a field that the kernel does not
// print is nothing: neither is ever guessed at.
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
    /// The next word if it is a whole number, nothing otherwise.
    template <class Number = std::uint64_t>
    std::optional<Number> read() {
        Number out{};
        return read(out) ? std::optional{out} : std::nullopt;
    }
    [[nodiscard]] bool at_end() const { return rest_.find_first_not_of(" \t") == rest_.npos; }

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
using field = std::optional<std::uint64_t>;
using cpu_ticks = std::array<field, cpu_states.size()>;

/// /proc/stat.
struct stat {
    std::optional<cpu_ticks> all;    ///< the "cpu" line
    std::vector<cpu_ticks> each;     ///< "cpu0", "cpu1", …, in the file's order
    std::vector<std::string> names;  ///< their names
    field interrupts;
    field context_switches;
    field forks;
    field running;
    field blocked;
};

inline stat read_stat(std::string_view text) {
    stat out;
    each_line(text, [&](std::string_view line) {
        words w{line};
        const auto name = w.next();
        if (name.starts_with("cpu")) {
            // An old kernel prints fewer; from the first that is no number on nothing is sure.
            cpu_ticks ticks{};
            for (field& state : ticks) {
                if (!w.at_end() && !(state = w.read())) {
                    return;
                }
            }
            if (!ticks[0]) {
                return;
            }
            if (name == "cpu") {
                out.all = ticks;
            } else {
                out.names.emplace_back(name);
                out.each.push_back(ticks);
            }
        } else if (name == "intr") {
            out.interrupts = w.read();
        } else if (name == "ctxt") {
            out.context_switches = w.read();
        } else if (name == "processes") {
            out.forks = w.read();
        } else if (name == "procs_running") {
            out.running = w.read();
        } else if (name == "procs_blocked") {
            out.blocked = w.read();
        }
    });
    return out;
}

/// /proc/meminfo, in KiB.
struct memory {
    field total;
    field free;
    field available;
    field buffers;
    field cached;
    field swap_total;
    field swap_free;

    /// What programs and the kernel hold: neither free nor a cache.
    [[nodiscard]] field used() const {
        if (!total || !free || !buffers || !cached) {
            return std::nullopt;
        }
        const std::uint64_t rest = *free + *buffers + *cached;
        return *total > rest ? *total - rest : 0;
    }
    [[nodiscard]] field swap_used() const {
        if (!swap_total || !swap_free) {
            return std::nullopt;
        }
        return *swap_total > *swap_free ? *swap_total - *swap_free : 0;
    }
};

inline memory read_meminfo(std::string_view text) {
    memory out;
    each_line(text, [&](std::string_view line) {
        words w{line};
        const auto name = w.next();
        field* const named = name == "MemTotal:"       ? &out.total
                             : name == "MemFree:"      ? &out.free
                             : name == "MemAvailable:" ? &out.available
                             : name == "Buffers:"      ? &out.buffers
                             : name == "Cached:"       ? &out.cached
                             : name == "SwapTotal:"    ? &out.swap_total
                             : name == "SwapFree:"     ? &out.swap_free
                                                       : nullptr;
        if (named != nullptr) {
            *named = w.read();
        }
    });
    return out;
}

/// /proc/loadavg: the load of the last 1, 5 and 15 minutes, and the number of processes.
struct load {
    std::array<std::optional<double>, 3> average;
    field processes;
};

inline load read_loadavg(std::string_view text) {
    load out;
    words w{text.substr(0, text.find('\n'))};
    for (auto& average : out.average) {
        if (!(average = w.read<double>())) {
            return out;
        }
    }
    const auto running_of_all = w.next();  // "2/345"
    const auto slash = running_of_all.find('/');
    if (slash != running_of_all.npos) {
        out.processes = words{running_of_all.substr(slash + 1)}.read();
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
