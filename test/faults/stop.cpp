// SPDX-License-Identifier: BSL-1.0
//
// stop(500 ms) in every state that an exporter can be in, on real sockets, with each way of driving
// it: on its own thread, on an executor, and polled. It must be back within 550 ms.
//
// The machine may be busy. What is measured is therefore the time by a clock, less what this thread
// was ready to run and not let: the scheduler counts that.
#include <backends/exporter/exporter.hpp>

#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using backends::milliseconds;
using backends::options;
using backends::seconds;
using namespace std::chrono_literals;

namespace {

constexpr auto given = milliseconds(500);
constexpr auto allowed = 550ms;

/// Asks a name server that takes the question and never answers, and waits on its socket as
/// getaddrinfo() does: on a thread that nobody waits for.
class unanswered_resolver {
public:
    unanswered_resolver() : asked_{std::make_shared<question>()} {}

    void start(const backends::destination&, backends::waker) {
        std::thread{[q = asked_] {
            char answer = 0;
            static_cast<void>(::recv(q->ours, &answer, 1, 0));  // until the socket is gone
        }}.detach();
    }
    std::optional<backends::resolution> result() { return std::nullopt; }
    void forget() noexcept {}

private:
    struct question {
        int server = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int ours = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        question() {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            socklen_t size = sizeof address;
            ::bind(server, reinterpret_cast<sockaddr*>(&address), size);
            ::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size);
            ::connect(ours, reinterpret_cast<sockaddr*>(&address), size);
            static_cast<void>(::send(ours, "?", 1, 0));
            const timeval most{5, 0};
            ::setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
        }
        question(const question&) = delete;
        question& operator=(const question&) = delete;
        ~question() {
            ::close(ours);
            ::close(server);
        }
    };
    std::shared_ptr<question> asked_;
};

/// A loopback port whose queue of connections is full: connecting to it is not answered.
class full_listener {
public:
    full_listener() : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 0) == 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        for (int i = 0; i != 4; ++i) {
            fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            ::connect(fillers_.back(), reinterpret_cast<sockaddr*>(&address), size);
        }
    }
    full_listener(const full_listener&) = delete;
    full_listener& operator=(const full_listener&) = delete;
    ~full_listener() {
        for (const int filler : fillers_) {
            ::close(filler);
        }
        ::close(listener_);
    }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    int listener_;
    std::uint16_t port_ = 0;
    std::vector<int> fillers_;
};

/// A receiver that its own thread serves: it reads, or leaves everything where it is.
class served_peer {
public:
    explicit served_peer(bool reads, int buffer = 0) : peer_{0, buffer} {
        peer_.reads = reads;
        thread_ = std::thread{[this] {
            while (!over_) {
                peer_.step();
            }
        }};
    }
    served_peer(const served_peer&) = delete;
    served_peer& operator=(const served_peer&) = delete;
    ~served_peer() {
        over_ = true;
        thread_.join();
    }
    [[nodiscard]] std::string address() const { return peer_.address(); }

private:
    test::loopback_peer peer_;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

struct certain : backends::default_policies {
    using confirmation = backends::confirm::epoch<>;
};

template <class Policies = backends::default_policies, class Transport = backends::tcp>
using exporter_of = backends::exporter<backends::sum, backends::graphite_plaintext, Transport,
                                       backends::host, Policies>;

/// A host that gives a line a second for each of its dimensions, and an exporter's options.
struct recorded {
    backends::host host{"h"};
    backends::chart* chart = nullptr;
    std::size_t width;

    explicit recorded(std::size_t dimensions) : width{dimensions} {
        std::vector<std::string> names;
        for (std::size_t i = 0; i != dimensions; ++i) {
            names.push_back("dimension-with-a-long-name-" + std::to_string(i));
        }
        const std::vector<backends::new_dimension> all{names.begin(), names.end()};
        chart = &host.add("c", all);
        record();
    }
    /// A second row in one slot is refused: what matters is that there is one.
    void record() const { static_cast<void>(chart->record(std::vector<double>(width, 1.0))); }

    static options settings(std::string destination) {
        return {.destination = std::move(destination),
                .update_every = seconds{1},
                .timeout = seconds{60},
                .self_monitoring = false};
    }
};

enum class driving : std::uint8_t { thread, executor, polling };

/// How long this thread has been ready to run and was not let.
std::chrono::nanoseconds kept_waiting() {
    std::FILE* const f = std::fopen("/proc/thread-self/schedstat", "r");
    if (f == nullptr) {
        return {};
    }
    long long ran = 0;
    long long waited = 0;
    const int fields = std::fscanf(f, "%lld %lld", &ran, &waited);
    std::fclose(f);
    return std::chrono::nanoseconds{fields == 2 ? waited : 0};
}

/// What came of one stop.
struct outcome {
    bool there = false;  ///< it was in the state that was wanted
    std::chrono::duration<double, std::milli> took{};
    bool balanced = false;
    std::uint64_t undecided = 0;  ///< lines neither confirmed nor dropped
};

template <class Exporter, class There, class Step>
outcome stopped(Exporter& e, There there, Step step) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!there(e.counters())) {
        if (std::chrono::steady_clock::now() > end) {
            return {};
        }
        step();
        ::poll(nullptr, 0, 1);
    }
    const auto waited = kept_waiting();
    const auto begin = std::chrono::steady_clock::now();
    const backends::stop_result result = e.stop(given);
    const auto took = std::chrono::steady_clock::now() - begin - (kept_waiting() - waited);
    const auto& c = result.counters;
    return {true, took, c.balanced(), c.in_flight.lines + c.queued.lines};
}

