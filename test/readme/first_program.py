#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compiles the first program of a page as it stands, and runs it with a receiver.

    first_program.py PAGE COMPILER OPTION...
    first_program.py --run PROGRAM

The receiver must get the number of orders and their percentiles, and the program must say that all
went well.
"""

import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^## A first program$.*?^```cpp\n(.*?)^```$", re.M | re.S)
LINES = re.compile(rb"shop\.web-1\.orders\.taken 2000\.0000000 \d{10}\n"
                   rb"shop\.web-1\.orders\.latency\.p50 49\d\.\d{7} \d{10}\n"
                   rb"shop\.web-1\.orders\.latency\.p95 95\d\.\d{7} \d{10}\n"
                   rb"(?:.+\n)+?"
                   rb"shop\.web-1\.orders\.latency\.count 2002 \d{10}\n")


def run(program):
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        port = receiver.getsockname()[1]
        started = subprocess.Popen([program, f"127.0.0.1:{port}"])
        receiver.settimeout(30)
        received = b""
        connection, _ = receiver.accept()
        with connection:
            while some := connection.recv(65536):
                received += some
        status = started.wait(30)
    if status != 0 or not LINES.search(received):
        print(f"status {status}, received:\n{received.decode()}")
        return 1
    return 0


def main(*arguments):
    if arguments[0] == "--run":
        return run(arguments[1])
    page, *command = arguments
    found = BLOCK.search(Path(page).read_text(encoding="utf-8"))
    if not found:
        print(f"{page} has no first program")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "first.cpp"), Path(folder, "first")
        source.write_text(found[1], encoding="utf-8")
        if subprocess.run([*command, source, "-o", program], check=False).returncode != 0:
            return 1
        return run(program)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
