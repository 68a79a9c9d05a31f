// SPDX-License-Identifier: BSL-1.0
#include <backends/storage/ring.hpp>

#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

using backends::dynamic_capacity;
using backends::slot_number;
using backends::slot_range;
using backends::unsynchronized;
using backends::wait_free;

namespace {

constexpr std::uint64_t gap = 0;

/// Rows by slot; forgets nothing.
struct naive_ring {
    std::size_t capacity;
    std::map<slot_number, std::vector<std::uint64_t>> rows;

    slot_number first() const { return 0; }
    slot_number end() const { return rows.rbegin()->first + 1; }

    /// Column `column` of the kept slots of a range, newest first.
    std::vector<std::uint64_t> column(slot_range range, std::size_t column) const {
        std::vector<std::uint64_t> values;
        if (rows.empty()) {
            return values;
        }
        const slot_number oldest = std::max(first(), end() - static_cast<slot_number>(capacity));
        for (slot_number s = std::min(range.end, end()) - 1; s >= std::max(range.first, oldest);
             --s) {
            const auto row = rows.find(s);
            values.push_back(row == rows.end() ? gap : row->second[column]);
        }
        return values;
    }
};

template <std::size_t N, class Ring>
std::vector<std::vector<std::uint64_t>> visited(const Ring& ring, slot_range range,
                                                std::size_t first) {
    std::vector<std::vector<std::uint64_t>> columns(N);
    const auto seen = ring.template visit<N>(range, first, [&](const auto& row) {
        for (std::size_t i = 0; i < N; ++i) {
            columns[i].push_back(row[i]);
        }
    });
    REQUIRE(seen == columns[0].size());
    return columns;
}

template <std::size_t Capacity, class Recording>
void compare(std::size_t capacity, std::size_t width, unsigned seed) {
    std::mt19937_64 random{seed};
    // Between two others, or with rows of its own.
    backends::row_tiles<std::uint64_t> tiles;
    tiles.take(capacity, 3, gap);
    auto* const shared = seed % 2 == 0 ? &tiles : nullptr;
    backends::ring<std::uint64_t, Capacity, Recording> ring{width, capacity, gap, shared};
    const auto behind = tiles.take(capacity, 3, gap);
    std::uint64_t samples = 0;
    naive_ring model{capacity, {}};
    slot_number slot = static_cast<slot_number>(seed % 3) - 1;
    for (int n = 0; n < 200; ++n) {
        const auto kind = random() % 8;
        slot += kind == 0   ? static_cast<slot_number>(random() % (3 * capacity)) + 1
                : kind == 1 ? static_cast<slot_number>(capacity)
                            : 1;
        auto* row = ring.claim(slot, gap);
        auto& expected = model.rows[slot];
        for (std::size_t i = 0; i < width; ++i) {
            expected.push_back(random() | 1);
            row[i] = expected.back();
        }
        ring.publish(width);
        samples += width;

        REQUIRE(ring.end() == model.end());
        REQUIRE(ring.recorded().kept == ring.kept());
        REQUIRE(ring.recorded().samples == samples);
        REQUIRE(ring.recorded().is_consistent);
        const slot_number spread = static_cast<slot_number>(capacity) + 3;
        const auto from =
            slot - static_cast<slot_number>(random() % static_cast<unsigned>(2 * spread));
        const slot_range range{from, from + static_cast<slot_number>(random() % 9)};
        const auto column = random() % width;
        REQUIRE(visited<1>(ring, range, column)[0] == model.column(range, column));
        REQUIRE(visited<1>(ring, {INT64_MIN, INT64_MAX}, column)[0] ==
                model.column({INT64_MIN, INT64_MAX}, column));
        if (width >= 2) {
            const auto two = visited<2>(ring, ring.kept(), width - 2);
            REQUIRE(two[0] == model.column(ring.kept(), width - 2));
            REQUIRE(two[1] == model.column(ring.kept(), width - 1));
        }
    }
    for (std::size_t row = 0; row < capacity; ++row) {
        for (std::size_t i = 0; i < 3; ++i) {
            REQUIRE(behind.first[row * behind.stride + i] == gap);
        }
    }
}

}  // namespace

TEST_CASE("a ring of any capacity holds what a map of rows says") {
    unsigned seed = 0;
    for (int again = 0; again < 6; ++again) {
        for (const std::size_t width : {1U, 2U, 5U}) {
            for (std::size_t capacity = 1; capacity <= 9; ++capacity) {
                compare<dynamic_capacity, unsynchronized>(capacity, width, ++seed);
                compare<dynamic_capacity, wait_free>(capacity, width, ++seed);
            }
            compare<1, wait_free>(1, width, ++seed);
            compare<2, wait_free>(2, width, ++seed);
            compare<3, unsynchronized>(3, width, ++seed);
            compare<64, wait_free>(64, width, ++seed);
        }
    }
}

TEST_CASE("a ring without rows has nothing to visit") {
    const backends::ring<double, 4, wait_free> ring{3, 0, 0.0};
    REQUIRE_FALSE(ring.any());
    REQUIRE(ring.kept().empty());
    REQUIRE(ring.visit<1>({INT64_MIN, INT64_MAX}, 0, [](const auto&) {}) == 0);
}

TEST_CASE("a visit ends at the row that is claimed again under its hands") {
    backends::ring<std::uint64_t, 4, wait_free> ring{1, 0, gap};
    const auto store = [&](slot_number slot) {
        *ring.claim(slot, gap) = static_cast<std::uint64_t>(slot);
        ring.publish(1);
    };
    for (slot_number slot = 0; slot < 14; ++slot) {
        store(slot);
    }
    std::vector<std::uint64_t> seen;
    slot_number next = 14;
    const auto rows = ring.visit<1>(ring.kept(), 0, [&](const auto& row) {
        seen.push_back(row[0]);
        store(next++);  // as if from another thread: takes slot 10, then 11
    });
    REQUIRE(seen == std::vector<std::uint64_t>{13, 12});
    REQUIRE(rows == 2);
}

TEST_CASE("a ring as its page shows it") {
    //! [ring]
    backends::ring<double, 60, backends::wait_free> ring{2, 0, 0.0};  // 60 rows of 2 words, gap 0

    // The recorder: claim a slot, fill its row, publish it. Rows of slots between become gaps.
    double* row = ring.claim(ring.next(), 0.0);
    backends::wait_free::store(row[0], 1.5);
    backends::wait_free::store(row[1], 2.5);
    ring.publish(2);

    double sum = 0;  // a reader: both columns of what is kept, newest first
    const auto rows = ring.visit<2>(
        ring.kept(), 0, [&](const std::array<double, 2>& words) { sum += words[0] + words[1]; });
    //! [ring]
    REQUIRE(rows == 1);
    REQUIRE(sum == 4);
}
