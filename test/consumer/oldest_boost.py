#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compiles oldest_boost.cpp with Boost 1.74, which is unpacked from Debian's package and not
installed, and runs it with a receiver.

    oldest_boost.py FOLDER COMPILER OPTION...     FOLDER keeps the package

Exits with 77 where the package cannot be had.
"""

import socket
import subprocess
import sys
from pathlib import Path

PACKAGE = "libboost1.74-dev"


def headers(folder):
    """The folder to be searched, or None."""
    unpacked = folder / PACKAGE
    if not (unpacked / "usr/include/boost/version.hpp").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True, timeout=120)
            archive = next(folder.glob(f"{PACKAGE}_*.deb"))
            subprocess.run(["dpkg", "-x", archive, unpacked], check=True)
        except (OSError, StopIteration, subprocess.SubprocessError):
            return None
    return unpacked / "usr/include"


def received_by(receiver):
    connection, _ = receiver.accept()
    with connection:
        lines = b""
        while some := connection.recv(65536):
            lines += some
    return lines


def main(folder, *command):
    folder = Path(folder)
    boost = headers(folder)
    if boost is None:
        print(f"{PACKAGE} cannot be had")
        return 77
    source, program = Path(__file__).with_suffix(".cpp"), folder / "oldest_boost"
    subprocess.run([*command, "-isystem", boost, source, "-o", program, "-pthread"], check=True)
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        receiver.settimeout(60)
        started = subprocess.Popen([program, f"127.0.0.1:{receiver.getsockname()[1]}"])
        first, second = received_by(receiver), received_by(receiver)
        status = started.wait(60)
    good = (status == 0 and b"shop.web-1.app.queue.depth 3.0000000 " in first
            and b"shop.web-1.shop.backend_ops.write " in second)
    print("both exported" if good else f"status {status}\n{first.decode()}\n{second.decode()}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
