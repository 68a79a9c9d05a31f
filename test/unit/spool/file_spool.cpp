// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/file_spool.hpp>

#include "catch.hpp"
#include "spooled_lines.hpp"
#include "support/temporary_folder.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using backends::config_error;
using backends::file_spool;
using backends::instant;
using backends::line_queue;
using backends::queue_view;
using backends::spool_options;
using test::batches;
using test::push;
using test::temporary_folder;

spool_options options(const temporary_folder& folder, std::size_t queue_bytes = 4096) {
    return {.directory = folder.path(),
            .contents = "graphite",
            .queue_bytes = queue_bytes,
            .segment_bytes = 4096};
}

/// What a process that is started now would find: in a copy, because this process has the lock.
batches found_by_another(const temporary_folder& folder, std::size_t queue_bytes = 4096) {
    const temporary_folder copy;
    folder.copy_to(copy);
    file_spool other{options(copy, queue_bytes)};
    return test::restored(other);
}

/// The same lines. An end of a batch may be missing, when it came after its lines were written.
bool is_kept(const batches& found, const batches& wanted) {
    std::vector<std::size_t> ends;
    std::size_t at = 0;
    for (const std::string& batch : wanted.ended) {
        ends.push_back(at += batch.size());
    }
    at = 0;
    for (const std::string& batch : found.ended) {
        if (std::find(ends.begin(), ends.end(), at += batch.size()) == ends.end()) {
            return false;
        }
    }
    return found.text() == wanted.text();
}

std::string line(std::uint64_t i) { return "line " + std::to_string(i) + "\n"; }

/// What a construction and a start throw.
std::string refusal(const spool_options& o) {
    try {
        file_spool spool{o};
        test::restored(spool);
    } catch (const config_error& e) {
        return e.what();
    }
    return "";
}
/// The caller says how many lines they were, and nobody asks here.
void drop_all(line_queue& queue) { static_cast<void>(queue.clear(0)); }

TEST_CASE("what is in the queue is there at the next start, in the same batches") {
    const temporary_folder folder;
    line_queue queue{4096};
    {
        file_spool spool{options(folder)};
        CHECK(test::restored(spool) == batches{});
        push(queue, "a 1 1\nb 2 2\n");
        queue.end_batch(instant{});
        push(queue, "c 3 3\n");
        queue.end_batch(instant{});
        push(queue, "d 4 4\n");
        CHECK_FALSE(spool.keep(queue_view{queue}, instant{}));
        CHECK(found_by_another(folder) == test::contents(queue));
    }
    file_spool spool{options(folder)};
    CHECK(test::restored(spool) == test::contents(queue));
    CHECK(spool.counters().restored == backends::amount{4, 24});
    CHECK(spool.counters().damaged_records == 0);
}

TEST_CASE("what has left the queue does not come back") {
    const temporary_folder folder;
    line_queue queue{4096};
    file_spool spool{options(folder)};
    test::restored(spool);
    for (std::uint64_t i = 0; i < 8; ++i) {
        push(queue, line(i));
        queue.end_batch(instant{});
    }
    spool.keep(queue_view{queue}, instant{});
    queue.write(7 + 7 + 3);  // 0, 1, and a part of 2
    queue.release(7 + 7 + 3);
    spool.keep(queue_view{queue}, instant{});
    CHECK(found_by_another(folder).text() ==
          line(2) + line(3) + line(4) + line(5) + line(6) + line(7));
    queue.drop_oldest_batch();  // 3
    queue.drop_newest_batch();  // 7
    spool.keep(queue_view{queue}, instant{});
    CHECK(found_by_another(folder).text() == line(2) + line(4) + line(5) + line(6));
    push(queue, line(8));
    queue.end_batch(instant{});
    spool.keep(queue_view{queue}, instant{});
    CHECK(found_by_another(folder) == test::contents(queue));
    drop_all(queue);
    spool.keep(queue_view{queue}, instant{});
    CHECK(found_by_another(folder) == batches{});
}

