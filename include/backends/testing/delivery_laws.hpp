// SPDX-License-Identifier: BSL-1.0
//
// Testing. The laws of the delivery policies, for a user's models and any test framework: each
// broken law gives a sentence, an empty text means that all hold.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/record_ends.hpp>
#include <backends/core/time.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/random.hpp>
#include <backends/queue/line_queue.hpp>
#include <backends/queue/overflow.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace backends::inline BACKENDS_ISA::testing {

/// A random source sets every bit about half of the time, and two neighbouring draws agree in it
/// about half of the time.
template <random_source Source>
struct random_source_laws {
    /// The first broken law, or "".
    static std::string broken(Source source) {
        constexpr int draws = 4096;
        constexpr int tolerance = 6 * 32;  // six standard deviations of 4096 coin tosses
        std::array<int, 64> set{};
        std::array<int, 64> agree{};
        std::uint64_t last = source();
        for (int i = 0; i != draws; ++i) {
            const std::uint64_t bits = source();
            for (unsigned bit = 0; bit != 64; ++bit) {
                set[bit] += static_cast<int>(bits >> bit & 1);
                agree[bit] += static_cast<int>(~(bits ^ last) >> bit & 1);
            }
            last = bits;
        }
        const auto even = [](int n) { return std::abs(n - draws / 2) <= tolerance; };
        if (!std::all_of(set.begin(), set.end(), even)) {
            return "a bit is not set half of the time";
        }
        if (!std::all_of(agree.begin(), agree.end(), even)) {
            return "a bit depends on the one before it";
        }
        return {};
    }
};

/// 1. No delay is shorter than the shortest or longer than the longest.
/// 2. After enough failures the delays reach the upper half of the allowed range.
/// 3. After reset() a policy behaves like a new one: no delay is longer than the longest first
/// delay.
template <class Policy, random_source Random = split_mix>
    requires backoff_policy<Policy, Random>
struct backoff_laws {
    /// The first broken law, or "".
    static std::string broken(Random random, nanoseconds shortest = milliseconds(100),
                              nanoseconds longest = nanoseconds{seconds{60}}) {
        const auto within = [&](nanoseconds d) { return d >= shortest && d <= longest; };
        nanoseconds longest_first{0};
        for (int i = 0; i != 1000; ++i) {
            Policy fresh{shortest, longest};
            const nanoseconds first = fresh.next(random);
            if (!within(first)) {
                return "the first delay is outside its bounds";
            }
            longest_first = (std::max)(longest_first, first);
        }
        Policy policy{shortest, longest};
        nanoseconds seen{0};
        for (int i = 0; i != 1000; ++i) {
            const nanoseconds delay = policy.next(random);
            if (!within(delay)) {
                return "a delay is outside its bounds";
            }
            seen = (std::max)(seen, delay);
        }
        if (seen.value < longest.value / 2) {
            return "the delays never grow to what is allowed";
        }
        for (int i = 0; i != 100; ++i) {
            policy.reset();
            if (policy.next(random).value > longest_first.value + longest_first.value / 10) {
                return "reset() does not start again";
            }
        }
        return {};
    }
};

/// 1. It returns exactly the lines that left the queue.
/// 2. Lines that have begun stay, and the remaining lines keep their order.
/// 3. trim() leaves no more than the allowed number of waiting batches.
///
/// @tparam Ends  what ends a line in the queue
template <overflow_policy Policy, record_end Ends = record_end::newline>
struct overflow_laws {
    /// The first broken law, or "".
    static std::string broken(std::size_t begun_bytes, std::size_t needed, std::size_t batches) {
        record_queue<Ends> queue{200};
        std::string text;
        for (char c = 'a'; c != 'k'; ++c) {
            const std::string line = line_of(static_cast<char>(10 + c - 'a'), c);
            std::copy(line.begin(), line.end(), queue.reserve(line.size()));
            queue.commit(line.size());
            text += line;
            if (c % 2 == 0) {
                queue.end_batch();
            }
        }
        queue.write((std::min)(begun_bytes, queue.unsent().size()));
        const std::size_t begun = queue.begun();
        for (const bool trims : {false, true}) {
            const std::size_t before = queue.size();
            const amount dropped =
                trims ? Policy::trim(queue, batches) : Policy::make_room(queue, needed);
            if (dropped.bytes != before - queue.size()) {
                return "what was dropped is not what left";
            }
            if (queue.begun() != begun) {
                return "a line that had begun was dropped";
            }
        }
        if (queue.waiting_batches() > batches) {
            return "more batches wait than allowed";
        }
        queue.rewind();
        std::string left;
        while (!queue.unsent().empty()) {
            left += queue.unsent();
            queue.write(queue.unsent().size());
        }
        if (left.substr(0, begun) != text.substr(0, begun)) {
            return "the lines that had begun have changed";
        }
        std::size_t at = 0;
        for (std::size_t start = 0; start != left.size();) {
            const std::size_t end = start + ends::first(std::string_view{left}.substr(start));
            at = text.find(left.substr(start, end - start), at);
            if (at == std::string::npos) {
                return "what stays is out of order, or not whole lines";
            }
            start = end;
        }
        return {};
    }

private:
    using ends = backends::detail::record_ends<Ends>;

    static std::string line_of(char size, char letter) {
        std::string line(static_cast<std::size_t>(size), letter);
        if constexpr (Ends == record_end::newline) {
            line += '\n';
        } else {
            line[0] = '\n';
            line.insert(1, 1, static_cast<char>(size - 1));
        }
        return line;
    }
};

/// 1. No more is confirmed than was written, and everything once the connection has ended well.
/// 2. At most `holds` acknowledged bytes are unconfirmed, unless the level waits for the end: then
/// at most `holds` bytes may be written.
/// 3. A further write or acknowledgement never takes a confirmation back.
/// 4. Where it says so, nothing is confirmed before it is acknowledged.
template <confirmation Policy>
struct confirmation_laws {
    /// The first broken law, or "".
    static std::string broken(std::uint64_t written, std::uint64_t acknowledged,
                              std::uint64_t unread, std::uint64_t batches) {
        const progress p{written, written - acknowledged, unread, batches, false};
        const std::uint64_t confirmed = Policy::confirmed(p);
        if (confirmed > written) {
            return "more is confirmed than was written";
        }
        if (backends::detail::keeps_unacknowledged<Policy> && confirmed > acknowledged) {
            return "what is kept until it is acknowledged was confirmed before";
        }
        const bool waits = Policy::remaining(p) != unbounded;
        if (!waits && acknowledged > Policy::holds && confirmed < acknowledged - Policy::holds) {
            return "more is held back than was declared";
        }
        if (waits && Policy::remaining(p) > Policy::holds) {
            return "more may be written than was declared to be held back";
        }
        progress later = p;
        later.written += 7;
        later.unacknowledged += 7;
        if (Policy::confirmed(later) < confirmed) {
            return "writing took a confirmation back";
        }
        later = p;
        later.unacknowledged /= 2;
        if (Policy::confirmed(later) < confirmed) {
            return "an acknowledgement took a confirmation back";
        }
        const progress ended{written, 0, 0, batches, true};
        if (Policy::confirmed(ended) != written) {
            return "the peer has read everything, and not everything is confirmed";
        }
        return {};
    }
};

}  // namespace backends::testing
