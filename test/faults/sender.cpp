// SPDX-License-Identifier: BSL-1.0
//
// The library's delivery over TCP, on strings: the tests of real faults say on standard input what
// to send and when, and read what has happened and the whole account on standard output.
//
//   - `send N [BATCH]`: the next N numbered lines, in batches of BATCH or as one; waits for room
//   - `offer N`: the next N numbered lines as one batch; when there is no room, the oldest go
//   - `long BYTES [WORD]`: the next numbered line, BYTES long, with WORD in its name
//   - `settle`: waits until no line is queued or in flight, then prints `settled`
//   - `account`: prints the account
//   - `stop MS`: stops within so many milliseconds, prints `stopped MS` and the account, and ends
#include "../../example/common/arguments.hpp"

#include <backends/core/counters.hpp>
#include <backends/core/export_names.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/options.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/tcp.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace {

using backends::instant;
using backends::milliseconds;

constexpr std::array flags{
    program::flag{"destination", "LIST", "receivers, tried in order"},
    program::flag{"confirm", "LEVEL", "written, acked, acked_replay or epoch"},
    program::flag{"queue-bytes", "N", "(4194304)"},
    program::flag{"stall-timeout", "MS", "(20000)"},
    program::flag{"connect-timeout", "MS", "(20000)"},
    program::flag{"end-timeout", "MS", "(5000)"},
    program::flag{"max-backoff", "MS", "(1000)"},
    program::flag{"max-age", "MS", "(0)"},
    program::flag{"user-timeout", "MS", "(60000)"},
    program::flag{"help", "", "show this"},
};

using steady = backends::system_clock;
instant began;

double seconds_now() { return static_cast<double>((steady::steady_now() - began).value) / 1e9; }

/// How many TCP sockets this process has. A look-up that is under way has others.
int sockets() {
    int found = 0;
    for (int fd = 0; fd != 64; ++fd) {
        int type = 0;
        socklen_t size = sizeof type;
        found += ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
    }
    return found;
}

int max_sockets = 0;

/// Tells what happens, with its time.
struct news {
    void on_connected(const backends::destination& where) noexcept {
        max_sockets = std::max(max_sockets, sockets());
        std::printf("%.6f connected %s\n", seconds_now(), where.service.c_str());
    }
    void on_failure(const backends::destination& where, std::error_code why) noexcept {
        std::printf("%.6f failed %s %s %d %s\n", seconds_now(), where.service.c_str(),
                    why.category().name(), why.value(), why.message().c_str());
    }
    void on_dropped(backends::drop_reason why, backends::amount what) noexcept {
        std::printf("%.6f dropped %s %llu\n", seconds_now(), backends::to_string(why).data(),
                    static_cast<unsigned long long>(what.lines));
    }
};

template <class Confirmation>
struct level : backends::default_policies {
    using confirmation = Confirmation;
    using observer = news;
};

template <class Confirmation>
class sending {
public:
    sending(const std::string& destination, const backends::delivery_options& options,
            const backends::tcp_options& socket)
        : shipping_{backends::tcp{socket}, backends::parse_destinations(destination, 2003),
                    options} {
        shipping_.transport().on_event({});
    }

    int run() {
        while (!stopped_) {
            obey();
            drive();
        }
        account();
        return 0;
    }

private:
    static instant now() { return steady::steady_now(); }
    [[nodiscard]] const backends::delivery_counters& counters() const {
        return shipping_.lines().counters();
    }

    void drive() {
        const instant until = shipping_.step(now());
        if (const auto stalls = counters().stalls; stalls != stalls_) {
            stalls_ = stalls;
            std::printf("%.6f stalled\n", seconds_now());
        }
        if (shipping_.lines().stopped()) {
            std::printf("stopped %.3f\n", 1e3 * (seconds_now() - stop_began_));
            stopped_ = true;
            return;
        }
        const auto& lines = shipping_.lines();
        // Standard input makes no event of the transport's: look for a command meanwhile.
        shipping_.transport().arm(
            lines.wants_readable(), lines.wants_writable(),
            std::min(until, now() + (busy() ? milliseconds(20) : milliseconds(2))));
        shipping_.transport().run_one();
    }

    [[nodiscard]] bool busy() const { return left_ != 0 || settling_ || stop_began_ != 0; }

    /// Goes on with what was asked for; when that is done, looks for the next command.
    void obey() {
        if (left_ != 0) {
            send_some();
        } else if (settling_) {
            if (counters().queued.lines + counters().in_flight.lines == 0) {
                settling_ = false;
                std::printf("%.6f settled\n", seconds_now());
                std::fflush(stdout);
            }
        } else if (stop_began_ == 0) {
            read_commands();
        }
        std::fflush(stdout);
    }

    void read_commands() {
        while (!busy()) {
            if (const auto end = input_.find('\n'); end != input_.npos) {
                const std::string command = input_.substr(0, end);
                input_.erase(0, end + 1);
                perform(command);
                continue;
            }
            pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
            if (::poll(&waiting, 1, 0) == 0) {
                return;
            }
            std::array<char, 4096> room;
            const auto n = ::read(STDIN_FILENO, room.data(), room.size());
            if (n <= 0) {
                std::_Exit(3);  // the test is gone
            }
            input_.append(room.data(), static_cast<std::size_t>(n));
        }
    }

