#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that a file without -mavx2 gets no AVX from a file with it, where both use the library.

    apart.py SOURCE COMPILER OPTION...

Compiles the source for any x86-64 and for machines with AVX2 and AVX-512. The linker keeps the
first copy of an inline function. With the wide files first no function of the library that the
narrow file asked for has an instruction of AVX; what the standard library's and Boost's own
templates became is not the library's to say: it is printed. With the narrow file first no function
at all has one, and it runs. Before that: whatever instructions a compiler is told of, the library's
namespace has another name.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

WIDE = {"avx2": ["-mavx2"], "avx512": ["-march=x86-64-v4"]}
MACHINES = ["", "-msse3", "-mssse3", "-msse4.1", "-msse4.2", "-mavx", "-mavx2", "-mavx512f",
            "-mpopcnt", "-mlzcnt", "-mbmi", "-mbmi2", "-mmovbe", "-mf16c", "-mfma", "-mavx2 -mfma",
            "-march=x86-64-v3", "-march=x86-64-v4", "-march=icelake-server", "-march=bdver4"]
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
OF_AVX = re.compile(r"^\s*[0-9a-f]+:\s+v[a-z]\w+\s")


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def functions_with_avx(program):
    found, name = set(), None
    for line in run("objdump", "-d", "--no-show-raw-insn", program).splitlines():
        if begin := FUNCTION.match(line):
            name = begin[1]
        elif OF_AVX.match(line):
            found.add(name)
    return found


def defined(object_file):
    return {line.split()[-1] for line in run("nm", "--defined-only", object_file).splitlines()
            if line.split()[-2] in "TWVu"}


def taken_with_avx(first, files, program, compiler):
    run(compiler, *files, "-pthread", "-o", program)
    avx = functions_with_avx(program)
    if not any("backends" in symbol for symbol in avx):
        sys.exit("no function of the library has AVX: nothing is shown")
    return defined(first) & avx


def name_for(machine, command):
    made = subprocess.run([*command, *machine.split(), "-E", "-P", "-x", "c++", "-"], check=True,
                          text=True, input="#include <backends/isa.hpp>\nBACKENDS_ISA\n",
                          stdout=subprocess.PIPE)
    return made.stdout.split()[-1]


def same_names(command):
    """Machines of one name, of which a file for the one would be given code for the other."""
    by_name = {}
    for machine in MACHINES:
        by_name.setdefault(name_for(machine, command), []).append(machine or "none")
    return [f"{name} is the name for {', '.join(machines)}"
            for name, machines in by_name.items() if len(machines) > 1]


def main(source, *command):
    if alike := same_names(command):
        print(*alike, sep="\n")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, program, wide = folder / "first.o", folder / "program", []
        run(*command, "-c", source, "-o", first)
        for part, options in WIDE.items():
            wide.append(folder / f"{part}.o")
            run(*command, *options, f"-DPART=part_{part}", "-c", source, "-o", wide[-1])

        taken = taken_with_avx(first, [*wide, first], program, command[0])
        ours = sorted(symbol for symbol in taken if "backends" in symbol)
        left = sorted(taken_with_avx(first, [first, *wide], program, command[0]))
        run(program)

        print(f"{len(taken) - len(ours)} functions of others have AVX in a file without it")
        print(*(f"has AVX in a file without it: {symbol}" for symbol in ours), sep="\n")
        print(*(f"has AVX, though the file without it comes first: {symbol}" for symbol in left),
              sep="\n")
        return 1 if ours or left else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
