// SPDX-License-Identifier: BSL-1.0
//
// What a peer says, cut into any pieces: as many rejections as line by line, and as a reading of
// OpenTSDB's replies that is written out here. The first byte says how the pieces are cut.
#include <backends/exporter/shipping.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>

#include "fuzz/harness.hpp"

#include <span>
#include <string_view>

namespace {

using backends::reply_lines;

constexpr std::size_t longest_prefix = 64;

bool says_no(std::string_view line) {
    line = line.substr(0, longest_prefix);
    return line.substr(0, 4) == "put:" || line.substr(0, 15) == "unknown command" ||
           line.find("Please throttle writes") != std::string_view::npos;
}

std::uint64_t rejections(std::string_view text) {
    std::uint64_t count = 0;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        count += says_no(text.substr(0, end)) ? 1 : 0;
        text.remove_prefix(end + 1);
    }
    return count;
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    const unsigned longest = in.up_to(255);
    const std::string_view text = in.rest();
    reply_lines<backends::opentsdb_telnet> whole;
    const std::uint64_t expected = rejections(text);
    require(whole.count(text) == expected, "each line is judged by its beginning", text);

    reply_lines<backends::opentsdb_telnet> pieces;
    std::uint64_t counted = 0;
    std::size_t step = longest;
    for (std::string_view rest = text; !rest.empty();) {
        step = step * 5 % 257 % (longest + 1);
        const std::size_t n = std::min(rest.size(), step + 1);
        counted += pieces.count(rest.substr(0, n));
        rest.remove_prefix(n);
    }
    require(counted == expected, "the pieces do not matter", text);
    require(
        pieces.count(std::string_view{"\nput: x\n"}) == whole.count(std::string_view{"\nput: x\n"}),
        "the same from there on", text);
    require(reply_lines<backends::graphite_plaintext>{}.count(text) == 0,
            "a protocol without replies rejects nothing", text);
    return 0;
}
