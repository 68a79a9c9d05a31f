#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The agent as a whole, against a receiver that shares nothing with the library.

    agent_test.py PROGRAM CASE
"""

import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is
sys.path.insert(0, str(Path(__file__).parent.parent / "common"))
# pylint: disable=wrong-import-position
from receiving import DatagramReceiver, HttpReceiver, Receiver, account, ended, start

VALUE = r"(-?\d+(?:\.\d{7})?)"
FORMS = {
    "graphite": re.compile(rf"netdata\.h1\.([\w.-]+) {VALUE} (\d{{10}})"),
    "opentsdb": re.compile(rf"put netdata\.([\w./-]+) (\d{{10}}) {VALUE} host=h1"),
    "json": re.compile(r'\{"prefix":"netdata","hostname":"h1","id":"([^"\\]+)","subid":"([^"\\]+)",'
                       rf'"value":{VALUE},"timestamp": (\d{{10}})}}'),
}
SOURCES = ["average", "sum", "as collected"]

# A machine that stands still.
PROC = {
    "stat": "cpu  10 20 30 40 50 60 70 80 0 0\ncpu0 10 20 30 40 50 60 70 80 0 0\nintr 5 1 2\n"
            "ctxt 18446744073709551615\nprocesses 7\nprocs_running 3\nprocs_blocked 1\n",
    "meminfo": "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nBuffers: 50 kB\n"
               "Cached: 250 kB\n"
               "SwapTotal: 0 kB\nSwapFree: 0 kB\n",
    "loadavg": "0.25 1.50 10.12 1/80 11206\n",
    "diskstats": "   8  0 sda 4230 113 221538 1200 12043 9000 774506 8000 0 5000 9200\n"
                 "   7  0 loop0 0 0 0 0 0 0 0 0 0 0 0\n",
    "net/dev": "Inter-| Receive\n face |bytes\n eth0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n",
}
LAST_COLLECTED = {
    "system.cpu.user": 10, "system.cpu.steal": 80, "system.ctxt.switches": 2**64 - 1,
    "system.ram.used": 400, "system.ram.available": 600, "disk.sda.read": 221538,
    "disk_ops.sda.writes": 12043, "net.eth0.sent": 2000, "net_packets.eth0.received": 10,
    "system.load.load15": 10.12, "system.tasks.total": 80,
}
STORED = {  # of every sample but, for rates and percentages, the first
    "system.ram.used": 400 * 1024, "disk.sda.read": 0, "net.eth0.sent": 0, "system.load.load5": 1.5,
    "system.processes.running": 3,
}


def split(kind, line):
    """(series, value as text, seconds); fails on a line that is not of the form."""
    match = FORMS[kind].fullmatch(line)
    assert match, f"not a {kind} line: {line!r}"
    if kind == "graphite":
        series, value, seconds = match.groups()
    elif kind == "opentsdb":
        series, seconds, value = match.groups()
    else:
        chart, dimension, value, seconds = match.groups()
        series = chart + "." + dimension
    return series, value, int(seconds)


def combinations(program):
    """Three formats by three sources, all at once, on a machine that stands still."""
    with tempfile.TemporaryDirectory() as proc:
        for name, text in PROC.items():
            path = Path(proc, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="ascii")
        runs = []
        for kind in FORMS:
            for source in SOURCES:
                receiver = Receiver()
                agent = start(program, "--type", kind, "--data-source", source, "--proc", proc,
                              "--hostname", "h1", "--destination", f"127.0.0.1:{receiver.port}",
                              "--update-every", "2", "--seconds", "5")
                runs.append((kind, source, receiver, agent))
        for kind, source, receiver, agent in runs:
            accepted, confirmed, *_ = account(ended(agent))
            receiver.go_away()
            lines = receiver.lines()
            assert len(lines) == accepted == confirmed, (kind, source, len(lines), accepted,
                                                         confirmed)
            check_values(kind, source, lines)


def check_values(kind, source, lines):
    series = {}
    for line in lines:
        name, value, seconds = split(kind, line)
        series.setdefault(name, []).append((seconds, value))
    for name, points in series.items():
        times = [seconds for seconds, _ in points]
        assert times == sorted(set(times)), f"{kind} {source} {name} at {times}"
    taken = [float(value) for _, value in series["agent.samples.taken"]]
    assert "disk.loop0.read" not in series
    if source == "as collected":
        for name, value in LAST_COLLECTED.items():
            wanted = str(value) if isinstance(value, int) else "%.7f" % value
            assert all(v == wanted for _, v in series[name]), (name, series[name], wanted)
    elif source == "average":
        assert set(taken) == {1.0}, taken
        for name, value in STORED.items():
            assert all(v == "%.7f" % value for _, v in series[name]), (name, series[name])
    else:  # each sample in exactly one line; a busy machine may have missed some of the 5 seconds
        assert 3 <= sum(taken) <= 6, taken
        memory = sum(float(v) for _, v in series["system.ram.used"])
        assert memory == sum(taken) * 400 * 1024, (memory, taken)


def own_receiver(program):
    """Without a destination the agent shows what arrives at its own receiver, one line each."""
    starts = {"graphite": "netdata.h1.", "opentsdb_http": '{"metric":"netdata.',
              "statsd": "netdata.h1.", "prometheus_remote_write": "netdata_", "otlp_http": ""}
    runs = [(kind, start(program, "--seconds", "3", "--hostname", "h1", "--type", kind,
                         *(["--confirm", "written"] if kind == "statsd" else [])))
            for kind in starts]
    for kind, agent in runs:
        output = ended(agent)
        accepted, confirmed, *_ = account(output)
        shown = [line for line in output.split("\n") if line.startswith(starts[kind]) and
                 (kind != "otlp_http" or line.endswith(" gauge"))]
        for line in shown if kind == "graphite" else []:
            split("graphite", line)
        assert len(shown) == accepted == confirmed > 100, (kind, len(shown), accepted)
        assert "every line that was accepted has arrived" in output, kind


def several(program):
    """A section for each receiver: one over TCP, two over HTTP, one that nobody is at."""
    receiver = Receiver()
    with HttpReceiver() as answering, HttpReceiver() as collector, socket.socket() as nobody, \
            tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        nobody.bind(("127.0.0.1", 0))
        file.write(f"[backend]\nenabled = yes\ndestination = 127.0.0.1:{receiver.port}\n"
                   "[backend:influx]\nenabled = yes\ntype = influx\n"
                   f"destination = http://127.0.0.1:{answering.port}\nhttp gzip = no\n"
                   "[backend:otlp]\nenabled = yes\ntype = otlp\n"
                   f"destination = http://127.0.0.1:{collector.port}\n"
                   "[backend:dead]\nenabled = yes\ntype = json\n"
                   f"destination = http://127.0.0.1:{nobody.getsockname()[1]}\n"
                   "[backend:off]\nenabled = no\n")
        file.flush()
        agent = start(program, "--config", file.name, "--hostname", "h1", "--update-every", "1",
                      "--seconds", "3")
        output, errors = agent.communicate(timeout=60)
    receiver.go_away()
    assert agent.returncode == 1, (output, errors)
    parts = output.split("[backend")[1:]
    assert [part.split("]")[0] for part in parts] == ["", ":influx", ":otlp", ":dead"], output
    plain, influx, otlp, dead = (account(part) for part in parts)
    lines = receiver.lines()
    for line in lines:
        split("graphite", line)
    assert len(lines) == plain[0] == plain[1] > 100
    bodies = b"".join(answering.bodies)
    assert bodies.count(b"\n") == influx[0] == influx[1] > 10
    assert bodies.startswith(b"netdata.") and b",host=h1 " in bodies, bodies[:200]
    assert {path for path, _ in answering.heads} == {"/write?precision=s"}
    assert otlp[0] == otlp[1] > 100
    assert {path for path, _ in collector.heads} == {"/v1/metrics"}
    assert all(b"service.name" in body for body in collector.bodies)
    assert dead[1] == 0 and dead[0] == dead[4] > 100, output


STATSD = re.compile(r"netdata\.h1\.[\w.-]+:-?\d+(?:\.\d{7})?\|[gc]")
DOGSTATSD = re.compile(r"netdata\.[\w.-]+:-?\d+(?:\.\d{7})?\|[gc]\|#host:h1\|T\d{10}")


def unproved(program):
    """Sections of statsd's types, one at a port, one at a path."""
    with tempfile.TemporaryDirectory() as folder, DatagramReceiver() as at_port, \
            DatagramReceiver(folder + "/s") as at_path:
        file = Path(folder, "agent.conf")
        file.write_text(
            "[backend]\nenabled = yes\ntype = statsd\ndata source = sum\n"
            f"destination = {at_port.destination}\ndatagram bytes = 512\n"
            "[backend:dog]\nenabled = yes\ntype = datadog\n"
            f"destination = {at_path.destination}\n", encoding="ascii")
        output = ended(start(program, "--config", str(file), "--hostname", "h1", "--update-every",
                             "1", "--seconds", "3", "--confirm", "written"))
    accounts = [account(part) for part in output.split("[backend")[1:]]
    for receiver, form, (accepted, confirmed, *_) in zip((at_port, at_path), (STATSD, DOGSTATSD),
                                                         accounts):
        lines = receiver.lines()
        for line in lines:
            assert form.fullmatch(line), line
        assert len(lines) == accepted == confirmed > 100, (len(lines), accepted, confirmed)
    assert max(map(len, at_port.datagrams)) <= 512 < max(map(len, at_path.datagrams))
    assert any(line.endswith("|c") for line in at_port.lines())


