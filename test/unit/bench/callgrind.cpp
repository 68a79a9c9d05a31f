// SPDX-License-Identifier: BSL-1.0
#include <backends/bench/callgrind.hpp>

#include "catch.hpp"
#include "support/temporary_folder.hpp"

#include <fstream>
#include <string>

namespace {

using backends::bench::read_callgrind;

void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream{file} << text;
}

}  // namespace

TEST_CASE("a dump's total is that of the report's line of the same number, an item") {
    const test::temporary_folder folder;
    write(folder.path("report"), "10 tick/double/average\n1000 record/my cell\n");
    write(folder.path("dump.1"), "version: 1\nevents: Ir\nsummary: 9\ntotals: 250\n");
    write(folder.path("dump.2"), "fn=(1)\n0 7\n\ntotals: 4000\n");
    const auto all = read_callgrind(folder.path());
    CHECK(all.error.empty());
    REQUIRE(all.instructions.size() == 2);
    CHECK(all.instructions.at("tick/double/average") == 25.0);
    CHECK(all.instructions.at("record/my cell") == 4.0);
}

TEST_CASE("a program without the counted function's name has no counts, and says why") {
    const test::temporary_folder folder;
    write(folder.path("report"), "10 tick/double/average\n");
    const auto all = read_callgrind(folder.path());
    CHECK(all.instructions.empty());
    CHECK(all.error.find("backends_bench_counted") != std::string::npos);
}

TEST_CASE("a program that reports nothing has no counts, and says why") {
    const test::temporary_folder folder;
    CHECK(read_callgrind(folder.path()).error == "the program did not count under valgrind");
}

TEST_CASE("a program's exit status is known, and that it cannot be started") {
    CHECK(backends::bench::run_quietly({"true"}) == 0);
    CHECK(backends::bench::run_quietly({"false"}) == 1);
    CHECK(backends::bench::run_quietly({"no-such-program-anywhere"}) == 127);
}
