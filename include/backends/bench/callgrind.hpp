// SPDX-License-Identifier: BSL-1.0
//
// Bench: counts instructions by valgrind's callgrind, where there is no perf_counter. The program
// starts itself once more under valgrind; each call of counted_by_callgrind() becomes a dump, and
// the child's report says which benchmark it was.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/// What callgrind counts. C linkage, so that callgrind knows the name.
extern "C" [[gnu::noinline]] inline void backends_bench_counted(void (*call)(void*), void* what) {
    call(what);
}

namespace backends::inline BACKENDS_ISA::bench {

/// Calls f() where callgrind counts.
template <class F>
void counted_by_callgrind(F f) {
    // A compiler cannot make a copy of what it calls through a volatile pointer.
    void (*volatile const counted)(void (*)(void*), void*) = &backends_bench_counted;
    counted([](void* what) { (*static_cast<F*>(what))(); }, &f);
}

/// What callgrind found.
struct callgrind_counts {
    std::map<std::string, double> instructions;  ///< of an item, by the benchmark's name
    std::string error;                           ///< why there are none
};

/// How the child is told where its report goes.
inline constexpr const char* report_flag = "--backends_bench_report=";

/// The total of a dump; 0 if there is none.
inline std::uint64_t callgrind_total(const std::filesystem::path& dump) {
    std::ifstream in{dump};
    for (std::string word; in >> word;) {
        if (word == "totals:") {
            std::uint64_t total = 0;
            in >> total;
            return total;
        }
    }
    return 0;
}

/// The report has a line for each dump, in their order: items, a blank, the benchmark's name.
inline callgrind_counts read_callgrind(const std::filesystem::path& folder) {
    callgrind_counts all;
    std::ifstream report{folder / "report"};
    std::size_t items = 0;
    std::string name;
    for (int dump = 1; report >> items && std::getline(report >> std::ws, name); ++dump) {
        const std::uint64_t total = callgrind_total(folder / ("dump." + std::to_string(dump)));
        if (total == 0) {
            return {{}, "valgrind does not see the function backends_bench_counted"};
        }
        all.instructions[name] = static_cast<double>(total) / static_cast<double>(items);
    }
    if (all.instructions.empty()) {
        all.error = "the program did not count under valgrind";
    }
    return all;
}

/// Starts `command`, without its output. Its exit status; 127 if it cannot be started.
inline int run_quietly(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (std::string& one : command) {
        arguments.push_back(one.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
        ::posix_spawn_file_actions_addopen(&files, output, "/dev/null", O_WRONLY, 0);
    }
    pid_t child = 0;
    int status = 127 << 8;
    if (::posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ) == 0) {
        ::waitpid(child, &status, 0);
    }
    ::posix_spawn_file_actions_destroy(&files);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// Runs this program under valgrind with `arguments`. Takes seconds.
inline callgrind_counts count_by_callgrind(const std::vector<std::string>& arguments) {
    namespace fs = std::filesystem;
    std::error_code failed;
    std::string folder = (fs::temp_directory_path(failed) / "backends_bench.XXXXXX").string();
    if (failed || ::mkdtemp(folder.data()) == nullptr) {
        return {{}, "there is no temporary folder for valgrind"};
    }
    // A link of /proc is valgrind's own there.
    const fs::path self = fs::read_symlink("/proc/self/exe", failed);
    std::vector<std::string> command{"valgrind",
                                     "-q",
                                     "--tool=callgrind",
                                     "--toggle-collect=backends_bench_counted",
                                     "--dump-after=backends_bench_counted",
                                     "--callgrind-out-file=" + folder + "/dump",
                                     self.string(),
                                     report_flag + folder + "/report"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const int status = failed ? 127 : run_quietly(command);
    callgrind_counts all;
    if (status == 127) {
        all.error = "valgrind is not installed";
    } else if (status != 0) {
        all.error = "the program ended under valgrind with " + std::to_string(status);
    } else {
        all = read_callgrind(folder);
    }
    fs::remove_all(folder, failed);
    return all;
}

}  // namespace backends::bench
