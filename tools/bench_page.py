# SPDX-License-Identifier: BSL-1.0
"""The tables and plots of docs/performance.md and the README, from the figures that
tools/bench measured."""
import os
import platform
import re
import subprocess

import bench_plots

PAGES, PLOTS = ("docs/performance.md", "README.md"), "docs/plots"
REFERENCE = "boost/asio/ip/tcp.hpp"


def processor():
    """What was measured on, without its name."""
    model = "an unknown processor"
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            model = re.search(r"^model name\s*: (.*)$", info.read(), re.M)[1]
    except (OSError, TypeError):
        pass
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.machine()}"


def version(compiler):
    # clang answers -dumpfullversion as -dumpversion, g++ 12 shortens the latter
    return subprocess.run([compiler, "-dumpfullversion", "-dumpversion"], text=True,
                          stdout=subprocess.PIPE, check=False).stdout.split("\n")[0]


def machine():
    return f"{processor()}, g++ {version('g++')}, -O3 without -march"


class Figures:
    def __init__(self, kept):
        self.all = kept
        self.pairs = {(r["stage"], r["source"], r["series"], r["window"]): r["ns_per_line"]
                      for r in kept["pairs"]}

    def least(self, stage, system, source, series, window):
        times = self.pairs.get((stage, source, series, window), {}).get(system)
        return min(times) if times else None

    def ratio(self, stage, system, source, series, window):
        ours = self.least(stage, system, source, series, window)
        theirs = self.least(stage, "original", source, series, window)
        return theirs / ours if ours and theirs else None

    def single(self, name):
        return self.all["single"].get(name)

    def instructions(self, row):
        return self.all["instructions"].get(row)

    def format(self, name, what="ns", series=1000):
        return self.all.get("formats", {}).get(str(series), {}).get(name, {}).get(what)

    def format_ratio(self, over, under, what="ns", series=1000):
        a, b = (self.format(name, what, series) for name in (over, under))
        return a / b if a and b else None

    def include(self, name):
        return self.all["include"].get(name)


def figure(value, form="{:.1f}"):
    return "not measured" if value is None else form.format(value)


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head),
                      *("| " + " | ".join(row) + " |" for row in rows)])


