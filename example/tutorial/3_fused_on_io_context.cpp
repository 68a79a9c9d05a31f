// SPDX-License-Identifier: BSL-1.0
//
// The exporter as one more coroutine of a program that has its own io_context: no thread is started
// but the resolver's. Averages and maxima of every dimension come from one walk over the samples.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/maximum.hpp>
#include <backends/storage/host.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace asio = boost::asio;
using namespace std::chrono_literals;

//! [exporter]
using exporter = backends::exporter<backends::fused<backends::average, backends::maximum>,
                                    backends::json_plaintext, backends::tcp>;

asio::awaitable<void> run_exporter(exporter& fused) {
    co_await fused.async_run(asio::use_awaitable);  // until somebody asks it to stop
}
//! [exporter]

asio::awaitable<void> serve(backends::chart& requests, exporter& fused) {
    asio::steady_timer pause{co_await asio::this_coro::executor};
    for (int i = 0; i < 4; ++i) {
        if (!requests.record(1'700'000'000 + i, {10.0 + i, 1.0})) {
            break;  // one row a slot
        }
        pause.expires_after(1ms);
        co_await pause.async_wait(asio::use_awaitable);
    }
    fused.request_stop(1s);  // the rest is delivered, then run_exporter ends
}

int main() {
    loopback<backends::json_plaintext> receiver;
    backends::host host{"web-1"};
    auto& requests = host.add("http.requests", {"got", "failed"});

    //! [run]
    asio::io_context context;
    exporter other{host,
                   {.destination = receiver.destination(), .prefix = "shop"},
                   backends::tcp{context.get_executor()}};
    asio::co_spawn(context, run_exporter(other), asio::detached);
    asio::co_spawn(context, serve(requests, other), asio::detached);
    context.run();
    //! [run]

    const bool right = receiver.got("shop.web-1.http.requests.got.average", "11.5000000") &&
                       receiver.got("shop.web-1.http.requests.got.maximum", "13.0000000") &&
                       receiver.got("shop.web-1.http.requests.failed.maximum", "1.0000000");
    return right ? 0 : 1;
}
