#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""replay, system_agent and instrument_rounds against servers from Debian's packages: what is read
back is what was sent.

    server_check.py PROGRAMS
        carbon_c_relay|victoria_metrics|influx_lines|instruments|carbon|rsyslog|influxdb|collectd

PROGRAMS is the path of one of them, which are in one folder. Exit status 77: not installed.
"""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lines
import servers
from peers import Account, Program, wait_until

CHARTS, POINTS = 40, 500


def samples(newest):
    """(chart, dimension, seconds, value as text) of every kind of value that the databases keep
    exactly: up to 15 digits that count."""
    out = []
    for k in range(POINTS):
        for c in range(CHARTS):
            value = [str(k * c), str(-k), str(10**14 + k), "%d.%07d" % (k, 1234567 + c),
                     "-0.%07d" % (k + 1), "%d.5000000" % (k << 20)][c % 6]
            out.append((f"chart{c}.part", f"d{c}", newest - POINTS + k, value))
    return out


def replay(program, kind, port, content, *flags):
    """Sends the samples and returns the account."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines("%s %s %d %s\n" % sample for sample in content)
        file.flush()
        with Program(program, "--type", kind, "--destination", f"127.0.0.1:{port}", "--prefix", "p",
                     "--hostname", "h1", *flags, file.name) as running:
            account = Account(running.ended(120))
    assert account.complete and account.lines == len(content), account.output
    return account


def agent(program, kind, port, *flags, seconds=4):
    with Program(program, "--type", kind, "--destination", f"127.0.0.1:{port}", "--hostname", "h1",
                 "--update-every", "1", "--seconds", seconds, *flags) as running:
        return finished(running)


def finished(running):
    account = Account(running.ended(60))
    assert account.complete and account.lines > 100, account.output
    return account


def settled(stored, count):
    """What is stored, once there is so much of it."""
    seen = {}

    def enough():
        seen.update(stored())
        return len(seen) >= count

    try:
        wait_until(enough, 30, "everything stored")
    except AssertionError:
        print(f"stored {len(seen)} of {count}")
        raise
    return stored()


def same(stored, wanted):
    assert stored == wanted, (
        f"{len(stored)} stored of {len(wanted)}; missing or other: "
        f"{[(k, v, stored.get(k)) for k, v in wanted.items() if stored.get(k) != v][:5]}, "
        f"not sent: {[(k, v) for k, v in stored.items() if k not in wanted][:5]}")


def paths(content, form):
    return {(form % (chart, dimension), seconds): float(value)
            for chart, dimension, seconds, value in content}


EVERY = 3  # seconds between the batches of an agent whose server is killed


def between_batches(received):
    """Waits until the newest batch is in the server's file and the next is not yet due. A server
    may keep what it has read for most of a second before it writes; killed then, it loses what
    no sender can know of."""
    size = len(received())
    wait_until(lambda: len(received()) > size, 30, "a batch")
    newest, since, quiet_since = b"", 0.0, 0.0

    def pause():
        nonlocal size, newest, since, quiet_since
        content, now = received(), time.monotonic()
        if len(content) != size:
            size, quiet_since = len(content), now
        # A line ends with its second, which all lines of a batch have in common.
        stamp = content[-11:]
        if content.endswith(b"\n") and stamp != newest:
            newest, since = stamp, now
        # Where in its period an agent sends is its own choice; the batches are a period apart.
        return now - quiet_since > 0.35 and content.endswith(b"\n") and now < since + EVERY - 1.3

    wait_until(pause, 30, "a pause between two batches")


def restarted(server, program, kind, received):
    """kill -9 between two batches and a new start, three times, under a running agent."""
    with Program(program, "--type", kind, "--destination", f"127.0.0.1:{server.port}",
                 "--hostname", "h1", "--update-every", EVERY, "--seconds", "90") as running:
        for down in (0.0, 1.3, 4.0):
            between_batches(received)
            server.kill()
            time.sleep(down)
            server.start()
        between_batches(received)
        running.popen.send_signal(signal.SIGINT)
        return finished(running)


def carbon_c_relay(replay_program, agent_program):
    with tempfile.TemporaryDirectory() as folder, servers.CarbonCRelay(folder) as relay:
        content = samples(1_700_000_000)
        for level in ("written", "acked", "epoch"):
            begin = len(relay.received())
            account = replay(replay_program, "graphite", relay.port, content, "--confirm", level)
            wanted = "".join("p.h1.%s.%s %s %d\n" % (c, d, v, t) for c, d, t, v in content).encode()
            wait_until(lambda size=begin + len(wanted): len(relay.received()) >= size, 30,
                       "everything written")
            assert relay.received()[begin:] == wanted and account.bytes == len(wanted)
        begin = len(relay.received())
        account = restarted(relay, agent_program, "graphite", relay.received)
        wait_until(lambda: len(relay.received()) - begin >= account.bytes, 30,
                   "the last batch written")
        whole, tail = lines.whole_lines(relay.received()[begin:])
        assert not tail and len(whole) == account.lines
        lines.by_series([lines.parse("graphite", line) for line in whole])
    print(f"carbon-c-relay: 3 x {len(content)} samples byte for byte at written, acked and epoch; "
          f"agent: {account.lines} lines over 3 kill -9, none lost, none twice")


