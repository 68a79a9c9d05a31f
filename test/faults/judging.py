# SPDX-License-Identifier: BSL-1.0
"""The sender of these tests, receivers that go wrong on purpose, and the comparison of what
receivers have with what the sender says, line for line."""

import array
import contextlib
import fcntl
import itertools
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "receivers"))
# pylint: disable=wrong-import-position
from lines import whole_lines
from peers import SKIPPED, wait_until

PATIENCE = 30
TCP_ESTABLISHED = 1  # <netinet/tcp.h>


def text(i):
    """Line i, as the sender writes it."""
    return b"shop.web-1.disk.sda%d.reads%d %d %d" % (i % 13, i % 7, i, 1_700_000_000 + i)


def long_text(i, size, word=b""):
    """The same for `long`: size bytes with the newline."""
    front, end = b"shop.web-1." + word, b" %d %d" % (i, 1_700_000_000 + i)
    return front + b"x" * (size - 1 - len(front) - len(end)) + end


class Sender:
    """The library's delivery, told what to send and when."""

    program = None

    def __init__(self, level, *receivers, **options):
        self.level = level
        self.sent = []  # every line, by its number
        self.news = []
        words = [self.program, "--confirm", level, "--destination",
                 ",".join(r if isinstance(r, str) else f"{r.host}:{r.port}" for r in receivers)]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        self.popen = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)
        said = iter(self.popen.stdout.readline, "")
        self.thread = threading.Thread(target=lambda: self.news.extend(said),
                                       daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        self.thread.join()
        self.popen.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.popen.stdin.close()

    def say(self, *words):
        self.popen.stdin.write(" ".join(map(str, words)) + "\n")
        self.popen.stdin.flush()

    def send(self, n, batch=None):
        first = len(self.sent)
        self.sent += map(text, range(first, first + n))
        self.say("send", n, n if batch is None else batch)

    def offer(self, n):
        first = len(self.sent)
        self.sent += map(text, range(first, first + n))
        self.say("offer", n)

    def long(self, size, word=""):
        self.sent.append(long_text(len(self.sent), size, word.encode()))
        self.say("long", size, word)

    def heard(self, *words, skip=0):
        """The news of that kind, each as its time and the words after it."""
        found = []
        for line in self.news[skip:]:
            fields = line.split()
            if fields[1:1 + len(words)] == list(words):
                found.append((float(fields[0]), *fields[1 + len(words):]))
        return found

    def wait_for(self, *words, times=1, seconds=PATIENCE):
        return wait_until(lambda: len(found := self.heard(*words)) >= times and found, seconds,
                          f"{' '.join(words)} in {self.news[-5:]}")

    def settle(self, seconds=PATIENCE):
        before = len(self.heard("settled"))
        self.say("settle")
        self.wait_for("settled", times=before + 1, seconds=seconds)

    def account(self):
        before = len(self.accounts())
        self.say("account")
        return wait_until(lambda: self.accounts()[before:], PATIENCE, "an account")[0]

    def accounts(self):
        return [json.loads(line.partition(" ")[2]) for line in self.news
                if line.startswith("account ")]

    def stop(self, within=20_000):
        """The last account."""
        self.say("stop", within)
        self.popen.wait(PATIENCE + within / 1000)
        self.thread.join()
        took = [float(line.split()[1]) for line in self.news if line.startswith("stopped ")]
        assert self.popen.returncode == 0 and took, self.news[-5:]
        assert took[0] <= within + 50, f"stop within {within} ms took {took[0]} ms"
        return self.accounts()[-1]


class Connection:
    """What one connection brought."""

    def __init__(self, peer, number):
        self.peer = peer
        self.number = number  # of its receiver
        self.data = bytearray()
        self.unread = 0  # bytes that were there and never read when we ended it
        self.over = False
        self.was_reset = False  # by the sender

    def read(self, most=1 << 16):
        """What is there, at least one byte; b"" at the end, however it came."""
        try:
            data = self.peer.recv(most)
        except ConnectionError:
            self.was_reset = True
            return b""
        self.data += data
        return data

    def read_all(self):
        while self.read():
            pass

    def read_exactly(self, size):
        while len(self.data) < size and self.read(size - len(self.data)):
            pass

    def waiting(self):
        """Bytes that are there and unread."""
        size = array.array("i", [0])
        with contextlib.suppress(OSError, ValueError):  # its thread has closed it
            fcntl.ioctl(self.peer, termios.FIONREAD, size)
        return size[0]

    def ended(self):
        """Whether nothing will come beyond what is waiting."""
        state = self.peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state != TCP_ESTABLISHED

    def end(self):
        """Closes; with unread bytes, that is a reset."""
        self.unread += self.waiting()
        self.peer.close()

    def reset(self):
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()


class Receiver:
    """Serves each connection with `serve(connection)`, in a thread each; then closes it."""

    def __init__(self, serve=Connection.read_all, buffer=0, port=0, host="127.0.0.1"):
        self.serve = serve
        self.host = host
        self.connections = []
        self.buffer = buffer
        self.threads = []
        self.listener = None
        self.failed = []
        self.port = port
        self.listen()
        self.port = self.listener.getsockname()[1]

    def listen(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        self.listener.bind((self.host, self.port))
        self.listener.listen(16)
        self.threads.append(threading.Thread(target=self.accept, args=(self.listener,),
                                             daemon=True))
        self.threads[-1].start()

    def accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            connection = Connection(peer, len(self.connections))
            self.connections.append(connection)
            self.threads.append(threading.Thread(target=self.run, args=(connection,), daemon=True))
            self.threads[-1].start()

    def run(self, connection):
        try:
            self.serve(connection)
        except Exception as error:  # pylint: disable=broad-exception-caught
            self.failed.append(error)
        with contextlib.suppress(OSError):
            connection.end()
        connection.over = True

    def refuse(self):
        """Nobody listens any more; what is connected stays."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def hang_up(self):
        """Ends connections whose other side is gone without a word, once all that came was read."""
        wait_until(lambda: not any(c.waiting() for c in self.connections if not c.over), PATIENCE,
                   "an empty queue")
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.peer.shutdown(socket.SHUT_RDWR)

    def waiting(self):
        """Connections that nobody has accepted yet."""
        info = self.listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 28)
        return struct.unpack_from("I", info, 24)[0]  # tcpi_unacked, of a listener its queue

    def close(self):
        """Waits for the connections' ends."""
        with contextlib.suppress(OSError):  # closed already
            wait_until(lambda: self.waiting() == 0, PATIENCE, "that all are accepted")
        self.refuse()
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a connection without an end"
        if self.failed:
            raise self.failed[0]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.refuse()
        else:
            self.close()

    def read(self):
        return sum(len(c.data) for c in self.connections)


def judge(sender, account, *receivers, silent=0, exact=True, promised=True):
    """Everything that holds of the receivers' bytes and the account at any level, and what
    this level promises beyond.

    silent    lines that this level may lose without knowing: acknowledged, and never read
    exact     every dropped line is missing; not so when a line may have arrived all the same
    promised  no line that counts as confirmed is missing, but for these
    """
    number = {line: i for i, line in enumerate(sender.sent)}
    where = f"{sender.level}: {account}"
    seen = bytearray(len(sender.sent))
    skipped = set()
    alone = set()
    arrived = torn = connections = 0
    for receiver in receivers:
        earlier = 0
        for connection in receiver.connections:
            connections += 1
            whole, tail = whole_lines(connection.data)
            unknown = [line[:200] for line in whole if line not in number]
            assert not unknown, f"not a line that was sent: {unknown[:3]}, {where}"
            run = [number[line] for line in whole]
            # In order, each at most once; none left out but those that were dropped.
            for a, b in itertools.pairwise(run):
                assert a < b, f"line {b} after line {a}, {where}"
                # A line that travelled alone, in place of a suspected one, was confirmed by it.
                skipped.update(set(range(a + 1, b)) - alone)
            if tail:
                torn += 1
                rest = sender.sent[run[-1] + 1:] if run else sender.sent
                assert any(line.startswith(tail) for line in rest), f"{bytes(tail[:200])}, {where}"
            if run:
                # A later connection never begins further back: only what is unconfirmed
                # comes again. A line that travels alone may do so in place of a
                # suspected one, which is older.
                assert run[0] >= earlier, f"from line {run[0]} after {earlier}, {where}"
                earlier = run[0] if len(run) > 1 else earlier
                alone.update(run if len(run) == 1 else ())
            for i in run:
                seen[i] = 1
            arrived += len(run)
    distinct = sum(seen)
    missing = len(sender.sent) - distinct
    lost = account["lost"]
    assert account["balanced"] and account["accepted"] == len(sender.sent), where
    assert account["in_flight"] == account["queued"] == 0, where
    assert account["sockets"] <= 1, f"two connections at once, {where}"
    # One that nobody accepted counts too; one that was reset before it was seen to be there has
    # failed.
    assert account["connections"] + account["failures"] >= connections, where
    assert len(skipped) <= lost, f"{len(skipped)} lines left out, {where}"
    twice = arrived - distinct
    assert twice <= account["replayed"], f"{twice} lines came twice, {where}"
    if promised:
        assert account["confirmed"] <= distinct + silent, f"{distinct} arrived, {where}"
        assert missing <= lost + silent, f"{missing} are missing, {where}"
    if exact and promised:
        assert missing >= lost, f"{missing} are missing, {where}"
    return {"lines": len(sender.sent), "missing": missing, "dropped": lost,
            "twice": twice, "replayed": account["replayed"],
            "connections": account["connections"], "torn": torn, "stalls": account["stalls"]}


def enter(*namespaces):
    """Starts this program again in namespaces of its own, as root there; leaves with 77 when
    that is not permitted."""
    if os.environ.get("FAULTS_INSIDE"):
        return
    options = [f"--{name}" for name in namespaces]
    if os.geteuid() != 0:
        options.append("--map-root-user")
    if not shutil.which("unshare") or subprocess.run(["unshare", *options, "true"], check=False,
                                                     stderr=subprocess.DEVNULL).returncode:
        skip(f"unshare {' '.join(options)} is not permitted")
    os.environ["FAULTS_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", *options, sys.executable, "-B", *sys.argv])


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def need(*programs):
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # not everybody has these
    for program in programs:
        if not shutil.which(program):
            skip(f"there is no {program}")


def main(program, cases, chosen, levels):
    """Runs cases, each at each level, and prints what came of them."""
    Sender.program = program
    for name in chosen:
        for level in levels:
            started = time.monotonic()
            figures = cases[name](level)
            shown = ", ".join(f"{value:,} {key}" for key, value in figures.items())
            print(f"{name:22} {level:12} {time.monotonic() - started:5.1f} s: {shown}", flush=True)
