#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A program that is killed with -9 again and again, each time to be started again on the same
spool.

    kill_check.py ACCEPT_LINES kills [--kills N] [--seed S]
    kill_check.py ACCEPT_LINES damage [--kills N] [--seed S]

The receiver is a process of its own, and is killed now and then too. Afterwards every line that the
program said it had accepted is in the receiver's files, whole; a line may be there several times.
`damage` cuts and alters the segments between two runs: then lines may be missing, but what comes is
still what was accepted, and the program says that it found damage.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "receivers"))
# pylint: disable=wrong-import-position
from peers import KeepingReceiver, Process, wait_until

HEADER = 64  # of a segment; what comes behind it is records


def line(run, number):
    check = (number * 2654435761 + run) % 2**32
    return b"%d %d %d %s." % (run, number, check, b"x" * (number % 41))


class Runs:
    """The program's runs: how much each has accepted, and what it said at its start."""

    def __init__(self, program, folder, port):
        self.program, self.folder, self.port = program, folder, port
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.count = 0
        self.restored = self.damaged = self.with_lines = 0

    def accepted_file(self, run):
        return self.folder / f"accepted.{run}"

    def accepted(self, run):
        file = self.accepted_file(run)
        return int.from_bytes(file.read_bytes(), "little") if file.exists() else 0

    def start(self, *more):
        self.count += 1
        with (self.folder / f"said.{self.count}").open("wb") as said:
            return Process(self.program, self.port, self.spool, self.accepted_file(self.count),
                           self.count, *more, stdout=said)

    def said(self):
        """What the last run said, if it came that far."""
        text = (self.folder / f"said.{self.count}").read_text(encoding="ascii")
        if match := re.match(r"restored (\d+) damaged (\d+)\n", text):
            self.restored += int(match[1])
            self.damaged += int(match[2])
            self.with_lines += match[1] != "0"
            return int(match[2])
        return 0

    def has_said(self):
        return "\n" in (self.folder / f"said.{self.count}").read_text(encoding="ascii")

    def kill_at_random(self, chance, receiving):
        """Some runs die while they start, most after they have accepted something, as far as
        somebody receives: nothing is accepted into a queue that is full."""
        with self.start() as process:
            if chance.random() < 0.3:
                # While it starts, reads the spool and writes it anew.
                time.sleep(chance.random() * 0.008)
            else:
                begun = (lambda: self.accepted(self.count) > 0) if receiving else self.has_said
                wait_until(lambda: begun() or process.popen.poll() is not None, 60,
                           "an accepted line")
                # When it dies is to be chance, and mostly early.
                time.sleep(chance.random() ** 2 * 0.06)
            assert process.popen.poll() is None, f"it ended by itself: {process.popen.returncode}"
            process.kill()

    def finish(self):
        """A last run that accepts nothing and ends when everything is confirmed."""
        with self.start("finish") as process:
            assert process.popen.wait(60) == 0, process.popen.returncode


def whole_lines(receiver):
    """Every whole line of every connection, and how many connections were torn inside one."""
    torn = 0
    found = []
    for stream in receiver.connections():
        *whole, tail = stream.split(b"\n")
        torn += bool(tail)
        found += whole
    return found, torn


def check_lines(found, runs):
    """Nothing but lines that were offered. Returns the distinct ones by run and number."""
    seen = set()
    for text in found:
        run, number = (int(word) for word in text.split(b" ")[:2])
        assert text == line(run, number), text
        assert 1 <= run <= runs.count
        seen.add((run, number))
    return seen


def kills(program, number, chance):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "received").mkdir()
        with KeepingReceiver(folder / "received") as receiver:
            runs = Runs(program, folder, receiver.port)
            receiver_kills = 0
            for _ in range(number):
                receiving = receiver.process.popen.poll() is None
                runs.kill_at_random(chance, receiving)
                runs.said()
                if not receiving:
                    receiver.start()
                elif chance.random() < 0.25:
                    receiver.kill()  # and the next run finds nobody
                    receiver_kills += 1
            if receiver.process.popen.poll() is not None:
                receiver.start()
            runs.finish()
            runs.said()
            found, torn = whole_lines(receiver)
        left = sorted(file.name for file in runs.spool.iterdir())
        seen = check_lines(found, runs)
        accepted = {(run, n) for run in range(1, runs.count + 1) for n in range(runs.accepted(run))}
        lost = accepted - seen
        print(f"killed {number} times, the receiver {receiver_kills} times; accepted "
              f"{len(accepted)} lines, lost {len(lost)}, received {len(found)}, twice "
              f"{len(found) - len(seen)}; {runs.with_lines} starts restored {runs.restored} lines, "
              f"torn records {runs.damaged}, torn connections {torn}")
        assert not lost, sorted(lost)[:5]
        assert len(accepted) > 20 * number and runs.with_lines > 0, "too little happened"
        assert left == ["spool.lock"], left


def damage(program, number, chance):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "received").mkdir()
        with KeepingReceiver(folder / "received") as receiver:
            runs = Runs(program, folder, receiver.port)
            receiver.kill()  # so that everything is still in the spool when the program is killed
            harmed = 0
            for _ in range(number):
                runs.kill_at_random(chance, False)
                runs.said()
                segments = [f for f in sorted(runs.spool.glob("*.spool"))
                            if f.stat().st_size > HEADER]
                if not segments:
                    continue
                segment = chance.choice(segments)
                text = bytearray(segment.read_bytes())
                at = chance.randrange(len(text))
                if chance.random() < 0.5:
                    text[at] ^= 1 << chance.randrange(8)
                else:
                    del text[at:]
                    # Or it might be cut between two records.
                    text += b"\0" * chance.randrange(1, 50)
                segment.write_bytes(text)
                # Nobody listens: it reads the spool, and waits.
                with runs.start("finish") as process:
                    wait_until(runs.has_said, 60, "the program's start")
                    process.kill()
                harmed += 1
                assert runs.said() >= 1, "the damage went unnoticed"
            receiver.start()
            runs.finish()
            found, _ = whole_lines(receiver)
        seen = check_lines(found, runs)
        accepted = sum(runs.accepted(run) for run in range(1, runs.count + 1))
        print(f"{harmed} segments cut or altered, {runs.damaged} damaged records found; accepted "
              f"{accepted} lines, received {len(found)}, of these {len(seen)} different, none that "
              "was not accepted")
        assert harmed > number // 2 and seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("case", choices=("kills", "damage"))
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.randrange(2**32)
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    {"kills": kills, "damage": damage}[given.case](given.program, given.kills, random.Random(seed))
    print(f"{time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
