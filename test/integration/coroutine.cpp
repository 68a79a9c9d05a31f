// SPDX-License-Identifier: BSL-1.0
//
// An exporter that lives in the coroutine that awaits async_run(), as Asio's own objects may: when
// the context ends first, the frame is destroyed and the exporter with it.
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/sum.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/tcp.hpp>

#include "catch.hpp"
#include "support/loopback_peer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

namespace asio = boost::asio;
using backends::seconds;

namespace {

using exporter = backends::exporter<backends::sum, backends::graphite_plaintext, backends::tcp>;

/// Lives in the frame; another owner sees when it is gone.
asio::awaitable<void> exports(backends::host& host, std::string destination,
                              std::shared_ptr<int> witness, exporter** made) {
    auto executor = co_await asio::this_coro::executor;
    backends::options o;  // apart: g++ 12 breaks aggregates beside co_await
    o.destination = std::move(destination);
    o.update_every = seconds{1};
    o.self_monitoring = false;
    exporter e{host, o, backends::tcp{executor}};
    *made = &e;
    co_await e.async_run(asio::use_awaitable);
    ++*witness;
}

std::ptrdiff_t descriptors() {
    namespace fs = std::filesystem;
    return std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{});
}

}  // namespace

TEST_CASE("an exporter in a coroutine's frame goes with a context that ends first") {
    const auto before = descriptors();
    const auto witness = std::make_shared<int>(0);
    exporter* made = nullptr;
    const bool connected = GENERATE(false, true);
    {
        test::loopback_peer peer;
        backends::host host{"h"};
        auto& chart = host.add("c", {"d"});
        asio::io_context context;
        asio::co_spawn(context, exports(host, peer.address(), witness, &made), asio::detached);
        context.poll();
        REQUIRE(made != nullptr);
        if (connected) {
            REQUIRE(chart.record({1.0}));
            made->request_stop(seconds{20});
            peer.reads = false;
            while (!peer.connected()) {
                context.poll();
                peer.step();
            }
        }
    }
    CHECK(witness.use_count() == 1);
    CHECK(*witness == 0);
    CHECK(descriptors() == before);
}

TEST_CASE("a coroutine goes on when its exporter was stopped") {
    const auto witness = std::make_shared<int>(0);
    exporter* made = nullptr;
    backends::host host{"h"};
    asio::io_context context;
    asio::co_spawn(asio::make_strand(context), exports(host, "127.0.0.1:1", witness, &made),
                   asio::detached);
    context.poll();
    REQUIRE(made != nullptr);
    made->request_stop(seconds{20});
    context.run();
    CHECK(*witness == 1);
    CHECK(witness.use_count() == 1);
}

TEST_CASE("a coroutine catches what is wrong with async_run") {
    backends::host host{"h"};
    asio::io_context context;
    std::error_code error;
    const auto runs = [&]() -> asio::awaitable<void> {
        exporter e{host};  // on a context of its own
        try {
            co_await e.async_run(asio::use_awaitable);
        } catch (const std::system_error& caught) {
            error = caught.code();
        }
    };
    asio::co_spawn(context, runs(), asio::detached);
    context.run();
    CHECK(error == backends::errc::no_executor);
}
