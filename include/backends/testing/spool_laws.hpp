// SPDX-License-Identifier: BSL-1.0
//
// Testing. The archetype of a spool, and its laws, for a user's models and any test framework: each
// broken law gives a sentence, an empty text means that all hold.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/queue/line_queue.hpp>
#include <backends/queue/queue_view.hpp>
#include <backends/spool/spool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA::testing {

/// The minimal model of spool: not copyable, not movable, and without memory.
class spool_archetype {
public:
    static constexpr std::string_view name = "archetype";
    explicit spool_archetype(const spool_options&) {}
    spool_archetype(const spool_archetype&) = delete;
    spool_archetype& operator=(const spool_archetype&) = delete;

    template <class Accept>
    void restore(Accept) {}
    std::error_code keep(const queue_view&, instant) noexcept { return {}; }
    [[nodiscard]] spool_counters counters() const noexcept { return {}; }
};
static_assert(spool<spool_archetype>);

/// 1. restore() gives whole lines, and counts them.
/// 2. They are the queue's lines at the last keep() that returned no error, in order: none that had
/// left the queue, none twice.
/// 3. The first restore() of all gives nothing.
template <spool Spool>
struct spool_laws {
    /// @param options  name a place without kept lines
    static std::string broken(const spool_options& options, std::uint32_t seed = 1) {
        std::mt19937 random{seed};
        std::string kept;
        std::uint64_t next = 0;
        for (int life = 0; life != 20; ++life) {
            std::optional<line_queue> queue;
            queue.emplace(options.queue_bytes);
            Spool spool{options};
            std::string found;
            bool whole = true;
            spool.restore([&](std::string_view lines, bool ends_batch) {
                whole = whole && lines.ends_with('\n');
                found += lines;
                put(*queue, lines);
                if (ends_batch) {
                    queue->end_batch(instant{});
                }
            });
            if (!whole) {
                return "what is restored is not whole lines";
            }
            if (found != kept) {
                return life == 0 ? "a new spool restores something"
                                 : "what is restored is not what was kept";
            }
            const auto lines =
                static_cast<std::uint64_t>(std::count(found.begin(), found.end(), '\n'));
            if (spool.counters().restored != amount{lines, found.size()}) {
                return "what is restored is not what is counted";
            }
            for (auto steps = random() % 30; steps != 0; --steps) {
                change(*queue, next, random);
                if (!spool.keep(queue_view{*queue}, instant{})) {
                    kept = text_of(*queue);
                }
            }
        }
        return {};
    }

private:
    static bool put(line_queue& queue, std::string_view lines) {
        char* const room = queue.reserve(lines.size());
        if (room != nullptr) {
            std::copy(lines.begin(), lines.end(), room);
            queue.commit(lines.size());
        }
        return room != nullptr;
    }

    static void change(line_queue& queue, std::uint64_t& next, std::mt19937& random) {
        for (auto n = random() % 8; n != 0; --n) {
            const std::string line = "line " + std::to_string(next++) + "\n";
            while (!put(queue, line) && queue.drop_oldest_batch().lines != 0) {}
        }
        queue.end_batch(instant{});
        queue.write(random() % (queue.unsent().size() + 1));
        queue.release(random() % (queue.sent() + 1));
        switch (random() % 4) {
            case 0: queue.rewind(); break;
            case 1: queue.drop_oldest_line(); break;
            case 2: queue.drop_newest_batch(); break;
            default: break;
        }
    }

    static std::string text_of(const line_queue& queue) {
        const queue_view view{queue};
        std::string text;
        for (std::size_t at = 0; at != view.size(); at += view.from(at).size()) {
            text.append(view.from(at).first).append(view.from(at).second);
        }
        return text;
    }
};

}  // namespace backends::testing
