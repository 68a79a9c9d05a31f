#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A receiver that is killed and started again several times, and keeps reading while it runs.

    restart_check.py AGENT agent
    restart_check.py REPLAY replay [--samples N]

Lines are whole but for one torn tail at the end of a killed connection, what is sent twice follows
directly on a reconnect, and the account adds up. At level acked a line is lost only if it was in
the receive buffer of the process that was killed; at level epoch none is.
"""

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lines
from peers import Account, KeepingReceiver, Program, between_batches, wait_until

KILLS = 5
# What a receiver's kernel may have acknowledged on loopback before the process has read it; Linux
# lets the buffer of a fast connection grow up to this.
RECEIVE_BUFFER = int(Path("/proc/sys/net/ipv4/tcp_rmem").read_text(encoding="ascii").split()[2])


def quiet(receiver):
    """Everything that was sent has been read: nothing came for a while, and
    something came before."""
    sizes = [receiver.size()]

    def unchanged():
        time.sleep(0.1)
        sizes.append(receiver.size())
        return sizes[-1] == sizes[-2]

    wait_until(unchanged, 30, "a quiet moment")


def agent(program, seconds):
    """Killed between two batches, each time down for longer than a batch takes to become due."""
    with tempfile.TemporaryDirectory() as folder, KeepingReceiver(folder) as receiver:
        with Program(program, "--destination", f"127.0.0.1:{receiver.port}", "--hostname", "h1",
                     "--update-every", "1", "--seconds", seconds) as running:
            kills = 0
            down = [0.0, 0.5, 1.5, 3.2, 0.2]
            for span in down[:KILLS]:
                between_batches(receiver.size)
                assert running.popen.poll() is None, "it ended before all was tried"
                receiver.kill()
                kills += 1
                time.sleep(span)
                receiver.start()
            account = Account(running.ended(60))
        quiet(receiver)
        whole, torn, _ = check_connections(receiver.connections())
        parsed = [lines.parse("graphite", line) for line in whole]
        lines.by_series(parsed)  # strictly increasing, so nothing came twice either
        assert account.complete and account.lines == len(parsed), (account.output, len(parsed))
        assert torn == 0 and account.bytes == sum(map(len, whole)) + len(whole)
        connections = len(receiver.connections())
        assert connections > kills
    print(f"agent: killed {kills} times, {connections} connections, {len(parsed)} lines, "
          "lost 0, twice 0, torn 0")


def check_connections(streams):
    """All whole lines in the order of arrival, how many tails are torn, the lines per
    connection."""
    per_connection = []
    torn = 0
    for stream in streams:
        whole, tail = lines.whole_lines(stream)
        torn += bool(tail)
        per_connection.append(whole)
    return list(itertools.chain.from_iterable(per_connection)), torn, per_connection


def replay(program, samples):
    print("level    reader    lines kills connections   lost   twice torn  seconds")
    source = [f"chart{i % 13} d{i % 7} {1_700_000_000 + i} {i}\n" for i in range(samples)]
    wanted = [b"p.h1.chart%d.d%d %d %d" % (i % 13, i % 7, i, 1_700_000_000 + i)
              for i in range(samples)]
    for level, reader in itertools.product(("written", "acked", "epoch"), ("fast", "slow")):
        replay_at(program, level, reader, source, wanted)


def replay_at(program, level, reader, source, wanted):
    started = time.monotonic()
    total = sum(map(len, wanted)) + len(wanted)
    pause = 0.002 if reader == "slow" else 0
    with tempfile.TemporaryDirectory() as folder, KeepingReceiver(folder, pause) as receiver:
        part = len(source) // (KILLS + 1)
        with Program(program, "--destination", f"127.0.0.1:{receiver.port}", "--prefix", "p",
                     "--hostname", "h1", "--confirm", level, "-", stdin=subprocess.PIPE) as running:
            for begin in range(0, part * KILLS, part):
                size = receiver.size()
                running.popen.stdin.writelines(source[begin:begin + part])
                running.popen.stdin.flush()
                # In the middle of this part's stream, as far as the machine is quick enough for
                # that.
                wait_until(lambda before=size: receiver.size() > before + part * 10, 60,
                           "half of a part")
                receiver.kill()
                receiver.start()
            running.popen.stdin.writelines(source[part * KILLS:])
            account = Account(running.ended(120))
        quiet(receiver)
        streams = receiver.connections()
        received, torn, per_connection = check_connections(streams)
        known = {line: i for i, line in enumerate(wanted)}
        strange = [line for line in received if line not in known]
        assert not strange, strange[:3]
        # Each connection carries one unbroken run of the samples, and begins no later than where
        # the last one ended plus what was in the killed process's buffer.
        expected_next = lost = twice = 0
        for run in per_connection:
            numbers = [known[line] for line in run]
            if not numbers:
                continue
            unbroken = range(numbers[0], numbers[0] + len(numbers))
            assert numbers == list(unbroken), "not one unbroken run"
            lost += max(numbers[0] - expected_next, 0)
            twice += min(max(expected_next - numbers[0], 0), len(numbers))
            expected_next = max(expected_next, numbers[-1] + 1)
        lost += len(wanted) - expected_next
        assert lost == len(wanted) - len(set(received))
        assert twice == len(received) - len(set(received))
        assert account.complete and account.lines == len(wanted), account.output
        assert account.bytes == total, account.output
        assert torn <= KILLS, torn
    print(f"{level:8} {reader:6} {len(wanted):8} {KILLS:5} {len(streams):11} {lost:6} {twice:7} "
          f"{torn:4} {time.monotonic() - started:8.1f}", flush=True)
    width = len(wanted[-1]) + 1
    if level == "epoch":
        assert lost == 0
    if level == "acked":
        assert lost * (width - 8) <= KILLS * RECEIVE_BUFFER, lost


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("case", choices=("agent", "replay"))
    parser.add_argument("--seconds", type=int, default=24)
    parser.add_argument("--samples", type=int, default=300_000)
    given = parser.parse_args()
    if given.case == "agent":
        agent(given.program, given.seconds)
    else:
        replay(given.program, given.samples)


if __name__ == "__main__":
    sys.exit(main())