TEST_CASE("an empty spool leaves no segment") {
    const temporary_folder folder;
    line_queue queue{4096};
    {
        file_spool spool{options(folder)};
        test::restored(spool);
        push(queue, line(1));
        spool.keep(queue_view{queue}, instant{});
        CHECK(folder.files(".spool").size() == 1);
        drop_all(queue);
        spool.keep(queue_view{queue}, instant{});
    }
    CHECK(folder.files(".spool").empty());
}

TEST_CASE("without a folder nothing is kept and nothing fails") {
    line_queue queue{4096};
    file_spool spool{spool_options{}};
    CHECK(test::restored(spool) == batches{});
    push(queue, line(1));
    CHECK(spool.keep(queue_view{queue}, instant{}) == std::errc::operation_not_supported);
    CHECK(spool.counters() == backends::spool_counters{});
}

TEST_CASE("whatever happens to the queue, what is in it is what comes back") {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        std::mt19937 random{seed};
        const temporary_folder folder;
        std::optional<file_spool> spool;
        spool.emplace(options(folder));
        test::restored(*spool);
        std::optional<line_queue> queue;
        queue.emplace(4096);
        std::uint64_t next = 0;
        for (int step = 0; step < 200; ++step) {
            for (auto n = random() % 4; n != 0; --n) {
                switch (random() % 9) {
                    case 0:
                    case 1:
                    case 2:
                        for (auto lines = 1 + random() % 20; lines != 0; --lines) {
                            while (!push(*queue, line(next))) {
                                if (queue->drop_oldest_batch().lines == 0) {
                                    queue->rewind();
                                    drop_all(*queue);
                                }
                            }
                            ++next;
                        }
                        break;
                    case 3: queue->end_batch(instant{}); break;
                    case 4:
                        queue->write(std::min<std::size_t>(random() % 60, queue->unsent().size()));
                        break;
                    case 5: queue->release(random() % (queue->sent() + 1)); break;
                    case 6: queue->drop_oldest_batch(); break;
                    case 7: queue->drop_oldest_line(); break;
                    case 8:
                        if (random() % 4 == 0) {
                            queue->rewind();
                        } else {
                            queue->drop_newest_batch();
                        }
                        break;
                }
            }
            REQUIRE_FALSE(spool->keep(queue_view{*queue}, instant{}));
            if (step % 8 == 0) {
                REQUIRE(is_kept(found_by_another(folder), test::contents(*queue)));
            }
            REQUIRE(folder.bytes() == spool->disk_bytes());
            if (random() % 50 == 0) {  // the process ends, and another one starts
                const batches before = test::contents(*queue);
                spool.emplace(options(folder));
                queue.emplace(4096);
                spool->restore([&](std::string_view lines, bool ends_batch) {
                    push(*queue, lines);
                    if (ends_batch) {
                        queue->end_batch(instant{});
                    }
                });
                REQUIRE(is_kept(test::contents(*queue), before));
            }
        }
        CHECK(spool->counters().spool_failures == 0);
        CHECK(spool->counters().damaged_records == 0);
    }
}

TEST_CASE("any number of gaps in the queue") {
    const temporary_folder folder;
    file_spool spool{options(folder)};
    test::restored(spool);
    line_queue queue{4096};
    for (std::uint64_t i = 0; i < 300; ++i) {
        push(queue, line(i));
    }
    for (int i = 0; i < 140; ++i) {
        queue.write(queue.unsent().find('\n') + 1);
        queue.drop_oldest_line();
        REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
        if (i % 20 == 0) {
            REQUIRE(found_by_another(folder) == test::contents(queue));
        }
    }
    CHECK(queue_view{queue}.numbering() != 0);
    CHECK(found_by_another(folder) == test::contents(queue));
}

