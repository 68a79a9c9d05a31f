// SPDX-License-Identifier: BSL-1.0
//
// Segments that were cut or altered between two runs. Whatever became of them: what comes back are
// lines that were accepted, whole, in their order, each once, and what is missing was noticed.
#include <backends/spool/file_spool.hpp>

#include "catch.hpp"
#include "spooled_lines.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using backends::file_spool;
using backends::instant;
using backends::line_queue;
using backends::queue_view;
using test::push;
using test::temporary_folder;

backends::spool_options options(const temporary_folder& folder) {
    return {.directory = folder.path(),
            .contents = "json",
            .queue_bytes = 1 << 20,
            .segment_bytes = 4096};
}

std::string line(std::uint64_t i) {
    return "{\"n\":" + std::to_string(i) + std::string(i % 17, '.') + "}\n";
}

struct outcome {
    std::vector<std::string> lines;
    std::uint64_t damaged = 0;
    bool refused = false;
};

outcome start(const temporary_folder& folder) {
    outcome out;
    try {
        file_spool spool{options(folder)};
        out.lines = test::lines_of(test::restored(spool).text());
        out.damaged = spool.counters().damaged_records;
    } catch (const backends::config_error&) {
        out.refused = true;
    }
    return out;
}

/// Whether these are some of the accepted lines, in order, each at most once.
bool is_part_of(const std::vector<std::string>& found, const std::vector<std::string>& accepted) {
    std::size_t at = 0;
    for (const std::string& text : found) {
        while (at != accepted.size() && accepted[at] != text) {
            ++at;
        }
        if (at == accepted.size()) {
            return false;
        }
        ++at;
    }
    return true;
}

/// Leaves lines in the folder, some of them confirmed, in several records and segments. Returns all
/// that were accepted, and what should come back.
struct written {
    std::vector<std::string> accepted;
    std::vector<std::string> left;
};
written fill(const temporary_folder& folder, std::uint64_t lines, std::uint32_t seed) {
    std::mt19937 random{seed};
    written out;
    file_spool spool{options(folder)};
    test::restored(spool);
    line_queue queue{1 << 20};
    for (std::uint64_t i = 0; i < lines; ++i) {
        push(queue, line(i));
        out.accepted.push_back(line(i));
        if (random() % 4 == 0) {
            queue.end_batch(instant{});
            spool.keep(queue_view{queue}, instant{});
        }
        if (random() % 16 == 0) {
            queue.write(std::min<std::size_t>(random() % 50, queue.unsent().size()));
            queue.release(queue.sent());
        }
    }
    spool.keep(queue_view{queue}, instant{});
    out.left = test::lines_of(test::contents(queue).text());
    return out;
}

TEST_CASE("a newest segment that is cut anywhere gives the lines in front of the cut") {
    const temporary_folder folder;
    const written what = fill(folder, 40, 1);
    const auto files = folder.files(".spool");
    REQUIRE(files.size() == 1);
    const std::string whole = temporary_folder::read(files[0]);
    std::size_t longest = 0;
    std::size_t unnoticed = 0;
    for (std::size_t n = 0; n < whole.size(); ++n) {
        temporary_folder::write(files[0], whole.substr(0, n));
        const outcome found = start(folder);
        REQUIRE_FALSE(found.refused);
        REQUIRE(is_part_of(found.lines, what.accepted));
        // What is confirmed by a record behind the cut comes back too: in front of what is left.
        const std::size_t again = what.accepted.size() - what.left.size();
        if (!found.lines.empty()) {
            longest = std::max(longest, found.lines.size());
            std::vector<std::string> from_the_last{what.accepted};
            from_the_last.resize(static_cast<std::size_t>(
                std::find(from_the_last.begin(), from_the_last.end(), found.lines.back()) -
                from_the_last.begin() + 1));
            REQUIRE(from_the_last.size() >= found.lines.size());
            REQUIRE(from_the_last.size() - found.lines.size() <= again);
            from_the_last.erase(
                from_the_last.begin(),
                from_the_last.end() - static_cast<std::ptrdiff_t>(found.lines.size()));
            REQUIRE(found.lines == from_the_last);  // without a hole
        }
        REQUIRE(found.damaged <= 1);
        unnoticed += found.damaged == 0 ? 1 : 0;
    }
    CHECK(longest >= 30);
    // A cut between two records, or in front of all, is no tear: then less was written.
    CHECK(unnoticed < 40);
    temporary_folder::write(files[0], whole);
    CHECK(start(folder).lines == what.left);
}

TEST_CASE("one altered bit never makes a line that was not accepted, and never goes unnoticed") {
    const temporary_folder folder;
    const written what = fill(folder, 25, 2);
    const auto files = folder.files(".spool");
    REQUIRE(files.size() == 1);
    const std::string whole = temporary_folder::read(files[0]);
    for (std::size_t bit = 0; bit < whole.size() * 8; bit += bit < 1024 ? 3 : 7) {
        std::string altered = whole;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ 1 << bit % 8);
        temporary_folder::write(files[0], altered);
        const outcome found = start(folder);
        REQUIRE_FALSE(found.refused);
        REQUIRE(found.damaged == 1);
        REQUIRE(is_part_of(found.lines, what.accepted));
        if (bit / 8 < backends::detail::segment_header_size) {
            REQUIRE(found.lines == what.left);  // the records say by themselves what they are
        }
        temporary_folder::write(files[0], altered);  // a restart may have begun another segment
        for (const std::string& file : folder.files(".spool")) {
            if (file != files[0]) {
                std::filesystem::remove(file);
            }
        }
    }
}

