#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Networks that drop, delay and refuse, made with nftables in a network namespace of the test's
own.

    network_faults.py SENDER CASE [LEVEL...]    one case, at these levels; `all` for every case

Needs nft, ip and the right to make a network namespace; without them it is skipped (77).
"""

import subprocess
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from judging import Receiver, Sender, enter, judge, main, need, skip
from peers import wait_until

LEVELS = ("written", "acked", "acked_replay", "epoch")
CASES = {}


def case(function):
    def alone(level):
        try:
            return function(level)
        finally:
            rules()

    CASES[function.__name__] = alone
    return alone


def rules(*lines):
    """Replaces all rules for packets that arrive."""
    text = ["flush ruleset"]
    if lines:
        text += ["table inet faults {", "chain arriving { type filter hook input priority 0;",
                 *lines, "}", "}"]
    subprocess.run(["nft", "-f", "-"], input="\n".join(text), text=True, check=True)


def after(sender, sent, seconds, *words):
    """That news has come within so many seconds after the sender's time `sent`."""
    times = [at for at, *_ in sender.wait_for(*words, seconds=seconds + 5) if at > sent]
    assert times and times[0] - sent <= seconds, f"{words} after {times} of {sent}"
    return times[0] - sent


def established(sender, receiver):
    """1000 lines have arrived; returns the sender's time."""
    sender.send(1000)
    sender.settle()
    # The kernel answers before anybody accepts.
    wait_until(lambda: receiver.connections, 10, "a connection")
    return sender.heard("settled")[-1][0]


def finish(sender, *receivers, **how):
    """With the network as it should be: the last account, and the comparison."""
    account = sender.stop()
    rules()
    for receiver in receivers:
        receiver.hang_up()
        receiver.close()
    return account, judge(sender, account, *receivers, **{"exact": False, **how})


@case
def silent_drop(level):
    """What is sent to the first destination vanishes: left for the second within stall_timeout + 1
    s."""
    # An epoch's new connection finds that even its first packet vanishes.
    with Receiver() as first, Receiver() as second, \
            Sender(level, first, second, stall_timeout=1000, connect_timeout=1000) as sender:
        began = established(sender, first)
        rules(f"tcp dport {first.port} drop")
        sender.send(1000)
        took = after(sender, began, 2, "connected", str(second.port))
        account, figures = finish(sender, first, second)
        assert account["stalls"] == (level != "epoch") and figures["missing"] == 0, account
        return {"seconds": round(took, 2), **figures}


@case
def silent_drop_in_the_stream(level):
    """The same while bytes are on their way, and it is the kernel's own time limit that ends it."""
    with Receiver() as first, Receiver() as second, \
            Sender(level, first, second, user_timeout=1000, connect_timeout=500) as sender:
        sender.send(100_000)
        wait_until(lambda: first.read() > 500_000, 10, "bytes")
        rules(f"tcp dport {first.port} drop")
        began = time.monotonic()
        sender.wait_for("failed", str(first.port), "system", "110")
        took = time.monotonic() - began
        assert took <= 1 + 1, took
        account, figures = finish(sender, first, second)
        assert account["stalls"] == 0 and figures["missing"] == 0, account
        return {"seconds": round(took, 2), **figures}


@case
def acknowledgements_lost(level):
    """Bytes arrive and nobody hears of it: sent again to the second destination."""
    with Receiver() as first, Receiver() as second, \
            Sender(level, first, second, stall_timeout=600, connect_timeout=400) as sender:
        established(sender, first)
        sender.send(60_000)
        wait_until(lambda: first.read() > 500_000, 10, "bytes")
        rules(f"tcp sport {first.port} drop")
        account, figures = finish(sender, first, second)
        assert figures["missing"] == 0, account
        return figures


@case
def loss_of_a_fifth(level):
    """Each packet is lost with a chance of 20 %: later, but nothing is lost nor sent twice."""
    with Receiver() as receiver, Sender(level, receiver) as sender:
        rules(f"tcp dport {receiver.port} numgen random mod 100 < 20 drop")
        sender.send(10_000)
        account, figures = finish(sender, receiver, exact=True)
        assert account["stalls"] == 0 and figures["missing"] == figures["twice"] == 0, account
        return figures


@case
def rate_limit(level):
    """200 KiB a second and no more: slow is not stalled."""
    with Receiver() as receiver, Sender(level, receiver, stall_timeout=1500) as sender:
        rules(f"tcp dport {receiver.port} limit rate over 200 kbytes/second burst 20 kbytes drop")
        sender.send(12_000)
        account, figures = finish(sender, receiver, exact=True)
        assert account["stalls"] == 0 and figures["missing"] == figures["twice"] == 0, account
        return figures


