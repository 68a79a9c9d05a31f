#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""HAProxy, which accepts before it knows whether a receiver is there.

    balancer_faults.py SENDER receiver_away [LEVEL...]
"""

import contextlib
import socket
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import PATIENCE, Receiver, Sender, judge, main, need
from peers import Process, free_port, wait_until

LEVELS = ("epoch",)


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def receiver_away(level):
    """While the receiver behind it is away the balancer accepts and closes, with a word or in
    order. No line is to blame for that. What it had read by then it seems to have delivered; what
    is sent when the receiver is back arrives."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, Receiver() as receiver:
        receiver.refuse()
        configuration = Path(folder) / "haproxy.cfg"
        configuration.write_text(
            "defaults\n mode tcp\n retries 0\n"
            " timeout connect 1s\n timeout client 30s\n timeout server 30s\n"
            f"listen graphite\n bind 127.0.0.1:{port}\n server one 127.0.0.1:{receiver.port}\n",
            encoding="ascii")
        with Process("haproxy", "-db", "-f", configuration), \
                Sender(level, f"127.0.0.1:{port}", max_backoff=100) as sender:
            wait_until(lambda: answers(port), PATIENCE, "the balancer")
            away = 100
            for _ in range(away):
                connected = len(sender.heard("connected"))
                sender.send(5)
                sender.wait_for("connected", times=connected + 1)
            sender.wait_for("failed")
            sender.settle()
            receiver.listen()
            sender.send(500)
            account = sender.stop()
        receiver.close()
        assert account["lost"] == 0, account
        figures = judge(sender, account, receiver, silent=5 * away, exact=False)
        assert figures["missing"] <= 5 * away, figures
        return figures


if __name__ == "__main__":
    need("haproxy")
    program, case_name, *levels = sys.argv[1:]
    main(program, {"receiver_away": receiver_away, "all": receiver_away}, [case_name],
         levels or LEVELS)
