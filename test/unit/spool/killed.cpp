// SPDX-License-Identifier: BSL-1.0
//
// A process that dies in the middle of a write, at every byte of its files in turn: a file may not
// grow beyond a limit, what fits is written, and the write of the rest ends the process. That is
// what kill -9 in the middle of a large write leaves.
#include <backends/spool/file_spool.hpp>

#include "catch.hpp"
#include "spooled_lines.hpp"
#include "support/temporary_folder.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

namespace {
bool dies_at_the_limit = false;
}

/// This program's own, which comes before the C library's.
extern "C" ssize_t writev(int file, const iovec* parts, int n) {
    const ssize_t written = ::syscall(SYS_writev, file, parts, n);
    if (dies_at_the_limit && written < 0 && errno == EFBIG) {
        ::kill(::getpid(), SIGKILL);
    }
    return written;
}

namespace {

using backends::file_spool;
using backends::instant;
using backends::line_queue;
using backends::queue_view;
using test::push;
using test::temporary_folder;

backends::spool_options options(const temporary_folder& folder) {
    return {
        .directory = folder.path(), .contents = "json", .queue_bytes = 8192, .segment_bytes = 4096};
}

std::string line(std::uint64_t i) {
    return "line " + std::to_string(i) + std::string(i % 50, '.') + "\n";
}

/// What the child has done when it dies.
struct progress {
    std::uint64_t accepted;   ///< lines that it may rely on
    std::uint64_t released;   ///< of these, how many left the queue, and that was kept
    std::uint64_t releasing;  ///< the same, before it is kept
};

/// Takes over what is there, then accepts lines and confirms some. Ends at the latest when all is
/// done.
void run_child(const temporary_folder& folder, std::uint64_t first, std::uint64_t last,
               volatile progress& done) {
    file_spool spool{options(folder)};
    line_queue queue{8192};
    spool.restore([&](std::string_view lines, bool ends_batch) {
        push(queue, lines);
        if (ends_batch) {
            queue.end_batch(instant{});
        }
    });
    if (spool.keep(queue_view{queue}, instant{})) {
        return;
    }
    for (std::uint64_t i = first; i != last; ++i) {
        push(queue, line(i));
        queue.end_batch(instant{});
        if (spool.keep(queue_view{queue}, instant{})) {
            return;
        }
        done.accepted = i + 1;
        if (i % 3 == 0) {
            const std::size_t n = queue.unsent().find('\n') + 1;
            queue.write(n);
            queue.release(n);
            done.releasing = done.releasing + 1;
            if (spool.keep(queue_view{queue}, instant{})) {
                return;
            }
            done.released = done.releasing;
        }
    }
}

TEST_CASE("killed at every byte of every file, nothing accepted is lost and nothing is torn") {
    constexpr std::uint64_t before = 20;
    constexpr std::uint64_t last = 60;
    const temporary_folder original;
    {
        file_spool spool{options(original)};
        test::restored(spool);
        line_queue queue{8192};
        for (std::uint64_t i = 0; i != before; ++i) {
            push(queue, line(i));
            if (i % 4 == 0) {
                queue.end_batch(instant{});
                REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
            }
        }
        queue.write(30);
        queue.release(30);
        REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
    }
    std::uint64_t gone = 0;
    {
        const temporary_folder copy;
        original.copy_to(copy);
        file_spool spool{options(copy)};
        gone = before - test::lines_of(test::restored(spool).text()).size();
    }
    REQUIRE(gone == 3);

    void* const page = ::mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(page != MAP_FAILED);
    auto& done = *static_cast<volatile progress*>(page);
    std::uint64_t torn = 0;
    std::uint64_t deaths = 0;
    for (rlim_t bytes = 0; bytes < 4600; bytes += bytes < 1600 ? 3 : 17) {
        const temporary_folder folder;
        original.copy_to(folder);
        done.accepted = before;
        done.released = 0;
        done.releasing = 0;
        const pid_t child = ::fork();
        if (child == 0) {
            dies_at_the_limit = true;
            rlimit limit{};
            ::getrlimit(RLIMIT_FSIZE, &limit);
            limit.rlim_cur = bytes;
            ::setrlimit(RLIMIT_FSIZE, &limit);
            run_child(folder, before, last, done);
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        deaths += WIFSIGNALED(status) ? 1 : 0;

        file_spool spool{options(folder)};
        const auto found = test::lines_of(test::restored(spool).text());
        torn += spool.counters().damaged_records;
        REQUIRE(spool.counters().damaged_records <= 1);
        // What it relied on is there, and perhaps the line that it was about to accept; a line that
        // it was about to let go may be there or not.
        const auto lines = [](std::uint64_t i, std::uint64_t end) {
            std::vector<std::string> out;
            for (; i != end; ++i) {
                out.push_back(line(i));
            }
            return out;
        };
        bool is_good = false;
        for (const std::uint64_t begin : {done.released, done.releasing}) {
            for (const std::uint64_t end : {done.accepted, done.accepted + 1}) {
                is_good = is_good || found == lines(gone + begin, end);
            }
        }
        REQUIRE(is_good);
    }
    ::munmap(page, sizeof(progress));
    CHECK(deaths > 500);
    CHECK(torn > 300);
}

}  // namespace
