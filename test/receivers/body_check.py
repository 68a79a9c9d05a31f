#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""send_bodies against servers from Debian's packages, and our own receiver, over HTTP: what is read
back is what was sent, over a restart of the server under the sender.

    body_check.py SEND_BODIES opentsdb_http|remote_write|remote_write_prometheus|otlp
    body_check.py SEND_BODIES own_remote_write|own_otlp RECEIVER

Exit status 77: not installed.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import servers
from peers import Program
from server_check import same, settled

TICKS = 20


def thousand_series(program, kind, server, port, form):
    """A thousand series, and what is stored of them; `form` makes a series' name."""
    first = int(time.time()) - 3600
    wanted = {}

    def stored():
        return server.stored("p")

    with Program(program, kind, port, first, stdin=subprocess.PIPE) as running:
        for tick in range(TICKS):
            if tick == TICKS // 2:
                same(settled(stored, len(wanted)), wanted)
                server.process.interrupt()
                server.start()
            running.popen.stdin.write("next\n")
            running.popen.stdin.flush()
            wanted |= {(form(c, d), first + tick): 100 * c + d + tick / 64
                       for c in range(100) for d in range(10)}
            assert running.popen.stdout.readline() == f"confirmed {1000 * (tick + 1)} lines\n"
        running.ended(30)
    same(settled(stored, len(wanted)), wanted)
    print(f"{kind}: 1000 series x {TICKS}, {server.program} started again in the middle: read back "
          "equal")


def opentsdb_http(program):
    with tempfile.TemporaryDirectory() as folder, servers.VictoriaMetrics(folder) as vm:
        thousand_series(program, "opentsdb_http", vm, vm.opentsdb_http,
                        lambda c, d: f"p.chart.{c}.d{d} dc=fra host=h1 of={c % 7}")


def metric(c, d):
    return f"p_chart_{c}_d{d} dc=fra instance=h1 of={c % 7}"


def remote_write(program):
    with tempfile.TemporaryDirectory() as folder, servers.VictoriaMetrics(folder) as vm:
        thousand_series(program, "remote_write", vm, vm.http, metric)


def remote_write_prometheus(program):
    with tempfile.TemporaryDirectory() as folder, servers.Prometheus(folder) as prometheus:
        thousand_series(program, "remote_write", prometheus, prometheus.port, metric)


def otlp(program):
    with tempfile.TemporaryDirectory() as folder, servers.OtlpReceiver(folder) as receiver:
        thousand_series(program, "otlp", receiver, receiver.port,
                        lambda c, d: f"chart.{c}.d{d} of={c % 7} | dc=fra host.name=h1 "
                                     "service.name=p")


def own_remote_write(program):
    with tempfile.TemporaryDirectory() as folder, \
            servers.OwnReceiver(folder, sys.argv[3], "remote_write") as receiver:
        thousand_series(program, "remote_write", receiver, receiver.port, metric)


def own_otlp(program):
    with tempfile.TemporaryDirectory() as folder, \
            servers.OwnReceiver(folder, sys.argv[3], "otlp") as receiver:
        thousand_series(program, "otlp", receiver, receiver.port,
                        lambda c, d: f"chart.{c}.d{d} of={c % 7} dc=fra host.name=h1 "
                                     "service.name=p")


if __name__ == "__main__":
    all_of_them = (opentsdb_http, remote_write, remote_write_prometheus, otlp,
                   own_remote_write, own_otlp)
    {f.__name__: f for f in all_of_them}[sys.argv[2]](Path(sys.argv[1]))