TEST_CASE("the folder must be one, writable, and nobody else's") {
    const temporary_folder folder;
    const auto with = [&](const std::string& directory) {
        spool_options o = options(folder);
        o.directory = directory;
        return refusal(o);
    };
    CHECK(with(folder.path("none")) ==
          "spool_directory = " + folder.path("none") + ": No such file or directory");
    temporary_folder::write(folder.path("file"), "");
    CHECK(with(folder.path("file")) ==
          "spool_directory = " + folder.path("file") + ": Not a directory");
    CHECK(with("/proc/self").find("spool_directory = /proc/self: cannot be written to: ") == 0);

    const file_spool first{options(folder)};
    CHECK(refusal(options(folder)) ==
          "spool_directory = " + folder.path() + ": is in use by another exporter or process");
}

TEST_CASE("what is no file, or a whole segment of other lines, is refused and stays as it is") {
    const temporary_folder folder;
    const std::string name = folder.path("0000000000000001.spool");
    REQUIRE(::mkfifo(name.c_str(), 0600) == 0);  // reading it would wait for ever
    CHECK(refusal(options(folder)).find("is not a segment of a spool") != std::string::npos);
    std::filesystem::remove(name);

    line_queue queue{4096};
    push(queue, line(1));
    {
        file_spool spool{options(folder)};
        test::restored(spool);
        spool.keep(queue_view{queue}, instant{});
    }
    spool_options json = options(folder);
    json.contents = "json";
    CHECK(refusal(json) == "spool_directory = " + folder.path() +
                               ": 0000000000000001.spool holds lines of graphite, not of json");
    // A segment under another's name is none either.
    std::filesystem::rename(folder.files(".spool")[0], folder.path("0000000000000007.spool"));
    CHECK(refusal(options(folder)).find("is a segment of a spool, but not the one of that name") !=
          std::string::npos);
}

TEST_CASE("files with other names are left alone") {
    const temporary_folder folder;
    for (const char* name :
         {"README", "1.spool", "0000000000000001.spool.bak", "000000000000000A.spool"}) {
        temporary_folder::write(folder.path(name), "text");
    }
    CHECK(refusal(options(folder)).empty());
    CHECK(temporary_folder::read(folder.path("1.spool")) == "text");
}

TEST_CASE("a queue that is too small for what is kept is refused, and nothing is lost") {
    const temporary_folder folder;
    line_queue queue{4096};
    while (push(queue, line(1))) {}
    {
        file_spool spool{options(folder)};
        test::restored(spool);
        spool.keep(queue_view{queue}, instant{});
    }
    CHECK(refusal(options(folder, 4000)) ==
          "queue_bytes = 4000: the spool in " + folder.path() + " keeps 4095 bytes of lines");
    CHECK(found_by_another(folder) == test::contents(queue));
}

TEST_CASE("numbers that cannot work are refused") {
    const temporary_folder folder;
    spool_options o = options(folder);
    o.segment_bytes = 4095;
    CHECK(refusal(o) == "segment_bytes = 4095: must be 4096 or more");
    o = options(folder, (std::size_t{1} << 31U) + 1);
    CHECK(refusal(o) == "queue_bytes = 2147483649: must be 2147483648 or less with a spool");
}

TEST_CASE("two instances in turn never write over each other's segments") {
    const temporary_folder folder;
    std::string wanted;
    for (std::uint64_t i = 0; i < 20; ++i) {
        line_queue queue{4096};
        file_spool spool{options(folder)};
        spool.restore([&](std::string_view lines, bool) { push(queue, lines); });
        REQUIRE(test::contents(queue).text() == wanted);
        push(queue, line(i));
        wanted += line(i);
        REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
    }
}

TEST_CASE("lines survive with sync as without") {
    const temporary_folder folder;
    spool_options o = options(folder);
    o.sync = true;
    line_queue queue{4096};
    {
        file_spool spool{o};
        test::restored(spool);
        for (std::uint64_t i = 0; i < 10; ++i) {
            push(queue, line(i));
            queue.end_batch(instant{});
            REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
        }
    }
    CHECK(found_by_another(folder).text() == test::contents(queue).text());
}

