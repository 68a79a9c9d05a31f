// SPDX-License-Identifier: BSL-1.0
#include <backends/driver/replies.hpp>

#include <backends/format/opentsdb_telnet.hpp>

#include "catch.hpp"

#include <string>
#include <vector>

namespace {

using replies = backends::reply_lines<backends::opentsdb_telnet>;

std::vector<std::string> lines_of(replies& from, std::string_view text) {
    std::vector<std::string> lines;
    from.count(text, [&](std::string_view line) noexcept { lines.emplace_back(line); });
    return lines;
}

}  // namespace

TEST_CASE("each line that a receiver says is seen once, when it has ended") {
    replies r;
    CHECK(lines_of(r, "one\ntwo\nthr") == std::vector<std::string>{"one", "two"});
    CHECK(lines_of(r, "ee\n\n\n") == std::vector<std::string>{"three"});
}

TEST_CASE("of a long line its first bytes are seen once, before it ends") {
    replies r;
    const std::string prefix(replies::prefix, 'x');
    CHECK(lines_of(r, std::string(1'000'000, 'x')) == std::vector<std::string>{prefix});
    CHECK(lines_of(r, std::string(1'000, 'x') + "\nnext\n") == std::vector<std::string>{"next"});
}

TEST_CASE("a line as long as what is kept is seen once") {
    replies r;
    const std::string line(replies::prefix, 'x');
    CHECK(lines_of(r, line + "\n" + line + "\n") == std::vector<std::string>{line, line});
}

TEST_CASE("lines that refuse one of ours are counted, long ones too") {
    replies r;
    CHECK(r.count(std::string_view{"put: illegal argument\nfine\n"}) == 1);
    CHECK(r.count("put: " + std::string(500, 'x') + "\nput: no\n") == 2);
}
