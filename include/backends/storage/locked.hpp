// SPDX-License-Identifier: BSL-1.0
//
// Storage, recording policy: any number of threads record into one chart, and a mutex per chart
// serializes them and the exporter. The exporter holds it while it reads a few columns of a window,
// never while it formats or sends.
#pragma once

#include <backends/cell/row_views.hpp>
#include <backends/storage/recording_policy.hpp>

#include <cstdint>
#include <cstring>
#include <mutex>

namespace backends::inline BACKENDS_ISA {

/// Any number of recorders and readers, one at a time.
class locked {
public:
    static constexpr bool is_read_while_recorded = false;

    template <class Word>
    static constexpr Word load(const Word& word) noexcept {
        return word;
    }
    /// Optional: see byte_loading_policy.
    static unsigned char load_top_byte(const std::uint32_t& word) noexcept {
        return reinterpret_cast<const unsigned char*>(&word)[detail::top_byte_at];
    }
    /// Optional: see vector_loading_policy.
    template <class Vector, class Word>
    static Vector load_vector(const Word* words) noexcept {
        Vector lanes;
        std::memcpy(&lanes, words, sizeof lanes);
        return lanes;
    }
    template <class Word>
    static constexpr void store(Word& word, Word value) noexcept {
        word = value;
    }

    [[nodiscard]] std::lock_guard<std::mutex> recording() const noexcept {
        return std::lock_guard{mutex_};
    }
    [[nodiscard]] std::lock_guard<std::mutex> reading() const noexcept {
        return std::lock_guard{mutex_};
    }

private:
    mutable std::mutex mutex_;
};

static_assert(recording_policy<locked>);

}  // namespace backends