def victoria_metrics(replay_program, agent_program):
    with tempfile.TemporaryDirectory() as folder, servers.VictoriaMetrics(folder) as vm:
        content = samples(int(time.time()) - 3600)
        forms = (("graphite", vm.graphite, "p.h1.%s.%s"),
                 ("opentsdb", vm.opentsdb, "p.%s.%s host=h1"))
        wanted = {}
        for kind, port, form in forms:
            replay(replay_program, kind, port, content)
            wanted |= paths(content, form)
        same(settled(lambda: vm.stored("p"), len(wanted)), wanted)
        counts = [agent(agent_program, kind, port).lines for kind, port, _ in forms]
        stored = settled(lambda: vm.stored("netdata"), sum(counts))
        assert len(stored) == sum(counts), (len(stored), counts)
        taken = {name: v for (name, _), v in stored.items() if "agent.samples.taken" in name}
        assert len(taken) == 2 and set(taken.values()) == {1.0}, taken
        # A stop as its operator would do it, and a new start: what was stored stays, what comes is
        # added.
        vm.process.interrupt()
        vm.start()
        more = [(c, d, t + POINTS, v) for c, d, t, v in content]
        replay(replay_program, "graphite", vm.graphite, more, "--confirm", "epoch")
        wanted |= paths(more, "p.h1.%s.%s")
        same(settled(lambda: vm.stored("p"), len(wanted)), wanted)
    print(f"victoria-metrics: {len(wanted)} samples in graphite and opentsdb read back with equal "
          f"values; agent: {counts[0]} and {counts[1]} lines, as many points")


def influx_lines(replay_program, _):
    """A thousand series in lines of ten values, over a restart of the server under the sender."""
    ticks, first = 20, int(time.time()) - 3600
    with tempfile.TemporaryDirectory() as folder, servers.VictoriaMetrics(folder) as vm:
        content = samples(first)
        replay(replay_program, "influx", vm.influx, content)
        wanted = paths(content, "p.%s_%s host=h1")
        same(settled(lambda: vm.stored("p"), len(wanted)), wanted)
        sender = replay_program.parent / "send_charts"
        with Program(sender, f"127.0.0.1:{vm.influx}", first, stdin=subprocess.PIPE) as running:
            for tick in range(ticks):
                if tick == ticks // 2:
                    same(settled(lambda: vm.stored("p"), len(wanted)), wanted)
                    vm.process.interrupt()
                    vm.start()
                running.popen.stdin.write("next\n")
                running.popen.stdin.flush()
                wanted |= {(f"p.chart,{c}_d {d} dc=fra host=h1 of={c % 7}", first + tick):
                           100 * c + d + tick / 64 for c in range(100) for d in range(10)}
                assert running.popen.stdout.readline() == f"confirmed {100 * (tick + 1)} lines\n"
            running.ended(30)
        same(settled(lambda: vm.stored("p"), len(wanted)), wanted)
    print(f"victoria-metrics: {len(content)} samples one by one, 1000 series x {ticks} in lines of "
          "ten values, the server started again in the middle: read back equal")


BUCKET = 2 ** (1 / 8)  # how much wider a bucket of scale 3 is than the one below


def instruments(replay_program, _):
    """What eight threads recorded, as they know it, is what is read back."""
    with tempfile.TemporaryDirectory() as folder, servers.VictoriaMetrics(folder) as vm:
        with Program(replay_program.with_name("instrument_rounds"),
                     f"127.0.0.1:{vm.graphite}") as running:
            told = [line.split() for line in running.ended(60).splitlines()]
        rounds = [[float(v) for v in words[2:]] for words in told if words[0] == "round"]
        total, = [int(words[1]) for words in told if words[0] == "total"]
        names = ["events"] + ["values." + part for part in
                              ("p50", "p95", "p99", "max", "sum", "count")]
        stored = {}

        def everything():
            stored.clear()
            for (series, seconds), value in sorted(vm.stored("p").items(), key=lambda e: e[0][1]):
                stored.setdefault(series.removeprefix("p.h1.rounds."), []).append(value)
            return sum(stored.get("events", [])) == total == sum(stored.get("values.count", []))

        try:
            wait_until(everything, 10, "as many events as the threads counted")
        except AssertionError:
            print(f"{total} counted, read back: {stored}")
            raise
        assert sorted(stored) == sorted(names), sorted(stored)
        worst = 1.0
        for n, (count, *quantiles) in enumerate(rounds):
            assert stored["values.count"][n] == stored["events"][n] == count, (n, stored)
            for name, exact in zip(("p50", "p95", "p99"), quantiles):
                ratio = stored["values." + name][n] / exact
                assert 1 / BUCKET <= ratio <= BUCKET, (n, name, exact, ratio)
                worst = max(worst, ratio, 1 / ratio)
        slots = len(stored["events"]) - len(rounds)
        assert len(rounds) == 5 and slots == 9, (rounds, slots)
    print(f"victoria-metrics: {total} events of eight threads, in {slots} slots while they were "
          f"recorded; 15 quantiles of five distributions within {100 * (worst - 1):.1f} %")


