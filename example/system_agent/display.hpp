// SPDX-License-Identifier: BSL-1.0
//
// What the user of the agent looks at: on a terminal the live table and the account, redrawn; in a
// file the lines that arrive, and the account at the end.
#pragma once

#include "screen.hpp"
#include "table.hpp"

#include "../common/account.hpp"
#include "../receiver/tally.hpp"

#include <backends/core/counters.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent {

/// What arrives at the agent's own receiver: a row of the table, or a line of the output.
struct shown {
    table* rows;
    bool plain;

    void operator()(std::string_view line, const std::optional<receiver::line_seen>& seen) const {
        if (plain) {
            std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
        } else if (seen) {
            rows->add(seen->series, seen->value);
            for (const auto& [series, value] : seen->more) {
                rows->add(series, value);
            }
        }
    }
};

/// Everything that the user looks at.
class display {
public:
    explicit display(std::string title) : title_{std::move(title)} {}

    [[nodiscard]] bool is_terminal() const { return screen_.is_terminal(); }
    [[nodiscard]] table& series() { return table_; }

    /// @param below  the accounts
    void draw(const std::vector<std::string>& below,
              const std::optional<receiver::tally>& received) {
        if (!is_terminal()) {
            return;
        }
        std::vector<std::string> lines{title_, ""};
        const auto size = screen::now();
        if (received) {
            const std::size_t taken = lines.size() + below.size() + 4;  // a verdict, a prompt
            for (std::string& row :
                 table_.draw(size.columns, size.rows - std::min(size.rows, taken))) {
                lines.push_back(std::move(row));
            }
            lines.emplace_back();
        }
        lines.insert(lines.end(), below.begin(), below.end());
        screen_.draw(lines);
    }

    /// The account, and what the agent's own receiver says to it.
    static std::vector<std::string> summary(const backends::counters& counters,
                                            const std::optional<receiver::tally>& received) {
        std::vector<std::string> out = program::account(counters);
        for (std::string& line : program::spool_account(counters)) {
            out.push_back(std::move(line));
        }
        if (counters.refused_series != 0) {
            out.push_back("left out: " + program::grouped(counters.refused_series) +
                          " series whose lines would be longer than the format allows");
        }
        if (received) {
            out.push_back("receiver: " + program::grouped(received->well_formed) + " lines, " +
                          program::grouped(received->well_formed_bytes) + " bytes, " +
                          program::grouped(received->malformed) + " malformed, " +
                          program::grouped(received->torn_tails) + " torn");
        } else {
            out.push_back("connections " + program::grouped(counters.connections) + ", failures " +
                          program::grouped(counters.failures) + ", lines sent twice " +
                          program::grouped(counters.replayed.lines));
        }
        return out;
    }

private:
    std::string title_;
    screen screen_;
    table table_;
};

}  // namespace agent
