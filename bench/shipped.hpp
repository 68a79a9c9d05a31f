// SPDX-License-Identifier: BSL-1.0
//
// A tick end to end, from samples in the ring until a reader behind a loopback connection has the
// last byte: the original, which prints everything and sends it blocking; the same bytes, ready
// made; the library's cycle without its delivery; and its exporter, with its defaults but for a
// queue that holds a tick.
#pragma once

#include "systems.hpp"

#include <backends/bench/draining_reader.hpp>
#include <backends/bench/stepped_clock.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/transport/tcp.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace bench {

template <class Source, class Format>
class shipped_original {
public:
    explicit shipped_original(std::size_t series)
        : system_{series}, connection_{reader_.connect()} {}
    shipped_original(const shipped_original&) = delete;
    shipped_original& operator=(const shipped_original&) = delete;
    ~shipped_original() { ::close(connection_); }

    void record(std::size_t slots) noexcept { system_.record(slots); }
    output tick() {
        const output one = system_.tick();
        expected_ += one.bytes;
        baseline::send_all(connection_, system_.text());
        while (reader_.bytes() != expected_) {
            std::this_thread::yield();
        }
        return one;
    }
    void settle() noexcept {}

private:
    original<Source, Format> system_;
    draining_reader reader_;
    int connection_;
    std::uint64_t expected_ = 0;
};

/// What the kernel takes of it at the least: as many bytes as a tick has, ready made, sent blocking
/// out of one buffer that stays in the cache.
template <class Source, class Format>
class shipped_ready {
public:
    explicit shipped_ready(std::size_t series)
        : one_{original<Source, Format>{series}.tick_after(10)}, connection_{reader_.connect()} {}
    shipped_ready(const shipped_ready&) = delete;
    shipped_ready& operator=(const shipped_ready&) = delete;
    ~shipped_ready() { ::close(connection_); }

    void record(std::size_t /*slots*/) noexcept {}
    output tick() {
        expected_ += one_.bytes;
        for (std::size_t left = one_.bytes; left != 0;) {
            const std::size_t n = std::min(left, text_.size());
            baseline::send_all(connection_, {text_.data(), n});
            left -= n;
        }
        while (reader_.bytes() != expected_) {
            std::this_thread::yield();
        }
        return one_;
    }
    void settle() noexcept {}

private:
    output one_;
    std::vector<char> text_ = std::vector<char>(std::size_t{1} << 20, 'x');
    draining_reader reader_;
    int connection_;
    std::uint64_t expected_ = 0;
};

/// What formatting and sending in turns take at the least: the library's cycle, each slice of its
/// lines sent blocking out of one buffer. No queue, no account, nobody who looks whether any of it
/// arrived.
template <class Cell, class Source, class Format>
class shipped_unaccounted {
public:
    explicit shipped_unaccounted(std::size_t series)
        : system_{series}, slices_{reader_.connect()} {}

    void record(std::size_t slots) noexcept { system_.record(slots); }
    output tick() {
        const output before = slices_.sent();
        system_.tick_into(slices_);
        slices_.send();
        const output now = slices_.sent();
        while (reader_.bytes() != now.bytes) {
            std::this_thread::yield();
        }
        return {now.lines - before.lines, now.bytes - before.bytes};
    }
    void settle() noexcept {}

private:
    /// As delivery has them: sliced_queue.hpp.
    class slices {
    public:
        explicit slices(int connection) : connection_{connection} {}
        slices(const slices&) = delete;
        slices& operator=(const slices&) = delete;
        ~slices() { ::close(connection_); }

        [[nodiscard]] static bool fits(std::size_t n) noexcept { return n <= room; }
        [[nodiscard]] char* reserve(std::size_t /*n*/) noexcept { return bytes_.data() + used_; }
        void commit(std::size_t bytes, std::size_t lines) {
            used_ += bytes;
            sent_.bytes += bytes;
            sent_.lines += lines;
            if (used_ >= slice) {
                send();
            }
        }
        void refuse(std::size_t, std::size_t) noexcept {}
        void send() {
            baseline::send_all(connection_, {bytes_.data(), used_});
            used_ = 0;
        }
        [[nodiscard]] output sent() const noexcept { return sent_; }

    private:
        static constexpr std::size_t slice = std::size_t{124} << 10;
        static constexpr std::size_t room = std::size_t{64} << 10;

        std::vector<char> bytes_ = std::vector<char>(slice + room);
        std::size_t used_ = 0;
        output sent_;
        int connection_;
    };

    ours<Cell, Source, Format> system_;
    draining_reader reader_;
    slices slices_;
};

/// @tparam InFlight  the bound on unacknowledged bytes; 0: its default
template <class Cell, class Source, class Format, std::size_t InFlight = 0>
class shipped_ours {
    using charts_type = charts<Cell, collected_by<Source>>;

public:
    explicit shipped_ours(std::size_t series)
        : charts_{series}, exporter_{charts_.host(), settings(series, reader_.port())} {
        exporter_.poll(stepped_clock::steady_now());
        tick();  // connects, and takes what was recorded so far
        settle();
    }

    void record(std::size_t slots) noexcept { charts_.record(slots); }
    output tick() {
        const backends::amount before = exporter_.counters().accepted;
        stepped_clock::wall = charts_.now();
        stepped_clock::ahead = stepped_clock::ahead + backends::nanoseconds{update_every};
        backends::amount now = before;
        while (now == before || reader_.bytes() != now.bytes) {
            exporter_.poll(stepped_clock::steady_now());
            now = exporter_.counters().accepted;
        }
        return {now.lines - before.lines, now.bytes - before.bytes};
    }
    /// What the receiver's machine has acknowledged leaves the queue.
    void settle() {
        while (exporter_.counters().confirmed != exporter_.counters().accepted) {
            exporter_.poll(stepped_clock::steady_now());
        }
    }

private:
    static constexpr backends::seconds update_every{10};

    static backends::options settings(std::size_t series, std::uint16_t port) {
        backends::options o{.destination = "127.0.0.1:" + std::to_string(port), .prefix = prefix};
        o.update_every = update_every;
        o.align = false;  // its clocks are set apart from each other
        o.queue_bytes = series * 300 + (std::size_t{1} << 20);
        o.self_monitoring = false;
        if (InFlight != 0) {
            o.unacknowledged_bytes = InFlight;
        }
        return o;
    }

    draining_reader reader_;
    charts_type charts_;
    backends::exporter<Source, Format, backends::tcp, typename charts_type::host_type,
                       stepped_policies>
        exporter_;
};

}  // namespace bench
