#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks the machine code of hot functions.

    inspect.py SOURCE COMPILER OPTION...

Comments in the source say what each of its extern "C" functions may do, together with everything
that it calls in the same translation unit:

    // NAME reaches: memcpy memmove     the only outside functions it may call (or: nothing)
    // NAME lacks: lock mfence          instructions that must not occur; div means every form of it
    // NAME has: addpd                  instructions that must occur

Whatever they say, a file that has an instruction in AVX's encoding has none of vectors in SSE's:
where the upper halves of registers are not clean, the one waits hundreds of cycles for the other.
"""

import re
import subprocess
import sys
from pathlib import Path

LABEL = re.compile(r"^([A-Za-z_][\w.$]*):")
# A call, or a jump to a label; jumps through a register are a switch's.
JUMP = re.compile(r"^\s+(?:callq?\s+\*?|j\w+\s+)([\w.$@%]+)")


def functions(assembly):
    """Each function's instructions, by its symbol."""
    found, lines = {}, None
    for line in assembly.splitlines():
        if label := LABEL.match(line):
            lines = found.setdefault(label[1], [])
        elif lines is not None and re.match(r"^\s+[a-z]", line):
            lines.append(line)
    return found


def look(name, code):
    """The instructions that `name` can run, and the outside functions that it can call."""
    inside, outside, instructions = {name}, set(), []
    waiting = [name]
    while waiting:
        for line in code[waiting.pop()]:
            instructions.append(line.strip())
            jump = JUMP.match(line)
            if not jump or jump[1].startswith("."):
                continue
            target = jump[1].split("@")[0]
            if target in code and target not in inside:
                inside.add(target)
                waiting.append(target)
            elif target not in code:
                outside.add(target)
    return instructions, outside


def matches(instruction, pattern):
    return re.match(rf"v?i?{pattern}[bwlqsd]?\b", instruction) is not None


def of_sse(line):
    """Whether an instruction is one of vector registers in SSE's own encoding."""
    return "%xmm" in line.split("#")[0] and not re.match(r"\s+(?:\{\w+\}\s+)?v", line)


def mixed(code):
    """The first instruction of each function that is of SSE, if there are any of AVX."""
    if not any(re.match(r"\s+v\w+\s+.*%[xyz]mm", line) for lines in code.values()
               for line in lines):
        return []
    return [f"{name} has {first[0].strip()} beside AVX" for name, lines in code.items()
            if (first := [line for line in lines if of_sse(line)])]


def main(source, *command):
    claims = re.findall(r"^// (\w+) (reaches|lacks|has): (.+)$", Path(source).read_text(), re.M)
    made = subprocess.run([*command, "-S", "-o", "-", source], capture_output=True, text=True,
                          check=False)
    if made.returncode != 0 or not claims:
        print(made.stderr or f"{source} makes no claim")
        return 1

    code = functions(made.stdout)
    failures = mixed(code)
    for name, claim, words in claims:
        if name not in code:
            failures.append(f"{name} is not there")
            continue
        instructions, outside = look(name, code)
        names = {subprocess.run(["c++filt", symbol], capture_output=True, text=True,
                                check=True).stdout.strip() for symbol in outside}
        if claim == "reaches":
            unexpected = [each for each in names if each.split("(")[0] not in words.split()]
            failures += [f"{name} calls {each}" for each in unexpected]
        for word in words.split() if claim != "reaches" else []:
            found = [line for line in instructions if matches(line, word)]
            if claim == "lacks" and found:
                failures.append(f"{name} has {found[0]}")
            if claim == "has" and not found:
                failures.append(f"{name} has no {word}")
    print("\n".join(failures) or f"{len(claims)} claims hold")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
