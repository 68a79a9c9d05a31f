// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/queue_view.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using backends::instant;
using backends::line_queue;
using backends::queue_view;

void push(line_queue& queue, const std::string& text) {
    char* const room = queue.reserve(text.size());
    REQUIRE(room != nullptr);
    std::copy(text.begin(), text.end(), room);
    queue.commit(text.size());
}

struct piece {
    std::uint64_t position;
    std::string text;
    bool ends_batch;
    bool operator==(const piece&) const = default;
};

std::vector<piece> all(const line_queue& queue) {
    const queue_view view{queue};
    std::vector<piece> out;
    for (std::size_t at = 0; at != view.size(); at += view.from(at).size()) {
        const auto s = view.from(at);
        REQUIRE(s.size() != 0);
        out.push_back({s.position, std::string{s.first}.append(s.second), s.ends_batch});
    }
    return out;
}

TEST_CASE("a batch is a stretch, and the lines of one that goes on are another") {
    line_queue queue{100};
    CHECK(all(queue).empty());
    push(queue, "a\nb\n");
    queue.end_batch(instant{});
    push(queue, "c\n");
    queue.end_batch(instant{});
    push(queue, "d\n");
    CHECK(all(queue) ==
          std::vector<piece>{{0, "a\nb\n", true}, {4, "c\n", true}, {6, "d\n", false}});
    queue.end_batch(instant{});
    CHECK(all(queue).back() == piece{6, "d\n", true});
}

TEST_CASE("lines that are left keep their positions") {
    line_queue queue{100};
    for (const char* text : {"a\n", "b\n", "c\n", "d\n"}) {
        push(queue, text);
        queue.end_batch(instant{});
    }
    queue.write(1);             // a has begun
    queue.drop_oldest_batch();  // b
    CHECK(all(queue) == std::vector<piece>{{0, "a\n", true}, {4, "c\n", true}, {6, "d\n", true}});
    queue.drop_newest_batch();
    push(queue, "e\n");
    CHECK(all(queue) == std::vector<piece>{{0, "a\n", true}, {4, "c\n", true}, {8, "e\n", false}});
    queue.write(1);
    queue.release(2);
    CHECK(all(queue) == std::vector<piece>{{4, "c\n", true}, {8, "e\n", false}});
    CHECK(queue_view{queue}.position(queue.size()) == 10);
    CHECK(queue.clear(2).bytes == 4);
    CHECK(queue_view{queue}.position(0) == 10);
}

TEST_CASE("a stretch across the block's end is in two pieces") {
    line_queue queue{16};
    push(queue, "first\n");
    push(queue, "second\n");
    queue.end_batch(instant{});
    queue.write(6);
    queue.release(6);
    push(queue, "th\n");
    push(queue, "4th\n");
    queue.end_batch(instant{});
    const queue_view view{queue};
    const auto third = view.from(7);
    CHECK(third.first == "th\n");
    CHECK(third.second == "4th\n");
    CHECK(third.ends_batch);
    CHECK(third.position == 13);
}

}  // namespace
