// SPDX-License-Identifier: BSL-1.0
//
// Golden cases, read strictly: what is not of the form is an error with its line number.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace golden {

/// One case; the members begin as its defaults.
struct golden_case {
    std::string name;
    std::string prefix = "netdata";
    std::string hostname = "localhost";
    std::string chart = "c";
    std::string dim = "d";
    std::int64_t update_every = 1;
    std::int64_t entries = 5;
    std::int64_t last = 0;
    std::int64_t after = 0;
    std::int64_t before = 0;
    std::int64_t collected_time = 0;  // 0: never collected
    std::int64_t collected_value = 0;
    std::vector<std::optional<double>> values = {};  // oldest first; nothing is a gap
};

/// The input is not a list of cases. what() begins with the number of the line.
class malformed_case : public std::runtime_error {
public:
    malformed_case(std::size_t line, std::string_view why)
        : std::runtime_error{"line " + std::to_string(line) + ": " + std::string{why}} {}
};

class case_reader {
public:
    explicit case_reader(std::istream& in) : in_{in} {}

    /// The next case; nothing at the end of the input. Throws malformed_case.
    std::optional<golden_case> next() {
        std::optional<golden_case> open;
        std::string line;
        while (std::getline(in_, line)) {
            ++line_;
            if (line.empty() || line.front() == '#') {
                continue;
            }
            const auto blank = line.find(' ');
            const std::string_view key = std::string_view{line}.substr(0, blank);
            const std::string_view value =
                blank == line.npos ? std::string_view{} : std::string_view{line}.substr(blank + 1);
            if (key == "case") {
                if (open) {
                    fail("case before the end of case " + open->name);
                }
                open.emplace().name = text(key, value);
            } else if (!open) {
                fail("'" + std::string{key} + "' outside a case");
            } else if (key == "end") {
                if (!value.empty()) {
                    fail("'end' takes no value");
                }
                return open;
            } else {
                set(*open, key, value);
            }
        }
        if (open) {
            ++line_;
            fail("the input ends inside case " + open->name);
        }
        return std::nullopt;
    }

    /// The number of the line that was read last.
    [[nodiscard]] std::size_t line() const noexcept { return line_; }

private:
    void set(golden_case& c, std::string_view key, std::string_view value) const {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        if (key == "prefix") {
            c.prefix = text(key, value);
        } else if (key == "hostname") {
            c.hostname = text(key, value);
        } else if (key == "chart") {
            c.chart = text(key, value);
        } else if (key == "dim") {
            c.dim = text(key, value);
        } else if (key == "update_every") {
            c.update_every = integer(key, value, 1, std::int64_t{1} << 32U);
        } else if (key == "entries") {
            c.entries = integer(key, value, 1, 100'000'000);
        } else if (key == "last") {
            c.last = integer(key, value, 0, most);
        } else if (key == "after") {
            c.after = integer(key, value, -most, most);
        } else if (key == "before") {
            c.before = integer(key, value, -most, most);
        } else if (key == "collected_time") {
            c.collected_time = integer(key, value, 0, most);
        } else if (key == "collected_value") {
            c.collected_value = integer(key, value, -most - 1, most);
        } else if (key == "values") {
            c.values = tokens(value);
        } else {
            fail("unknown key '" + std::string{key} + "'");
        }
    }

    [[nodiscard]] std::string text(std::string_view key, std::string_view value) const {
        if (value.empty()) {
            fail("'" + std::string{key} + "' has no value");
        }
        return std::string{value};
    }

    [[nodiscard]] std::int64_t integer(std::string_view key, std::string_view value,
                                       std::int64_t least, std::int64_t most) const {
        std::int64_t n = 0;
        const char* const end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, n);
        if (error != std::errc{} || stop != end || n < least || n > most) {
            fail("'" + std::string{key} + "' is no integer from " + std::to_string(least) + " to " +
                 std::to_string(most) + ": '" + std::string{value} + "'");
        }
        return n;
    }

    [[nodiscard]] std::vector<std::optional<double>> tokens(std::string_view text) const {
        std::vector<std::optional<double>> out;
        while (true) {
            const auto begin = text.find_first_not_of(' ');
            if (begin == text.npos) {
                return out;
            }
            text.remove_prefix(begin);
            const std::string_view token = text.substr(0, text.find(' '));
            text.remove_prefix(token.size());
            out.push_back(stored(token));
        }
    }

    [[nodiscard]] std::optional<double> stored(std::string_view token) const {
        if (token == "-") {
            return std::nullopt;
        }
        double v = 0;
        const char* const end = token.data() + token.size();
        const auto [stop, error] = std::from_chars(token.data(), end, v);
        if (stop != end || error != std::errc{}) {
            fail("no value that a double can hold: '" + std::string{token} + "'");
        }
        return v;
    }

    [[noreturn]] void fail(std::string_view why) const { throw malformed_case{line_, why}; }

    std::istream& in_;
    std::size_t line_ = 0;
};

}  // namespace golden
