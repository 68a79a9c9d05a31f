// SPDX-License-Identifier: BSL-1.0
//
// A user's policies of every kind, measured outside of the library's tree.
#include <backends/bench/bench.hpp>
#include <backends/source/maximum.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/transport/memory.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace {

struct whole_cell : backends::double_cell {};

struct second_largest {
    static constexpr std::string_view name = "second_largest";
    using state = std::array<double, 2>;
    static void add(state& seen, double sample) noexcept {
        if (sample > seen[0]) {
            seen = {sample, seen[0]};
        } else if (sample > seen[1]) {
            seen[1] = sample;
        }
    }
    static double result(const state& seen, std::uint64_t) noexcept { return seen[1]; }
};

struct highest : backends::stored<backends::maximum> {
    static constexpr std::string_view name = "my highest";
};

struct spaced : backends::format_defaults {
    static constexpr std::string_view name = "spaced";
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line =
        backends::grammar(backends::field::chart, backends::lit<" ">, backends::field::dimension,
                          backends::lit<" ">, backends::field::value, backends::lit<" ">,
                          backends::field::unix_time, backends::lit<"\n">);
};

struct alone : backends::unsynchronized {};

struct own_memory : backends::memory {
    using memory::memory;
};

int run(std::string filter) {
    std::string program = "consumer";
    std::string quick = "--benchmark_min_time=0.0001";
    std::string uncounted = "--no_instructions";
    filter = "--benchmark_filter=" + filter;
    std::array<char*, 5> arguments{program.data(), quick.data(), uncounted.data(), filter.data(),
                                   nullptr};
    return backends::bench::run(4, arguments.data());
}

}  // namespace

int main() {
    namespace bench = backends::bench;
    bench::cell<whole_cell>("whole");
    bench::reduction<second_largest>();
    bench::source<highest>();
    bench::format<spaced>();
    bench::recording<alone>("alone");
    const auto peer = std::make_shared<backends::memory_peer>();
    bench::transport<own_memory>("own_memory", [peer] { return own_memory{peer}; }, "own_memory");
    if (run("^(record|line)/|series:1000/") != 0 || peer->received().empty()) {
        return 1;
    }
    bench::recording<backends::unsynchronized>("alone");  // a name that another policy has
    return run(".") == 1 ? 0 : 1;
}