    void perform(const std::string& command) {
        std::istringstream words{command};
        std::string what;
        words >> what;
        if (what == "send") {
            words >> left_;
            batch_ = left_;
            words >> batch_;
            send_some();
        } else if (what == "offer") {
            std::uint64_t n = 0;
            for (words >> n; n != 0; --n) {
                add(0, {});
            }
            shipping_.lines().end_batch(now());
        } else if (what == "long") {
            std::size_t bytes = 0;
            std::string word;
            words >> bytes >> word;
            add(bytes, word);
            shipping_.lines().end_batch(now());
        } else if (what == "settle") {
            settling_ = true;
        } else if (what == "account") {
            account();
        } else if (what == "stop") {
            std::int64_t within = 0;
            words >> within;
            stop_began_ = seconds_now();
            shipping_.lines().stop(now(), now() + milliseconds(within));
        } else {
            std::fprintf(stderr, "unknown command: %s\n", command.c_str());
            std::_Exit(2);
        }
    }

    void send_some() {
        for (int n = 0; left_ != 0 && n != 1000 && shipping_.lines().fits(line_room); ++n) {
            add(0, {});
            --left_;
            if (left_ == 0 || (batch_ != 0 && ++in_batch_ == batch_)) {
                shipping_.lines().end_batch(now());
                in_batch_ = 0;
            }
        }
    }

    void add(std::size_t bytes, const std::string& word) {
        std::array<char, line_room> text;
        const auto i = static_cast<unsigned long long>(next_++);
        const int n = bytes == 0 ? std::snprintf(text.data(), text.size(),
                                                 "shop.web-1.disk.sda%llu.reads%llu %llu %llu\n",
                                                 i % 13, i % 7, i, 1'700'000'000 + i)
                                 : std::snprintf(text.data(), text.size(), " %llu %llu\n", i,
                                                 1'700'000'000 + i);
        const auto size = static_cast<std::size_t>(n);
        const std::string front = bytes == 0 ? std::string{} : "shop.web-1." + word;
        const std::size_t all = std::max(bytes, size + front.size());
        const std::size_t total = bytes == 0 ? size : all;
        char* room = shipping_.lines().reserve(total);
        if (room == nullptr) {
            shipping_.lines().refuse(total, 1);
            return;
        }
        std::memset(room, 'x', total);
        std::copy(front.begin(), front.end(), room);
        std::copy_n(text.data(), size, room + total - size);
        shipping_.lines().commit(total, 1);
    }

    void account() const {
        const backends::delivery_counters& c = counters();
        const auto number = [](std::string_view name, std::uint64_t value) {
            std::printf(", \"%.*s\": %llu", static_cast<int>(name.size()), name.data(),
                        static_cast<unsigned long long>(value));
        };
        std::printf("account {\"balanced\": %s", c.balanced() ? "true" : "false");
        number("accepted", c.accepted.lines);
        number("confirmed", c.confirmed.lines);
        number("in_flight", c.in_flight.lines);
        number("queued", c.queued.lines);
        number("lost", c.lost().lines);
        for (std::size_t i = 0; i != backends::drop_reasons; ++i) {
            number(backends::to_string(static_cast<backends::drop_reason>(i)), c.dropped[i].lines);
        }
        number("replayed", c.replayed.lines);
        number("sent_bytes", c.sent_bytes);
        number("received_bytes", c.received_bytes);
        number("failures", c.failures);
        number("connections", c.connections);
        number("torn_tails", c.torn_tails);
        number("stalls", c.stalls);
        number("acked_unconfirmed", c.acked_unconfirmed);
        number("sockets", static_cast<std::uint64_t>(max_sockets));
        std::printf("}\n");
        std::fflush(stdout);
    }

    static constexpr std::size_t line_room = 128;

    backends::shipping<backends::tcp, level<Confirmation>> shipping_;
    std::string input_;
    std::uint64_t next_ = 0;  // number of the next line
    std::uint64_t left_ = 0;  // lines that the current command still wants
    std::uint64_t batch_ = 0;
    std::uint64_t in_batch_ = 0;
    std::uint64_t stalls_ = 0;
    double stop_began_ = 0;
    bool settling_ = false;
    bool stopped_ = false;
};

int run(const program::arguments& given) {
    const auto time = [&](std::string_view name, std::int64_t otherwise) {
        return milliseconds(given.number<std::int64_t>(name, otherwise, 0, 1'000'000));
    };
    backends::delivery_options options{
        .queue_bytes = given.number<std::size_t>("queue-bytes", std::size_t{4} << 20U, 65536,
                                                 std::size_t{1} << 30U),
        .batches = 100'000,
        .max_age = time("max-age", 0),
        .connect_timeout = time("connect-timeout", 20'000),
        .stall_timeout = time("stall-timeout", 20'000),
        .end_timeout = time("end-timeout", 5'000),
        .max_backoff = time("max-backoff", 1'000),
    };
    options.resolve_timeout = options.connect_timeout;
    const backends::tcp_options socket{.user_timeout = time("user-timeout", 60'000)};
    const std::string destination{given.value("destination").value_or("127.0.0.1")};
    const std::string_view confirm = given.value("confirm").value_or("acked");
    began = steady::steady_now();
    if (confirm == "written") {
        return sending<backends::confirm::written>{destination, options, socket}.run();
    }
    if (confirm == "acked") {
        return sending<backends::confirm::acked>{destination, options, socket}.run();
    }
    if (confirm == "acked_replay") {
        return sending<backends::confirm::acked_replay<>>{destination, options, socket}.run();
    }
    if (confirm == "epoch") {
        return sending<backends::confirm::epoch<>>{destination, options, socket}.run();
    }
    throw backends::config_error{"--confirm", confirm,
                                 "not one of written, acked, acked_replay, epoch"};
}

}  // namespace

int main(int argc, char** argv) { return program::run("sender [FLAGS]", flags, argc, argv, run); }
