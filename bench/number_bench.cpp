// SPDX-License-Identifier: BSL-1.0
//
// Numbers as text: values of 0 to 1,000 with all their digits, seven decimals. Items are numbers.
#include "benches.hpp"

#include <backends/number/number.hpp>
#include <backends/number/number_block.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

namespace bench {

namespace {

constexpr std::size_t numbers = 1024;
constexpr std::size_t room = 512;

template <class Value, class Make>
std::vector<Value> values(Make make) {
    std::mt19937_64 random{20'261'122};
    std::vector<Value> all;
    for (std::size_t i = 0; i < numbers; ++i) {
        all.push_back(make(std::uniform_real_distribution<double>{0, 1000}(random)));
    }
    return all;
}

/// `write(out, end, value)` returns the text's end. Texts follow each other, as in a line buffer.
template <class Value, class Write>
void measure(benchmark::State& state, const std::vector<Value>& all, Write write) {
    std::vector<char> text(numbers * 32 + room);
    std::size_t bytes = 0;
    for (auto _ : state) {
        char* out = text.data();
        for (const Value& v : all) {
            out = write(out, out + room, v);
        }
        bytes = static_cast<std::size_t>(out - text.data());
        benchmark::ClobberMemory();
    }
    const auto rounds = static_cast<std::size_t>(state.iterations());
    set_items(state, rounds * all.size(), rounds * bytes);
}

/// As a chart's lines get theirs: a block of numbers at a time.
void blocks(benchmark::State& state) {
    constexpr std::size_t most = 12;
    constexpr std::size_t at_once = 10;
    const std::vector<double> all = values<double>([](double v) { return v; });
    std::vector<char> text(numbers * 32 + room);
    std::size_t printed = 0;
    for (auto _ : state) {
        char* out = text.data();
        for (std::size_t first = 0; first + at_once <= all.size(); first += at_once) {
            backends::value_array<double, most> some;
            std::copy_n(all.data() + first, at_once, some.data());
            std::fill(some.data() + at_once, some.data() + most, 0.0);
            const backends::number_block<double, most> block{some, at_once};
            for (std::size_t i = 0; i < at_once; ++i) {
                out = block.is_plain() ? block.write_plain(out, i) : block.write(out, i);
            }
            printed += at_once;
        }
        benchmark::ClobberMemory();
    }
    set_items(state, printed);
}

template <class Value, class Make, class Write>
void add(const char* name, Make make, Write write) {
    benchmark::RegisterBenchmark(
        name, [=](benchmark::State& state) { measure(state, values<Value>(make), write); });
}

constexpr auto as_it_is = [](double v) { return v; };
constexpr auto in_units = [](double v) { return std::llrint(v * 1e7); };
constexpr auto ours = [](char* out, char*, auto v) { return backends::write_number(out, v); };

}  // namespace

void add_number_benches() {
    add<double>("number/double", as_it_is, ours);
    benchmark::RegisterBenchmark("number/double_block", blocks);
    add<backends::decimal>(
        "number/decimal", [](double v) { return backends::decimal{in_units(v)}; }, ours);
    add<std::int64_t>("number/int64", in_units, ours);
    add<double>("number/snprintf", as_it_is, [](char* out, char* end, double v) {
        return out + std::snprintf(out, static_cast<std::size_t>(end - out), "%.7f", v);
    });
    add<double>("number/snprintf_long_double", as_it_is, [](char* out, char* end, double v) {
        return out + std::snprintf(out, static_cast<std::size_t>(end - out), "%0.7Lf",
                                   static_cast<long double>(v));
    });
    add<double>("number/to_chars", as_it_is, [](char* out, char* end, double v) {
        return std::to_chars(out, end, v, std::chars_format::fixed, 7).ptr;
    });
    add<std::int64_t>("number/to_chars_int64", in_units, [](char* out, char* end, std::int64_t v) {
        return std::to_chars(out, end, v).ptr;
    });
}

}  // namespace bench
