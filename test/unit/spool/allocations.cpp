// SPDX-License-Identifier: BSL-1.0
//
// After the start a spool allocates nothing, not even when it goes on to another segment.
#include <backends/spool/file_spool.hpp>

#include "catch.hpp"
#include "spooled_lines.hpp"
#include "support/allocation_count.hpp"
#include "support/temporary_folder.hpp"

#include <cstdint>
#include <string>

namespace {

using backends::instant;
using backends::queue_view;

TEST_CASE("keeping, releasing and beginning segments allocate nothing") {
    const test::temporary_folder folder;
    backends::file_spool spool{{.directory = folder.path(),
                                .contents = "json",
                                .queue_bytes = 64 << 10,
                                .segment_bytes = 4096}};
    test::restored(spool);
    backends::line_queue queue{64 << 10};
    const std::string lines(500, 'x');
    const std::string text = lines + "\n" + lines + "\n";
    const auto second = [&] {
        while (!test::push(queue, text)) {
            queue.drop_oldest_batch();
        }
        queue.end_batch(instant{});
        const std::error_code error = spool.keep(queue_view{queue}, instant{});
        queue.write(queue.unsent().size() / 2);
        queue.release(queue.sent() / 2);
        return !error && !spool.keep(queue_view{queue}, instant{});
    };
    bool good = second();
    const std::uint64_t before = test::allocation_count();
    for (int i = 0; i < 2'000; ++i) {
        good = second() && good;
    }
    CHECK(test::allocation_count() == before);
    CHECK(good);
    CHECK(folder.files(".spool").back() > folder.path("0000000000000100.spool"));
}

}  // namespace
