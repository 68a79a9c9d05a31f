#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""system_agent with its own receiver, as a newcomer sees it.

    demo_check.py PROGRAM redirected    into a file: plain lines and the exact account
    demo_check.py PROGRAM terminal      in terminals of several sizes: a table that fits
"""

import codecs
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import lines
from peers import Account, Process, Program

ARRIVED = "every line that was accepted has arrived"
RECEIVER = re.compile(r"^receiver: ([\d,]+) lines, ([\d,]+) bytes, "
                      r"([\d,]+) malformed, ([\d,]+) torn *$", re.M)


def agreed(output):
    """The account is exact and the receiver's count is what was confirmed."""
    account = Account(output)
    match = RECEIVER.search(output)
    assert match, output[-1500:]
    received = [int(n.replace(",", "")) for n in match.groups()]
    assert account.complete and received == [account.lines, account.bytes, 0, 0], output[-1500:]
    assert ARRIVED in output
    return account


def redirected(program):
    for kind in lines.KINDS:
        with Program(program, "--type", kind, "--hostname", "h1", "--seconds", "4") as running:
            output = running.ended(60)
        account = agreed(output)
        first = {"graphite": "netdata.", "opentsdb": "put ", "json": "{"}[kind]
        shown = [line for line in output.splitlines() if line.startswith(first)]
        lines.by_series([lines.parse(kind, line.encode()) for line in shown])
        assert len(shown) == account.lines > 100
        assert sum(len(line) + 1 for line in shown) == account.bytes
        assert "\033" not in output and len(output.splitlines()) == len(shown) + 4, output[-1500:]
        print(f"redirected: {kind}: {len(shown)} lines shown, {account.lines} confirmed")


class Terminal:
    """As much of a terminal as the program uses; anything else is an error. It notes what ran over
    the right edge and what scrolled away."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.scrolled = self.too_wide = self.homes = 0
        self.cursor_shown = True
        self.pending = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def feed(self, data):
        text = self.pending + self.decoder.decode(data)
        place = 0
        while place < len(text):
            if text[place] == "\033":
                match = re.compile(r"\033\[(\??[0-9;]*)([A-Za-z])").match(text, place)
                if not match:
                    assert len(text) - place < 16, f"unknown sequence {text[place:place + 16]!r}"
                    break
                self.sequence(*match.groups())
                place = match.end()
            else:
                self.character(text[place])
                place += 1
        self.pending = text[place:]

    def sequence(self, argument, letter):
        if letter == "H" and argument == "":
            self.row = self.column = 0
            self.homes += 1
        elif letter == "J" and argument in ("", "0"):
            self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
            self.cells[self.row + 1:] = [[" "] * self.columns
                                         for _ in range(self.rows - self.row - 1)]
        elif letter == "J" and argument == "2":
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif letter == "K" and argument in ("", "0"):
            self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif letter in "hl" and argument == "?25":
            self.cursor_shown = letter == "h"
        else:
            raise AssertionError(f"unknown sequence {argument}{letter}")

    def character(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            if self.row + 1 == self.rows:
                self.cells = self.cells[1:] + [[" "] * self.columns]
                self.scrolled += 1
            else:
                self.row += 1
        else:
            assert c.isprintable(), repr(c)
            if self.column == self.columns:
                self.too_wide += 1
                self.column = 0
                self.character("\n")
            self.cells[self.row][self.column] = c
            self.column += 1

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)


# Two seconds of work: the table leaves out for last what never changes, and on an idle machine that
# might be the processor.
BUSY = "import time\nend = time.monotonic() + 2\nwhile time.monotonic() < end: pass"


def in_terminal(program, columns, rows, seconds):
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    terminal = Terminal(columns, rows)
    with Process(sys.executable, "-c", BUSY), \
            Process(program, "--hostname", "h1", "--seconds", seconds, stdin=subprocess.DEVNULL,
                    stdout=inner, stderr=inner) as running:
        os.close(inner)
        while True:
            try:
                data = os.read(outer, 1 << 16)
            except OSError:  # EIO: the other side is closed
                data = b""
            if not data:
                break
            terminal.feed(data)
        os.close(outer)
        assert running.popen.wait(30) == 0, terminal.text()
    return terminal


def terminal_sizes(program):
    for columns, rows in ((80, 24), (132, 50), (60, 16)):
        terminal = in_terminal(program, columns, rows, 4)
        text = terminal.text()
        where = f"{columns}x{rows}:\n{text}"
        assert terminal.too_wide == 0 and terminal.scrolled == 0, (
            f"{terminal.too_wide} too wide, {terminal.scrolled} scrolled away, {where}")
        assert terminal.cursor_shown and terminal.homes >= 4, where
        # A table of this machine, with values and curves, under a title; the account below.
        assert text.startswith("system_agent: average as graphite"), where
        table = re.findall(r"^(\S+) +([▁-█ ]*[▁-█]) +(-?[\d.]+)(?: [kMGT])?$", text, re.M)
        names = [name for name, _, _ in table]
        assert len(table) >= rows - 14 and any(n.startswith("system.cpu.") for n in names), where
        assert any("█" in curve for _, curve, _ in table), where
        assert ARRIVED in text, where
        if columns >= 80:
            agreed(text)
        print(f"terminal {columns}x{rows}: drawn {terminal.homes} times, {len(table)} series, "
              "nothing too wide, nothing scrolled away")
        if (columns, rows) == (80, 24):
            print(text)


if __name__ == "__main__":
    {"redirected": redirected, "terminal": terminal_sizes}[sys.argv[2]](sys.argv[1])