def goals(f):
    rows = []

    def at_least(what, values, bound, form="{:.1f} ×"):
        known = [v for v in values if v is not None]
        measured = ", ".join(form.format(v) for v in known) or "not measured"
        rows.append([what, f"≥ {bound} ×", measured, verdict(known, lambda v: v >= bound)])

    def at_most(what, values, bound, unit, form="{:.2f}"):
        known = [v for v in values if v is not None]
        rows.append([what, f"≤ {bound} {unit}".strip(),
                     (", ".join(form.format(v) for v in known) + f" {unit}").strip()
                     if known else "not measured", verdict(known, lambda v: v <= bound)])

    def verdict(known, holds):
        return "–" if not known else "yes" if all(map(holds, known)) else "no"

    def ratios(stage, system, source, window, *sizes):
        return [f.ratio(stage, system, source, size, window) for size in sizes]

    at_least("tick, double cells, 1k and 100k series", ratios("tick", "double", "average", 10, 1000,
                                                              100_000), 45)
    at_least("tick, packed cells, 1k and 100k series", ratios("tick", "packed", "average", 10, 1000,
                                                              100_000), 32)
    at_least("tick, double cells, 1M series",
             ratios("tick", "double", "average", 10, 1_000_000), 40)
    at_least("tick, 60 samples, 1k and 100k series", ratios("tick", "double", "average", 60, 1000,
                                                            100_000), 18)
    at_least("tick as collected, 1k and 100k series", ratios("tick", "double", "as_collected", 10,
                                                             1000, 100_000), 25)
    at_least("end to end over loopback, 1k, 100k, 1M series",
             ratios("ship", "double", "average", 10, 1000, 100_000, 1_000_000), 22)
    at_most("instructions a line, double cells", [f.instructions("double average graphite")], 150,
            "", "{:.1f}")
    at_most("instructions a line, packed cells", [f.instructions("packed average graphite")], 230,
            "", "{:.1f}")
    by_hand = f.instructions("hand_written average graphite")
    library = f.instructions("double average graphite")
    at_most("the same against a loop written by hand",
            [100 * abs(library / by_hand - 1)] if by_hand and library else [], 3, "%", "{:.1f}")
    reduced = "reduce/{}/average/dims:{}/window:10"
    at_most("reducing a sample of doubles, 1k series", [f.single(reduced.format("double", 1000))],
            0.35, "ns")
    at_most("the same, 100k series", [f.single(reduced.format("double", 100_000))], 0.40, "ns")
    at_most("reducing a sample of packed cells, 1k series",
            [f.single(reduced.format("packed", 1000))], 0.8, "ns")
    at_most("a number of seven decimals, in blocks", [f.single("number/double_block")], 5.5, "ns")
    at_most("recording a cell", [f.single("record/wait_free")], 1, "ns")
    for name in ("remote_write", "otlp"):
        at_most(f"tick of {name}, a record, 1k series", [f.format(name)], 8, "ns")
        at_most("the same beside Graphite's", [f.format_ratio(name, "graphite")], 1, "×")
        at_most("the same, instructions", [f.instructions(f"double average {name}")], 90, "",
                "{:.1f}")
    at_most("tick of influx, ten fields a line, a field", [f.format("influx")], 6, "ns")
    at_most("the same, bytes beside Graphite's",
            [100 * f.format_ratio("influx", "graphite", "bytes")] if f.format("influx") else [],
            60, "%", "{:.0f}")
    for made, label in OBJECTS:
        at_least(f"libprotobuf beside otlp, {label}, 1k and 10k series",
                 [f.format_ratio(f"otlp/{made}", "otlp", series=size)
                  for size in (1000, 10_000)], 20)
    at_least("an arena beside otlp as collected: neither reduces",
             [f.format_ratio("otlp/protobuf_arena", "otlp/as_collected", series=size)
              for size in (1000, 10_000)], 20)
    names = ("record, reduce, format", "backends.hpp", REFERENCE)
    three, whole, tcp = (f.include(name) for name in names)
    if three and whole and tcp:
        at_most("including record, reduce and format", [three["seconds"]], 0.4, "s")
        at_most("the same, memory", [three["megabytes"]], 90, "MB", "{:.0f}")
        at_most("including backends.hpp beside Asio's tcp.hpp, time",
                [whole["seconds"] / tcp["seconds"]], 1.25, "×")
        at_most("the same, memory", [whole["megabytes"] / tcp["megabytes"]], 1.25, "×")
    return table(["what", "goal", "measured", "reached"], rows)


# What libprotobuf makes of a request.
OBJECTS = [("protobuf", "new objects"), ("protobuf_arena", "an arena"),
           ("protobuf_again", "objects again")]
FORMATS = [("graphite", "Graphite lines", "graphite"),
           ("influx", "InfluxDB lines of ten fields", "graphite"),
           ("remote_write", "remote_write", "remote_write"),
           *((f"remote_write/{made}", f"libprotobuf: {label}", "remote_write")
             for made, label in OBJECTS),
           ("remote_write/protobuf_again_snappy", "libprotobuf: objects again, then snappy",
            "remote_write"),
           ("otlp", "otlp", "otlp"),
           ("otlp/as_collected", "otlp, as collected: nothing is reduced", "otlp"),
           *((f"otlp/{made}", f"libprotobuf: {label}", "otlp") for made, label in OBJECTS)]


def formats(f):
    rows = []
    for name, label, beside in FORMATS:
        if f.format(name) is None:
            continue
        row = [label]
        for series in (1000, 10_000):
            row += [figure(f.format(name, "ns", series), "{:.3g}"),
                    figure(f.format_ratio(name, beside, "ns", series), "{:.2f}")]
        rows.append([*row, figure(f.format(name, "instructions"), "{:.0f}"),
                     figure(f.format(name, "bytes"))])
    if not rows:
        return "not measured"
    return table(["a value as", "1k series, ns", "×", "10k series, ns", "×", "instructions",
                  "bytes"], rows)


def flags(f):
    measured = f.all.get("flags")
    if not measured:
        return "not measured"
    options = list(next(iter(measured["least_ns"].values())))
    rows = [[f"{compiler} {measured['versions'][compiler]}", label,
             *(figure(by_flags[each].get(system)) for each in options)]
            for compiler, by_flags in measured["least_ns"].items()
            for system, label in (("double", "double"), ("packed", "packed"),
                                  ("hand_written", "by hand, double"))]
    return (table(["compiler", "cells", *(each or "no flags" for each in options)], rows) +
            f"\n\n{measured['machine']}, -O3, the least of {measured['rounds']} rounds.")


