// SPDX-License-Identifier: BSL-1.0
//
// Monitor: what the program's own process takes: processor time, memory, threads, files. A chart
// that asks the kernel once a slot.
#pragma once

#include <backends/isa.hpp>
#include <backends/storage/host.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

/// One reading.
struct process_stats {
    /// What the kernel does not say; a gap in the chart.
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    double user_seconds = unknown;      ///< processor time of all threads since the start
    double system_seconds = unknown;    ///< the kernel's part, apart from the user's
    double resident_bytes = unknown;    ///< memory that is not swapped out
    double threads = unknown;           ///< now
    double open_files = unknown;        ///< descriptors, now
    double context_switches = unknown;  ///< of both kinds since the start
    double page_faults = unknown;       ///< of both kinds since the start
    double uptime_seconds = unknown;    ///< since the start, suspended time included
};

namespace detail {

/// The text of a small file of /proc; empty where it cannot be read.
template <std::size_t Most>
class proc_text {
public:
    explicit proc_text(const char* path) noexcept {
        const int file = ::open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            const ::ssize_t n = ::read(file, text_.data(), text_.size());
            size_ = n > 0 ? static_cast<std::size_t>(n) : 0;
            ::close(file);
        }
    }
    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, Most> text_;
    std::size_t size_ = 0;
};

/// Word n of a text, from 0 on, as a number; NaN where it is none.
inline double number_at(std::string_view text, int n) noexcept {
    constexpr std::string_view blanks = " \n";
    for (;; --n) {
        const std::size_t begin = text.find_first_not_of(blanks);
        if (begin == text.npos) {
            return process_stats::unknown;
        }
        text.remove_prefix(begin);
        const std::string_view word = text.substr(0, text.find_first_of(blanks));
        if (n == 0) {
            std::uint64_t value = 0;
            const auto [end, error] =
                std::from_chars(word.data(), word.data() + word.size(), value);
            return error == std::errc{} && end == word.data() + word.size()
                       ? static_cast<double>(value)
                       : process_stats::unknown;
        }
        text.remove_prefix(word.size());
    }
}

/// Since Linux 6.2 the folder's size is the number; before, its entries are counted.
inline double open_files() noexcept {
    constexpr const char* folder = "/proc/self/fd";
    struct ::stat about{};
    if (::stat(folder, &about) == 0 && about.st_size > 0) {
        return static_cast<double>(about.st_size);
    }
    ::DIR* const all = ::opendir(folder);
    if (all == nullptr) {
        return process_stats::unknown;
    }
    std::uint64_t n = 0;
    while (const ::dirent* const one = ::readdir(all)) {
        n += one->d_name[0] != '.' ? 1 : 0;
    }
    ::closedir(all);
    return static_cast<double>(n - 1);  // without the one that counts
}

inline double seconds_of(const ::timeval& t) noexcept {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

}  // namespace detail

/// Asks the kernel. Some 20 µs, and one more for 10 open files before Linux 6.2. Any thread.
inline process_stats read_process_stats() noexcept {
    process_stats now;
    ::rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        now.user_seconds = detail::seconds_of(used.ru_utime);
        now.system_seconds = detail::seconds_of(used.ru_stime);
        now.context_switches =
            static_cast<double>(used.ru_nvcsw) + static_cast<double>(used.ru_nivcsw);
        now.page_faults = static_cast<double>(used.ru_minflt) + static_cast<double>(used.ru_majflt);
    }
    const detail::proc_text<256> statm{"/proc/self/statm"};
    now.resident_bytes =
        detail::number_at(statm.text(), 1) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    const detail::proc_text<1024> stat{"/proc/self/stat"};
    // The program's name, in parentheses, may have any bytes; field 3 follows.
    const std::string_view fields = stat.text().substr(stat.text().rfind(')') + 1);
    now.threads = detail::number_at(fields, 17);
    now.open_files = detail::open_files();
    ::timespec booted{};
    if (::clock_gettime(CLOCK_BOOTTIME, &booted) == 0) {
        now.uptime_seconds =
            static_cast<double>(booted.tv_sec) + static_cast<double>(booted.tv_nsec) * 1e-9 -
            detail::number_at(fields, 19) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    return now;
}

/// Adds a chart of the process: `auto process = backends::observe_process(host);`. It lasts as long
/// as what is returned. `user` and `system` are processors in use, `context_switches` and
/// `page_faults` those of a second; as collected, these four are totals. Throws what
/// basic_host::add() throws.
template <class Host>
observation<Host> observe_process(Host& to, const std::string& id = "process",
                                  const chart_options& options = {}) {
    constexpr auto whole = value_kind::unsigned_integer;
    return to.observe(
        id,
        {{"user", {.algorithm = incremental}},
         {"system", {.algorithm = incremental}},
         {"resident_bytes", {.algorithm = absolute, .kind = whole}},
         {"threads", {.algorithm = absolute, .kind = whole}},
         {"open_files", {.algorithm = absolute, .kind = whole}},
         {"context_switches", {.algorithm = incremental, .kind = whole}},
         {"page_faults", {.algorithm = incremental, .kind = whole}},
         {"uptime_seconds", {.algorithm = absolute}}},
        []() noexcept {
            const process_stats now = read_process_stats();
            return std::array{now.user_seconds, now.system_seconds, now.resident_bytes,
                              now.threads,      now.open_files,     now.context_switches,
                              now.page_faults,  now.uptime_seconds};
        },
        options);
}

}  // namespace backends
