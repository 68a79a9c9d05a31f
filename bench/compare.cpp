// SPDX-License-Identifier: BSL-1.0
#include "compare.hpp"

#include "hand_written.hpp"
#include "systems.hpp"

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace bench {

namespace {

constexpr std::size_t series = 1000;

/// Takes the first line off.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

/// Whether the average of a series over the `window` seconds until `now` has exactly a half of the
/// last digit left.
bool is_tie(std::size_t one, std::int64_t now, std::size_t window) {
    std::int64_t units = 0;
    std::int64_t count = 0;
    for (std::size_t n = 0; n < window; ++n) {
        const std::int32_t thousandths = the_samples()(one, now - static_cast<std::int64_t>(n));
        if (thousandths != samples::missing) {
            units += std::int64_t{thousandths} * 10'000;
            ++count;
        }
    }
    return count != 0 && 2 * (units % count) == count;
}

/// The lines of the tick by hand, which have to be the library's own to the byte.
void compare_hand_written(std::size_t window, comparison& total) {
    ours<backends::double_cell, backends::average, backends::graphite_plaintext> library{series};
    hand_written by_hand{series};
    library.record(window);
    by_hand.record(window);
    all_lines left;
    all_lines right;
    library.tick_into(left);
    by_hand.tick_into(right);
    total.lines += series;
    if (left.text() != right.text()) {
        ++total.different;
        std::fprintf(stderr, "the hand-written lines differ\n");
    }
}

template <class Cell, class Source, class Format>
void compare(std::size_t window, comparison& total) {
    ours<Cell, Source, Format> mine{series};
    original<Source, Format> theirs{series};
    mine.record(window);
    theirs.record(window);
    all_lines written;
    mine.tick_into(written);
    theirs.tick();

    std::string_view left = written.text();
    std::string_view right = theirs.text();
    for (std::size_t i = 0; i < series; ++i) {
        const std::string_view a = next_line(left);
        const std::string_view b = next_line(right);
        ++total.lines;
        if (a == b && !a.empty()) {
            continue;
        }
        if (std::same_as<Source, backends::average> && is_tie(i, mine.now(), window)) {
            ++total.ties;
        } else if (total.different++ < 10) {
            std::fprintf(stderr, "ours:     %.*s\noriginal: %.*s\n", static_cast<int>(a.size()),
                         a.data(), static_cast<int>(b.size()), b.data());
        }
    }
    if (!left.empty() || !right.empty()) {
        ++total.different;
        std::fprintf(stderr, "one of the two has more lines\n");
    }
}

}  // namespace

comparison compare_lines() {
    comparison total;
    for (const std::size_t window : {10UL, 60UL}) {
        compare_hand_written(window, total);
        types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
            each_combination([&]<class Source, class Format>() {
                compare<Cell, Source, Format>(window, total);
            });
        });
    }
    return total;
}

}  // namespace bench
