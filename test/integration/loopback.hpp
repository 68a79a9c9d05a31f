// SPDX-License-Identifier: BSL-1.0
//
// An exporter and loopback peers, stepped by one thread. Time is the test's own: a millisecond a
// step, so that time-outs of minutes pass at once and every run is alike.
#pragma once

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/parser.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/tcp.hpp>

#include "support/loopback_peer.hpp"
#include "support/stepped_clock.hpp"

#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace test {

/// Keeps what it is told.
struct recording_observer {
    std::vector<std::error_code>* failures = nullptr;

    void on_failure(const backends::destination&, std::error_code why) noexcept {
        failures->push_back(why);
    }
};

template <class Confirmation = backends::confirm::acked, class Overflow = backends::drop_oldest>
struct stepped : backends::default_policies {
    using confirmation = Confirmation;
    using overflow = Overflow;
    using clock = stepped_clock;
    using observer = recording_observer;
};

/// One chart with one dimension; each second it is given the next number, so that the receivers'
/// lines tell which samples arrived, how often, and in what order.
template <class Policies = stepped<>, class Transport = backends::tcp>
class exported {
public:
    using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, Transport,
                                        backends::host, Policies>;

    explicit exported(backends::options o, Transport transport = Transport{})
        : exporter_{host_, with_defaults(std::move(o)), std::move(transport), {&failures_}} {
        exporter_.poll(stepped_clock::steady);
    }

    exported(const exported&) = delete;
    exported& operator=(const exported&) = delete;
    ~exported() {
        exporter_.request_stop(backends::seconds{1});
        until([this] { return exporter_.finished(); });
    }

    exporter* operator->() { return &exporter_; }

    /// A sample is recorded and a second goes by, so that a cycle is due.
    template <class... Peers>
    void second(Peers&... peers) {
        static_cast<void>(chart_.record(++stepped_clock::wall, {static_cast<double>(++samples_)}));
        stepped_clock::steady = stepped_clock::steady + backends::seconds{1};
        step(peers...);
    }

    template <class... Peers>
    void step(Peers&... peers) {
        stepped_clock::steady = stepped_clock::steady + backends::milliseconds(1);
        exporter_.poll(stepped_clock::steady);
        (peers.step(), ...);
    }

    /// Steps until the condition holds; false when it has not within a minute of steps.
    template <class Condition, class... Peers>
    bool until(Condition condition, Peers&... peers) {
        for (int i = 0; i < 60'000; ++i) {
            if (condition()) {
                return true;
            }
            step(peers...);
        }
        return false;
    }

    template <class... Peers>
    bool until_confirmed(Peers&... peers) {
        return until([&] { return counters().confirmed == counters().accepted; }, peers...);
    }

    [[nodiscard]] backends::counters counters() const { return exporter_.counters(); }
    [[nodiscard]] int samples() const noexcept { return samples_; }
    [[nodiscard]] const std::vector<std::error_code>& failures() const noexcept {
        return failures_;
    }

private:
    static backends::options with_defaults(backends::options o) {
        o.update_every = backends::seconds{1};
        o.self_monitoring = false;
        return o;
    }

    backends::host host_{"web-1"};
    decltype(std::declval<backends::host&>().add("app.queue", {"depth"})) chart_ =
        host_.add("app.queue", {"depth"});
    std::vector<std::error_code> failures_;
    exporter exporter_;
    int samples_ = 0;
};

/// The numbers in Graphite lines; stops at a line without an end, throws on a malformed one.
inline std::vector<int> numbers_in(const std::string& text) {
    std::vector<int> numbers;
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
        const std::string line = text.substr(begin, end - begin);
        std::istringstream fields{line};
        std::string name;
        double value = 0;
        std::int64_t time = 0;
        if (!(fields >> name >> value >> time) || name != "netdata.web-1.app.queue.depth") {
            throw std::runtime_error{"malformed line: " + line};
        }
        numbers.push_back(static_cast<int>(value));
    }
    return numbers;
}

inline std::vector<int> numbers_in(const std::vector<std::string>& connections) {
    std::vector<int> all;
    for (const std::string& one : connections) {
        const auto numbers = numbers_in(one);
        all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
}

inline std::vector<int> up_to(int n, int first = 1) {
    std::vector<int> all;
    for (int i = first; i <= n; ++i) {
        all.push_back(i);
    }
    return all;
}

}  // namespace test
