// SPDX-License-Identifier: BSL-1.0
//
// What the tests of this folder share: lines into a queue, and what a spool gives back.
#pragma once

#include <backends/core/time.hpp>
#include <backends/queue/line_queue.hpp>
#include <backends/queue/queue_view.hpp>
#include <backends/spool/file_spool.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// False: no room.
inline bool push(backends::line_queue& queue, std::string_view text) {
    char* const room = queue.reserve(text.size());
    if (room == nullptr) {
        return false;
    }
    std::copy(text.begin(), text.end(), room);
    queue.commit(text.size());
    return true;
}

/// Lines, batch by batch; those of a batch that goes on come last, without an end.
struct batches {
    std::vector<std::string> ended;
    std::string open;

    void add(std::string_view lines, bool ends_batch) {
        open += lines;
        if (ends_batch) {
            ended.push_back(open);
            open.clear();
        }
    }
    [[nodiscard]] std::string text() const {
        std::string all;
        for (const std::string& batch : ended) {
            all += batch;
        }
        return all + open;
    }
    bool operator==(const batches&) const = default;
};

inline batches contents(const backends::line_queue& queue) {
    const backends::queue_view view{queue};
    batches out;
    for (std::size_t at = 0; at != view.size(); at += view.from(at).size()) {
        const auto s = view.from(at);
        out.add(std::string{s.first}.append(s.second), s.ends_batch);
    }
    return out;
}

inline batches restored(backends::file_spool& spool) {
    batches out;
    spool.restore([&](std::string_view lines, bool ends_batch) { out.add(lines, ends_batch); });
    return out;
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t begin = 0; begin != text.size();) {
        const std::size_t end = text.find('\n', begin) + 1;
        out.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return out;
}

}  // namespace test
