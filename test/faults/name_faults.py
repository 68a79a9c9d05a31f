#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Name servers that fail, with /etc/resolv.conf and /etc/hosts of the test's own, in a mount and a
network namespace of its own.

    name_faults.py SENDER CASE [LEVEL...]    one case, at these levels; `all` for every case

Needs unshare and the right to make these namespaces; without them it is skipped (77).
"""

import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import Receiver, Sender, enter, judge, main, need, skip

LEVELS = ("written", "acked", "acked_replay", "epoch")
CASES = {}
NAME = "collector.example"


def case(function):
    CASES[function.__name__] = function
    return function


class NameServer:
    """Swallows questions, or answers them after `delay`: with 127.0.0.1, or that
    there is no such name."""

    def __init__(self, delay=None, found=True):
        self.delay = delay
        self.found = found
        self.asked = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            with contextlib.suppress(OSError):
                question, client = self.socket.recvfrom(512)
                if not question:
                    return
                self.asked += 1
                if self.delay is not None:
                    time.sleep(self.delay)
                    self.socket.sendto(self.answer(question), client)

    def answer(self, question):
        end = question.index(b"\0", 12) + 5
        is_v4 = question[end - 4:end - 2] == b"\0\1"
        count = int(self.found and is_v4)
        flags = [0x81, 0x80 if self.found else 0x83]
        header = question[:2] + bytes([*flags, 0, 1, 0, count, 0, 0, 0, 0])
        record = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton("127.0.0.1")
        return header + question[12:end] + record * count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bell:
            bell.sendto(b"", ("127.0.0.1", 53))
        self.thread.join()
        self.socket.close()


def hosts(*lines):
    Path("/etc/hosts").write_text("".join(line + "\n" for line in lines), encoding="ascii")


@case
def silent_name_server(level):
    """A name server that never answers: the next destination is served when the time is over,
    stop() comes back in time while the name is still looked for, and so does the program's end."""
    with NameServer() as names, Receiver() as second:
        with Sender(level, f"{NAME}:2003", second, connect_timeout=800) as sender:
            sender.send(1000)
            connected = sender.wait_for("connected", str(second.port))[0][0]
            assert 0.8 <= connected <= 0.8 + 1, connected
            account = sender.stop()
        second.close()
        assert names.asked >= 1
        figures = judge(sender, account, second)
        with Sender(level, f"{NAME}:2003") as sender:
            began = time.monotonic()
            sender.send(1000)
            account = sender.stop(500)  # which asserts the time
            took = time.monotonic() - began
            assert account["shutdown"] == account["accepted"] == 1000 and took < 2, (account, took)
        return {"seconds to the end": round(took, 2), **figures}


@case
def slow_name_server(level):
    """An answer that takes long and comes in time."""
    with NameServer(delay=0.4) as names, Receiver() as receiver:
        with Sender(level, f"{NAME}:{receiver.port}") as sender:
            sender.send(1000)
            account = sender.stop()
        receiver.close()
        assert names.asked >= 1 and account["failures"] == 0, account
        return judge(sender, account, receiver)


@case
def no_such_name(level):
    """The name server knows that there is no such name: the next destination at once."""
    with NameServer(delay=0, found=False), Receiver() as second:
        with Sender(level, f"{NAME}:2003", second) as sender:
            sender.send(1000)
            connected = sender.wait_for("connected", str(second.port))[0][0]
            assert connected < 3, connected  # and not the 20 s that it may take
            account = sender.stop()
        second.close()
        assert account["failures"] >= 1, account
        return judge(sender, account, second)


@case
def a_thousand_addresses(level):
    """Of a thousand addresses that refuse, sixteen are tried; then the next destination."""
    hosts(*(f"127.0.{i // 250 + 1}.{i % 250 + 1} {NAME}" for i in range(1000)))
    with Receiver() as second:
        with Sender(level, f"{NAME}:1", second) as sender:
            sender.send(1000)
            account = sender.stop()
        second.close()
        assert account["failures"] == 16, account
        return judge(sender, account, second)


@case
def dead_first_address(level):
    """A name's first address refuses, its second one listens."""
    hosts(f"127.0.0.9 {NAME}", f"127.0.0.1 {NAME}")
    with Receiver() as receiver:
        with Sender(level, f"{NAME}:{receiver.port}") as sender:
            sender.send(1000)
            account = sender.stop()
        receiver.close()
        assert account["connections"] >= 1 and account["failures"] <= 1, account
        return judge(sender, account, receiver)


@case
def moved(level):
    """The name's address changes while it is connected: the next connection goes there."""
    hosts(f"127.0.0.1 {NAME}")
    with Receiver() as first, Receiver(host="127.0.0.2", port=first.port) as second:
        with Sender(level, f"{NAME}:{first.port}", max_backoff=100) as sender:
            sender.send(1000)
            sender.settle()
            hosts(f"127.0.0.2 {NAME}")
            first.refuse()
            first.hang_up()
            sender.send(1000)
            account = sender.stop()
        first.close()
        second.close()
        assert second.read() > 0, account
        return judge(sender, account, first, second)


@case
def gone(level):
    """The name is no more, and its address is somebody else's by now: nothing goes there."""
    hosts(f"127.0.0.2 {NAME}")
    with NameServer(delay=0, found=False), Receiver(host="127.0.0.2") as ours:
        with Sender(level, f"{NAME}:{ours.port}", max_backoff=100) as sender:
            sender.send(1000)
            sender.settle()
            hosts()
            ours.refuse()
            ours.hang_up()
            with Receiver(host="127.0.0.2", port=ours.port) as others:
                sender.send(1000)
                sender.wait_for("failed", times=5)
                assert not others.connections, "lines for somebody else"
            hosts(f"127.0.0.2 {NAME}")
            ours.listen()
            account = sender.stop()
        ours.close()
        return judge(sender, account, ours, silent=0 if level != "written" else 1000)


def prepare():
    need("unshare", "mount", "ip")
    enter("net", "mount")
    folder = Path(tempfile.mkdtemp())
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, stderr=subprocess.PIPE)
        # glibc's own order of look-ups, whatever the machine has there.
        resolver = "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n"
        for name, content in (("resolv.conf", resolver), ("hosts", ""),
                              ("nsswitch.conf", "hosts: files dns\n")):
            (folder / name).write_text(content, encoding="ascii")
            subprocess.run(["mount", "--bind", folder / name, f"/etc/{name}"], check=True,
                           stderr=subprocess.PIPE)
            (folder / name).unlink()  # the mounts keep them
        folder.rmdir()
    except subprocess.CalledProcessError as error:
        skip(f"{error.cmd[0]}: {error.stderr}")


if __name__ == "__main__":
    prepare()
    program, case_name, *levels = sys.argv[1:]
    main(program, CASES, CASES if case_name == "all" else [case_name], levels or LEVELS)
