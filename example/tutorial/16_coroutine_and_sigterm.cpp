// SPDX-License-Identifier: BSL-1.0
//
// A service of coroutines: the exporter is one more of them. SIGTERM ends the service; what is left
// is delivered before the context is out of work.
#include "loopback.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/source/as_collected.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include <boost/asio.hpp>

#include <csignal>

namespace asio = boost::asio;

asio::awaitable<void> serve(backends::counter& requests) {
    for (int n = 0; n < 1000; ++n) {
        requests.add();
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
    std::raise(SIGTERM);  // in place of whoever ends the service
}

int main() {
    loopback<backends::graphite_plaintext> receiver;
    backends::host host{"web-1"};
    auto& requests = host.instrument<backends::counter>("http.requests");

    asio::io_context context;
    backends::exporter<backends::as_collected, backends::graphite_plaintext, backends::tcp>
        exporter{host,
                 {.destination = receiver.destination(), .prefix = "shop"},
                 backends::tcp{context.get_executor()}};
    asio::signal_set signals{context, SIGTERM};
    signals.async_wait([&](auto, int) { exporter.request_stop(backends::seconds{5}); });
    asio::co_spawn(context, serve(requests), asio::detached);
    exporter.async_run(asio::detached);
    context.run();  // until the exporter has delivered
    return receiver.got("shop.web-1.http.requests.value", "1000") ? 0 : 1;
}