// ---- the bound on disk

TEST_CASE("the disk holds a bounded multiple of the queue, however long nobody takes the lines") {
    constexpr std::size_t queue_bytes = 64 << 10;
    constexpr std::size_t segment = 8 << 10;
    const auto with = [&](std::size_t lines_per_batch, bool something_in_flight, auto check) {
        const temporary_folder folder;
        spool_options o = options(folder, queue_bytes);
        o.segment_bytes = segment;
        file_spool spool{o};
        test::restored(spool);
        line_queue queue{queue_bytes};
        std::uint64_t most = 0;
        for (std::uint64_t i = 0; i < 40'000; ++i) {
            while (!push(queue, line(i))) {
                REQUIRE(queue.drop_oldest_batch().lines != 0);
            }
            if (something_in_flight && i == 10) {
                queue.write(5);
            }
            if (i % lines_per_batch == 0) {
                queue.end_batch(instant{});
                REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
                most = std::max(most, spool.disk_bytes());
            }
        }
        CHECK(folder.bytes() == spool.disk_bytes());
        REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
        CHECK(found_by_another(folder, queue_bytes).text() == test::contents(queue).text());
        check(most);
    };
    // Usual batches: what is in the queue, and two segments.
    with(200, false, [](std::uint64_t most) { CHECK(most <= queue_bytes + 2 * segment); });
    with(200, true, [](std::uint64_t most) { CHECK(most <= queue_bytes + 3 * segment); });
    // A batch is a line here, and its record longer than it: several times as much as the lines.
    with(1, false, [](std::uint64_t most) { CHECK(most <= 3 * queue_bytes + 5 * segment); });
    with(1, true, [](std::uint64_t most) { CHECK(most <= 3 * queue_bytes + 5 * segment); });
}

// ---- a disk that fails

/// The disk is full, as far as this process is concerned: no file may grow beyond `bytes`. The
/// signal that says so ends the process, as it does everywhere.
class full_disk {
public:
    explicit full_disk(rlim_t bytes) : before_handler_{std::signal(SIGXFSZ, SIG_DFL)} {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, before_handler_);
    }

private:
    void (*before_handler_)(int);
    rlimit before_{};
};

TEST_CASE("a full disk loses nothing from memory, is counted, and is tried again every second") {
    const temporary_folder folder;
    line_queue queue{4096};
    file_spool spool{options(folder)};
    test::restored(spool);
    push(queue, line(1));
    queue.end_batch(instant{});
    REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
    const auto second = [](std::int64_t n) { return instant{} + backends::seconds{n}; };
    {
        const full_disk full{300};  // in the middle of a record
        for (std::uint64_t i = 2; i < 50; ++i) {
            push(queue, line(i));
        }
        queue.end_batch(instant{});
        CHECK(spool.keep(queue_view{queue}, second(10)));
        CHECK(spool.counters().spool_failures == 1);
        CHECK(spool.keep(queue_view{queue}, second(10) + backends::milliseconds(999)));
        CHECK(spool.counters().spool_failures == 1);
        CHECK(found_by_another(folder).text().find(line(1)) == 0);
        CHECK(spool.keep(queue_view{queue}, second(11)));
        CHECK(spool.counters().spool_failures == 2);
        for (std::int64_t i = 12; i < 40; ++i) {
            CHECK(spool.keep(queue_view{queue}, second(i)));
        }
        CHECK(folder.files(".spool").size() <= 2);  // what failed leaves no files
    }
    CHECK_FALSE(spool.keep(queue_view{queue}, second(41)));
    CHECK(found_by_another(folder) == test::contents(queue));
    CHECK(folder.files(".spool").size() == 1);
    push(queue, line(50));
    CHECK_FALSE(spool.keep(queue_view{queue}, second(41)));
    CHECK(found_by_another(folder) == test::contents(queue));
}