@case
def quota(level):
    """After 100,000 bytes nothing more gets through to the first destination."""
    with Receiver() as first, Receiver() as second, \
            Sender(level, first, second, stall_timeout=800, connect_timeout=400,
                   end_timeout=800) as sender:
        rules(f"tcp dport {first.port} quota over 100000 bytes drop")
        sender.send(10_000)
        account, figures = finish(sender, first, second)
        assert first.read() <= 100_000 and figures["missing"] == 0, account
        return figures


@case
def reset_after_bytes(level):
    """A firewall resets each connection once it has carried 50,000 bytes."""
    try:
        with open("/proc/sys/net/netfilter/nf_conntrack_acct", "w", encoding="ascii") as accounting:
            accounting.write("1")
    except OSError as error:
        skip(f"connections' bytes are not counted: {error}")
    with Receiver() as receiver, Sender(level, receiver) as sender:
        rules(f"tcp dport {receiver.port} ct original bytes > 50000 reject with tcp reset")
        sender.send(6000)
        account, figures = finish(sender, receiver, exact=True)
        assert account["connections"] >= 6, account
        assert account["lost"] == 0 and figures["missing"] == 0, account
        return figures


@case
def syn_blackhole(level):
    """Nobody answers: connect_timeout, then the second destination."""
    with Receiver() as first, Receiver() as second, \
            Sender(level, first, second, connect_timeout=700) as sender:
        rules(f"tcp dport {first.port} drop")
        sender.send(1000)
        took = after(sender, 0, 0.7 + 1, "connected", str(second.port))
        account, figures = finish(sender, first, second, exact=True)
        assert not first.connections and account["connections"] == 1, account
        return {"seconds": round(took, 2), **figures}


@case
def syn_rejected(level):
    """Refused by a firewall: the second destination at once."""
    with Receiver() as first, Receiver() as second, Sender(level, first, second) as sender:
        rules(f"tcp dport {first.port} reject with tcp reset")
        sender.send(1000)
        took = after(sender, 0, 2, "connected", str(second.port))
        account, figures = finish(sender, first, second, exact=True)
        assert account["failures"] >= 1 and not first.connections, account
        return {"seconds": round(took, 2), **figures}


@case
def no_route(level):
    """Routes that end in EHOSTUNREACH, EACCES and EINVAL, then a receiver."""
    for kind, address in (("unreachable", 1), ("prohibit", 2), ("blackhole", 3)):
        subprocess.run(["ip", "route", "replace", kind, f"10.9.9.{address}"], check=True)
    with Receiver() as receiver, \
            Sender(level, "10.9.9.1:2003", "10.9.9.2:2003", "10.9.9.3:2003", receiver) as sender:
        sender.send(1000)
        after(sender, 0, 2, "connected", str(receiver.port))
        account, figures = finish(sender, receiver, exact=True)
        # EHOSTUNREACH or ENETUNREACH, EACCES, EINVAL, as system errors
        reasons = [why[3] for why in sender.heard("failed")]
        assert reasons in (["113", "13", "22"], ["101", "13", "22"]), sender.news
        assert account["failures"] == 3, account
        return figures


@case
def self_connect(level):
    """Nobody listens on a port from which the system takes its own: a connection meets itself. It
    is recognised each time and given up, and the lines wait for a real receiver."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as range_of_ports:
        range_of_ports.write("40000 40001")
    try:
        with Sender(level, "127.0.0.1:40000", max_backoff=100) as sender:
            sender.send(1000)

            def met_itself():
                return [why for why in sender.heard("failed") if why[2] == "backends"]

            wait_until(met_itself, 20, "a connection with itself")
            account = sender.account()
            assert account["confirmed"] == account["connections"] == 0, account
            assert account["sent_bytes"] == 0, account
            receiver = wait_until(lambda: listening(40000), 5, "the port")
            account, figures = finish(sender, receiver, exact=True)
            assert account["connections"] >= 1 and figures["missing"] == 0, account
            return {"times": len(met_itself()), **figures}
    finally:
        with open("/proc/sys/net/ipv4/ip_local_port_range", "w",
                  encoding="ascii") as range_of_ports:
            range_of_ports.write("32768 60999")


def listening(port):
    try:
        return Receiver(port=port)
    except OSError:  # a connection with itself has it just now
        return None


def prepare():
    need("nft", "ip", "unshare")
    enter("net")
    try:
        subprocess.run(["ip", "link", "set", "lo", "mtu", "1500", "up"], check=True,
                       stderr=subprocess.PIPE)
        rules("tcp dport 1 drop")
        rules()
    except subprocess.CalledProcessError as error:
        skip(f"{error.cmd[0]}: {error.stderr}")


if __name__ == "__main__":
    prepare()
    program, name, *levels = sys.argv[1:]
    main(program, CASES, CASES if name == "all" else [name], levels or LEVELS)
