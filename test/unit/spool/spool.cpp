// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/spool.hpp>

#include <backends/spool/file_spool.hpp>
#include <backends/testing/spool_laws.hpp>

#include "catch.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace {

static_assert(backends::spool<backends::no_spool>);
static_assert(backends::spool<backends::file_spool>);
static_assert(std::is_empty_v<backends::no_spool>);
static_assert(!backends::spool<int>);

//! [own_spool]
/// The whole queue into one small file, each time anew: simple, and slow for a long queue. A rename
/// takes the old file's place at once, so there is always a whole one.
class snapshot_spool {
public:
    static constexpr std::string_view name = "snapshot_spool";

    explicit snapshot_spool(const backends::spool_options& options)
        : path_{options.directory + "/queue"} {}

    template <class Accept>
    void restore(Accept accept) {
        const std::string lines = test::temporary_folder::read(path_);
        if (!lines.empty()) {
            counters_.restored = {
                static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n')),
                lines.size()};
            accept(lines, true);
        }
    }

    std::error_code keep(const backends::queue_view& queue, backends::instant) noexcept try {
        std::string lines;
        for (std::size_t at = 0; at != queue.size(); at += queue.from(at).size()) {
            lines.append(queue.from(at).first).append(queue.from(at).second);
        }
        test::temporary_folder::write(path_ + ".new", lines);
        std::filesystem::rename(path_ + ".new", path_);
        return {};
    } catch (const std::filesystem::filesystem_error& e) {
        ++counters_.spool_failures;
        return e.code();
    } catch (...) {
        ++counters_.spool_failures;
        return std::make_error_code(std::errc::not_enough_memory);
    }

    [[nodiscard]] backends::spool_counters counters() const noexcept { return counters_; }

private:
    std::string path_;
    backends::spool_counters counters_;
};
static_assert(backends::spool<snapshot_spool>);
//! [own_spool]

TEST_CASE("a spool of one's own gives back what was in the queue") {
    const test::temporary_folder folder;
    const test::temporary_folder another;
    const backends::spool_options options{.directory = folder.path()};
    const backends::spool_options another_place{.directory = another.path(), .queue_bytes = 2000};
    backends::line_queue queue{100};
    const std::string text = "a 1 1\nb 2 2\n";
    std::copy(text.begin(), text.end(), queue.reserve(text.size()));
    queue.commit(text.size());
    snapshot_spool first{options};
    CHECK_FALSE(first.keep(backends::queue_view{queue}, {}));

    std::string found;
    snapshot_spool second{options};
    second.restore([&](std::string_view lines, bool) { found += lines; });
    CHECK(found == text);
    CHECK(second.counters().restored == backends::amount{2, 12});

    //! [laws]
    CHECK(backends::testing::spool_laws<snapshot_spool>::broken(another_place) == "");
    //! [laws]

    std::filesystem::remove_all(folder.path());
    CHECK(second.keep(backends::queue_view{queue}, {}));
    CHECK(second.counters().spool_failures == 1);
}

TEST_CASE("a file spool keeps the laws, and one that forgets does not") {
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
        const test::temporary_folder folder;
        const backends::spool_options options{
            .directory = folder.path(), .queue_bytes = 1000, .segment_bytes = 4096};
        CHECK(backends::testing::spool_laws<backends::file_spool>::broken(options, seed) == "");
    }
    CHECK(backends::testing::spool_laws<backends::testing::spool_archetype>::broken({}) ==
          "what is restored is not what was kept");
}

}  // namespace
