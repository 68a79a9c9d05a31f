// SPDX-License-Identifier: BSL-1.0
//
// A transport that lacks a part, or has one that may be missing in another form, given to an
// exporter; and a data source with such a part.
//
// mistake 1: t.half_close()
// mistake 2: t.write_some(bytes)
// mistake 3: T::proves
// mistake 4: backends: a transport's unread() is noexcept and gives a std::size_t
// mistake 6: backends: a transport that waits has on_event(waker), arm(bool, bool, instant)
// mistake 7: backends: a transport that waits has on_event(waker), arm(bool, bool, instant)
// mistake 8: backends: a transport on an executor waits, and has async_operation(
// mistake 9: backends: a transport on an executor waits, and has async_operation(
// mistake 10: backends: a transport's adopt() takes nothing
// mistake 11: backends: a transport on an executor needs #include <backends/transport/executor.hpp>
// mistake 12: backends: this transport cannot prove what the confirmation level says
// mistake 13: backends: this transport cannot prove what the confirmation level says
// mistake 5: backends: a data source has both prefetch_chart(chart) and prefetch_samples(
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/udp.hpp>

using namespace backends;

struct serial_line {
#if MISTAKE == 12
    static constexpr evidence proves = evidence::none;
#elif MISTAKE != 3
    static constexpr evidence proves = evidence::kernel;
#endif
    void resolve(const destination&) {}
    io_result resolved() { return {1, {}}; }
    void connect(std::size_t) {}
    io_result connected() { return {}; }
#if MISTAKE == 2
    io_result write_some(std::span<const char> bytes) { return {bytes.size(), {}}; }  // may throw
#else
    io_result write_some(std::span<const char> bytes) noexcept { return {bytes.size(), {}}; }
#endif
    io_result read_some(std::span<char>) noexcept { return io_result::pending(); }
    std::optional<std::size_t> unacknowledged() const noexcept { return std::nullopt; }
#if MISTAKE != 1
    void half_close() noexcept {}
#endif
    void close() noexcept {}
#if MISTAKE == 4
    static int unread() noexcept { return 0; }  // bytes are counted in std::size_t
#endif
    void abort() noexcept {}
#if MISTAKE == 6
    void poll() {}  // nobody would run it
#elif MISTAKE >= 7
    void on_event(waker) {}
    void arm(bool, bool, instant) {}
    void poll() {}
    void run_one() {}
    [[nodiscard]] static bool on_users_executor() { return false; }
#endif
#if MISTAKE == 7
    static bool wake() noexcept { return true; }  // gives nothing
#elif MISTAKE > 7
    void wake() noexcept {}
#endif
#if MISTAKE == 8
    template <class Token, class Operation>
    void async_operation(Token&&, Operation) {}
#elif MISTAKE == 9
    void finish(std::error_code) noexcept {}
#elif MISTAKE == 10
    void adopt(int) {}
#endif
};

/// As average, but that it forgets one of two hints.
struct hasty : stored<average> {
#if MISTAKE == 5
private:
    static void prefetch_samples();
#endif
};

#if MISTAKE == 11
struct some_executor {};
const tcp on_executor{some_executor{}};
#endif

#if MISTAKE == 13
using line_exporter = exporter<hasty, graphite_plaintext, udp>;  // acked is the default
#else
using line_exporter = exporter<hasty, graphite_plaintext, serial_line>;
#endif
counters use(const line_exporter& e) { return e.counters(); }