def carbon(replay_program, agent_program):
    with tempfile.TemporaryDirectory() as folder, servers.Carbon(folder) as cache:
        content = samples(int(time.time()) - 3600)
        replay(replay_program, "graphite", cache.port, content, "--confirm", "epoch")
        wanted = paths(content, "p.h1.%s.%s")
        same(settled(lambda: cache.stored("p"), len(wanted)), wanted)
        account = agent(agent_program, "graphite", cache.port, "--data-source", "as collected")
        stored = settled(lambda: cache.stored("netdata"), account.lines)
        assert len(stored) == account.lines, (len(stored), account.lines)
    print(f"graphite-carbon: {len(wanted)} samples in {CHARTS} whisper files with equal values; "
          f"agent: {account.lines} lines, as many points")


def rsyslog(replay_program, agent_program):
    with tempfile.TemporaryDirectory() as folder, servers.Rsyslog(folder) as syslog:
        content = samples(1_700_000_000)
        replay(replay_program, "json", syslog.port, content)
        wanted = "".join("p|h1|%s|%s|%s|%d\n" % (c, d, v, t) for c, d, t, v in content).encode()
        wait_until(lambda: len(syslog.received()) >= len(wanted), 30, "everything written")
        assert syslog.received() == wanted
        begin = len(wanted)
        account = restarted(syslog, agent_program, "json", syslog.received)
        wait_until(lambda: syslog.received()[begin:].count(b"\n") >= account.lines, 30,
                   "the last batch written")
        got = [line.split(b"|") for line in syslog.received()[begin:].splitlines()]
        points = {(f[2], f[3], f[5]) for f in got}
        assert len(got) == len(points) == account.lines, (len(got), account.lines)
        assert all(len(f) == 6 and f[:2] == [b"netdata", b"h1"] for f in got)
    print(f"rsyslog: {len(content)} JSON samples, every digit; agent: {account.lines} lines over 3 "
          "kill -9, none lost, none twice")


def influxdb(replay_program, agent_program):
    with tempfile.TemporaryDirectory() as folder, servers.InfluxDB(folder) as influx:
        content = samples(int(time.time()) - 3600)
        for kind, port, form in (("graphite", influx.graphite, "p.h1.%s.%s"),
                                 ("opentsdb", influx.opentsdb, "p.%s.%s")):
            replay(replay_program, kind, port, content)
            wanted = paths(content, form)
            same(settled(lambda kind=kind: influx.stored(kind, "p"), len(wanted)), wanted)
            account = agent(agent_program, kind, port, seconds=3)
            stored = settled(lambda kind=kind: influx.stored(kind, "netdata"), account.lines)
            assert len(stored) == account.lines, (len(stored), account.lines)
    print(f"influxdb: 2 x {len(content)} samples with equal values; agent: {account.lines} lines, "
          "as many points")


def collectd(replay_program, agent_program):
    """Gauges over UDP, of both signs: a receiver would add a value with a sign to what it has."""
    with tempfile.TemporaryDirectory() as folder, servers.Collectd(folder) as daemon:
        destination = f"udp://127.0.0.1:{daemon.port}"
        flags = "--type", "statsd", "--confirm", "written", "--destination", destination
        wanted = {}
        for turn in range(3):
            content = [("chart", f"d{i}", 1_700_000_000 + turn,
                        "%d.123450" % ((i - 100) * (turn + 1))) for i in range(200)]
            with Program(replay_program, *flags, "--prefix", "p", "--hostname", "h1", "-",
                         stdin=subprocess.PIPE) as running:
                running.popen.stdin.writelines("%s %s %d %s\n" % one for one in content)
                account = Account(running.ended(60))
            negative = sum(value.startswith("-") for _, _, _, value in content)
            assert account.complete and account.lines == len(content) + negative, account.output
            wanted = {f"p.h1.{c}.{d}": float(v) for c, d, _, v in content}
            wait_until(lambda: daemon.newest("gauge") == wanted, 30, "every gauge")
        with Program(agent_program, *flags, "--data-source", "sum", "--hostname", "h1",
                     "--update-every", "1", "--seconds", "4") as running:
            finished(running)
        sums = {}

        def taken():
            sums.update(daemon.newest("derive"))
            return 3 <= sums.get("netdata.h1.agent.samples.taken", 0) <= 6

        wait_until(taken, 30, "the sum of the samples taken")
    print(f"collectd: 3 x {len(wanted)} gauges of both signs read back equal, and an agent's "
          f"{len(sums)} counters added up")


if __name__ == "__main__":
    programs = Path(sys.argv[1]).parent
    checks = (carbon_c_relay, victoria_metrics, influx_lines, instruments, carbon, rsyslog,
              influxdb, collectd)
    {f.__name__: f for f in checks}[sys.argv[2]](
        programs / "replay", programs / "system_agent")
