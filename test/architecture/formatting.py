#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Whether clang-format would change anything. One version of it is the judge: others break lines
elsewhere.

    formatting.py ROOT            prints what it would change
    formatting.py --fix ROOT      changes it, and wraps the paragraphs of C++ comments that hold a
                                  line of too many columns, which it leaves alone

Exits with 77 where that version is not installed.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import check

VERSION = 19  # tools/test installs it
COMMENT = re.compile(r"^(\s*///?)(?: (.*)|)$")
# What begins a paragraph inside a comment: an item of a list, a parameter, a row of a table, a
# mark.
BEGINS = re.compile(r"([-*] |\d+\. |@\w+\s+\w+(?:, \w+)*\s+|\||!|`{3})")


def formatter():
    """The program, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        if program := shutil.which(name):
            told = subprocess.run([program, "--version"], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout
            if re.search(rf"\bversion {VERSION}\.", told):
                return program
    return None


def sources(project):
    return [f for f in project.files if f.suffix in (".hpp", ".cpp")]


def unformatted(project, program):
    """file:line of each change that it would make."""
    style = project.root / ".clang-format"
    files = [str(project.root / f) for f in sources(project)]
    if not files or not style.exists():
        return ["no file to be checked, or no .clang-format"]
    told = subprocess.run([program, f"--style=file:{style}", "--dry-run", *files], text=True,
                          stderr=subprocess.PIPE, check=False)
    places = re.findall(r"^(.+?:\d+):\d+: (?:warning|error)", told.stderr, re.M)
    if not places and told.returncode != 0:
        return [told.stderr.strip()]
    return [str(Path(place).relative_to(project.root)) for place in dict.fromkeys(places)]


def indent(body):
    return len(body) - len(body.lstrip())


def paragraphs(bodies):
    """The lines of one comment, without their slashes, by paragraphs."""
    found = []
    for body in bodies:
        words = body.strip()
        continues = (found and words and not BEGINS.match(words) and found[-1][-1].strip()
                     and not found[-1][-1].strip().startswith("|")
                     and (indent(body) == indent(found[-1][-1])
                          or (len(found[-1]) == 1 and BEGINS.match(found[-1][0].strip()))))
        if continues:
            found[-1].append(body)
        else:
            found.append([body])
    return found


def wrapped(slashes, bodies):
    """The lines of a paragraph, wrapped if one is too long."""
    lines = [f"{slashes} {body}".rstrip() for body in bodies]
    begin = BEGINS.match(bodies[0].strip())
    if max(map(len, lines)) <= check.COLUMNS or (begin and begin[0] in "|!```"):
        return lines
    first = " " * indent(bodies[0])
    behind = " " * (indent(bodies[1]) if len(bodies) > 1
                    else len(first) + len(begin[0] if begin else ""))
    head = begin[0] if begin else ""
    words = " ".join(body.strip() for body in bodies)[len(head):].split()
    lines = [f"{slashes} {first}{head}{words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= check.COLUMNS:
            lines[-1] += " " + word
        else:
            lines.append(f"{slashes} {behind}{word}")
    return lines


def wrapped_comments(text):
    out, slashes, bodies = [], None, []

    def end_comment():
        for paragraph in paragraphs(bodies):
            out.extend(wrapped(slashes, paragraph))
        bodies.clear()

    for line in text.split("\n"):
        comment = COMMENT.match(line)
        if comment is None or comment[1] != slashes:
            end_comment()
            slashes = comment[1] if comment else None
        if comment is None:
            out.append(line)
        else:
            bodies.append(comment[2] or "")
    end_comment()
    return "\n".join(out)


def fix(project, program):
    for file in sources(project):
        path = project.root / file
        subprocess.run([program, "-i", path], check=True)
        text = path.read_text(encoding="utf-8")
        if (new := wrapped_comments(text)) != text:
            path.write_text(new, encoding="utf-8")


def main(arguments):
    program = formatter()
    if program is None:
        print(f"clang-format {VERSION} is not installed")
        return 77
    project = check.tree(arguments[-1])
    if arguments[0] == "--fix":
        fix(project, program)
    found = unformatted(project, program)
    print("\n".join(found) or "no mistake")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
