#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""system_agent against an independent receiver: three formats by three sources, all at the same
time.

    agent_check.py PROGRAM staged|machine [--seconds N]

staged   on a /proc whose every reading is known: each sample is exported exactly once, exactly
machine  on this machine's own: what arrives agrees with what /proc says meanwhile
"""

import argparse
import contextlib
import itertools
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

import lines
from peers import Account, Program, Receiver
from staged_proc import CPU_STATES, COLLECTED, STORED, StagedProc

SOURCES = ("average", "sum", "as collected")


class Run:
    """One agent and its receiver."""

    def __init__(self, program, kind, source, seconds, *flags):
        self.kind, self.source = kind, source
        self.receiver = Receiver()
        self.agent = Program(
            program, "--type", kind, "--data-source", source, "--destination",
            f"127.0.0.1:{self.receiver.port}", "--hostname", "h1", "--update-every", "2",
            "--seconds", str(seconds), *flags)
        self.seconds = seconds

    def finish(self):
        """Every line, parsed; the account, the receiver and the times must agree."""
        output = self.agent.ended(self.seconds + 60)
        self.receiver.close()
        account = Account(output)
        raw = []
        for stream in self.receiver.connections:
            whole, tail = lines.whole_lines(stream)
            assert not tail, f"torn tail {tail!r}"
            raw += whole
        received = sum(map(len, self.receiver.connections))
        assert account.complete, output
        assert account.lines == len(raw), (account.lines, len(raw))
        assert account.bytes == received, (account.bytes, received)
        assert len(self.receiver.connections) == 1, "one connection is enough"
        parsed = [lines.parse(self.kind, line) for line in raw]
        self.series = lines.by_series(parsed)
        for name, points in self.series.items():
            floating = self.source != "as collected" or name.startswith("system.load.")
            assert points[0].stored == floating, f"{name} {points[0]}"
        if self.source != "as collected":
            # One batch, one time. The agent exports every two seconds and once more when it stops.
            times = sorted({p.seconds for p in parsed})
            assert len(times) >= self.seconds // 2, times
            assert all(b - a <= 3 for a, b in zip(times, times[1:])), times
            self.times = times
        check_own_figures(self, account)
        return account

    def total(self, series):
        return sum(float(p.value) for p in self.series[series])


def check_own_figures(run, account):
    """The exporter's charts about itself tell the same as its account."""
    if run.source != "sum":
        return
    own = "netdata.backend_"
    for name in ("metrics.lost", "ops.failure", "ops.reconnect"):
        assert run.total(own + name) == 0, name
    sent = run.total(own + "metrics.sent")
    last = {p.seconds for points in run.series.values() for p in points}
    last = sorted(last)[-2:]  # what these charts say of the last batches comes too late to be sent
    late = sum(p.seconds in last for points in run.series.values() for p in points)
    assert account.lines - late <= sent <= account.lines, (account.lines, late, sent)


def close(a, b, tolerance=Fraction(6, 10**8)):
    """Half a unit of the seventh decimal, and what doubles lose on the way."""
    return abs(a - b) <= tolerance + abs(b) * Fraction(1, 10**13)


# ---- on a staged /proc -------------------------------------------------------------------------

def explained(samples, values, average):
    """Whether the values are reductions of consecutive runs of the samples, every sample in exactly
    one run, in order."""
    samples = [s for s in samples if s is not None]
    reached = {0}
    for value in values:
        reached = {end for begin in reached
                   for end in range(begin + 1, min(begin + 8, len(samples)) + 1)
                   if any(close(value, sum(some) / (end - begin if average else 1))
                          for some in itertools.product(*samples[begin:end]))}
    return len(samples) in reached


def check_staged(run, proc):
    if run.source == "as collected":
        for name, (file, f) in COLLECTED.items():
            served = [int(moment) for moment in proc.served[file]]
            texts = [str(f(k)) for k in range(len(served))]
            points = run.series[name]
            places = []
            for p in points:
                # Which sample: by the time of its collection, and it must be that sample's value.
                fits = [k for k, at in enumerate(served)
                        if p.seconds in (at, at - 1) and texts[k] == p.value and k not in places]
                assert fits, f"{name}: no sample {p.value} of {p.seconds}"
                places.append(fits[0])
            assert places == sorted(places), (name, places)
            assert places[-1] == len(texts) - 1, (name, places, len(texts))
        return
    for name in STORED:
        values = [Fraction(p.value) for p in run.series[name]]
        assert explained(proc.samples(name), values, run.source == "average"), (
            f"{run.kind} {run.source} {name}: {[p.value for p in run.series[name]]} "
            f"of {[s and [float(v) for v in s] for s in proc.samples(name)]}")
    assert "disk.loop0.read" not in run.series
    if run.source == "sum":
        assert run.total("agent.samples.taken") == len(proc.served["net/dev"])


