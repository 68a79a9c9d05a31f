#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that a mistake is a compile error with the right sentence in it.

    must_not_compile.py SOURCE COMPILER OPTION...

The source makes mistake N where the macro MISTAKE is N, none where it is 0, and says in comments
what the compiler must answer; several lines for one mistake must all appear:

    // mistake 1: a line holds field::value exactly once

A sentence that must be seen at once says in how many lines of the output:

    // mistake 2 in 5 lines: backends: a tag is a name and a value

A mistake may be an option of the compiler's, or of one compiler's alone:

    // options of mistake 2 with g++: -fno-signed-zeros

Without a mistake it has to compile: so the mistake, and nothing else, is what the compiler refuses.
"""

import re
import subprocess
import sys
from pathlib import Path


def one_line(text):
    return re.sub(r"\s+", " ", text)


def compile_with(mistake, source, command, options=()):
    made = subprocess.run([*command, *options, f"-DMISTAKE={mistake}", "-fsyntax-only", source],
                          capture_output=True, text=True, check=False)
    return made.returncode == 0, made.stderr


def main(source, *command):
    expected, options = {}, {}
    text = Path(source).read_text()
    claims = re.findall(r"^// mistake (\d+)(?: in (\d+) lines)?: (.+)$", text, re.M)
    for number, within, sentence in claims:
        sentences = expected.setdefault(int(number), [])
        sentences.append((one_line(sentence.strip()), int(within or 10**6)))
    for number, compiler, given in re.findall(
            r"^// options of mistake (\d+)(?: with (\S+))?: (.+)$", text, re.M):
        options[int(number)] = given.split()
        if compiler not in ("", Path(command[0]).name):
            del expected[int(number)]
    named = len(re.findall(r"(?<!options of )mistake \d+(?: in \d+ lines)?: ", text))
    if not claims or len(claims) != named:
        print(f"{source} names {named} sentences, {len(claims)} of them at a line's start")
        return 1

    failures = []
    compiles, output = compile_with(0, source, command)
    if not compiles:
        failures.append(f"does not compile without a mistake:\n{output}")
    for number, sentences in expected.items():
        compiles, output = compile_with(number, source, command, options.get(number, ()))
        if compiles:
            failures.append(f"mistake {number} compiles")
        for sentence, within in sentences:
            if not compiles and sentence not in one_line("\n".join(output.split("\n")[:within])):
                failures.append(f"mistake {number}: the message lacks '{sentence}':\n{output}")
    print("\n".join(failures) or f"{len(expected)} mistakes refused")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
