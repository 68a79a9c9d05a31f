#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A line of 200,000 bytes for carbon-c-relay, which resets the connection over one longer than 32
KiB.

    relay_faults.py SENDER long_line [LEVEL...]
"""

import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import PATIENCE, Sender, main, need
from peers import Process, free_port, wait_until

LEVELS = ("acked", "epoch")


def long_line(level):
    """It is dropped as poison, and all others are in the relay's file."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        (Path(folder) / "relay.conf").write_text(
            f"listen type linemode 127.0.0.1:{port} proto tcp ;\n"
            f"cluster kept file {kept} ;\nmatch * send to kept stop ;\n", encoding="ascii")
        with Process("carbon-c-relay", "-w", 1, "-f", f"{folder}/relay.conf",
                     "-l", f"{folder}/log") as relay, \
                Sender(level, f"127.0.0.1:{port}", max_backoff=200) as sender:
            sender.send(1000)
            sender.settle()
            sender.long(200_000)
            sender.send(1000)
            sender.settle()
            sender.send(1000)
            account = sender.stop()
            wanted = [line for line in sender.sent if len(line) < 1000]

            def lines():
                return kept.read_bytes().splitlines() if kept.exists() else []

            wait_until(lambda: set(wanted) <= set(lines()), PATIENCE, f"all lines, {account}")
            assert relay.popen.poll() is None
            arrived = lines()
            # The relay may keep what it has read of the long line as a line, cut short.
            twice = len([line for line in arrived if line in set(wanted)]) - len(wanted)
            assert account["poison"] == account["lost"] == 1 and account["balanced"], account
            assert twice <= account["replayed"], (twice, account)
            return {"lines": len(sender.sent), "missing": 1, "dropped": 1, "twice": twice,
                    "replayed": account["replayed"], "connections": account["connections"]}


if __name__ == "__main__":
    need("carbon-c-relay")
    program, case_name, *levels = sys.argv[1:]
    main(program, {"long_line": long_line, "all": long_line}, [case_name], levels or LEVELS)
