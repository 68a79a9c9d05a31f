// SPDX-License-Identifier: BSL-1.0
#include <backends/transport/deadline.hpp>

#include <boost/asio/io_context.hpp>

#include "catch.hpp"

#include <chrono>
#include <vector>

using backends::instant;
using backends::detail::deadline;

namespace {

instant now() {
    return instant{std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                       .count()};
}

constexpr backends::nanoseconds one_millisecond{1'000'000};

}  // namespace

TEST_CASE("a wait ends at its time and not before") {
    boost::asio::io_context context;
    deadline timer{context.get_executor()};
    for (int n = 0; n != 3; ++n) {
        const instant until = now() + one_millisecond;
        bool is_over = false;
        timer.wait(until, [&](boost::system::error_code error) {
            CHECK_FALSE(error);
            is_over = true;
        });
        context.restart();
        context.run();
        CHECK(is_over);
        CHECK(now() >= until);
    }
}

TEST_CASE("a time that has passed is over at once") {
    boost::asio::io_context context;
    deadline timer{context.get_executor()};
    int times = 0;
    for (const instant past : {instant{-5}, instant{0}, instant{1}, now()}) {
        timer.wait(past, [&](boost::system::error_code error) {
            CHECK_FALSE(error);
            ++times;
        });
        context.restart();
        context.run();
    }
    CHECK(times == 4);
}

TEST_CASE("another wait and cancel() end one that is under way") {
    boost::asio::io_context context;
    deadline timer{context.get_executor()};
    std::vector<int> ended;
    const auto waiting = [&](int which) {
        return [&ended, which](boost::system::error_code error) {
            ended.push_back(error ? -which : which);
        };
    };
    timer.wait(instant::never(), waiting(1));
    context.poll();
    CHECK(ended.empty());
    timer.wait(now() + one_millisecond, waiting(2));
    context.run();
    CHECK(ended == std::vector<int>{-1, 2});
    timer.wait(instant::never(), waiting(3));
    timer.cancel();
    timer.cancel();
    context.restart();
    context.run();
    CHECK(ended == std::vector<int>{-1, 2, -3});
}
