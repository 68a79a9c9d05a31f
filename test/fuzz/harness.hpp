// SPDX-License-Identifier: BSL-1.0
//
// What every harness has: run(), called by libFuzzer (fuzzer.cpp) and by the replay of the kept
// corpus (replay.cpp), a reader that turns any bytes into decisions, and require(), which ends the
// program.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace fuzz {

/// One input, any bytes. Returns 0, or does not return: a mistake that was found aborts.
int run(const std::uint8_t* data, std::size_t size);

inline void require(bool good, std::string_view what, std::string_view about = "") {
    if (!good) [[unlikely]] {
        std::fprintf(stderr, "broken: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                     static_cast<int>(about.size()), about.data());
        std::abort();
    }
}

/// Takes decisions from the front of an input; zeros behind its end.
class decisions {
public:
    decisions(const std::uint8_t* data, std::size_t size) noexcept
        : rest_{reinterpret_cast<const char*>(data), size} {}

    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

    /// The next sizeof(T) bytes as they are.
    template <class T>
    T take() noexcept {
        static_assert(std::is_trivially_copyable_v<T>);
        std::array<char, sizeof(T)> bytes{};
        const std::string_view given = text(sizeof(T));
        std::copy(given.begin(), given.end(), bytes.begin());
        T value;
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
    /// 0 to most, from one byte. Precondition: most < 256.
    unsigned up_to(unsigned most) noexcept { return take<std::uint8_t>() % (most + 1); }

    std::string_view text(std::size_t size) noexcept {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string_view rest_;
};

}  // namespace fuzz
