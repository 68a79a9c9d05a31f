# SPDX-License-Identifier: BSL-1.0
"""A /proc in which every reading is known: each file is a FIFO, and each reader gets the next text.

What the k-th sample of a file contains is a function of k, so the lines that arrive tell exactly
which samples each of them is made of.
"""

import array
import contextlib
import fcntl
import os
import select
import termios
import threading
import time
from fractions import Fraction
from pathlib import Path

CPU_STATES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
TOTAL_KIB = 1 << 40


def ticks(k):
    """Time in each state since the start, ever growing."""
    return [100 + 31 * k + k * k, 7 * (k // 2), 11 * k, 1000 + 140 * k, k // 3, k, 2 * k, 0]


def counter(k):
    """Grows by 2^k from one sample to the next, so that every sum of increments tells which."""
    return 1000 + (1 << k)


def counter_with_reset(k):
    """Goes back once, at the fifth sample, to where it stays and then grows on."""
    return (1 << 40) + 10 * k if k < 4 else 7 * k


def stat(k):
    cpu = " ".join(map(str, ticks(k)))
    return (f"cpu  {cpu} 0 0\ncpu0 {cpu} 0 0\nintr {counter(k)} 5 6\nctxt {5 * counter(k)}\n"
            f"btime 1\nprocesses {counter_with_reset(k)}\nprocs_running {1 << k}\n"
            f"procs_blocked {k % 2}\n")


def meminfo(k):
    return (f"MemTotal: {TOTAL_KIB} kB\nMemFree: {1 << k} kB\nMemAvailable: {7 << k} kB\n"
            f"Buffers: {5 << k} kB\nCached: {3 << k} kB\nSwapTotal: {8 << 30} kB\n"
            f"SwapFree: {1 << k} kB\n")


def loadavg(k):
    return f"{1 << k}.25 {k}.07 0.00 1/{1 << k} 4242\n"


def diskstats(k):
    return (f"   8       0 sda {counter(k)} 1 {counter(k)} 2 {3 * counter(k)} 3 "
            f"{counter_with_reset(k)} 4 0 5 6\n"
            "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n")


def net_dev(k):
    texts = ["Inter-| Receive | Transmit\n face |bytes packets|bytes packets\n",
             f"  eth0:{counter(k)} {2 * counter(k)} 0 0 0 0 0 0 "
             f"{3 * counter(k)} {counter(k)} 0 0 0 0 0 0\n"]
    if k >= 3:  # an interface that comes later
        texts.append(f"  tun0: {counter(k)} 1 0 0 0 0 0 0 {counter(k)} 1 0 0 0 0 0 0\n")
    return "".join(texts)


FILES = {"stat": stat, "meminfo": meminfo, "loadavg": loadavg, "diskstats": diskstats,
         "net/dev": net_dev}


def increment(f):
    """A counter's increment; one that goes back starts anew with nothing."""
    return lambda k: max(f(k) - f(k - 1), 0)


# series: (file, kind, f): `absolute` f(k); `rate` f(k) per second; `share` f(k), no matter the
# time. The first sample of a file gives rates and shares no value.
STORED = {
    "system.ram.free": ("meminfo", "absolute", lambda k: 1024 << k),
    "system.ram.cached": ("meminfo", "absolute", lambda k: 3072 << k),
    "system.ram.buffers": ("meminfo", "absolute", lambda k: 5120 << k),
    "system.ram.available": ("meminfo", "absolute", lambda k: 7168 << k),
    "system.ram.used": ("meminfo", "absolute", lambda k: 1024 * (TOTAL_KIB - (9 << k))),
    "system.swap.free": ("meminfo", "absolute", lambda k: 1024 << k),
    "system.tasks.total": ("loadavg", "absolute", lambda k: 1 << k),
    "system.load.load1": ("loadavg", "absolute", lambda k: (1 << k) + Fraction(1, 4)),
    "system.load.load5": ("loadavg", "absolute", lambda k: k + Fraction(7, 100)),
    "system.load.load15": ("loadavg", "absolute", lambda k: 0),
    "system.processes.running": ("stat", "absolute", lambda k: 1 << k),
    "system.processes.blocked": ("stat", "absolute", lambda k: k % 2),
    "system.intr.interrupts": ("stat", "rate", increment(counter)),
    "system.ctxt.switches": ("stat", "rate", lambda k: 5 * increment(counter)(k)),
    "system.forks.started": ("stat", "rate", increment(counter_with_reset)),
    "disk.sda.read": ("diskstats", "rate", lambda k: 512 * increment(counter)(k)),
    "disk.sda.written": ("diskstats", "rate", lambda k: 512 * increment(counter_with_reset)(k)),
    "disk_ops.sda.reads": ("diskstats", "rate", increment(counter)),
    "disk_ops.sda.writes": ("diskstats", "rate", lambda k: 3 * increment(counter)(k)),
    "net.eth0.received": ("net/dev", "rate", increment(counter)),
    "net.eth0.sent": ("net/dev", "rate", lambda k: 3 * increment(counter)(k)),
    "net_packets.eth0.received": ("net/dev", "rate", lambda k: 2 * increment(counter)(k)),
    "net.tun0.received": ("net/dev", "rate", lambda k: increment(counter)(k) if k > 3 else None),
}
for place, state in enumerate(CPU_STATES):
    STORED["system.cpu." + state] = (
        "stat", "share",
        lambda k, i=place: Fraction(100 * (ticks(k)[i] - ticks(k - 1)[i]),
                                    sum(ticks(k)) - sum(ticks(k - 1))))

COLLECTED = {
    "system.ram.free": ("meminfo", lambda k: 1 << k),
    "system.ram.used": ("meminfo", lambda k: TOTAL_KIB - (9 << k)),
    "system.tasks.total": ("loadavg", lambda k: 1 << k),
    "system.load.load1": ("loadavg", lambda k: "%d.2500000" % (1 << k)),
    "system.load.load5": ("loadavg", lambda k: "%d.0700000" % k),
    "system.intr.interrupts": ("stat", counter),
    "system.forks.started": ("stat", counter_with_reset),
    "system.cpu.user": ("stat", lambda k: ticks(k)[0]),
    "system.cpu.idle": ("stat", lambda k: ticks(k)[3]),
    "disk.sda.read": ("diskstats", counter),
    "disk.sda.written": ("diskstats", counter_with_reset),
    "net.eth0.sent": ("net/dev", lambda k: 3 * counter(k)),
}


def taken(pipe):
    """Whether somebody has read what was written, and not only looked whether the file is there."""
    gone = select.poll()
    gone.register(pipe, 0)
    while True:
        unread = array.array("i", [0])
        fcntl.ioctl(pipe, termios.FIONREAD, unread)
        if not unread[0]:
            return True
        if gone.poll(1):
            return False


class StagedProc:
    """Serves the files until it is closed. served[file] = the moments at which each was opened."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.served = {name: [] for name in FILES}
        self.leaving = False
        self.threads = []
        for name, text in FILES.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            os.mkfifo(path)
            self.threads.append(threading.Thread(target=self.serve, args=(name, path, text),
                                                 daemon=True))
        for thread in self.threads:
            thread.start()

    def serve(self, name, path, text):
        k = 0
        while True:
            # Opening waits for a reader.
            with contextlib.suppress(BrokenPipeError), open(path, "wb", buffering=0) as pipe:
                if self.leaving:
                    return
                moment = time.time()
                # The next reader gets a FIFO of its own, so no two readings can run together.
                fresh = self.folder / (name.replace("/", "_") + ".next")
                os.mkfifo(fresh)
                os.replace(fresh, path)
                pipe.write(text(k).encode())
                if taken(pipe):
                    self.served[name].append(moment)
                    k += 1

    def close(self):
        self.leaving = True
        for name in FILES:
            os.close(os.open(self.folder / name, os.O_RDONLY | os.O_NONBLOCK))
        for thread in self.threads:
            thread.join(5)

    def samples(self, series):
        """Per sample the values that it may have, or None where there is none: a rate depends on
        the second in which the agent took it, which may be the one before that of the reading."""
        file, kind, f = STORED[series]
        at = [int(moment) for moment in self.served[file]]
        out = []
        for k, _ in enumerate(at):
            if kind == "absolute":
                out.append({Fraction(f(k))})
            elif k == 0 or f(k) is None:
                out.append(None)
            elif kind == "share":
                out.append({f(k)})
            else:
                seconds = at[k] - at[k - 1]
                out.append({Fraction(f(k), s) for s in (seconds - 1, seconds, seconds + 1)
                            if s > 0})
        return out
