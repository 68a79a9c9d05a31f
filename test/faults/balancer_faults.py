#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""HAProxy, which accepts before it knows whether a receiver is there.

    balancer_faults.py SENDER receiver_away [LEVEL...]
"""

import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import Receiver, Sender, judge, main, need
from peers import Process, free_port

LEVELS = ("epoch",)


def receiver_away(level):
    """While the receiver behind it is away the balancer accepts and closes. No line is to blame for
    that, and all arrive when it is back."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, Receiver() as receiver:
        receiver.refuse()
        configuration = Path(folder) / "haproxy.cfg"
        configuration.write_text(
            "defaults\n mode tcp\n retries 0\n timeout connect 1s\n timeout client 30s\n timeout server 30s\n"
            f"listen graphite\n bind 127.0.0.1:{port}\n server one 127.0.0.1:{receiver.port}\n", encoding="ascii")
        with Process("haproxy", "-db", "-f", configuration), \
                Sender(level, f"127.0.0.1:{port}", max_backoff=100) as sender:
            for _ in range(4):
                sender.send(500)
                sender.wait_for("failed", times=8 + len(sender.heard("failed")))
            assert sender.account()["lost"] == 0, sender.account()
            receiver.listen()
            account = sender.stop()
        receiver.close()
        assert account["lost"] == 0 and account["poison"] == 0, account
        return judge(sender, account, receiver)


if __name__ == "__main__":
    need("haproxy")
    program, case_name, *levels = sys.argv[1:]
    main(program, {"receiver_away": receiver_away, "all": receiver_away}, [case_name], levels or LEVELS)