TEST_CASE("many segments, cut, overwritten, exchanged and lengthened at random") {
    const temporary_folder original;
    const written what = fill(original, 2'000, 3);
    REQUIRE(original.files(".spool").size() > 10);
    std::uint64_t damaged = 0;
    for (std::uint32_t seed = 0; seed < 80; ++seed) {
        std::mt19937 random{seed};
        const temporary_folder folder;
        original.copy_to(folder);
        const auto files = folder.files(".spool");
        for (auto n = 1 + random() % 3; n != 0; --n) {
            const std::string& file = files[random() % files.size()];
            std::string text = temporary_folder::read(file);
            const auto anywhere = [&] { return random() % text.size(); };
            if (text.size() <= backends::detail::segment_header_size) {
                continue;
            }
            switch (random() % 7) {
                case 0: text.resize(anywhere()); break;
                case 1:
                    for (std::size_t at = anywhere(), last = at + random() % 100;
                         at < std::min(last, text.size()); ++at) {
                        text[at] = static_cast<char>(random());
                    }
                    break;
                case 2: {  // the records of another segment
                    const std::string other =
                        temporary_folder::read(files[random() % files.size()]);
                    if (other.size() > backends::detail::segment_header_size) {
                        text.replace(backends::detail::segment_header_size, std::string::npos,
                                     other, backends::detail::segment_header_size,
                                     std::string::npos);
                    }
                    break;
                }
                case 3: text.insert(anywhere(), std::string(1 + random() % 30, '\0')); break;
                case 4: text.append(std::string(1 + random() % 3000, '\0')); break;
                case 5: text.assign(text.size(), '\0'); break;
                case 6: text.replace(0, 64, 64U, static_cast<char>(random())); break;
            }
            temporary_folder::write(file, text);
        }
        const outcome found = start(folder);
        REQUIRE_FALSE(found.refused);
        REQUIRE(is_part_of(found.lines, what.accepted));
        damaged += found.damaged;
        if (found.damaged == 0) {
            REQUIRE(found.lines == what.left);
        }
    }
    CHECK(damaged > 20);
    CHECK(start(original).lines == what.left);
}

TEST_CASE("altered live ranges do not take the lines with them that a start wrote anew") {
    const temporary_folder folder;
    const written what = fill(folder, 40, 2);
    {
        file_spool again{options(folder)};
        line_queue queue{1 << 20};
        again.restore([&](std::string_view lines, bool) { push(queue, lines); });
        again.keep(queue_view{queue}, instant{});
    }
    const auto files = folder.files(".spool");
    REQUIRE(files.size() == 1);
    const std::string whole = temporary_folder::read(files[0]);
    // The last record, of one range: two numbers of 8 bytes behind its header.
    for (std::size_t at = whole.size() - 16 - backends::detail::record_header_size;
         at < whole.size(); ++at) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 0x10);
        temporary_folder::write(files[0], altered);
        const outcome found = start(folder);

        REQUIRE(found.lines == what.left);
        REQUIRE(found.damaged == 1);
    }
}

TEST_CASE("a zeroed header takes no line with it, a zeroed segment only its own") {
    const temporary_folder folder;
    const written what = fill(folder, 2'000, 5);
    for (const std::string& file : folder.files(".spool")) {
        const std::string whole = temporary_folder::read(file);
        temporary_folder::write(file, std::string(64, '\0') + whole.substr(64));
        outcome found = start(folder);
        REQUIRE_FALSE(found.refused);
        CHECK(found.damaged == 1);
        CHECK(found.lines == what.left);
        temporary_folder::write(file, std::string(whole.size(), '\0'));
        found = start(folder);
        REQUIRE_FALSE(found.refused);
        CHECK(found.damaged != 0);
        CHECK(is_part_of(found.lines, what.accepted));
        temporary_folder::write(file, whole);
    }
    CHECK(start(folder).lines == what.left);
}

TEST_CASE("lines that only damage brings back do not make a queue too small") {
    const temporary_folder folder;
    std::vector<std::string> accepted;
    {
        file_spool spool{options(folder)};
        test::restored(spool);
        line_queue queue{1 << 20};
        for (std::uint64_t i = 0; i < 40; ++i) {
            push(queue, line(i));
            accepted.push_back(line(i));
            REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
        }
        queue.write(queue.size());
        queue.release(queue.sent() - line(39).size());
        REQUIRE_FALSE(spool.keep(queue_view{queue}, instant{}));
    }
    const auto files = folder.files(".spool");
    REQUIRE(files.size() == 1);
    std::string text = temporary_folder::read(files[0]);
    text.back() = static_cast<char>(text.back() ^ 1);  // the record that says what was confirmed
    temporary_folder::write(files[0], text);
    backends::spool_options small = options(folder);
    small.queue_bytes = 5 * line(39).size();
    file_spool spool{small};
    const auto found = test::lines_of(test::restored(spool).text());
    CHECK(found.back() == line(39));
    CHECK(found.size() >= 4);
    CHECK(spool.counters().restored.bytes <= small.queue_bytes);
    CHECK(spool.counters().damaged_records == 1 + accepted.size() - found.size());
}

TEST_CASE("a segment that was only being begun is no damage when empty, and some when torn") {
    const temporary_folder folder;
    const written what = fill(folder, 40, 4);
    const std::string next = folder.path("00000000000000ff.spool");
    const auto header = backends::detail::segment_header({"json", 0xff});
    for (std::size_t n = 0; n < header.size(); ++n) {
        const temporary_folder copy;
        folder.copy_to(copy);
        temporary_folder::write(copy.path("00000000000000ff.spool"), std::string{header.data(), n});
        const outcome found = start(copy);
        REQUIRE_FALSE(found.refused);
        REQUIRE(found.lines == what.left);
        REQUIRE(found.damaged == (n == 0 ? 0 : 1));
    }
}

}  // namespace
