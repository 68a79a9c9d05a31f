#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compiles golden_lines for a 32-bit machine, armv7, and checks its lines under qemu. Runs
wide_counts there too.

    on_armv7.py BOOST_FOLDER COMPILER_OPTION...

Exits with 77 when g++-arm-linux-gnueabihf or qemu-user is not installed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMPILER, EMULATOR, SYSTEM = "arm-linux-gnueabihf-g++", "qemu-arm", "/usr/arm-linux-gnueabihf"


def main(boost, *options):
    if not shutil.which(COMPILER) or not shutil.which(EMULATOR):
        print(f"{COMPILER} or {EMULATOR} is missing")
        return 77
    def make(name, *more):
        # Boost's headers are the same for all machines, the system's beside them are not.
        subprocess.run([COMPILER, *options, *more, "-idirafter", boost, HERE / f"{name}.cpp",
                        "-o", Path(folder, name)],
                       check=True)
        return Path(folder, name)

    with tempfile.TemporaryDirectory() as folder:
        counts = make("wide_counts", "-Wconversion")
        subprocess.run([EMULATOR, "-L", SYSTEM, counts], check=True)
        program, started = make("golden_lines"), Path(folder, "started")
        started.write_text(f"#!/bin/sh\nexec {EMULATOR} -L {SYSTEM} {program} \"$@\"\n",
                           encoding="ascii")
        started.chmod(0o755)
        oracle = [sys.executable, "-B", HERE / "random_cases.py", "check"]
        kept = subprocess.run([*oracle, "--cases", "cases.txt", "--lines", "lines.txt", started],
                              cwd=HERE, check=False).returncode
        made = subprocess.run([*oracle, "--count", "1000", "--seed", "1", started],
                              cwd=HERE, check=False).returncode
        return 1 if kept or made else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
