// SPDX-License-Identifier: BSL-1.0
#include <backends/queue/overflow.hpp>

#include <backends/delivery/machine.hpp>
#include <backends/testing/delivery_laws.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace {

//! [own_overflow]
/// Drops single lines, oldest first: no more than must go. Costs a move of the begun lines per
/// line that is dropped.
struct drop_oldest_lines {
    static constexpr std::string_view name = "drop_oldest_lines";

    template <backends::record_end Ends>
    static backends::amount make_room(backends::record_queue<Ends>& queue, std::size_t n) noexcept {
        backends::amount dropped;
        while (!queue.fits(n)) {
            const backends::amount line = queue.drop_oldest_line();
            if (line.lines == 0) {
                break;
            }
            dropped += line;
        }
        return dropped;
    }
    template <backends::record_end Ends>
    static backends::amount trim(backends::record_queue<Ends>& queue, std::size_t most) noexcept {
        return backends::drop_oldest::trim(queue, most);
    }
};
static_assert(backends::overflow_policy<drop_oldest_lines>);
//! [own_overflow]

void push(backends::line_queue& queue, const std::string& text) {
    std::copy(text.begin(), text.end(), queue.reserve(text.size()));
    queue.commit(text.size());
    queue.end_batch();
}

template <class Policy, backends::record_end Ends = backends::record_end::newline>
void check_laws() {
    for (std::size_t begun = 0; begun <= 165; begun += 3) {
        for (std::size_t needed = 1; needed <= 210; needed += 7) {
            for (const std::size_t batches : {0U, 1U, 3U, 9U}) {
                INFO(begun << " begun, " << needed << " needed, " << batches << " batches");
                REQUIRE(backends::testing::overflow_laws<Policy, Ends>::broken(begun, needed,
                                                                               batches) == "");
            }
        }
    }
}

}  // namespace

TEST_CASE("the overflow policies keep their laws") {
    check_laws<backends::drop_oldest>();
    check_laws<backends::drop_newest>();
    check_laws<drop_oldest_lines>();
    check_laws<backends::drop_oldest, backends::record_end::length>();
    check_laws<backends::drop_newest, backends::record_end::length>();
    check_laws<drop_oldest_lines, backends::record_end::length>();
}

TEST_CASE("drop_oldest drops whole batches until there is room, and no more") {
    backends::line_queue queue{12};
    push(queue, "one\n");
    push(queue, "two\n");
    push(queue, "ten\n");
    CHECK(backends::drop_oldest::make_room(queue, 6) == backends::amount{2, 8});
    CHECK(queue.fits(6));
    CHECK(queue.unsent() == "ten\n");
}

TEST_CASE("drop_oldest drops nothing for what cannot fit") {
    backends::line_queue queue{12};
    push(queue, "one\n");
    CHECK(backends::drop_oldest::make_room(queue, 13) == backends::amount{});
    queue.write(1);
    CHECK(backends::drop_oldest::make_room(queue, 9) == backends::amount{});
    CHECK(queue.size() == 4);
}

TEST_CASE("drop_newest keeps what is queued") {
    backends::line_queue queue{12};
    push(queue, "one\n");
    push(queue, "two\n");
    CHECK(backends::drop_newest::make_room(queue, 6) == backends::amount{});
    CHECK(backends::drop_newest::trim(queue, 1) == backends::amount{1, 4});
    CHECK(queue.unsent() == "one\n");
}

TEST_CASE("a policy of one's own may drop line by line") {
    backends::delivery<backends::confirm::acked, drop_oldest_lines> machine{{.queue_bytes = 12}};
    for (const std::string line : {"one\n", "two\n", "six\n"}) {
        std::copy(line.begin(), line.end(), machine.reserve(4));
        machine.commit(4, 1);
    }
    REQUIRE(machine.reserve(4) != nullptr);
    CHECK(machine.queue().unsent() == "two\nsix\n");
}
