// SPDX-License-Identifier: BSL-1.0
//
// Baseline: one buffer for a whole batch of lines, which grows in small steps and is printed into.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace baseline {

class growing_buffer {
public:
    [[gnu::format(printf, 2, 3)]] void print(const char* format, ...);
    void clear() noexcept { length_ = 0; }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), length_}; }

private:
    static constexpr std::size_t step = 1024;

    std::vector<char> bytes_ = std::vector<char>(1);
    std::size_t length_ = 0;
};

/// Blocks until the socket took everything.
bool send_all(int socket, std::string_view bytes) noexcept;

}  // namespace baseline
