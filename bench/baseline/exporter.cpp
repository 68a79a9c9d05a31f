// SPDX-License-Identifier: BSL-1.0
#include "baseline/exporter.hpp"

#include "baseline/packed.hpp"

#include <utility>

namespace baseline {

chart& add_chart(host& owner, std::string id, const std::vector<std::string>& dimensions,
                 std::size_t entries) {
    chart& added = owner.charts.emplace_back();
    added.id = std::move(id);
    added.entries = entries;
    for (const std::string& name : dimensions) {
        added.dimensions.push_back({.id = name, .cells = std::vector<std::uint32_t>(entries, gap)});
    }
    return added;
}

void store(const chart& c, dimension& d, std::int64_t at, double value) noexcept {
    d.cells[c.next] = pack(static_cast<long double>(value));
    d.collected_at = at;
}

void collect(dimension& d, std::int64_t at, std::int64_t value) noexcept {
    d.collected = value;
    d.collected_at = at;
}

void store_gap(const chart& c, dimension& d) noexcept { d.cells[c.next] = gap; }

void advance(chart& c, std::int64_t at) noexcept {
    c.next = c.next + 1 == c.entries ? 0 : c.next + 1;
    ++c.stored;
    c.newest = at;
}

namespace {

struct reduced {
    long double value = 0;
    std::size_t samples = 0;
};

reduced reduce(const chart& c, const dimension& d, source what, std::int64_t after,
               std::int64_t before) noexcept {
    const std::size_t kept = c.stored < c.entries ? c.stored : c.entries;
    const std::int64_t oldest = c.newest - static_cast<std::int64_t>(kept) + 1;
    const std::int64_t first = after + 1 < oldest ? oldest : after + 1;
    const std::int64_t last = before > c.newest ? c.newest : before;
    if (kept == 0 || first > last) {
        return {};
    }
    const auto back = static_cast<std::size_t>(c.newest - last) + 1;
    std::size_t slot = c.next >= back ? c.next - back : c.next + c.entries - back;
    long double total = 0;
    std::size_t samples = 0;
    for (std::int64_t at = last; at >= first; --at) {
        if (const std::uint32_t word = d.cells[slot]; exists(word)) {
            total += unpack(word);
            ++samples;
        }
        slot = slot == 0 ? c.entries - 1 : slot - 1;
    }
    if (samples != 0 && what == source::average) {
        total /= static_cast<long double>(samples);
    }
    return {total, samples};
}

using print_stored = void(growing_buffer&, const host&, const chart&, const dimension&,
                          long double value, long long at);
using print_collected = void(growing_buffer&, const host&, const chart&, const dimension&);

void graphite_stored(growing_buffer& out, const host& h, const chart& c, const dimension& d,
                     long double value, long long at) {
    out.print("%s.%s.%s.%s %0.7Lf %lld\n", h.prefix.c_str(), h.hostname.c_str(), c.id.c_str(),
              d.id.c_str(), value, at);
}

void graphite_collected(growing_buffer& out, const host& h, const chart& c, const dimension& d) {
    out.print("%s.%s.%s.%s %lld %lld\n", h.prefix.c_str(), h.hostname.c_str(), c.id.c_str(),
              d.id.c_str(), static_cast<long long>(d.collected),
              static_cast<long long>(d.collected_at));
}

void opentsdb_stored(growing_buffer& out, const host& h, const chart& c, const dimension& d,
                     long double value, long long at) {
    out.print("put %s.%s.%s %lld %0.7Lf host=%s\n", h.prefix.c_str(), c.id.c_str(), d.id.c_str(),
              at, value, h.hostname.c_str());
}

void opentsdb_collected(growing_buffer& out, const host& h, const chart& c, const dimension& d) {
    out.print("put %s.%s.%s %lld %lld host=%s\n", h.prefix.c_str(), c.id.c_str(), d.id.c_str(),
              static_cast<long long>(d.collected_at), static_cast<long long>(d.collected),
              h.hostname.c_str());
}

void json_stored(growing_buffer& out, const host& h, const chart& c, const dimension& d,
                 long double value, long long at) {
    out.print(
        R"({"prefix":"%s","hostname":"%s","id":"%s","subid":"%s","value":%0.7Lf,"timestamp": %lld})"
        "\n",
        h.prefix.c_str(), h.hostname.c_str(), c.id.c_str(), d.id.c_str(), value, at);
}

void json_collected(growing_buffer& out, const host& h, const chart& c, const dimension& d) {
    out.print(
        R"({"prefix":"%s","hostname":"%s","id":"%s","subid":"%s","value":%lld,"timestamp": %lld})"
        "\n",
        h.prefix.c_str(), h.hostname.c_str(), c.id.c_str(), d.id.c_str(),
        static_cast<long long>(d.collected), static_cast<long long>(d.collected_at));
}

struct printers {
    print_stored* stored;
    print_collected* collected;
};

printers printers_of(format f) noexcept {
    switch (f) {
        case format::graphite: return {graphite_stored, graphite_collected};
        case format::opentsdb: return {opentsdb_stored, opentsdb_collected};
        case format::json: break;
    }
    return {json_stored, json_collected};
}

}  // namespace

std::size_t print_lines(const host& h, source what, format f, std::int64_t after,
                        std::int64_t before, growing_buffer& out) {
    const printers print = printers_of(f);
    std::size_t lines = 0;
    for (const chart& c : h.charts) {
        for (const dimension& d : c.dimensions) {
            if (what == source::as_collected) {
                if (d.collected_at > after) {
                    print.collected(out, h, c, d);
                    ++lines;
                }
            } else if (const reduced r = reduce(c, d, what, after, before); r.samples != 0) {
                print.stored(out, h, c, d, r.value, before);
                ++lines;
            }
        }
    }
    return lines;
}

long double reduce_all(const host& h, source what, std::int64_t after,
                       std::int64_t before) noexcept {
    long double total = 0;
    for (const chart& c : h.charts) {
        for (const dimension& d : c.dimensions) {
            total += reduce(c, d, what, after, before).value;
        }
    }
    return total;
}

}  // namespace baseline
