// SPDX-License-Identifier: BSL-1.0
//
// Testing. A receiver whose program answers: it takes each line that it has read, or refuses it for
// good, or says "not now". Answers come in order, late, or not at all.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/time.hpp>
#include <backends/testing/network_settings.hpp>
#include <backends/testing/record_cutter.hpp>
#include <backends/transport/transport.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::testing {

/// Whether a receiver that refuses one line of `every` (0: none) refuses this one. Always the same.
constexpr bool is_refused(std::string_view line, unsigned every) noexcept {
    std::uint64_t hash = 7;
    for (const char c : line) {
        hash = hash * 1099511628211U + static_cast<unsigned char>(c);
    }
    return every != 0 && (hash >> 20U) % every == 0;
}

/// The answers on one connection.
class simulated_answers {
public:
    simulated_answers() noexcept = default;
    /// `every`: the program refuses one line of so many; 0: none. `cut` cuts what we write.
    explicit simulated_answers(unsigned every, record_cutter cut) noexcept
        : refuse_every{every}, cutter{cut} {}

    unsigned refuse_every = 0;  ///< one line of so many; 0: none
    record_cutter cutter;       ///< of what we have written
    bool said_not_now = false;  ///< it has said so

    /// Our side has written these bytes.
    void wrote(std::span<const char> bytes) {
        for (const char c : bytes) {
            line_.push_back(c);
            ++written_;
            if (cutter.ends_with(c)) {
                lines_.push_back(
                    {written_, is_refused({line_.data(), line_.size()}, refuse_every)});
                line_.clear();
            }
        }
    }
    /// The program has read up to this offset.
    void read_up_to(std::uint64_t offset) noexcept {
        while (answered_ != lines_.size() && lines_[answered_].end <= offset) {
            ++answered_;
        }
    }
    /// The answers for about so many bytes come to us.
    void travel(std::uint64_t bytes) noexcept {
        const std::uint64_t from = arrived_ == 0 ? 0 : lines_[arrived_ - 1].end;
        while (arrived_ != answered_ && lines_[arrived_].end - from <= bytes) {
            ++arrived_;
        }
    }
    /// The bytes whose answers our transport has taken.
    [[nodiscard]] std::uint64_t heard() const noexcept {
        return heard_ == 0 ? 0 : lines_[heard_ - 1].end;
    }
    /// Whether an answer has come that our transport has not taken.
    [[nodiscard]] bool waits() const noexcept { return heard_ != arrived_; }

    /// Takes the answers that have come, up to the first refusals, which it returns.
    std::optional<io_result> take() noexcept {
        while (waits() && !lines_[heard_].refused) {
            ++heard_;
        }
        const std::uint64_t from = heard();
        while (waits() && lines_[heard_].refused) {
            ++heard_;
        }
        if (heard() == from) {
            return std::nullopt;
        }
        return io_result{static_cast<std::size_t>(heard() - from), make_error_code(errc::refused)};
    }

private:
    struct answered_line {
        std::uint64_t end;
        bool refused;
    };

    std::vector<char> line_;  // the unfinished one
    std::vector<answered_line> lines_;
    std::uint64_t written_ = 0;
    std::size_t answered_ = 0;  // of these, by the program
    std::size_t arrived_ = 0;   // of these, came to us
    std::size_t heard_ = 0;     // of these, taken by our transport
};

/// Which destinations say "not now", and for how long.
class simulated_moods {
public:
    /// How a destination answers.
    enum class mood : std::uint8_t {
        willing,  ///< it takes lines
        once,     ///< it says "not now", once
        sullen,   ///< it always says so
    };

    /// Sets a destination's, with the delay that it asks for.
    void set(std::size_t destination, mood how, nanoseconds delay) noexcept {
        moods_[destination] = how;
        delays_[destination] = delay;
    }
    /// Sets all.
    void set_all(mood how) noexcept {
        moods_.fill(how);
        delays_ = {};
    }
    /// What a read finds: that it is not willing, or which lines it refuses.
    std::optional<io_result> answer(std::size_t destination, simulated_answers& to) noexcept {
        if (!to.waits() || moods_[destination] == mood::willing) {
            return to.take();
        }
        if (moods_[destination] == mood::once) {
            moods_[destination] = mood::willing;
        }
        to.said_not_now = true;
        return io_result{0, make_error_code(errc::not_now), delays_[destination]};
    }

private:
    std::array<mood, max_destinations> moods_{};
    std::array<nanoseconds, max_destinations> delays_{};
};

}  // namespace backends::testing
