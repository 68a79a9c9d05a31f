// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/recovery.hpp>

#include "catch.hpp"
#include "support/records.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using backends::detail::file;
using backends::detail::live_range;
using backends::detail::live_ranges;
using backends::detail::record_header_size;
using backends::detail::record_kind;
using backends::detail::recovery;
using backends::detail::segment_log;

file open(const test::temporary_folder& folder) {
    return file::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY);
}

segment_log log_in(const test::temporary_folder& folder) {
    return {open(folder), {"json", 4096, 1 << 20, false}, {}, live_ranges{}, 0, 1};
}

std::vector<std::string> found(const test::temporary_folder& folder) {
    const recovery r{open(folder), folder.path(), "json"};
    std::vector<std::string> out;
    for (const auto& piece : r.pieces) {
        out.push_back(std::string{piece.lines} + (piece.ends_batch ? "|" : ""));
    }
    CHECK(r.damaged == 0);
    return out;
}

using strings = std::vector<std::string>;

TEST_CASE("lines are needed until something says otherwise") {
    const test::temporary_folder folder;
    segment_log log = log_in(folder);
    CHECK(found(folder).empty());
    log.append(record_kind::lines, true, 0, "a\nb\n", "c\n");
    log.append(record_kind::lines, false, 6, "d\n", {});
    CHECK(found(folder) == strings{"a\nb\nc\n|", "d\n"});
    live_ranges live{8};
    live.add({2, 4});
    live.add({6, 8});
    log.note(live);
    CHECK(found(folder) == strings{"b\n|", "d\n"});
    log.append(record_kind::lines, true, 8, "e\n", {});
    CHECK(found(folder) == strings{"b\n|", "d\n", "e\n|"});
}

TEST_CASE("copies are not needed until something says so") {
    const test::temporary_folder folder;
    segment_log log = log_in(folder);
    log.append(record_kind::lines, true, 0, "a\n", {});
    log.begin_anew();
    log.append(record_kind::copies, true, 2, "a\n", {});
    CHECK(found(folder) == strings{"a\n|"});
    for (int i = 0; i != 4; ++i) {  // nor when they go on to more segments
        log.append(record_kind::copies, true, log.end(), std::string(2999, 'x'), "\n");
    }
    CHECK(folder.files(".spool").size() == 3);
    CHECK(found(folder) == strings{"a\n|"});
    live_ranges live{log.end()};
    live.add({2, 4});
    log.note(live);
    CHECK(found(folder) == strings{"a\n|"});
    CHECK(folder.files(".spool").size() == 2);
}

TEST_CASE("copies are needed when what they are copies of is gone") {
    const test::temporary_folder folder;
    segment_log log = log_in(folder);
    log.append(record_kind::lines, true, 0, "a\nb\n", {});
    log.begin_anew();
    log.append(record_kind::copies, true, 4, "a\nb\n", {});
    const auto before = folder.files(".spool");
    REQUIRE(before.size() == 2);
    const std::string copies = test::temporary_folder::read(before[1]);
    live_ranges live{8};
    live.add({4, 8});
    log.note(live, true);  // the first segment goes, and then the record that says why is damaged
    log.append(record_kind::lines, false, 8, "c\n", {});
    const auto after = folder.files(".spool");
    REQUIRE(after.size() == 1);
    std::string text = test::temporary_folder::read(after[0]);
    const auto at = copies.size() + record_header_size;  // of its ranges
    text[at] = static_cast<char>(text[at] ^ 1);
    test::temporary_folder::write(after[0], text);

    const recovery r{open(folder), folder.path(), "json"};
    REQUIRE(r.pieces.size() == 2);
    CHECK(r.pieces[0].lines == "a\nb\n");
    CHECK(r.pieces[1].lines == "c\n");
    CHECK(r.damaged == 1);
    live_ranges found{10};
    found.add({4, 10});
    CHECK(r.live == found);  // so that a next writing starts from what is there
}

TEST_CASE("where the next segment and the next byte go") {
    const test::temporary_folder folder;
    {
        segment_log log = log_in(folder);
        log.append(record_kind::lines, true, 5, "a\n", {});
    }
    const recovery r{open(folder), folder.path(), "json"};
    CHECK(r.end == 7);
    CHECK(r.next_number == 2);
    CHECK(r.bytes == 2);
}

TEMPLATE_TEST_CASE("ranges that cut through a line are believed by nobody", "", test::text_records,
                   test::field_records) {
    const test::temporary_folder folder;
    segment_log log = log_in(folder);
    log.append(record_kind::lines, true, 0, test::like<TestType>("abc\ndef\n"), {});
    for (const auto& [range, good] :
         {std::pair{live_range{1, 4}, false}, std::pair{live_range{0, 3}, false},
          std::pair{live_range{4, 8}, true}}) {
        live_ranges live{8};
        live.add(range);
        log.note(live);
        const recovery r{open(folder), folder.path(), "json", SIZE_MAX, TestType::value};
        CHECK(r.pieces.empty() != good);
        CHECK(r.damaged == (good ? 0 : 1));
    }
}

}  // namespace
