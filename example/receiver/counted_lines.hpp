// SPDX-License-Identifier: BSL-1.0
//
// Cuts what arrives into lines, gives each one to the format's parser and to a callable, and
// counts. Requests of binary records are read by the format's reader, and told as lines.
#pragma once

#include "binary_requests.hpp"
#include "tally.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace receiver {

/// One thread gives it bytes, any thread reads the counts.
template <class OnLine>
class counted_lines {
public:
    counted_lines(format_reader read, OnLine on_line) : read_{read}, on_line_{std::move(on_line)} {}

    [[nodiscard]] const format_reader& format() const { return read_; }

    [[nodiscard]] tally counts() const {
        const std::lock_guard lock{mutex_};
        return tally_;
    }

    template <class Change>
    void count(Change change) {
        const std::lock_guard lock{mutex_};
        change(tally_);
    }

    /// Cuts a block into lines; `begun` is the line that has begun before it, or in it. Returns how
    /// many ended in it.
    std::uint64_t take(std::string_view block, std::string& begun) {
        std::uint64_t lines = 0;
        for (;;) {
            const auto newline = block.find('\n');
            if (newline == block.npos) {
                end_of_block();
                // A line without end must not take all memory; its start is enough to refuse it.
                begun.append(block.substr(0, longest_line - std::min(longest_line, begun.size())));
                return lines;
            }
            if (begun.empty()) {
                line(block.substr(0, newline));
            } else {
                begun.append(block.substr(0, newline));
                line(begun);
                begun.clear();
            }
            ++lines;
            block.remove_prefix(newline + 1);
        }
    }

    /// A body of lines, each of them whole. Returns how many there were.
    std::uint64_t take_body(std::string_view body) {
        std::string begun;
        const std::uint64_t lines = take(body, begun);
        count([&](tally& t) { t.malformed += begun.empty() ? 0U : 1U; });
        return lines;
    }

    /// The body of a request of binary records. Throws damaged_request, and has counted nothing.
    request_account take_request(std::string_view body) {
        if (body.size() > longest_message) {
            throw damaged_request{"The body is longer than this receiver takes."};
        }
        request_account account = read_.messages->read(
            body, [this](std::string_view line, const auto& seen) { on_line_(line, seen); });
        count([&](tally& t) {
            t.well_formed += account.samples;
            t.well_formed_bytes += account.bytes;
            t.malformed += account.rejected;
        });
        end_of_block();
        if (account.rejected != 0) {
            tell(account.why);
        }
        return account;
    }

    /// A request that is not taken. `is_damaged`: because of what it says.
    void refused(bool is_damaged, std::string_view why = {}) {
        count([&](tally& t) {
            ++t.requests;
            ++t.refused_requests;
            t.malformed += is_damaged ? 1U : 0U;
        });
        if (!why.empty()) {
            tell(why);
        }
    }

    /// Says what was not taken to whoever has an ear for it.
    void tell(std::string_view why) {
        if constexpr (requires { on_line_.not_taken(why); }) {
            on_line_.not_taken(why);
        }
    }

private:
    static constexpr std::size_t longest_line = 1U << 20U;

    void end_of_block() {
        if constexpr (requires { on_line_.end_of_block(); }) {
            on_line_.end_of_block();
        }
    }

    void line(std::string_view text) {
        const std::optional<line_seen> seen = read_(text);
        count([&](tally& t) {
            if (seen) {
                ++t.well_formed;
                t.well_formed_bytes += text.size() + 1;
            } else {
                ++t.malformed;
            }
        });
        on_line_(text, seen);
    }

    format_reader read_;
    OnLine on_line_;
    mutable std::mutex mutex_;
    tally tally_;
};

}  // namespace receiver
