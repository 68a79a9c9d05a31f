// SPDX-License-Identifier: BSL-1.0
//
// One tick of each combination, for tools/callgrind: it counts what runs inside measured_tick, and
// each call of that function is one row of what is printed here: cell, source, format, lines.
//
//   tick_once [WINDOW [ROW]] WINDOW samples, 10 if not said; ROW alone: "double average graphite"
#include "hand_written.hpp"
#include "systems.hpp"

#include <backends/exporter/joint_walk.hpp>

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

/// Two cycles of one source over one host, which walk together.
template <class Cell, class Source, class Format, class Other>
class both {
    using charts = bench::charts<Cell, bench::collected_by<Source>>;

public:
    explicit both(std::size_t count) : charts_{count} {
        one_.follow(charts_.host(), nobody_, count_);
        other_.follow(charts_.host(), nobody_, count_);
    }
    void record(std::size_t slots) noexcept { charts_.record(slots); }
    bench::output tick() noexcept {
        const bench::output before = chunk_.written();
        backends::detail::walking_cycle one{one_, chunk_, count_, nobody_};
        backends::detail::walking_cycle other{other_, others_chunk_, count_, nobody_};
        backends::detail::walk_together<backends::as_source<Source>>(charts_.now(), 3, one, other);
        const bench::output after = chunk_.written();
        return {2 * (after.lines - before.lines), 0};
    }

private:
    template <class Of>
    using cycle = backends::cycle<Source, Of, typename charts::host_type>;

    charts charts_;
    cycle<Format> one_{{bench::prefix, bench::hostname, {}}};
    cycle<Other> other_{{bench::prefix, bench::hostname, {}}};
    backends::no_observer nobody_;
    backends::cycle_counters count_;
    bench::chunk chunk_;
    bench::chunk others_chunk_;
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
    // Half of these lines are of each format.
    types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
        types<backends::opentsdb_telnet, backends::otlp_http>::each([&]<class Other>() {
            measure_named<both<Cell, backends::average, backends::graphite_plaintext, Other>>(
                want,
                std::string{name_of<Cell>} + " average graphite+" + std::string{name_of<Other>});
        });
    });
    types<backends::double_cell, backends::packed_cell>::each([&]<class Cell>() {
        each_combination([&]<class Source, class Format>() {
            measure<ours<Cell, Source, Format>, Source, Format>(want, std::string{name_of<Cell>});
        });
    });
}
