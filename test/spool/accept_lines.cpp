// SPDX-License-Identifier: BSL-1.0
//
//     accept_lines PORT SPOOL_FOLDER ACCEPTED_FILE RUN [finish]
//
// The program that kill_check.py kills. It accepts lines as fast as the receiver on PORT takes
// them, and once they are accepted it says so in ACCEPTED_FILE, which outlives it as the page of a
// file does: 8 bytes, the number of lines. Each line says which it is: the run, its number, a check
// of the two, and some more bytes, so that lines have many lengths. With `finish` it accepts none,
// and delivers what the spool had.
#include <backends/delivery/confirmation.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/queue/overflow.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/tcp.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

struct policies : backends::default_policies {
    using confirmation =
        backends::confirm::epoch<std::size_t{16} << 10>;  // receivers are killed too
    using overflow = backends::drop_newest;               // and nothing is
    using spool = backends::file_spool;
    using observer = backends::no_observer;
};

using clock = policies::clock;

class accepting {
public:
    accepting(const std::string& port, const std::string& folder)
        : shipping_{backends::tcp{},
                    backends::parse_destinations("127.0.0.1:" + port, 1),
                    settings(),
                    {},
                    {.directory = folder, .contents = "numbers", .segment_bytes = 16 << 10}} {
        shipping_.transport().on_event({});
    }

    /// False: there is no room now.
    bool accept(std::string_view line) {
        char* const room =
            shipping_.lines().fits(line.size()) ? shipping_.lines().reserve(line.size()) : nullptr;
        if (room == nullptr) {
            return false;
        }
        std::copy(line.begin(), line.end(), room);
        shipping_.lines().commit(line.size(), 1);
        return true;
    }
    /// From its return on, what was accepted before survives this process.
    void step() {
        shipping_.lines().end_batch(clock::steady_now());
        shipping_.step(clock::steady_now());
    }
    void wait(backends::nanoseconds most) {
        const backends::instant now = clock::steady_now();
        const auto& lines = shipping_.lines();
        const backends::instant until = std::min(shipping_.step(now), now + most);
        if (!lines.stopped()) {
            shipping_.transport().arm(lines.wants_readable(), lines.wants_writable(), until);
            shipping_.transport().run_one();
        }
    }
    void stop() { shipping_.lines().stop(clock::steady_now(), backends::instant::never()); }
    [[nodiscard]] bool stopped() const { return shipping_.lines().stopped(); }
    [[nodiscard]] const backends::delivery_counters& counters() const {
        return shipping_.lines().counters();
    }
    [[nodiscard]] backends::spool_counters spooled() const { return shipping_.spooled(); }

private:
    static backends::delivery_options settings() {
        backends::delivery_options d;
        d.queue_bytes = std::size_t{256} << 10;
        d.batches = 10'000;      // none is dropped for being one too many
        d.poison_limit = 1'000;  // no line is to blame
        d.min_backoff = backends::milliseconds(2);
        d.max_backoff = backends::milliseconds(20);
        return d;
    }

    backends::shipping<backends::tcp, policies> shipping_;
};

std::string line(std::uint64_t run, std::uint64_t number) {
    const auto check = static_cast<std::uint32_t>(number * 2'654'435'761U + run);
    return std::to_string(run) + ' ' + std::to_string(number) + ' ' + std::to_string(check) + ' ' +
           std::string(number % 41, 'x') + ".\n";
}

std::atomic_ref<std::uint64_t> accepted_file(const char* name) {
    const int fd = ::open(name, O_RDWR | O_CREAT, 0600);
    void* const page =
        fd < 0 || ::ftruncate(fd, sizeof(std::uint64_t)) != 0
            ? MAP_FAILED
            : ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        std::perror(name);
        std::exit(2);
    }
    return std::atomic_ref<std::uint64_t>{*static_cast<std::uint64_t*>(page)};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::fprintf(stderr, "accept_lines PORT SPOOL_FOLDER ACCEPTED_FILE RUN [finish]\n");
        return 2;
    }
    const std::string_view run_text = argv[4];
    std::uint64_t run = 0;
    std::from_chars(run_text.data(), run_text.data() + run_text.size(), run);
    const std::atomic_ref<std::uint64_t> accepted = accepted_file(argv[3]);

    accepting to{argv[1], argv[2]};
    const auto started = to.spooled();
    std::printf("restored %llu damaged %llu\n",
                static_cast<unsigned long long>(started.restored.lines),
                static_cast<unsigned long long>(started.damaged_records));
    std::fflush(stdout);

    if (argc > 5) {
        to.stop();
        while (!to.stopped()) {
            to.wait(backends::seconds{1});
        }
        return to.counters().confirmed == to.counters().accepted ? 0 : 1;
    }
    std::mt19937_64 random{run};
    for (std::uint64_t next = 0; next < 20'000 && to.counters().lost().lines == 0;) {
        for (auto n = 1 + random() % 100; n != 0 && to.accept(line(run, next)); --n) {
            ++next;
        }
        to.step();
        accepted.store(next);
        to.wait(backends::milliseconds(static_cast<std::int64_t>(random() % 2)));
    }
    while (to.counters().lost().lines == 0) {
        to.wait(backends::milliseconds(100));  // until it is killed
    }
    return 1;
}
