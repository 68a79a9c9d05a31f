# SPDX-License-Identifier: BSL-1.0
"""For the tests of the programs: a receiver that shares nothing with the library, and their
account."""

import http.server
import json
import re
import select
import socket
import struct
import subprocess
import threading


class Receiver:
    """Keeps every byte of every connection. It can go away and come back on the same port."""

    def __init__(self, reset_after=0):
        """The first connection is reset once `reset_after` bytes of it have been read."""
        self.connections = []
        self.reset_after = reset_after
        self.port = 0
        self.listen()

    def listen(self):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(("127.0.0.1", self.port))
        self.server.listen()
        self.port = self.server.getsockname()[1]
        self.leaving, self.bell = socket.socketpair()
        self.quiet = threading.Event()
        self.thread = threading.Thread(target=self.serve, args=(self.server, self.leaving),
                                       daemon=True)
        self.thread.start()

    def serve(self, server, leaving):
        peers = {}
        while True:
            ready, _, _ = select.select([server, leaving, *peers], [], [], 0.2)
            if not ready and self.connections and self.connections[-1]:
                self.quiet.set()
            if leaving in ready:
                break
            for one in ready:
                if one is server:
                    peer, _ = server.accept()
                    self.connections.append(bytearray())
                    peers[peer] = self.connections[-1]
                    continue
                first = peers[one] is self.connections[0]
                data = one.recv(1 << 12)
                peers[one] += data
                if first and 0 < self.reset_after <= len(peers[one]):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    data = b""
                if not data:
                    del peers[one]
                    one.close()
        for peer in peers:
            peer.close()

    def go_away(self):
        self.bell.close()
        self.thread.join()
        self.server.close()
        self.leaving.close()

    def lines(self):
        """Whole lines of all connections; only one that was reset may end inside a line."""
        out = []
        for number, content in enumerate(self.connections):
            *whole, tail = content.decode().split("\n")
            assert not tail or (number == 0 and self.reset_after), f"torn tail {tail!r}"
            out += whole
        return out


class HttpReceiver:
    """Answers every request with 204, and keeps heads and bodies."""

    def __init__(self):
        self.bodies = bodies = []
        self.heads = heads = []

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection."""
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                """The library calls it so."""
                heads.append((self.path, dict(self.headers)))
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):  # pylint: disable=arguments-differ
                """Nothing on standard error."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def objects(self):
        """Of bodies that are JSON arrays."""
        return [one for body in self.bodies for one in json.loads(body)]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class DatagramReceiver:
    """Keeps every datagram that comes to a free port, or to a path."""

    def __init__(self, path=None):
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(path or ("127.0.0.1", 0))
        self.destination = (f"unixgram:{path}" if path else
                            f"udp://127.0.0.1:{self.socket.getsockname()[1]}")
        self.datagrams = []
        self.socket.settimeout(0.2)
        self.leaving = False
        self.thread = threading.Thread(target=self.read, daemon=True)

    def read(self):
        while True:
            leaving = self.leaving  # what was sent before is there
            try:
                self.datagrams.append(self.socket.recv(65536))
            except TimeoutError:
                if leaving:
                    return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.leaving = True
        self.thread.join()
        self.socket.close()

    def lines(self):
        """Whole lines; a datagram has nothing else."""
        out = []
        for one in self.datagrams:
            *whole, tail = one.decode().split("\n")
            assert not tail, f"a datagram ends inside a line: {one!r}"
            out += whole
        return out


def start(program, *flags):
    return subprocess.Popen([program, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def account(output):
    """accepted, confirmed, in flight, queued, dropped: lines."""
    numbers = re.search(r"^lines: accepted ([\d,]+) = confirmed ([\d,]+) \+ in flight ([\d,]+) "
                        r"\+ queued ([\d,]+) \+ dropped ([\d,]+)", output, re.M).groups()
    accepted, *parts = (int(n.replace(",", "")) for n in numbers)
    assert accepted == sum(parts), output
    return accepted, *parts


def ended(agent, seconds=60):
    output, errors = agent.communicate(timeout=seconds)
    assert agent.returncode == 0, f"exit status {agent.returncode}\n{output[-1000:]}{errors}"
    return output
