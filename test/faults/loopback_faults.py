#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Receivers that do wrong on loopback. Needs no right that a user does not have.

    loopback_faults.py SENDER CASE [LEVEL...]    one case, at these levels; `all` for every case
"""

import contextlib
import random
import socket
import sys
import threading
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import Connection, Receiver, Sender, judge, main, text
from peers import wait_until

LEVELS = ("written", "acked", "acked_replay", "epoch")
CASES = {}
REFUSED = "1"  # a port of the system's that nobody has; connecting to it is refused


def case(function):
    CASES[function.__name__] = function
    return function


def promises(level):
    """Whether a line that this level calls confirmed is known to have arrived."""
    return level == "epoch"


@case
def reset_inside_a_line(level):
    """Five connections are reset 20 bytes before the end of what was sent to them. All of it has
    been acknowledged by then: `acked` loses the one line that was not read, `epoch` none."""
    resets, part = 5, 200
    done = []

    def serve(connection):
        # Everything that the sender has is here before any of it is read.
        wait_until(lambda: connection.waiting() >= size[0] or connection.ended()
                   or len(done) == resets, 10, "all that was sent")
        if len(done) == resets or connection.waiting() < size[0]:
            connection.read_all()
            return
        connection.read_exactly(size[0] - 20)
        connection.reset()
        done.append(connection)

    size = [0]  # of what the next connection that is reset gets
    with Receiver(serve) as receiver, Sender(level, receiver) as sender:
        for i in range(resets):
            size[0] = sum(len(text(i)) + 1
                          for i in range(len(sender.sent), len(sender.sent) + part))
            sender.send(part)
            wait_until(lambda n=i: len(done) > n, 10, "a reset")
            if level == "epoch":
                sender.settle()
        sender.send(part)
        account = sender.stop()
        receiver.close()
        assert account["connections"] >= resets + 1
        figures = judge(sender, account, receiver, silent=0 if promises(level) else resets,
                        promised=level != "written")
        assert figures["torn"] == resets, figures
        if level == "acked":
            assert figures["missing"] == resets, figures
        return figures


@case
def reset_in_the_stream(level):
    """A receiver that resets after a random number of bytes, while more and more comes."""
    chance = random.Random(1)
    resets = 10
    limits = [chance.randrange(1, 200_000) for _ in range(resets)]

    def serve(connection):
        if connection.number < resets:
            connection.read_exactly(limits[connection.number])
            if len(connection.data) == limits[connection.number]:
                connection.reset()
        else:
            connection.read_all()

    with Receiver(serve, buffer=32768) as receiver, \
            Sender(level, receiver, queue_bytes=2 << 20) as sender:
        sender.send(40_000, 1000)
        account = sender.stop()
        receiver.close()
        # What was there, or came before the reset left: not more than a receive buffer each time.
        may_lose = 0 if promises(level) else resets * 65536 // len(text(0))
        # A head line that found three resets is dropped for it, though it arrived each time.
        return judge(sender, account, receiver, silent=may_lose, exact=False,
                     promised=level != "written")


@case
def zero_window_then_on(level):
    """The receiver stops reading until its window and what may be in flight are full, then goes
    on."""
    go = threading.Event()

    def serve(connection):
        connection.read_exactly(1)
        go.wait()
        connection.read_all()

    with Receiver(serve, buffer=8192) as receiver, Sender(level, receiver) as sender:
        sender.send(10_000)
        stuck = until_stuck(sender)
        assert stuck["queued"] > 5000 and stuck["stalls"] == 0, stuck
        go.set()
        account = sender.stop()
        receiver.close()
        assert account["stalls"] == 0 and account["replayed"] == 0, account
        return judge(sender, account, receiver)


def until_stuck(sender):
    """The account once nothing moves any more."""
    accounts = [sender.account()]

    def same():
        time.sleep(0.1)
        accounts.append(sender.account())
        newest = accounts[-1]
        return newest["sent_bytes"] != 0 and len(accounts) > 3 and newest == accounts[-4]

    wait_until(same, 10, "that nothing moves")
    return accounts[-1]


@case
def never_reads(level):
    """The first destination accepts and never reads: left for the second within stall_timeout. What
    it has in its buffer it reads when all is over, so it counts."""
    end = threading.Event()

    def serve(connection):
        end.wait()
        connection.read_all()

    stuck = Receiver(serve, buffer=8192)
    with stuck, Receiver() as second, Sender(level, stuck, second, stall_timeout=800) as sender:
        began = time.monotonic()
        sender.send(10_000)
        stalled = sender.wait_for("stalled")[0][0]
        assert 0.8 <= stalled and time.monotonic() - began < 0.8 + 1, stalled
        if level != "epoch":
            # Later connections begin with the first destination again, and would stall again.
            wait_until(lambda: second.read() > 0, 10, "lines at the second destination")
        stuck.refuse()
        account = sender.stop()
        end.set()
        second.close()
        stuck.close()
        assert account["stalls"] >= 1, account
        return judge(sender, account, stuck, second)


@case
def in_flight_is_bounded(level):
    """At a receiver that never reads at most 64 KiB are not acknowledged, with the default options:
    what was written less what its kernel holds."""
    end = threading.Event()

    def serve(connection):
        end.wait()
        connection.read_all()

    with Receiver(serve) as receiver, Sender(level, receiver, queue_bytes=16 << 20) as sender:
        sender.send(150_000)
        stuck = until_stuck(sender)
        held = receiver.connections[0].waiting()
        unacknowledged = stuck["sent_bytes"] - held
        assert stuck["queued"] > 0 or level == "epoch", stuck
        assert 0 <= unacknowledged <= 64 << 10, (unacknowledged, stuck)
        end.set()
        account = sender.stop()
        receiver.close()
        figures = judge(sender, account, receiver)
        return {"unacknowledged bytes": unacknowledged, **figures}


@case
def slow_reader(level):
    """37 bytes at a time and a pause after each: slow is not stalled."""
    def serve(connection):
        while connection.read(37):
            time.sleep(0.001)

    with Receiver(serve, buffer=4096) as receiver, \
            Sender(level, receiver, stall_timeout=1000) as sender:
        sender.send(1000)
        account = sender.stop()
        receiver.close()
        assert account["stalls"] == 0, account
        return judge(sender, account, receiver)


@case
def reply_flood(level):
    """A receiver that sends as fast as it can: it is read at a bounded rate, and nobody waits for
    it."""
    def serve(connection):
        with contextlib.suppress(OSError):
            connection.peer.sendall(b"ERROR no room\n")
        flood = threading.Thread(target=talk, args=(connection.peer,), daemon=True)
        flood.start()
        connection.read_all()
        with contextlib.suppress(OSError):
            connection.peer.shutdown(socket.SHUT_RDWR)
        flood.join()

    def talk(peer):
        # At `epoch` the receiver's end of stream comes behind all that it said.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        with contextlib.suppress(OSError):
            while True:
                peer.sendall(b"ERROR no room\n" * 4000)

    with Receiver(serve) as receiver, Sender(level, receiver) as sender:
        began = time.monotonic()
        for _ in range(4 if level == "epoch" else 20):
            sender.send(1000)
            wait_until(lambda: receiver.read() >= len(b"\n".join(sender.sent)), 10, "the lines")
            time.sleep(0.02)
        took = time.monotonic() - began
        account = sender.stop(5000)
        receiver.close()
        connections = account["connections"]
        bound = (took + 6) * 10 * 65536 + connections * 131072
        assert 0 < account["received_bytes"] <= bound, account
        return judge(sender, account, receiver, exact=False)


@case
def unread_reply(level):
    """One reply at the start and one in the middle. A sender that closes without having read them
    would destroy what the receiver has not read yet."""
    def serve(connection):
        connection.peer.sendall(b"hello\n")
        connection.read_exactly(100_000)
        with contextlib.suppress(OSError):
            connection.peer.sendall(b"who are you?\n")
        while connection.read(4096):
            time.sleep(0.0005)  # there is always a backlog

    with Receiver(serve) as receiver, Sender(level, receiver) as sender:
        sender.send(40_000)
        account = sender.stop()
        receiver.close()
        assert account["received_bytes"] >= len("hello\n"), account
        figures = judge(sender, account, receiver)
        assert figures["missing"] == figures["torn"] == 0, figures
        return figures


@case
def strange_replies(level):
    """NUL, ESC, CR LF, and a megabyte without a newline."""
    reply = b"\0\x1b[2J\x1b]0;title\x07\r\n\xff\xfe" + b"A" * (1 << 20) + b"\r\n\0"

    def serve(connection):
        connection.read_exactly(1000)
        talking = threading.Thread(target=talk, args=(connection.peer,), daemon=True)
        talking.start()
        connection.read_all()
        talking.join()

    def talk(peer):
        with contextlib.suppress(OSError):
            peer.sendall(reply)

    with Receiver(serve) as receiver, Sender(level, receiver) as sender:
        sender.send(2000)
        wait_until(lambda: sender.account()["received_bytes"] >= len(reply), 20, "the reply") \
            if level != "epoch" else sender.settle()
        sender.send(2000)
        account = sender.stop()
        receiver.close()
        return judge(sender, account, receiver)


@case
def accepts_and_closes(level):
    """Three connections are closed as soon as they are accepted."""
    def serve(connection):
        if connection.number >= 3:
            connection.read_all()

    with Receiver(serve) as receiver, Sender(level, receiver, max_backoff=100) as sender:
        for _ in range(20):
            sender.send(1000)
            time.sleep(0.01)
        account = sender.stop()
        receiver.close()
        # A line that found three such ends is taken for poison, and counted.
        assert account["lost"] == account["poison"] <= 1, account
        # What came between accepting and closing was acknowledged: not more than a window each
        # time.
        return judge(sender, account, receiver,
                     silent=0 if promises(level) else 3 * (128 << 10) // len(text(0)),
                     promised=level != "written")


@case
def poison_line(level):
    """A receiver that resets when it reads a certain line, or any longer than 8192 bytes. The line
    is dropped once it has ended three connections, and all others arrive."""
    def serve(connection):
        while data := connection.read(4096):
            longest = max(map(len, bytes(connection.data[-20_000:]).split(b"\n")))
            if b"poison" in connection.data or longest > 8192:
                # A receiver takes lines one by one: what follows the bad one was never read.
                bad = connection.data.find(b"poison")
                if bad >= 0:
                    del connection.data[connection.data.rfind(b"\n", 0, bad) + 1:]
                else:
                    del connection.data[connection.data.rfind(b"\n") + 1:]
                connection.reset()
                return
            assert data

    with Receiver(serve, buffer=16384) as receiver, Sender(level, receiver) as sender:
        poison = 0
        for i in range(4):
            sender.send(1000)
            if promises(level) and i % 2:
                sender.long(200, "poison")  # acknowledged before it is read: only an epoch can tell
            else:
                sender.long(200_000)  # never acknowledged to its end
            poison += 1
        sender.send(1000)
        account = sender.stop()
        receiver.close()
        assert account["poison"] == account["lost"], account
        # At `acked` what waited behind the line in the receiver's buffer is gone with it.
        figures = judge(sender, account, receiver,
                        silent=0 if promises(level) else poison * 4 * 65536 // 46,
                        promised=level != "written")
        if promises(level):
            assert account["poison"] == poison and figures["missing"] == poison, (account, figures)
        else:
            assert account["poison"] + figures["missing"] >= poison, (account, figures)
        return figures


@case
def two_flapping_destinations(level):
    """Two receivers, one of them down at a time, changing all the while. Each goes down when it has
    read everything, so that even `acked` may lose nothing."""
    receivers = [Receiver(), Receiver()]
    with receivers[0], receivers[1], Sender(level, *receivers, max_backoff=100) as sender:
        receivers[1].refuse()
        for i in range(20):
            up, down = receivers[i % 2], receivers[1 - i % 2]
            sender.send(300)
            size = len(b"\n".join(sender.sent)) + 1
            wait_until(lambda: sum(r.read() for r in receivers) >= size and
                       sender.account()["queued"] + sender.account()["in_flight"] == 0,
                       15, "all lines")
            down.listen()
            up.refuse()
            for connection in up.connections:
                with contextlib.suppress(OSError):
                    connection.peer.shutdown(socket.SHUT_RDWR)
            sender.send(50)  # finds a dead connection
        account = sender.stop()
        for receiver in receivers:
            receiver.close()
        # Both must have had their share.
        assert all(r.read() > 10_000 for r in receivers), [r.read() for r in receivers]
        return judge(sender, account, *receivers, silent=0 if level != "written" else 20 * 50)


@case
def proxy_without_receiver(level):
    """A proxy whose receiver is away accepts and closes, for three seconds: an
    outage, and no line's fault."""
    back = threading.Event()

    def serve(connection):
        if back.is_set():
            connection.read_all()
        elif connection.number % 2:
            connection.reset()

    with Receiver(serve) as receiver, Sender(level, receiver, max_backoff=100) as sender:
        sender.send(1000)
        sender.wait_for("failed", times=20)
        sender.send(1000)
        sender.wait_for("failed", times=30)
        back.set()
        account = sender.stop()
        receiver.close()
        assert account["lost"] == 0, account
        return judge(sender, account, receiver)


