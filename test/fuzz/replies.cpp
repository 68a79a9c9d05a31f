// SPDX-License-Identifier: BSL-1.0
//
// What a peer says, cut into any pieces: the same lines and as many rejections as a reading of the
// whole text, and of OpenTSDB's replies, that is written out here. The first byte says how the
// pieces are cut.
#include <backends/driver/replies.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using fuzz::require;
using replies = backends::reply_lines<backends::opentsdb_telnet>;

bool says_no(std::string_view line) {
    return line.substr(0, 4) == "put:" || line.substr(0, 15) == "unknown command" ||
           line.find("Please throttle writes") != std::string_view::npos;
}

/// The lines that were heard, each behind its length, and the rejections among them.
struct heard {
    std::string lines;
    std::uint64_t rejections = 0;

    void add(std::string_view line) noexcept {
        lines += static_cast<char>(line.size());
        lines += line;
    }
    void take(replies& from, std::string_view text) {
        rejections += from.count(text, [this](std::string_view line) noexcept { add(line); });
    }
};

heard expected_of(std::string_view text) {
    heard all;
    for (bool ended = true; ended;) {
        const std::size_t end = text.find('\n');
        ended = end != std::string_view::npos;
        const std::string_view begin = text.substr(0, end).substr(0, replies::prefix);
        text.remove_prefix(ended ? end + 1 : text.size());
        if (!begin.empty() && (ended || begin.size() == replies::prefix)) {
            all.add(begin);
            all.rejections += says_no(begin) ? 1U : 0U;
        }
    }
    return all;
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const unsigned longest = in.up_to(255);
    const std::string_view text = in.rest();
    const heard expected = expected_of(text);
    replies whole;
    heard at_once;
    at_once.take(whole, text);
    require(at_once.lines == expected.lines, "each line is heard once, by its beginning", text);
    require(at_once.rejections == expected.rejections, "and judged", text);

    replies pieces;
    heard in_pieces;
    std::size_t step = longest;
    for (std::string_view rest = text; !rest.empty();) {
        step = step * 5 % 257 % (longest + 1);
        const std::size_t n = std::min(rest.size(), step + 1);
        in_pieces.take(pieces, rest.substr(0, n));
        rest.remove_prefix(n);
    }
    require(in_pieces.lines == expected.lines && in_pieces.rejections == expected.rejections,
            "the pieces do not matter", text);
    constexpr std::string_view next = "\nput: x\n";
    require(pieces.count(next) == whole.count(next), "the same from there on", text);
    require(backends::reply_lines<backends::graphite_plaintext>{}.count(text) == 0 &&
                backends::reply_lines<backends::json_plaintext>{}.count(text) == 0,
            "a protocol without replies rejects nothing", text);
    return 0;
}