def interrupted(program):
    """SIGINT and SIGTERM end it at once, with the account."""
    for number in (signal.SIGINT, signal.SIGTERM):
        agent = start(program, "--hostname", "h1")
        first = agent.stdout.readline()
        agent.send_signal(number)
        output = first + ended(agent, 20)
        accepted, confirmed, *_ = account(output)
        assert accepted == confirmed > 0


def restarted(program):
    """A receiver that goes away between two batches and comes back: nothing is lost."""
    receiver = Receiver()
    agent = start(program, "--hostname", "h1", "--destination", f"127.0.0.1:{receiver.port}",
                  "--update-every", "1", "--seconds", "6")
    assert receiver.quiet.wait(30), "nothing has arrived"
    receiver.go_away()
    before = len(receiver.connections)
    # Longer than a batch takes to become due.
    assert agent.poll() is None
    threading.Event().wait(1.5)
    receiver.listen()
    accepted, confirmed, *_ = account(ended(agent))
    receiver.go_away()
    assert len(receiver.connections) > before, "it has not come back"
    assert len(set(receiver.lines())) == accepted == confirmed


def unreachable(program):
    """A receiver that nobody is at: the reason is told, once and not once a try."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        agent = start(program, "--destination", f"127.0.0.1:{port}", "--update-every", "1",
                      "--seconds", "3")
        output, errors = agent.communicate(timeout=60)
    accepted, confirmed, _, _, dropped = account(output)
    assert agent.returncode == 1 and accepted == dropped > 0 and confirmed == 0, output
    told = [line for line in errors.split("\n") if "Connection refused" in line]
    assert len(told) == 1 and str(port) in told[0], errors
    assert any("dropped" in line and "shutdown" in line for line in errors.split("\n")), errors


def spooled(program):
    """Killed with -9 while nobody takes its lines: the next agent delivers them."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            agent = start(program, "--hostname", "h1", "--destination",
                          f"127.0.0.1:{nobody.getsockname()[1]}", "--update-every", "1", "--spool",
                          folder)
            end = time.monotonic() + 60
            while sum(f.stat().st_size for f in Path(folder).iterdir()) < 3000:
                assert time.monotonic() < end, "nothing comes into the spool"
                assert agent.poll() is None, "the agent has ended"
                threading.Event().wait(0.02)
            agent.kill()
            agent.communicate()
        receiver = Receiver()
        agent = start(program, "--hostname", "h1", "--destination", f"127.0.0.1:{receiver.port}",
                      "--update-every", "1", "--spool", folder, "--seconds", "2")
        output = ended(agent)
        accepted, confirmed, *_ = account(output)
        receiver.go_away()
        restored = re.search(r"from the spool: ([\d,]+) lines, 0 damaged", output)
        assert restored, output
        lines = receiver.lines()
        for line in lines:
            split("graphite", line)
        assert len(lines) == accepted == confirmed, output
        # In the second of the restart the two agents may have measured the same.
        twice = {line.rsplit(" ", 1)[1] for line in set(lines) if lines.count(line) > 1}
        assert len(twice) <= 1, twice
        assert confirmed > int(restored[1].replace(",", "")) > 20
        assert [f.name for f in Path(folder).iterdir()] == ["spool.lock"]


