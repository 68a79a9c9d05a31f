#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that all headers of the library compile behind macros that other people's headers define.

    behind_macros.py INCLUDE_FOLDER COMPILER OPTION...

Twice: with the macros of Qt, glibc and others before everything, as a program has them that
includes those first, and with these and what Boost or the standard library cannot bear either
(Xlib, windows.h) behind their headers and before every header of the library.
"""

import re
import subprocess
import sys
from pathlib import Path

BEFORE_ALL = """
// Qt
#define signals public
#define slots
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)
#define Q_EMIT
// sys/sysmacros.h
#define major(device) unknown(device)
#define minor(device) unknown(device)
#define makedev(a, b) unknown(a, b)
// AssertMacros.h, logging libraries
#define verify(assertion) unknown
#define check(assertion) unknown
#define LOG(level) unknown
#define CHECK(condition) unknown
#define CHECK_EQ(a, b) unknown
#define DCHECK(condition) unknown
#define INFO 0
#define WARNING 0
#define ERROR 0
#define FATAL 0
// termios.h
#define ECHO 8
#define B0 0
#define NL1 1
#define CR1 1
#define TAB1 1
// Arduino
#define PI 3.14
#define HIGH 1
#define LOW 0
#define INPUT 0
#define OUTPUT 1
"""
BEFORE_OURS = """
// Xlib
#define Bool int
#define Status int
#define None 0L
#define True 1
#define False 0
#define Success 0
#define Always 2
#define Above 0
#define Below 1
#define Complex 0
#define Unsorted 0
#define CurrentTime 0L
#define KeyPress 2
#define KeyRelease 3
#define FocusIn 9
#define Expose 12
#define GrayScale 1
#define Convex 2
#define BadRequest 1
#define ControlMask 4
// windows.h
#define IN
#define OUT
#define OPTIONAL
#define DELETE 0
#define CONST const
#define VOID void
#define STRICT 1
#define IGNORE 0
#define TRUE 1
#define FALSE 0
#define RGB(r, g, b) unknown
#define GetObject GetObjectW
#define Yield()
#define small char
#define near
#define far
#define interface struct
// curses, where C++ does not turn its macros off
#define box(window, v, h) unknown
#define timeout(delay) unknown
#define refresh() unknown
#define echo() unknown
#define raw() unknown
#define filter() unknown
#define scroll(window) unknown
// strings.h, Arduino
#define index(text, c) unknown
#define F(text) unknown(text)
#define bit(n) unknown
#define word(n) unknown
// as words, not only as calls
#undef verify
#define verify unknown
#undef major
#define major unknown
#undef minor
#define minor unknown
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define likely(x) unknown
#define unlikely(x) unknown
"""


def compile_text(command, text):
    made = subprocess.run([*command, "-fsyntax-only", "-x", "c++", "-"], input=text, text=True,
                          stderr=subprocess.PIPE, check=False)
    return "" if made.returncode == 0 else made.stderr


def including(folder, name):
    """The headers that include `name`, by way of others too, and itself."""
    found, before = {name}, set()
    while found != before:
        before = set(found)
        found |= {str(header.relative_to(folder)) for header in Path(folder).rglob("*.hpp")
                  if any(f"#include <{one}>" in header.read_text() for one in before)}
    return found


def main(folder, *command):
    ours, plain, others = [], [], set()
    speak_http = including(folder, "backends/transport/http_answer.hpp")
    for header in sorted(Path(folder).rglob("*.hpp")):
        if header.parent.name == "bench":
            continue  # it brings Google Benchmark, which does not compile behind them
        ours.append(f"#include <{header.relative_to(folder)}>")
        if str(header.relative_to(folder)) not in speak_http:
            plain.append(ours[-1])
        for line in re.findall(r"^ *# *(include <(?!backends/).+>)", header.read_text(), re.M):
            others.add(f"#{line}" if "intrin" not in line
                       else f"#if defined(__SSE2__)\n#{line}\n#endif")
    ours, plain = "\n".join(ours), "\n".join(plain)
    others = "\n".join(sorted(others))
    failed = False
    for what, text in (("before everything", BEFORE_ALL + plain),
                       # Boost.Beast has a function of that name.
                       ("before everything, but for check", BEFORE_ALL + "#undef check\n" + ours),
                       ("before the library", others + BEFORE_ALL + BEFORE_OURS + ours)):
        if errors := compile_text(command, text + "\nint main() {}\n"):
            failed = True
            print(f"with the macros {what}:\n{errors[:3000]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