SYSTEMS = ["original", "double", "packed", "float", "hand_written", "unaccounted", "ready"]


def cycles(f):
    rows = []
    for (stage, source, series, window), times in sorted(f.pairs.items(), key=lambda p: (
            p[0][0] == "ship", p[0][1], p[0][3], p[0][2])):
        row = [f"{stage}, {source}".replace("_", " "), f"{bench_plots.short(series)} × {window}"]
        for system in SYSTEMS:
            least = min(times[system]) if times.get(system) else None
            if least is None:
                row.append("")
            elif system == "original":
                row.append(f"{least:.0f}")
            elif system in ("unaccounted", "ready"):
                row.append(f"{least:.1f}")
            else:
                row.append(f"{least:.1f} ({min(times['original']) / least:.1f} ×)")
        rows.append(row)
    return table(["stage", "series × samples", "original", "double", "packed", "float",
                  "by hand", "unaccounted", "ready bytes"], rows)


def readme(f):
    rows = []
    for what, stage, series in (("reduce and format, a line, 1,000 series", "tick", 1000),
                                ("the same, 100,000 series", "tick", 100_000),
                                ("until a reader over loopback TCP has it, 100,000 series", "ship",
                                 100_000)):
        row = [what, figure(f.least(stage, "original", "average", series, 10), "{:.0f} ns")]
        for cell in ("double", "packed"):
            least = f.least(stage, cell, "average", series, 10)
            ratio = f.ratio(stage, cell, "average", series, 10)
            row.append("" if ratio is None else f"{least:.1f} ns ({ratio:.0f} ×)")
        rows.append(row)
    rows.append(["instructions a line, reduce and format",
                 *(figure(f.instructions(f"{cell} average graphite"), "{:.0f}")
                   for cell in ("original", "double", "packed"))])
    rows.append(["recording a value", "", figure(f.single("record/wait_free"), "{:.2f} ns"),
                 figure(f.single("record/wait_free/packed"), "{:.2f} ns")])
    rows.append(["a number of seven decimals (`snprintf`)",
                 figure(f.single("peer/snprintf/number"), "{:.0f} ns"),
                 figure(f.single("number/double_block"), "{:.1f} ns"),
                 figure(f.single("number/decimal"), "{:.1f} ns")])
    return table(["", "original", "double cells", "packed cells"], rows)


PEERS = [
    ("a number with seven decimals", [("number/double_block", "this library, in blocks"),
                                      ("number/double", "this library, one"),
                                      ("peer/to_chars/number", "std::to_chars"),
                                      ("peer/fmt/number", "fmt, compiled format"),
                                      ("peer/snprintf/number", "snprintf")]),
    ("a line, 1k series", [("tick", "this library"),
                           ("peer/to_chars/tick/graphite/series:1000/window:10",
                            "a loop and std::to_chars"),
                           ("peer/fmt/tick/graphite/series:1000/window:10", "a loop and fmt"),
                           ("peer/snprintf/tick/graphite/series:1000/window:10",
                            "a loop and snprintf"),
                           ("peer/prometheus-cpp/tick/text/series:1000/window:1",
                            "prometheus-cpp, collect and serialize")]),
    ("recording a value", [("record/wait_free", "this library, a row of ten"),
                           ("record/wait_free/one_by_one", "this library, one by one"),
                           ("peer/mutex_circular_buffer/record/row",
                            "a mutex and boost::circular_buffer, a row"),
                           ("peer/boost_accumulators/record/rolling_mean",
                            "Boost.Accumulators, rolling_mean"),
                           ("peer/atomic/record/store", "an atomic gauge"),
                           ("peer/mutex/record/counter", "a mutex and a double"),
                           ("peer/prometheus-cpp/record/gauge", "prometheus-cpp gauge"),
                           ("peer/atomic/record/fetch_add", "an atomic integer counter"),
                           ("peer/atomic/record/compare_exchange", "an atomic double counter"),
                           ("peer/prometheus-cpp/record/counter", "prometheus-cpp counter")]),
    ("reducing a sample", [("reduce/double/average/dims:1000/window:10", "this library, doubles"),
                           ("reduce/packed/average/dims:1000/window:10", "this library, packed"),
                           ("peer/boost_accumulators/reduce/mean/window:10",
                            "Boost.Accumulators, mean"),
                           ("peer/mutex_circular_buffer/reduce/mean/window:10",
                            "boost::circular_buffer and a loop")]),
]


