// SPDX-License-Identifier: BSL-1.0
//
// What a tick of many series costs from samples in the ring until the transport has taken the last
// line: over TCP, over HTTP, and over HTTP on TLS, in turn. A row per transport: its name, the
// least time in nanoseconds a line by the wall's clock, and that as a multiple of TCP's; then the
// same of the exporter's thread alone, until all is confirmed, without its waits. Then the cipher
// alone (cipher_speed.hpp), its bytes and whole records of them, and HTTPS as a multiple of what
// HTTP and either take together.
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
#ifdef BENCH_HAS_OPENSSL
#include "cipher_speed.hpp"
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace {

constexpr std::size_t window = 10;

/// TCP below another transport. Counts what it has taken.
class counted_tcp : public backends::tcp {
public:
    /// @param taken  outlives the transport
    explicit counted_tcp(std::uint64_t& taken) : taken_{&taken} {}

    backends::io_result write_some(std::span<const char> bytes) noexcept {
        return counted(backends::tcp::write_some(bytes));
    }
    backends::io_result write_pieces(std::span<const char> first, std::span<const char> second,
                                     bool more) noexcept {
        return counted(backends::tcp::write_pieces(first, second, more));
    }

private:
    backends::io_result counted(const backends::io_result& done) noexcept {
        *taken_ += done.count;
        return done;
    }
    std::uint64_t* taken_;
};

/// Ticks over one transport.
template <class Transport>
class timed {
    using nanoseconds = std::chrono::duration<double, std::nano>;

public:
    /// @param below  see watch_busy()
    timed(const char* name, std::size_t series, Transport&& transport,
          const std::string& destination, const std::uint64_t* below = nullptr)
        : name_{name}, series_{series}, system_{series, std::move(transport), destination} {
        system_.watch_busy(below);
    }

    /// The readers of the others must sleep, and its own must not: so a pause, a tick that is not
    /// timed, and one that is.
    void tick() {
        using clock = std::chrono::steady_clock;
        std::this_thread::sleep_for(std::chrono::milliseconds{40});
        system_.record(window);
        system_.tick();
        system_.settle();
        system_.record(window);
        const nanoseconds busy_before = system_.busy();
        const auto begin = clock::now();
        const backends::bench::output made = system_.tick();
        const nanoseconds taken = clock::now() - begin;
        system_.settle();
        if (made.lines != series_) {
            throw std::runtime_error{std::string{name_} + ": not a line a series"};
        }
        const auto lines = static_cast<double>(made.lines);
        wall_ = (std::min)(wall_, taken.count() / lines);
        own_ = (std::min)(own_, (system_.busy() - busy_before).count() / lines);
        bytes_ = static_cast<double>(made.bytes) / lines;
    }
    template <class Other>
    void print(const timed<Other>& reference) const {
        std::printf("%-6s %7.2f ns a line  %5.2f x   %7.2f ns of its thread  %5.2f x\n", name_,
                    wall_, wall_ / reference.wall(), own_, own_ / reference.own());
    }
    [[nodiscard]] double wall() const noexcept { return wall_; }
    [[nodiscard]] double own() const noexcept { return own_; }
    /// Bytes a line.
    [[nodiscard]] double bytes() const noexcept { return bytes_; }

private:
    const char* name_;
    std::size_t series_;
    backends::bench::shipped_cycle<Transport> system_;
    double wall_ = std::numeric_limits<double>::infinity();
    double own_ = std::numeric_limits<double>::infinity();
    double bytes_ = 0;
};

void run(std::size_t series, long ticks) {
    using backends::http_post, backends::tcp;
    const bench::answering_reader over_http;
    timed<tcp> plain{"tcp", series, tcp{}, ""};
    std::uint64_t moved = 0;
    timed<http_post<counted_tcp>> http{"http", series,
                                       http_post<counted_tcp>{{}, counted_tcp{moved}},
                                       over_http.url("http"), &moved};
#ifdef BENCH_HAS_OPENSSL
    using backends::tls;
    const test::authority trusted;
    const test::temporary_file authorities{trusted.pem()};
    const test::certificate shown = trusted.issue("localhost");
    std::atomic<int> agreed{0};
    const bench::answering_reader over_tls{bench::server_side(shown.get(), shown.key(), agreed)};
    std::uint64_t encrypted = 0;
    timed<http_post<tls<counted_tcp>>> https{
        "https", series,
        http_post<tls<counted_tcp>>{
            {}, tls<counted_tcp>{{.ca_file = authorities.path()}, counted_tcp{encrypted}}},
        over_tls.url("https"), &encrypted};
    bench::cipher_speed cipher{agreed};
#endif
    for (long n = 0; n < ticks; ++n) {
        plain.tick();
        http.tick();
#ifdef BENCH_HAS_OPENSSL
        https.tick();
        cipher.run();
#endif
    }
    plain.print(plain);
    http.print(plain);
#ifdef BENCH_HAS_OPENSSL
    https.print(plain);
    const auto print = [&](const char* of, double byte) {
        const double encrypting = byte * https.bytes();
        std::printf("%s %s: %.2f ns a line of %.0f bytes, %.2f GB/s; https: %.2f x http and it\n",
                    cipher.name().c_str(), of, encrypting, https.bytes(), 1 / byte,
                    https.own() / (http.own() + encrypting));
    };
    print("bytes", cipher.least());
    print("records", cipher.least_of_records());
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