@case
def every_second_fails(level):
    """Every second connection, by chance, is reset before anything of it was read. The others are
    as full as if all were good, and no line is to blame."""
    chance = random.Random(7)

    def serve(connection):
        if chance.random() < 0.5:
            connection.reset()
        else:
            connection.read_all()

    with Receiver(serve) as receiver, Sender(level, receiver, max_backoff=100) as sender:
        for _ in range(40):
            sender.send(500)
            sender.settle()
        account = sender.stop()
        receiver.close()
        assert account["lost"] == 0, account
        good = [c for c in receiver.connections if c.data]
        # At least 40 are needed; lines that travel alone for want of trust cost some more.
        assert len(good) <= 40 / 0.8, (len(good), account)
        return judge(sender, account, receiver)


@case
def left_inside_a_line(level):
    """A receiver stands still for longer than stall_timeout, and then reads what is there: of each
    connection whole lines, although some were left with lines on their way."""
    go = threading.Event()

    def serve(connection):
        go.wait()
        connection.read_all()

    with Receiver(serve, buffer=4096) as receiver, Sender(level, receiver, stall_timeout=300,
                                                          max_backoff=100) as sender:
        sender.send(20_000)
        sender.wait_for("failed", times=4)
        go.set()
        account = sender.stop()
        receiver.close()
        assert len(receiver.connections) > 4, len(receiver.connections)
        torn = [c.number for c in receiver.connections if c.data and not c.data.endswith(b"\n")]
        assert not torn, f"an end inside a line: {torn} of {len(receiver.connections)}"
        return judge(sender, account, receiver, silent=0 if promises(level) else 20_000,
                     exact=False)


