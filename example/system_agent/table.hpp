// SPDX-License-Identifier: BSL-1.0
//
// The live table: the newest value and a small curve for every series that arrives. It knows lines
// as a receiver sees them, nothing of the exporter, so what it shows has been through the network.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace agent {

/// Blocks of eight heights, the lowest value at the bottom, the highest at the top; a flat curve
/// lies at the bottom. At most `width` of the newest values, blanks in front when there are fewer.
inline std::string sparkline(std::span<const double> values, std::size_t width) {
    static constexpr std::array blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (values.size() > width) {
        values = values.last(width);
    }
    std::string out(width - values.size(), ' ');
    if (values.empty()) {
        return out;
    }
    const auto [lowest, highest] = std::ranges::minmax(values);
    const double step = (highest - lowest) / static_cast<double>(blocks.size());
    for (const double v : values) {
        const auto height = step > 0 ? static_cast<std::size_t>((v - lowest) / step) : 0;
        out += blocks[std::min(height, blocks.size() - 1)];
    }
    return out;
}

/// A number as people read it: about four digits that count, right-aligned in ten places.
inline std::string short_number(double v) {
    std::array<char, 32> out{};
    const double size = v < 0 ? -v : v;
    const auto print = [&](double scaled, const char* unit) {
        const double s = scaled < 0 ? -scaled : scaled;
        const int places = s < 10 ? 3 : s < 100 ? 2 : 1;
        std::snprintf(out.data(), out.size(), "%8.*f%s", places, scaled, unit);
    };
    if (size >= 1e15) {
        std::snprintf(out.data(), out.size(), "%10.3e", v);
    } else if (size >= 1e12) {
        print(v / 1e12, " T");
    } else if (size >= 1e9) {
        print(v / 1e9, " G");
    } else if (size >= 1e6) {
        print(v / 1e6, " M");
    } else if (size >= 1e4) {
        print(v / 1e3, " k");
    } else {
        print(v, "  ");
    }
    return out.data();
}

/// Thread-safe: the receiver's thread adds, the program's main thread draws.
class table {
public:
    static constexpr std::size_t kept = 120;  // values per series: the widest curve

    void add(std::string_view series, std::string_view value) {
        double number = 0;
        std::from_chars(value.data(), value.data() + value.size(), number);
        const std::lock_guard lock{mutex_};
        const auto it = rows_.find(series);
        row& r = it != rows_.end() ? it->second : rows_[std::string{series}];
        r.moved = r.moved || (!r.values.empty() && r.values.back() != number);
        if (r.values.size() == kept) {
            r.values.erase(r.values.begin());
        }
        r.values.push_back(number);
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock{mutex_};
        return rows_.size();
    }

    /// A heading, the `height - 2` series that are worth most attention, and how many more there
    /// are. Every line is `width` columns or less.
    [[nodiscard]] std::vector<std::string> draw(std::size_t width, std::size_t height) const {
        const std::lock_guard lock{mutex_};
        std::vector<ranked> order;
        order.reserve(rows_.size());
        const std::size_t shared = shared_prefix();
        for (const auto& [series, values] : rows_) {
            const std::string_view label = std::string_view{series}.substr(shared);
            order.push_back({values.moved ? 0 : 1, rank(label), label, &values});
        }
        std::ranges::sort(order, [](const ranked& a, const ranked& b) {
            return std::tie(a.flat, a.rank, a.label) < std::tie(b.flat, b.rank, b.label);
        });

        const std::size_t number_width = 11;
        const std::size_t label_width = std::min<std::size_t>(32, width / 3);
        const std::size_t curve_width =
            std::min(kept, width - std::min(width, label_width + number_width + 2));
        std::vector<std::string> out;
        out.push_back(padded("series", label_width) + "  " + padded("lately", curve_width) +
                      "      value");
        for (const ranked& r : order) {
            if (out.size() + 1 >= height) {
                break;
            }
            out.push_back(padded(r.label, label_width) + "  " +
                          sparkline(r.row->values, curve_width) + " " +
                          short_number(r.row->values.back()));
        }
        if (const std::size_t hidden = order.size() + 1 - out.size(); hidden != 0) {
            out.push_back("… and " + std::to_string(hidden) + " more series");
        }
        return out;
    }

private:
    struct row {
        std::vector<double> values;
        bool moved = false;  // has ever changed: a flat line can wait at the bottom
    };
    struct ranked {
        int flat;
        std::size_t rank;
        std::string_view label;
        const struct row* row;
    };

    /// The place of a series among all: what most people look at first, then the rest. `*` stands
    /// for one disk or interface.
    static std::size_t rank(std::string_view label) {
        static constexpr std::array<std::string_view, 16> first{
            "system.cpu.user",      "system.cpu.system",      "system.cpu.iowait",
            "system.load.load1",    "system.ram.used",        "system.ram.cached",
            "system.ctxt.switches", "system.intr.interrupts", "system.forks.started",
            "disk.*.read",          "disk.*.written",         "net.*.received",
            "net.*.sent",           "system.processes.total", "system.processes.running",
            "system.cpu.idle"};
        const auto it = std::ranges::find_if(first, [&](std::string_view pattern) {
            const auto star = pattern.find('*');
            return star == pattern.npos ? label == pattern
                                        : label.starts_with(pattern.substr(0, star)) &&
                                              label.ends_with(pattern.substr(star + 1));
        });
        return static_cast<std::size_t>(it - first.begin());
    }

    /// The part that all names share, up to a dot: prefix and host, which need no column of their
    /// own.
    [[nodiscard]] std::size_t shared_prefix() const {
        if (rows_.empty()) {
            return 0;
        }
        const std::string_view a = rows_.begin()->first;
        const std::string_view z = rows_.rbegin()->first;  // sorted: these two differ the most
        const auto apart = std::ranges::mismatch(a, z).in1 - a.begin();
        const auto dot = a.substr(0, static_cast<std::size_t>(apart)).rfind('.');
        return dot == a.npos ? 0 : dot + 1;
    }

    static std::string padded(std::string_view text, std::size_t width) {
        std::string out{text.substr(0, width)};
        out.resize(width, ' ');
        return out;
    }

    mutable std::mutex mutex_;
    std::map<std::string, row, std::less<>> rows_;
};

}  // namespace agent
