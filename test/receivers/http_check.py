#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""send_charts over HTTP: a thousand series in lines of ten values, twenty ticks, and a receiver
that is away in the middle. What is read back from servers of Debian's packages is what was
sent.

    http_check.py SEND_CHARTS victoria_metrics|influxdb|haproxy [--away SECONDS]

Exit status 77: not installed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import servers
from peers import Program
from server_check import same, settled

CHARTS, WIDTH, TICKS = 100, 10, 20


def wanted(form, first):
    return {(form % (c, d, c % 7), first + tick): 100 * c + d + tick / 64
            for tick in range(TICKS) for c in range(CHARTS) for d in range(WIDTH)}


def send(program, destination, first, go_away, come_back, *ca_file, rejected=0):
    """The receiver is away while the lines of the middle tick are offered. So many of each tick it
    rejects."""
    with Program(program, destination, first, *ca_file, stdin=subprocess.PIPE) as running:
        for tick in range(TICKS):
            if tick == TICKS // 2:
                go_away()
            running.popen.stdin.write("next\n")
            running.popen.stdin.flush()
            if tick == TICKS // 2:
                come_back()
            ticks = tick + 1
            told = f"confirmed {(CHARTS - rejected) * ticks} lines"
            told += f", {rejected * ticks} rejected" if rejected else ""
            answer = running.popen.stdout.readline().rstrip("\n")
            assert answer == told, f"{answer}, and not {told}"
        running.ended(30)


def returns(server, away):
    def come_back():
        time.sleep(away)
        server.start()

    return come_back


VICTORIA = "p.chart,%d_d %d dc=fra host=h1 of=%d"


def victoria_metrics(program, away):
    """It writes to disk what it has acknowledged when it is stopped, not when it is killed."""
    first = int(time.time()) - 3600
    with tempfile.TemporaryDirectory() as folder, servers.VictoriaMetrics(folder) as vm:
        everything = {}
        for path in ("/write", "/api/v2/write"):
            send(program, f"http://127.0.0.1:{vm.http}{path}?precision=s", first,
                 vm.process.interrupt, returns(vm, away))
            everything |= wanted(VICTORIA, first)
            first += 2 * TICKS
        same(settled(lambda: vm.stored("p"), len(everything)), everything)
    print(f"victoria-metrics: {len(everything)} values over /write and /api/v2/write, away for "
          f"{away:g} s, read back equal")


def influxdb(program, away):
    """It keeps what it has acknowledged, even if it is killed."""
    first = int(time.time()) - 3600
    with tempfile.TemporaryDirectory() as folder, servers.InfluxDB(folder) as influx:
        influx.make("shop")
        send(program, f"http://127.0.0.1:{influx.http}/write?db=shop&precision=s", first,
             influx.kill, returns(influx, away))
        everything = wanted("p.chart,%d d %d dc=fra host=h1 of=%d", first)
        same(settled(lambda: influx.fields("shop", "p"), len(everything)), everything)

        # A field that has another type: the one line of a hundred that it refuses in each request,
        # of which it keeps the others, and says so.
        first += 2 * TICKS
        influx.make("strict")
        influx.post("/write?db=strict&precision=s", fr'p.chart\,7 d\ 3="text" {first}')
        send(program, f"http://127.0.0.1:{influx.http}/write?db=strict&precision=s", first,
             influx.kill, returns(influx, away), rejected=1)
        others = {key: value for key, value in
                  wanted("p.chart,%d d %d dc=fra host=h1 of=%d", first).items()
                  if not key[0].startswith("p.chart,7 ")}

        def stored():
            found = influx.fields("strict", "p")
            return {key: value for key, value in found.items() if key[0] != "p.chart,7 d 3"}

        same(settled(stored, len(others)), others)
    print(f"influxdb: {len(everything)} values over /write, killed and away for {away:g} s, read "
          f"back equal; {len(others)} of those without the one line of {CHARTS} that it refuses")


def haproxy(program, away):
    """It answers 503 while its receiver is away: nothing is dropped. With TLS and without."""
    first = int(time.time()) - 3600
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("receiver", "balancer")]
        for place in places:
            place.mkdir()
        with servers.VictoriaMetrics(places[0]) as vm, \
                servers.HAProxy(places[1], vm.http) as balancer:
            everything = {}
            for destination, *ca_file in (
                    (f"http://localhost:{balancer.plain}/write?precision=s",),
                    (f"https://localhost:{balancer.encrypted}/write?precision=s",
                     balancer.certificate)):
                refused = balancer.unavailable()
                send(program, destination, first, vm.process.interrupt, returns(vm, away), *ca_file)
                assert balancer.unavailable() > refused, "nothing was put off"
                everything |= wanted(VICTORIA, first)
                first += 2 * TICKS
            same(settled(lambda: vm.stored("p"), len(everything)), everything)
    print(f"haproxy: {len(everything)} values with TLS and without, its receiver away for "
          f"{away:g} s, read back equal")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("check", choices=("victoria_metrics", "influxdb", "haproxy"))
    parser.add_argument("--away", type=float, default=2.0)
    given = parser.parse_args()
    {f.__name__: f for f in (victoria_metrics, influxdb, haproxy)}[given.check](
        given.program, given.away)
    sys.exit(0)