TEST_CASE("the signal of a file's limit is the program's own: neither taken nor left behind") {
    const temporary_folder folder;
    line_queue queue{4096};
    file_spool spool{options(folder)};
    test::restored(spool);
    sigset_t signal{};
    ::sigemptyset(&signal);
    ::sigaddset(&signal, SIGXFSZ);
    const auto is_pending = [] {
        sigset_t pending{};
        ::sigpending(&pending);
        return ::sigismember(&pending, SIGXFSZ) == 1;
    };
    const full_disk full{10};
    push(queue, line(1));
    REQUIRE(spool.keep(queue_view{queue}, instant{}) == std::errc::file_too_large);
    sigset_t mask{};
    REQUIRE(::pthread_sigmask(SIG_BLOCK, &signal, &mask) == 0);
    CHECK(::sigismember(&mask, SIGXFSZ) == 0);  // as it was
    CHECK_FALSE(is_pending());
    ::raise(SIGXFSZ);  // the program's
    CHECK(spool.keep(queue_view{queue}, instant{} + backends::seconds{2}) ==
          std::errc::file_too_large);
    CHECK(is_pending());
    int taken = 0;
    REQUIRE(::sigwait(&signal, &taken) == 0);
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

TEST_CASE("a disk that is full at the start keeps what is on it") {
    const temporary_folder folder;
    line_queue queue{4096};
    for (std::uint64_t i = 0; i < 50; ++i) {
        push(queue, line(i));
    }
    {
        file_spool spool{options(folder)};
        test::restored(spool);
        REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
    }
    const std::string before = test::contents(queue).text();
    {
        const full_disk full{10};
        file_spool spool{options(folder)};
        CHECK(test::restored(spool).text() == before);
        CHECK(spool.keep(queue_view{queue}, instant{}));
        CHECK(spool.counters().spool_failures == 1);
    }
    CHECK(found_by_another(folder).text() == before);
}

TEST_CASE("every size of a full disk: what comes back is whole lines, none of them new to nobody") {
    for (rlim_t bytes = 0; bytes < 700; bytes += 7) {
        const temporary_folder folder;
        line_queue queue{4096};
        file_spool spool{options(folder)};
        test::restored(spool);
        std::vector<std::string> accepted;
        std::size_t kept = 0;
        {
            const full_disk full{bytes};
            for (std::uint64_t i = 0; i < 30; ++i) {
                push(queue, line(i));
                queue.end_batch(instant{});
                accepted.push_back(line(i));
                if (!spool.keep(queue_view{queue},
                                instant{} + backends::seconds{1 + std::int64_t(i)})) {
                    kept = accepted.size();
                }
            }
        }
        const auto found = test::lines_of(found_by_another(folder).text());
        REQUIRE(found.size() >= kept);
        accepted.resize(found.size());
        REQUIRE(found == accepted);
    }
}

// ---- processes

TEST_CASE("a child of fork() writes nothing and removes nothing") {
    const temporary_folder folder;
    line_queue queue{4096};
    std::optional<file_spool> spool;
    spool.emplace(options(folder));
    test::restored(*spool);
    push(queue, line(1));
    REQUIRE_FALSE(spool->keep(queue_view{queue}, instant{}));
    const std::uint64_t bytes = folder.bytes();
    const pid_t child = ::fork();
    if (child == 0) {
        drop_all(queue);
        const bool refused = static_cast<bool>(spool->keep(queue_view{queue}, instant{}));
        spool.reset();
        ::_exit(refused ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(folder.bytes() == bytes);
    CHECK(found_by_another(folder) == test::contents(queue));
    // The child's copy of the lock is gone with it, ours is not.
    CHECK(refusal(options(folder)).find("in use") != std::string::npos);
}

}  // namespace