@case
def wrong_service(level):
    """The first destination is a web server: it answers the first bytes and closes."""
    def serve(connection):
        connection.read(4096)
        connection.peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                                b"Connection: close\r\n\r\n")

    with Receiver(serve) as web, Receiver() as graphite, \
            Sender(level, web, graphite, max_backoff=100) as sender:
        for _ in range(3):
            sender.send(1000)
        account = sender.stop(5000)
        web.close()
        graphite.close()
        # At `acked` the web server takes lines, as far as anybody can know.
        figures = judge(sender, account, web, graphite, silent=0 if promises(level) else 3000,
                        exact=False, promised=level != "written")
        if promises(level):
            # What it answered is seen only if it is read before the reset that follows.
            assert account["failures"] >= 1 and account["lost"] == 0, account
            judge(sender, account, graphite, exact=False)
        return figures


@case
def refused_then_there(level):
    """Nobody listens for a while; lines wait, and arrive."""
    receiver = Receiver()
    receiver.refuse()
    with Sender(level, receiver, max_backoff=200) as sender:
        sender.send(5000)
        sender.wait_for("failed", times=3)
        receiver.listen()
        account = sender.stop()
        receiver.close()
        assert account["failures"] >= 3, account
        return judge(sender, account, receiver)


@case
def never_accepted(level):
    """The first destination's queue of connections is full and nobody accepts: left when
    connect_timeout is over."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(full.getsockname())
    with Receiver() as second, Sender(level, f"127.0.0.1:{full.getsockname()[1]}", second,
                                      connect_timeout=600) as sender:
        sender.send(2000)
        connected = sender.wait_for("connected")[0][0]
        assert 0.55 < connected < 0.6 + 1, connected
        account = sender.stop()
        second.close()
        for filler in fillers:
            filler.close()
        full.close()
        return judge(sender, account, second)


@case
def dies_and_comes_back(level):
    """For as long as nobody is there more is offered than the queue holds: the oldest go, counted,
    and the rest arrives in order."""
    receiver = Receiver()
    with Sender(level, receiver, queue_bytes=2 << 20, max_backoff=100) as sender:
        sender.send(1000)
        sender.settle()
        receiver.refuse()
        for connection in receiver.connections:
            with contextlib.suppress(OSError):
                connection.peer.shutdown(socket.SHUT_RDWR)
        for _ in range(90):
            sender.offer(1000)
        sender.account()
        receiver.listen()
        account = sender.stop()
        receiver.close()
        assert account["overflow"] == account["lost"] > 30_000, account
        figures = judge(sender, account, receiver, silent=0 if level != "written" else 2000,
                        exact=False)
        if level != "written":
            assert figures["missing"] == figures["dropped"], figures
        return figures


if __name__ == "__main__":
    program, name, *levels = sys.argv[1:]
    main(program, CASES, CASES if name == "all" else [name], levels or LEVELS)
