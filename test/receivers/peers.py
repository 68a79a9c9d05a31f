# SPDX-License-Identifier: BSL-1.0
"""Receivers on plain sockets, and the programs under test.

    peers.py PORT FOLDER PAUSE [http]
                                  a receiver as a process of its own, which one can kill: each
                                  connection becomes a file of FOLDER, written as soon as it is
                                  read; a slow one pauses for so many seconds after each 4 KiB.
                                  http: the file has the bodies of whole requests, each of which is
                                  answered when it is written
"""

import contextlib
import os
import re
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

SKIPPED = 77  # exit status: something this test needs is not installed


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(true, seconds, what):
    """Polls; bounded. The tests wait for events, never for time to pass, wherever there is one."""
    end = time.monotonic() + seconds
    while True:
        if result := true():
            return result
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.01)


def between_batches(size, seconds=30):
    """Returns in the pause after a batch of an agent that exports every second: what was sent has
    been read, and the next batch is some time away. A batch that had to wait for the receiver does
    not count, because the next one may follow at once."""
    end = time.monotonic() + seconds
    last, changed, regular = size(), time.monotonic(), False
    while not regular or time.monotonic() - changed < 0.35:
        assert time.monotonic() < end, f"no batch within {seconds} s"
        time.sleep(0.01)
        if size() != last:
            regular = regular or time.monotonic() - changed > 0.5
            last, changed = size(), time.monotonic()


class Receiver:
    """A receiver in a thread. Keeps every byte of every connection."""

    def __init__(self):
        self.connections = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.leaving, self.bell = socket.socketpair()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        peers = {}
        while True:
            ready, _, _ = select.select([self.server, self.leaving, *peers], [], [])
            for one in ready:
                if one is self.server:
                    peer, _ = one.accept()
                    peers[peer] = bytearray()
                    self.connections.append(peers[peer])
                elif one is self.leaving:
                    return
                elif data := self.read(one):
                    peers[one] += data
                else:
                    del peers[one]
                    one.close()

    @staticmethod
    def read(peer, most=1 << 16):
        try:
            return peer.recv(most)
        except ConnectionError:
            return b""

    def close(self):
        self.bell.close()
        self.thread.join()
        self.server.close()
        self.leaving.close()


class Process:
    """A program that is ended, by its id, whatever happens."""

    def __init__(self, *command, **options):
        self.name = os.path.basename(command[0])
        self.popen = subprocess.Popen([str(word) for word in command], **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        for stream in (self.popen.stdout, self.popen.stderr, self.popen.stdin):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def kill(self):
        """kill -9."""
        self.popen.kill()
        self.popen.wait()

    def interrupt(self, seconds=30):
        """SIGINT, and waits."""
        self.popen.send_signal(signal.SIGINT)
        return self.popen.wait(seconds)


class KeepingReceiver:
    """A receiver as a process of its own. It may be killed and started again, on the same port."""

    def __init__(self, folder, pause=0.0, http=False):
        self.folder = Path(folder)
        self.pause = pause
        self.http = http
        # Holds the port while no receiver runs; bound but not listening, it refuses.
        self.holder = socket.socket()
        self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.holder.bind(("127.0.0.1", 0))
        self.port = self.holder.getsockname()[1]
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.process.__exit__()
        self.holder.close()

    def start(self):
        self.process = Process(sys.executable, __file__, self.port, self.folder, self.pause,
                               *["http"] * self.http, stdout=subprocess.PIPE)
        assert self.process.popen.stdout.readline() == b"ready\n"

    def kill(self):
        self.process.kill()
        self.process.popen.stdout.close()

    def size(self):
        return sum(file.stat().st_size for file in self.folder.iterdir())

    def connections(self):
        return [file.read_bytes() for file in sorted(self.folder.iterdir())]


class Requests:
    """The requests of one connection, as their bytes come."""

    def __init__(self):
        self.begun = bytearray()

    def whole_bodies(self, data):
        self.begun += data
        while (end := self.begun.find(b"\r\n\r\n")) >= 0:
            head = self.begun[:end].lower()
            assert head.startswith(b"post "), head
            length = int(re.search(rb"\r\ncontent-length: (\d+)", head)[1])
            if len(self.begun) < end + 4 + length:
                return
            yield bytes(self.begun[end + 4:end + 4 + length])
            del self.begun[:end + 4 + length]


def keep(port, folder, pause, http):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    waiting = selectors.DefaultSelector()
    waiting.register(server, selectors.EVENT_READ)
    number = len(os.listdir(folder))
    print("ready", flush=True)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is server:
                peer, _ = server.accept()
                file = os.open(os.path.join(folder, f"{number:06}"),
                               os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                number += 1
                waiting.register(peer, selectors.EVENT_READ, (file, Requests()))
            elif data := Receiver.read(key.fileobj, 4096 if pause else 1 << 16):
                file, requests = key.data
                for body in requests.whole_bodies(data) if http else [data]:
                    os.write(file, body)
                    if http:
                        with contextlib.suppress(ConnectionError):
                            key.fileobj.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                if pause:
                    time.sleep(pause)
            else:
                waiting.unregister(key.fileobj)
                key.fileobj.close()
                os.close(key.data[0])


class Account:
    """The account that a program prints: {"lines": {...}, "bytes": {...}}."""

    def __init__(self, output):
        self.output = output
        for unit in ("lines", "bytes"):
            match = re.search(rf"^{unit}: accepted ([\d,]+) = confirmed ([\d,]+) "
                              r"\+ in flight ([\d,]+) "
                              rf"\+ queued ([\d,]+) \+ dropped ([\d,]+)", output, re.M)
            assert match, f"no account of {unit}:\n{output[-2000:]}"
            accepted, confirmed, *rest = (int(n.replace(",", "")) for n in match.groups())
            assert accepted == confirmed + sum(rest), output[-2000:]
            setattr(self, unit, accepted)
            setattr(self, "confirmed_" + unit, confirmed)
            self.complete = accepted == confirmed and getattr(self, "complete", True)


class Program(Process):
    """system_agent or replay, with its output kept."""

    def __init__(self, *command, **options):
        super().__init__(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         **options)

    # What the agent's log tells of receivers that come and go.
    CONNECTIONS = re.compile(r'system_agent: (connected to )?"[^"]*" port "[^"]*"')

    def ended(self, seconds, status=0):
        """Its output, once it has ended by itself, and with nothing to complain of but
        receivers."""
        output, errors = self.popen.communicate(timeout=seconds)
        complaints = [line for line in errors.splitlines() if not self.CONNECTIONS.match(line)]
        assert self.popen.returncode == status and (status or not complaints), (
            f"{self.name} ended with {self.popen.returncode}\n{output[-2000:]}\n{errors[-2000:]}")
        return output


if __name__ == "__main__":
    keep(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4:] == ["http"])