def staged(program, seconds):
    samples = count = size = 0
    with contextlib.ExitStack() as stack:
        runs = []
        for kind, source in itertools.product(lines.KINDS, SOURCES):
            proc = StagedProc(stack.enter_context(tempfile.TemporaryDirectory()))
            stack.callback(proc.close)
            run = Run(program, kind, source, seconds, "--proc", str(proc.folder))
            stack.enter_context(run.agent)
            runs.append((run, proc))
        for run, proc in runs:
            account = run.finish()
            check_staged(run, proc)
            samples += sum(map(len, proc.served.values()))
            count, size = count + account.lines, size + account.bytes
    print(f"staged: 9 agents, {samples} readings, {count} lines, {size} bytes: "
          "each sample exactly once")


# ---- on this machine's own ---------------------------------------------------------------------

def read_proc():
    """What the kernel says now: counters by series, memory, load."""
    out = {"at": time.time()}
    for line in Path("/proc/stat").read_text(encoding="ascii").splitlines():
        name, *words = line.split()
        if name == "cpu":
            out["cpu"] = dict(zip(CPU_STATES, map(int, words)))
            out.update({"system.cpu." + state: n for state, n in out["cpu"].items()
                        if state not in ("iowait", "idle")})
        elif name in ("ctxt", "intr", "processes"):
            series = {"ctxt": "system.ctxt.switches", "intr": "system.intr.interrupts",
                      "processes": "system.forks.started"}[name]
            out[series] = int(words[0])
    memory = dict(line.split(":")
                  for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    out["total"] = int(memory["MemTotal"].split()[0])
    load1, load5, load15, *_ = Path("/proc/loadavg").read_text(encoding="ascii").split()
    out["load"] = {"load1": float(load1), "load5": float(load5), "load15": float(load15)}
    for line in Path("/proc/diskstats").read_text(encoding="ascii").splitlines():
        _, _, name, reads, _, read, _, writes, _, written, *_ = line.split()
        if int(reads) + int(writes):
            out[f"disk.{name}.read"], out[f"disk.{name}.written"] = int(read), int(written)
            out[f"disk_ops.{name}.reads"], out[f"disk_ops.{name}.writes"] = int(reads), int(writes)
    for line in Path("/proc/net/dev").read_text(encoding="ascii").splitlines()[2:]:
        name, _, numbers = line.strip().rpartition(":")
        n = [int(word) for word in numbers.split()]
        out[f"net.{name}.received"], out[f"net.{name}.sent"] = n[0], n[8]
        out[f"net_packets.{name}.received"], out[f"net_packets.{name}.sent"] = n[1], n[9]
    return out


def expected_series(reading):
    names = {name for name in reading if "." in name}
    names |= {"system.cpu." + state for state in CPU_STATES}
    names |= {"system.load." + name for name in reading["load"]}
    names |= {"system.ram." + name for name in ("used", "cached", "buffers", "free", "available")}
    return names | {"agent.samples.taken", "system.tasks.total", "system.processes.running",
                    "system.processes.blocked"}


def check_machine(run, readings):
    first, last = readings[0], readings[-1]
    missing = expected_series(first) - set(run.series)
    assert not missing, missing
    if run.source == "as collected":
        check_counters(run, readings)
    else:
        check_rates(run, readings)
    for name in first["load"]:
        series = "system.load." + name
        per = 1
        points = [float(p.value) for p in run.series[series]]
        if run.source == "sum":
            points, per = [sum(points)], run.total("agent.samples.taken")
        seen = [reading["load"][name] for reading in readings]
        assert all(min(seen) * per - 1e-6 <= v <= max(seen) * per + 1e-6
                   for v in points), (series, points, seen)

    # The four parts of memory are the whole of it, exactly, in every sample.
    parts = [run.series["system.ram." + part] for part in ("used", "cached", "buffers", "free")]
    if run.source == "sum":
        whole = sum(Fraction(p.value) for points in parts for p in points)
        taken = int(run.total("agent.samples.taken"))
        assert whole == first["total"] * 1024 * taken, (whole, first["total"], taken)
    else:
        unit = 1 if run.source == "as collected" else 1024
        for points in zip(*parts):
            assert close(sum(Fraction(p.value) for p in points), first["total"] * unit,
                         Fraction(4, 10**7)), points
    assert last["total"] == first["total"]


def check_counters(run, readings):
    """A counter as collected in second T lies between what it was before T and what it was
    after."""
    for name, points in run.series.items():
        if name not in readings[0]:
            continue
        for p in points:
            before = max((r[name] for r in readings if r["at"] < p.seconds),
                         default=readings[0][name])
            after = min((r[name] for r in readings if r["at"] > p.seconds + 1.5),
                        default=readings[-1][name])
            assert before <= int(p.value) <= after, f"{name} {p}: not from {before} to {after}"


def check_rates(run, readings):
    """Rates add up to what the counters went on by; shares of the processors to 100 %.

    On a machine that stood still the agent reads twice in a moment, in which /proc/stat's
    counters may not go on: then there is nothing to share, and the second sample's shares are 0.
    That is borne once a run.
    """
    taken = run.total("agent.samples.taken")
    shares = [run.series["system.cpu." + state] for state in CPU_STATES]
    if run.source == "average":
        assert taken == len(run.series["agent.samples.taken"])  # each the average of ones
        wholes = [sum(float(p.value) for p in points) for points in zip(*shares)]
        halved = [n for n, whole in enumerate(wholes) if abs(whole - 100) >= 1e-5]
        assert all(abs(wholes[n] - 50) < 1e-5 for n in halved) and len(halved) <= 1, wholes
    else:
        assert run.seconds - 2 <= taken <= run.seconds + 1, taken
        whole = sum(float(p.value) for points in shares for p in points)
        assert any(abs(whole - 100 * (taken - n)) < 1e-4 for n in (1, 2)), (whole, taken)
        inner, outer = within(run, readings), (readings[0], readings[-1])
        for name in set(run.series) & set(readings[0]):
            if name.startswith("system.cpu"):
                continue
            unit = 512 if name.startswith("disk.") else 1
            least, most = (unit * (b[name] - a[name]) for a, b in (inner, outer))
            if taken == run.seconds + 1:  # else a second was missed, and its rate stands for two
                assert least <= run.total(name) + 1e-3, (name, least, run.total(name), most)
            assert run.total(name) - 1e-3 <= most, (name, least, run.total(name), most)
    check_shares(run, readings)


def within(run, readings):
    """The first and the last reading between the run's first and its last sample, however long
    nine agents take to start and to end. A batch has the two seconds from its time on. So the first
    sample was taken before the first batch's were over, and one was taken in the last second of
    the last batch but one, which was exported after it."""
    inside = [r for r in readings if run.times[0] + 2 <= r["at"] <= run.times[-2] + 1]
    assert len(inside) >= 2, (run.times, [r["at"] for r in readings])
    return inside[0], inside[-1]


def check_shares(run, readings):
    """A share of the processors, in percent of the run: it had the ticks between readings within
    the run at least, and those between readings without at most. 15 for seconds that were missed
    and for those in which the kernel's counters stood still."""
    whole = sum(float(p.value) for state in CPU_STATES
                for p in run.series["system.cpu." + state])
    inner, outer = ({state: b["cpu"][state] - a["cpu"][state] for state in CPU_STATES}
                    for a, b in (within(run, readings), (readings[0], readings[-1])))
    for state in ("user", "system", "idle"):
        theirs = 100 * sum(float(p.value) for p in run.series["system.cpu." + state]) / whole
        least, most = (100 * one[state] / (one[state] + sum(other.values()) - other[state])
                       for one, other in ((inner, outer), (outer, inner)))
        assert least - 15 < theirs < most + 15, (
            f"{state}: {theirs:.1f} %, and /proc says {least:.1f} to {most:.1f} %")


def machine(program, seconds):
    readings = [read_proc()]
    done = threading.Event()

    def watch():  # between the agent's readings, which are at whole seconds
        while not done.wait(1.5 - time.time() % 1 if time.time() % 1 >= 0.5
                            else 0.5 - time.time() % 1):
            readings.append(read_proc())

    watching = threading.Thread(target=watch, daemon=True)
    with contextlib.ExitStack() as stack:
        runs = [Run(program, kind, source, seconds)
                for kind, source in itertools.product(lines.KINDS, SOURCES)]
        for run in runs:
            stack.enter_context(run.agent)
        watching.start()
        accounts = [run.finish() for run in runs]
        done.set()
        watching.join()
        readings.append(read_proc())
        for run in runs:
            check_machine(run, readings)
    print(f"machine: 9 agents, {sum(a.lines for a in accounts)} lines, "
          f"{sum(a.bytes for a in accounts)} bytes, {len(runs[0].series)} series each; "
          f"{len(readings)} readings of /proc agree")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("case", choices=("staged", "machine"))
    parser.add_argument("--seconds", type=int, default=8)
    given = parser.parse_args()
    {"staged": staged, "machine": machine}[given.case](given.program, given.seconds)


if __name__ == "__main__":
    sys.exit(main())
