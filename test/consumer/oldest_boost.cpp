// SPDX-License-Identifier: BSL-1.0
//
// A program that exports with the oldest Boost that serves: on a thread of the exporter's own, and
// on an executor. Its argument is the destination.
#include <backends/backends.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>

#include <chrono>

static_assert(BOOST_VERSION / 100 == 1074,
              "the folder of Boost 1.74 is not the first that is searched");

int main(int, char** arguments) {
    using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp>;
    const backends::options settings{.destination = arguments[1], .prefix = "shop"};
    backends::host host{"web-1"};
    auto& chart = host.add("app.queue", {"depth"});

    exporter on_thread{host, settings};
    on_thread.start();
    bool good = chart.record({3.0});
    good = on_thread.stop(std::chrono::seconds{5}).complete() && good;

    boost::asio::io_context context;
    exporter on_context{host, settings, backends::tcp{context.get_executor()}};
    bool ended = false;
    on_context.async_run([&](boost::system::error_code error) { ended = !error; });
    on_context.request_stop(std::chrono::seconds{5});
    context.run();
    return good && ended && on_context.counters().confirmed.lines != 0 ? 0 : 1;
}