def peer_value(f, name):
    return (f.least("tick", "double", "average", 1000, 10) if name == "tick" else f.single(name))


def peers(f):
    return table(["what", "with", "ns"],
                 [[what if not number else "", label, figure(peer_value(f, name), "{:.2f}")]
                  for what, rows in PEERS for number, (name, label) in enumerate(rows)])


def instructions(f):
    kept = f.all["instructions"]
    sources, formats = ("average", "sum", "as_collected"), ("graphite", "opentsdb", "json")
    return table(["", *(f"{s}, {w}".replace("_", " ") for s in sources for w in formats)],
                 [[cell, *(figure(kept.get(f"{cell} {s} {w}"), "{:.0f}")
                           for s in sources for w in formats)]
                  for cell in ("original", "double", "packed")])


def include(f):
    rows = f.all["include"]
    tcp = rows[REFERENCE]
    return table(["a file of", "seconds", "MB", "× tcp.hpp, time", "memory", "functions emitted"],
                 [[f"`{name}`" if "." in name else name, f"{r['seconds']:.2f}",
                   str(r["megabytes"]), f"{r['seconds'] / tcp['seconds']:.2f}",
                   f"{r['megabytes'] / tcp['megabytes']:.2f}", str(r["symbols"])]
                  for name, r in rows.items()])


def plots(f):
    def ratio_rows():
        for label, stage, system, source, series, window in (
                ("tick, double cells, 1k", "tick", "double", "average", 1000, 10),
                ("tick, double cells, 100k", "tick", "double", "average", 100_000, 10),
                ("tick, double cells, 1M", "tick", "double", "average", 1_000_000, 10),
                ("tick, packed cells, 1k", "tick", "packed", "average", 1000, 10),
                ("tick, packed cells, 100k", "tick", "packed", "average", 100_000, 10),
                ("tick, 60 samples, 1k", "tick", "double", "average", 1000, 60),
                ("as collected, 1k", "tick", "double", "as_collected", 1000, 10),
                ("end to end, 1k", "ship", "double", "average", 1000, 10),
                ("end to end, 100k", "ship", "double", "average", 100_000, 10),
                ("end to end, 1M", "ship", "double", "average", 1_000_000, 10)):
            value = f.ratio(stage, system, source, series, window)
            if value is not None:
                yield label, value, 3 if stage == "ship" else 2 if system == "packed" else 1

    yield "ratio.svg", bench_plots.bars("Times as fast as the original, by stage",
                                        list(ratio_rows()), "×")
    lines = {}
    for name, stage, system in (("original, end to end", "ship", "original"),
                                ("double, tick", "tick", "double"),
                                ("packed, tick", "tick", "packed"),
                                ("double, end to end", "ship", "double")):
        points = [(series, f.least(stage, system, "average", series, 10))
                  for series in (1000, 10_000, 100_000, 1_000_000)]
        points = [(x, y) for x, y in points if y is not None]
        if points:
            lines[name] = points
    if lines:
        yield "lines.svg", bench_plots.curves("Nanoseconds a line, ten samples each", lines, "ns")
    for number, (what, rows) in enumerate(PEERS):
        known = [(label, peer_value(f, name), 1 if label.startswith("this") else 0)
                 for name, label in rows if peer_value(f, name) is not None]
        if not known:
            continue
        yield (("peers_number.svg", "peers_line.svg", "peers_record.svg",
                "peers_reduce.svg")[number],
               bench_plots.bars(f"Nanoseconds for {what}", known, "ns"))


def write(root, kept):
    f = Figures(kept)
    parts = {"machine": kept["machine"] + ".", "goals": goals(f), "cycles": cycles(f),
             "peers": peers(f), "instructions": instructions(f), "include": include(f),
             "flags": flags(f), "formats": formats(f),
             "readme": readme(f)}
    for page in (root / page for page in PAGES):
        text = page.read_text()
        for name, part in parts.items():
            mark = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end -->)", re.S)
            text = mark.sub(lambda m, part=part: m[1] + part + "\n" + m[2], text)
        page.write_text(text)
    (root / PLOTS).mkdir(exist_ok=True)
    for name, plot in plots(f):
        (root / PLOTS / name).write_text(plot)
