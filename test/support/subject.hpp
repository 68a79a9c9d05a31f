// SPDX-License-Identifier: BSL-1.0
//
// An exporter over TCP in each state that docs/lifetime.md has a column for. Nobody listens where
// it sends to, so that a stop with something to deliver goes on until its deadline.
#pragma once

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "support/loopback_peer.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

namespace test {

enum class way { no_way, polled, own_thread, executor };
enum class stage { driven, stopping, finished };

struct situation {
    way driven_by;
    stage at;
};

inline std::string to_string(situation s) {
    constexpr const char* ways[]{"undriven", "polled", "own thread", "executor"};
    constexpr const char* stages[]{"driven", "stopping", "finished"};
    return std::string{ways[static_cast<int>(s.driven_by)]} + ", " + stages[static_cast<int>(s.at)];
}

class subject {
public:
    using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp>;

    /// @param on_executor  its transport is on an io_context that a thread runs
    explicit subject(bool on_executor) : on_executor_{on_executor} {
        backends::options o{.destination = nobody_.address(),
                            .update_every = backends::seconds{3600},  // no cycle comes by itself
                            .self_monitoring = false};
        o.stop_within = backends::milliseconds(20);
        if (on_executor) {
            exporter_.emplace(host_, o, backends::tcp{context_.get_executor()});
        } else {
            exporter_.emplace(host_, o);
        }
    }
    explicit subject(situation s) : subject{s.driven_by == way::executor} {
        switch (s.driven_by) {
            case way::no_way: break;
            case way::polled: exporter_->poll(now()); break;
            case way::own_thread: exporter_->start(); break;
            case way::executor:
                exporter_->async_run([this](boost::system::error_code) { completed = true; });
                run_context();
                break;
        }
        if (s.at == stage::stopping) {
            static_cast<void>(chart_.record({1.0}));
            exporter_->request_stop(backends::seconds{60});
        } else if (s.at == stage::finished) {
            exporter_->stop(backends::seconds{60});
        }
    }
    subject(const subject&) = delete;
    subject& operator=(const subject&) = delete;
    /// On an executor the exporter goes on it, or while nothing runs it.
    ~subject() { pause_context(); }

    exporter* operator->() { return &*exporter_; }
    /// For the next cycle.
    void record(double value) { static_cast<void>(chart_.record({value})); }
    void destroy() {
        pause_context();
        exporter_.reset();
    }
    /// Destroys the exporter where the context's thread does not exist: in a fork's child.
    void forget() { exporter_.reset(); }
    void run_context() {
        runner_ = std::thread{[this] { context_.run(); }};
    }
    void pause_context() {
        context_.stop();
        if (runner_.joinable()) {
            runner_.join();
        }
    }
    [[nodiscard]] bool on_executor() const noexcept { return on_executor_; }
    [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

    static backends::instant now() { return backends::system_clock::steady_now(); }

    std::atomic<bool> completed{false};

private:
    closed_port nobody_;
    backends::host host_{"h"};
    backends::host::chart_type& chart_ = host_.add("c", {"d"});
    bool on_executor_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    std::optional<exporter> exporter_;
    std::thread runner_;
};

/// What a call throws, or nothing.
template <class Call>
std::error_code error_of(Call call) {
    try {
        call();
        return {};
    } catch (const std::system_error& e) {
        return e.code();
    }
}

}  // namespace test
