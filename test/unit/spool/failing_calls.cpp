// SPDX-License-Identifier: BSL-1.0
//
// Every call that a spool makes of the system fails, at each of its times, with each reason that
// there may be. The calls of this program are the ones below: a program's own functions come before
// the C library's.
#include <backends/spool/file_spool.hpp>

#include "catch.hpp"
#include "spooled_lines.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace {

enum class call { none, open, read, write, data_sync, folder_sync, unlink };

/// Which call fails, when, and why. `times` calls of it pass first.
struct failing {
    call which = call::none;
    int times = 0;
    int why = 0;
    bool happened = false;
} plan;

bool fails(call now) {
    if (plan.which != now || plan.times-- != 0) {
        return false;
    }
    plan.happened = true;
    errno = plan.why;
    return true;
}

}  // namespace

extern "C" {
int openat(int folder, const char* name, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0U;
    va_end(rest);
    return fails(call::open) ? -1
                             : static_cast<int>(::syscall(SYS_openat, folder, name, flags, mode));
}
ssize_t read(int file, void* out, size_t n) {
    return fails(call::read) ? -1 : ::syscall(SYS_read, file, out, n);
}
ssize_t writev(int file, const iovec* parts, int n) {
    return fails(call::write) ? -1 : ::syscall(SYS_writev, file, parts, n);
}
int fdatasync(int file) {
    return fails(call::data_sync) ? -1 : file < 0;  // nobody waits for a real disk here
}
int fsync(int file) { return fails(call::folder_sync) ? -1 : file < 0; }
int unlinkat(int folder, const char* name, int flags) noexcept {
    return fails(call::unlink) ? -1
                               : static_cast<int>(::syscall(SYS_unlinkat, folder, name, flags));
}
}

namespace {

using backends::file_spool;
using backends::instant;
using backends::line_queue;
using backends::queue_view;
using backends::seconds;
using test::push;
using test::temporary_folder;

constexpr std::initializer_list<int> reasons{
    EIO,    ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM,   ENOENT,  EMFILE,    ENFILE,
    ENOMEM, ENXIO,  ESTALE, EINTR, EBADF, EINVAL, EBADMSG, EUCLEAN, EOPNOTSUPP};

backends::spool_options options(const temporary_folder& folder) {
    return {.directory = folder.path(),
            .contents = "graphite",
            .queue_bytes = 8192,
            .segment_bytes = 4096,
            .sync = true};
}

std::string line(std::uint64_t i) {
    return "line " + std::to_string(i) + std::string(i % 40, 'x') + "\n";
}

std::string found_by_another(const temporary_folder& folder) {
    const temporary_folder copy;
    folder.copy_to(copy);
    file_spool other{options(copy)};
    return test::restored(other).text();
}

/// Lines come and go while one call fails. At each instant what the last keep() without an error
/// saw is on disk, and when the disk serves again everything is.
void run(const failing& one, const temporary_folder& folder) {
    file_spool spool{options(folder)};
    test::restored(spool);
    line_queue queue{8192};
    std::uint64_t failures = 0;
    plan = one;
    for (std::uint64_t i = 0; i < 24; ++i) {
        for (std::uint64_t n = 0; n < 30; ++n) {
            push(queue, line(i * 30 + n));
        }
        queue.end_batch(instant{});
        queue.write(queue.unsent().size() / 2);
        queue.release(queue.sent());
        const std::error_code error =
            spool.keep(queue_view{queue}, instant{} + seconds{2 * std::int64_t(i)});
        failures += error ? 1U : 0U;
        if (plan.happened || i % 8 == 7) {
            const failing rest = plan;
            plan = {};
            if (!error) {
                REQUIRE(found_by_another(folder) == test::contents(queue).text());
            }
            REQUIRE(spool.counters().spool_failures == failures);
            plan = rest;
            plan.happened = false;
        }
    }
    const bool done = plan.times < 0;
    plan = {};
    REQUIRE((done || one.times > 0));
    REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{} + seconds{100}));
    REQUIRE(found_by_another(folder) == test::contents(queue).text());
    // Nothing is left that nobody knows of.
    REQUIRE(folder.bytes() == spool.disk_bytes());
}

}  // namespace

TEST_CASE("whatever call fails while lines are kept, for whatever reason, nothing is lost by it") {
    for (const call which :
         {call::open, call::write, call::data_sync, call::folder_sync, call::unlink}) {
        for (const int why : reasons) {
            if (which == call::unlink && why == ENOENT) {
                continue;  // then it is deleted
            }
            for (const int times : {0, 1, 2, 5}) {
                INFO("call " << static_cast<int>(which) << ", after " << times << ", error "
                             << why);
                const temporary_folder folder;
                run({which, times, why}, folder);
            }
        }
    }
}

TEST_CASE("whatever call fails at the start: it starts without the damage, or says why not") {
    for (const call which : {call::open, call::read}) {
        for (const int why : reasons) {
            for (int times = 0; times < 8; ++times) {
                INFO("call " << static_cast<int>(which) << ", after " << times << ", error "
                             << why);
                const temporary_folder folder;
                std::string before;
                {
                    file_spool spool{options(folder)};
                    test::restored(spool);
                    line_queue queue{8192};
                    for (std::uint64_t i = 0; i < 200; ++i) {
                        push(queue, line(i));
                    }
                    REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
                    before = test::contents(queue).text();
                }
                plan = {which, times, why};
                std::string found;
                std::uint64_t damaged = 0;
                bool refused = false;
                try {
                    file_spool spool{options(folder)};
                    found = test::restored(spool).text();
                    damaged = spool.counters().damaged_records;
                } catch (const backends::config_error&) {
                    refused = true;
                }
                const bool happened = plan.happened;
                plan = {};
                if (refused || damaged != 0) {
                    REQUIRE(happened);
                } else {
                    REQUIRE(found == before);
                }
                if (refused) {  // and nothing was touched
                    REQUIRE(found_by_another(folder) == before);
                }
                // What a disk says of a place that is lost keeps nobody from starting.
                if (which == call::read && (why == EIO || why == EUCLEAN || why == EBADMSG)) {
                    REQUIRE_FALSE(refused);
                }
            }
        }
    }
}