/// Brings an exporter into a state and stops it. `there(counters)` says whether it is in that
/// state; no time is waited for, only that.
template <class Policies, class Resolver, class There>
outcome stopped_in(driving how, const std::string& destination, There there,
                   std::size_t dimensions) {
    using transport = backends::basic_tcp<Resolver>;
    using exporter = exporter_of<Policies, transport>;
    recorded data{dimensions};
    const options o = recorded::settings(destination);
    const auto nothing = [] {};
    if (how == driving::thread) {
        exporter e{data.host, o};
        e.start();
        return stopped(e, there, nothing);
    }
    if (how == driving::polling) {
        exporter e{data.host, o};
        return stopped(e, there, [&e] { e.poll(backends::system_clock::steady_now()); });
    }
    boost::asio::io_context context;
    exporter e{data.host, o, transport{context.get_executor()}};
    std::future<void> done = e.async_run(boost::asio::use_future);
    std::thread runner{[&context] { context.run(); }};
    const outcome result = stopped(e, there, nothing);
    if (!result.there) {
        e.request_stop(given);
    }
    runner.join();
    return result;
}

/// All three ways at once.
template <class Policies = backends::default_policies, class Resolver = backends::thread_resolver,
          class There>
void stops(const std::vector<std::string>& destinations, There there, std::size_t dimensions = 1) {
    std::vector<std::future<outcome>> ways;
    for (const driving how : {driving::thread, driving::executor, driving::polling}) {
        const std::string& to = destinations[ways.size() % destinations.size()];
        ways.push_back(std::async(std::launch::async, [=] {
            return stopped_in<Policies, Resolver>(how, to, there, dimensions);
        }));
    }
    const char* names[] = {"thread", "executor", "polling"};
    for (std::size_t i = 0; i != ways.size(); ++i) {
        const outcome result = ways[i].get();
        INFO(names[i] << " took " << result.took.count() << " ms");
        CHECK(result.there);
        CHECK(result.took <= allowed);
        CHECK(result.balanced);
        CHECK(result.undecided == 0);
    }
}

std::vector<std::string> addresses(const served_peer (&peers)[3]) {
    return {peers[0].address(), peers[1].address(), peers[2].address()};
}

const auto at_once = [](const backends::counters&) { return true; };
const auto has_ticked = [](const backends::counters& c) { return c.ticks > 0; };

}  // namespace

TEST_CASE("stop of an exporter that was never started") {
    recorded data{1};
    exporter_of<> e{data.host, recorded::settings("127.0.0.1:1")};
    const auto begin = std::chrono::steady_clock::now();
    e.stop(given);
    CHECK(std::chrono::steady_clock::now() - begin < allowed);
}

TEST_CASE("stop before the first cycle") {
    const test::closed_port nobody;
    stops({nobody.address()}, at_once);
}

TEST_CASE("stop while the name server does not answer") {
    stops<backends::default_policies, unanswered_resolver>({"nowhere:2003"}, has_ticked);
}

TEST_CASE("stop while connecting to somebody who never accepts") {
    const full_listener full;
    stops({full.address()}, has_ticked);
}

TEST_CASE("stop with an idle connection") {
    const served_peer peers[3]{served_peer{true}, served_peer{true}, served_peer{true}};
    stops(addresses(peers), [](const backends::counters& c) {
        return c.confirmed.lines > 0 && c.confirmed == c.accepted;
    });
}

TEST_CASE("stop while the receiver's window is shut") {
    const served_peer peers[3]{served_peer{false, 4096}, served_peer{false, 4096},
                               served_peer{false, 4096}};
    // More than the receiver's buffer and what may be in flight: nothing moves at the end.
    stops(
        addresses(peers),
        [](const backends::counters& c) {
            return c.connections > 0 && c.in_flight.lines > 0 && c.queued.lines > 0;
        },
        5000);
}

TEST_CASE("stop while an epoch's end is awaited") {
    // Each takes everything, and neither reads nor closes.
    const served_peer peers[3]{served_peer{false}, served_peer{false}, served_peer{false}};
    stops<certain>(addresses(peers), [](const backends::counters& c) {
        return c.connections > 0 && c.in_flight.lines > 0 && c.queued.lines == 0;
    });
}

TEST_CASE("stop in the back-off") {
    const test::closed_port nobody;
    stops({nobody.address()}, [](const backends::counters& c) { return c.failures >= 2; });
}
