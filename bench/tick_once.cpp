// SPDX-License-Identifier: BSL-1.0
//
// One tick of each combination, for tools/callgrind: it counts what runs inside measured_tick, and
// each call of that function is one row of what is printed here: cell, source, format, lines.
//
//   tick_once [WINDOW [ROW]] WINDOW samples, 10 if not said; ROW alone: "double average graphite"
#include "hand_written.hpp"
#include "systems.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::size_t series = 1000;

// C linkage, so that its name is known.
extern "C" [[gnu::noinline]] void measured_tick(void (*tick)(void*, bench::output*), void* system,
                                                bench::output* result) {
    tick(system, result);
}

struct wanted {
    std::size_t window = 10;
    std::string row;  // empty: all
};

template <class System>
void measure_named(const wanted& want, const std::string& row) {
    if (!want.row.empty() && want.row != row) {
        return;
    }
    System system{series};
    system.record(want.window);
    system.tick();
    system.record(want.window);
    bench::output result;
    measured_tick([](void* s, bench::output* r) { *r = static_cast<System*>(s)->tick(); }, &system,
                  &result);
    std::printf("%s %zu\n", row.c_str(), result.lines);
}

template <class System, class Source, class Format>
void measure(const wanted& want, const std::string& system_name) {
    const std::string row = system_name + " " + std::string{bench::name_of<Source>} + " " +
                            std::string{bench::name_of<Format>};
    measure_named<System>(want, row);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace bench;
    wanted want;
    if (argc > 1) {
        want.window = std::strtoul(argv[1], nullptr, 10);
    }
    if (argc > 2) {
        want.row = argv[2];
    }
    measure_named<hand_written>(want, "hand_written average graphite");
    each_combination([&]<class Source, class Format>() {
        measure<original<Source, Format>, Source, Format>(want, "original");
    });
    // A line of these has up to ten values.
    types<backends::average, backends::as_collected>::each([&]<class Source>() {
        using influx = ours<backends::double_cell, Source, backends::influx_lines>;
        measure<influx, Source, backends::influx_lines>(want, "double");
    });
    types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
        types<backends::average, backends::as_collected>::each([&]<class Source>() {
            binary_formats::each([&]<class Format>() {
                measure<ours<Cell, Source, Format>, Source, Format>(want,
                                                                    std::string{name_of<Cell>});
            });
        });
    });
    types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
        each_combination([&]<class Source, class Format>() {
            measure<ours<Cell, Source, Format>, Source, Format>(want, std::string{name_of<Cell>});
        });
    });
}