def refused(program):
    """What cannot be used is one line that names it, and nothing starts."""
    with tempfile.TemporaryDirectory() as folder:
        def file(text):
            path = Path(folder, f"{len(os.listdir(folder))}.conf")
            path.write_text("[backend]\n" + text, encoding="utf-8")
            return str(path)
        for flags, *named in [
                (["--data-source", "median"], "data source", "median"),
                (["--type", "xml"], "type", "xml"),
                (["--destination", "127.0.0.1:70000"], "destination", "70000"),
                (["--destination", "[::1]junk"], "destination", "[::1]junk"),
                (["--destination", ""], "destination"),
                (["--update-every", "0"], "update every", "0"),
                (["--update-every", "abc"], "update every", "abc"),
                (["--update-every", "5s"], "update every", "5s"),
                (["--buffer-on-failures", "0"], "buffer on failures", "0"),
                (["--timeout-ms", "-1"], "timeout ms", "-1"),
                (["--config", file("frequency = 10\n")], "frequency", "10"),
                (["--config", file("update every = 0\n")], "update every", "0"),
                (["--config", file("type = xml\n")], "type", "xml"),
                (["--config", file("data source = mean\n")], "data source", "mean"),
                (["--config", file("enabled = no\n")], "enabled", "no"),
                (["--config", file("enabled = maybe\n")], "enabled", "maybe"),
                (["--config", file("destination = \n")], "destination"),
                (["--config", folder + "/missing"], folder + "/missing"),
                (["--confirm", "maybe"], "--confirm", "maybe"),
                (["--seconds", "0"], "--seconds", "0"),
                (["--proc", folder], "--proc", folder),
                (["--destination", "ftp://h"], "destination", "ftp"),
                (["--destination", "http://h a"], "destination", "http and tcp"),
                (["--type", "statsd", "--destination", "udp://h"], "type = statsd",
                 "nobody acknowledges", "level acked", "level written"),
                (["--type", "opentsdb_http", "--destination", "tcp:h:4242"], "tcp:h:4242",
                 "type = opentsdb_http"),
                (["--confirm", "written", "--type", "dogstatsd", "--destination", "http://h"],
                 "http://h", "type = dogstatsd"),
                (["--datagram-bytes", "512"], "datagram bytes", "512"),
                (["--http-headers", "x"], "http headers", "does not concern"),
                (["--config", file("[backend:x]\ndestination = h\n")], "destination",
                 "[backend]"),
                (["--spool", folder + "/none"], "spool directory", folder + "/none"),
                (["--config", file("spool sync = often\n")], "spool sync", "often"),
                (["--frobnicate"], "--frobnicate"),
                (["--prefix"], "--prefix"),
                (["stray"], "stray")]:
            agent = start(program, *flags)
            output, errors = agent.communicate(timeout=20)
            assert agent.returncode == 2, (flags, agent.returncode)
            assert output == "" and errors.count("\n") == 1, (flags, output, errors)
            assert all(name in errors for name in named), (flags, errors)


if __name__ == "__main__":
    cases = (combinations, own_receiver, several, unproved,
             interrupted, restarted, unreachable, spooled, refused)
    {case.__name__: case for case in cases}[sys.argv[2]](sys.argv[1])
