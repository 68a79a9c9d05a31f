// SPDX-License-Identifier: BSL-1.0
//
// What a tick of many series costs from samples in the ring until the transport has taken the last
// line: over TCP, over HTTP, and over HTTP on TLS, in turn. A row per transport: its name, the
// least time in nanoseconds a line, and that as a multiple of TCP's.
//
//   transport_cost [SERIES] [TICKS]      100000 and 30 if not said
#include <backends/bench/draining_reader.hpp>
#include <backends/bench/ship.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/tcp.hpp>

#ifdef BENCH_HAS_OPENSSL
#include <backends/transport/tls.hpp>

#include "support/certificates.hpp"
#include "support/temporary_file.hpp"
#endif

#include "answering_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <string>
#include <thread>
#include <utility>

namespace {

constexpr std::size_t window = 10;

/// Ticks over one transport.
template <class Transport>
class timed {
public:
    timed(const char* name, std::size_t series, Transport&& transport,
          const std::string& destination)
        : name_{name}, series_{series}, system_{series, std::move(transport), destination} {}

    /// The readers of the others must sleep, and its own must not: so a pause, a tick that is not
    /// timed, and one that is.
    void tick() {
        using clock = std::chrono::steady_clock;
        std::this_thread::sleep_for(std::chrono::milliseconds{40});
        system_.record(window);
        system_.tick();
        system_.settle();
        system_.record(window);
        const auto begin = clock::now();
        const backends::bench::output made = system_.tick();
        const std::chrono::duration<double, std::nano> taken = clock::now() - begin;
        system_.settle();
        if (made.lines != series_) {
            throw std::runtime_error{std::string{name_} + ": not a line a series"};
        }
        least_ = (std::min)(least_, taken.count() / static_cast<double>(series_));
    }
    void print(double reference) const {
        std::printf("%-6s %7.2f ns a line  %5.2f x\n", name_, least_, least_ / reference);
    }
    [[nodiscard]] double least() const noexcept { return least_; }

private:
    const char* name_;
    std::size_t series_;
    backends::bench::shipped_cycle<Transport> system_;
    double least_ = std::numeric_limits<double>::infinity();
};

void run(std::size_t series, long ticks) {
    using backends::http_post, backends::tcp;
    const bench::answering_reader over_http;
    timed<tcp> plain{"tcp", series, tcp{}, ""};
    timed<http_post<tcp>> http{"http", series, http_post<tcp>{}, over_http.url("http")};
#ifdef BENCH_HAS_OPENSSL
    using backends::tls;
    const test::authority trusted;
    const test::temporary_file authorities{trusted.pem()};
    const test::certificate shown = trusted.issue("localhost");
    const bench::answering_reader over_tls{bench::server_side(shown.get(), shown.key())};
    timed<http_post<tls<tcp>>> https{
        "https", series, http_post<tls<tcp>>{{}, tls<tcp>{{.ca_file = authorities.path()}}},
        over_tls.url("https")};
#endif
    for (long n = 0; n < ticks; ++n) {
        plain.tick();
        http.tick();
#ifdef BENCH_HAS_OPENSSL
        https.tick();
#endif
    }
    plain.print(plain.least());
    http.print(plain.least());
#ifdef BENCH_HAS_OPENSSL
    https.print(plain.least());
#endif
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000,
            argc > 2 ? std::strtol(argv[2], nullptr, 10) : 30);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "transport_cost: %s\n", error.what());
        return 1;
    }
    return 0;
}
