#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""VictoriaMetrics, which takes a reset for an end of stream, and stores what precedes either as if
it were a whole line.

    database_faults.py SENDER stopped_and_continued [LEVEL...]
"""

import os
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import PATIENCE, Sender, main
from peers import wait_until
from servers import VictoriaMetrics

LEVELS = ("acked",)
STOPS, LINES = 20, 20_000


def stopped_and_continued(level):
    """The database stands still for longer than the sender's patience, twenty times. It holds no
    value and no time that was never sent."""
    with tempfile.TemporaryDirectory() as folder, VictoriaMetrics(folder) as database, \
            Sender(level, f"127.0.0.1:{database.graphite}", stall_timeout=300,
                   max_backoff=100) as sender:
        failed = 0
        for _ in range(STOPS):
            os.kill(database.process.popen.pid, signal.SIGSTOP)
            # How much the kernel of a program that stands still has room for is its own choice.
            while len(sender.heard("failed")) == failed:
                sender.send(LINES)
                time.sleep(0.5)
            time.sleep(0.2)  # what arrives late is the case
            failed = len(sender.heard("failed"))
            os.kill(database.process.popen.pid, signal.SIGCONT)
            sender.settle()
        account = sender.stop()
        assert account["stalls"] >= STOPS, account
        assert account["lost"] == 0, account
        sent = set()
        for line in sender.sent:
            name, value, seconds = line.decode().split()
            sent.add((name, int(seconds), float(value)))
        stored = set()

        def grown():
            before = len(stored)
            stored.clear()
            stored.update(database.samples("shop"))
            return len(stored) and len(stored) == before

        wait_until(grown, PATIENCE, "everything stored")
        never_sent = stored - sent
        assert not never_sent, f"{len(never_sent)} of {len(stored)}: {sorted(never_sent)[:5]}"
        return {"stops": STOPS, "stalls": account["stalls"], "sent": len(sent),
                "stored": len(stored)}


if __name__ == "__main__":
    program, case_name, *levels = sys.argv[1:]
    cases = {"stopped_and_continued": stopped_and_continued, "all": stopped_and_continued}
    main(program, cases, [case_name], levels or LEVELS)
