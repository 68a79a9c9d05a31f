// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/segment_log.hpp>

#include "catch.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>

#include <cstdint>
#include <string>
#include <utility>

namespace {

using backends::detail::file;
using backends::detail::live_ranges;
using backends::detail::record_kind;
using backends::detail::segment_log;
using backends::detail::segment_name;

segment_log log_in(const test::temporary_folder& folder, std::uint64_t max_bytes = 1 << 20) {
    return {file::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY),
            {"json", 4096, max_bytes, false},
            {},
            live_ranges{},
            0,
            1};
}

/// Whole lines of so many bytes.
std::string lines(std::size_t bytes) { return std::string(bytes - 1, 'x') + "\n"; }

TEST_CASE("a segment's name is its number, and no other name is one's") {
    CHECK(std::string{segment_name{0x1a2b}.c_str()} == "0000000000001a2b.spool");
    CHECK(segment_name::parse("0000000000001a2b.spool") == 0x1a2bU);
    CHECK(segment_name::parse("ffffffffffffffff.spool") == UINT64_MAX);
    for (const char* name :
         {"", "spool.lock", "1a2b.spool", "0000000000001A2B.spool", "0000000000001a2b.spoo",
          "0000000000001a2b.spool~", "000000000000g000.spool", "00000000000000001a2b.spool"}) {
        CHECK_FALSE(segment_name::parse(name));
    }
}

TEST_CASE("a full segment is followed by another, and goes when nothing in it is needed") {
    const test::temporary_folder folder;
    segment_log log = log_in(folder);
    for (int i = 0; i < 9; ++i) {
        REQUIRE_FALSE(log.append(record_kind::lines, true, log.end(), lines(1500), {}));
    }
    CHECK(log.end() == 9 * 1500);
    CHECK(folder.files(".spool").size() == 3);
    CHECK(folder.bytes() == log.bytes());

    live_ranges live{log.end()};
    live.add({2 * 1500, 3 * 1500});   // in the first segment
    live.add({7 * 1500, log.end()});  // in the last one
    REQUIRE_FALSE(log.note(live));
    CHECK(folder.files(".spool").size() == 2);
    CHECK(log.live() == live);
    CHECK(folder.bytes() == log.bytes());

    REQUIRE_FALSE(log.note(live_ranges{log.end()}));
    CHECK(folder.files(".spool").size() == 1);  // the newest stays
    log.remove_all();
    CHECK(folder.files(".spool").empty());
    CHECK(log.bytes() == 0);
}

TEST_CASE("what was begun anew and failed leaves nothing") {
    const test::temporary_folder folder;
    segment_log log = log_in(folder);
    REQUIRE_FALSE(log.append(record_kind::lines, true, 0, lines(100), lines(50)));
    const auto before = folder.files(".spool");
    const std::uint64_t first = log.begin_anew();
    for (int i = 0; i < 5; ++i) {
        REQUIRE_FALSE(log.append(record_kind::copies, true, log.end(), lines(3000), {}));
    }
    CHECK(folder.files(".spool").size() > before.size());
    log.undo(first);
    CHECK(folder.files(".spool") == before);
    CHECK(folder.bytes() == log.bytes());
    CHECK(log.live().end() == 150);  // copies are not needed until something says so
}

TEST_CASE("a name that is taken is not written over") {
    const test::temporary_folder folder;
    test::temporary_folder::write(folder.path("0000000000000001.spool"), "mine");
    segment_log log = log_in(folder);
    CHECK(log.append(record_kind::lines, true, 0, lines(10), {}) == std::errc::file_exists);
    CHECK_FALSE(log.append(record_kind::lines, true, 0, lines(10), {}));
    CHECK(test::temporary_folder::read(folder.path("0000000000000001.spool")) == "mine");
}

TEST_CASE("room is tight when the bytes on disk and those that come are more than the bound") {
    const test::temporary_folder folder;
    segment_log log = log_in(folder, 8192);
    REQUIRE_FALSE(log.append(record_kind::lines, true, 0, lines(4000), {}));
    CHECK_FALSE(log.needs_rewrite(8192 - log.bytes()));
    CHECK(log.needs_rewrite(8193 - log.bytes()));
}

}  // namespace
