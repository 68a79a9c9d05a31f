#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What cannot be used is refused, by name, before anything starts; any bytes in names give valid
lines.

    bad_input_check.py AGENT settings
    bad_input_check.py AGENT hostile_hosts
    bad_input_check.py REPLAY hostile_names
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import lines
from peers import Account, Process, Program, Receiver

NOWHERE = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


# ---- settings ----------------------------------------------------------------------------------

# key, value; {good} is the destination of a receiver that would answer: of a list
# the bad item is named.
BAD = [
    ("data source", "median"), ("data source", "Average"), ("data source", ""),
    ("data source", "average "),
    ("type", "xml"), ("type", "graphite:pickle"), ("type", "GRAPHITE"),
    ("destination", "127.0.0.1:70000"), ("destination", "127.0.0.1:65536"),
    ("destination", "127.0.0.1:-1"), ("destination", "127.0.0.1:0"), ("destination", "[::1]junk"),
    ("destination", "[::1]:2003x"), ("destination", "[::1"), ("destination", "udp:127.0.0.1:2003"),
    ("destination", "{good},127.0.0.1:70000"), ("destination", "{good} [::1]junk"),
    ("destination", ":2003"), ("destination", "127.0.0.1:"),
    ("update every", "0"), ("update every", "abc"), ("update every", "-1"), ("update every", "5s"),
    ("update every", "1.5"), ("update every", "0x10"), ("update every", "99999999999999999999"),
    ("buffer on failures", "-1"), ("buffer on failures", "ten"), ("buffer on failures", "1 2"),
    ("timeout ms", "-5"), ("timeout ms", "soon"),
]
TRIMMED = {"average "}  # blanks around a value of a file are not part of it


def refused(process, *named):
    """Ended at once, status not 0, nothing on standard output, one line that names all."""
    output, errors = process.popen.communicate(timeout=20)
    errors = errors.decode("utf-8")
    status = process.popen.returncode
    assert status is not None and status > 0, status
    assert output == b"", output
    assert errors.count("\n") == 1 and errors.endswith("\n"), errors
    for name in named:
        assert name in errors, (name, errors)


def settings(program):
    receiver = Receiver()
    good = f"127.0.0.1:{receiver.port}"
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        def run(*flags, named):
            nonlocal count
            count += 1
            with Process(program, "--seconds", "2", *flags, **NOWHERE) as process:
                refused(process, *named)

        def config(text):
            path = Path(folder, "agent.conf")
            path.write_text(text, encoding="utf-8")
            return ("--config", str(path))

        for key, wanted in BAD:
            value = wanted.replace("{good}", good)
            usable = () if key == "destination" else ("--destination", good)
            named = (key, re.split("[ ,]", value)[-1] if "{" in wanted else value)
            run(*usable, "--" + key.replace(" ", "-"), value, named=named)
            if value and value not in TRIMMED:
                run(*usable, *config(f"[backend]\n  enabled = yes\n  {key} = {value}\n"),
                    named=named)
        # A good flag does not excuse a bad file, nor the other way round.
        run("--destination", good, *config("[backend]\nfrequency = 10\n"),
            named=("frequency", "10"))
        run("--destination", good, *config("[backend]\nupdate_every = 10\n"),
            named=("update_every", "10"))
        run("--destination", good, "--frequency", "10", named=("--frequency",))
        run("--destination", good, "--config", folder + "/missing.conf",
            named=(folder + "/missing.conf",))
        run("--destination", good, "--config", folder, named=(folder,))
        run("--destination", good, "--seconds", "ten", named=("--seconds", "ten"))
        run("--destination", good, "--confirm", "hoped", named=("--confirm", "hoped"))
    receiver.close()
    assert not receiver.connections, "something had been started"
    print(f"settings: {count} bad inputs refused, no connection")


# ---- names -------------------------------------------------------------------------------------

NAMES = ["a b", 'say "no"', "two\nlines", "tab\there", "back\\slash", "semi;colon=1", "", ".", "..",
         "a..b", ".a.", "-", "${HOME}", "%n%s", "\x01\x1f\x7f", "snow ☃ man", "\u2003\u00a0\u0085",
         b"\xff\xfe\x80", b"cut \xe2\x98", "put x 1 2 host=evil\nput", 'h","value":1}\n{"a":"',
         "x" * 255, "x" * 300, "x" * 1100, "x" * 65536]


def valid(kind, raw):
    """A receiver's own check, names unknown: exactly the format's fields, nothing else."""
    assert lines.FORMS[kind].fullmatch(raw), (kind, raw[:300])
    assert len(raw) < lines.LONGEST[kind]
    if kind == "json":
        return json.loads(raw.decode())
    raw.decode("ascii")
    return None


def hostile_hosts(program):
    """Every such name as prefix and as hostname, on the command line: valid lines or a clear
    refusal."""
    accepted = refusals = count = 0
    for kind in lines.KINDS:
        receiver = Receiver()
        tried = []
        for name in NAMES:
            for flag in ("--prefix", "--hostname"):
                words = [os.fsencode(program), b"--type", kind.encode(), b"--destination",
                         b"127.0.0.1:%d" % receiver.port, b"--seconds", b"1",
                         b"--update-every", b"1", flag.encode(),
                         name if isinstance(name, bytes) else name.encode()]
                process = subprocess.Popen(words, **NOWHERE)
                tried.append((flag, name, process))
        for flag, name, process in tried:
            output, errors = process.communicate(timeout=60)
            if process.returncode == 0:
                account = Account(output.decode())
                assert account.complete and account.lines > 0, (kind, flag, name)
                accepted += 1
                count += account.lines
            else:
                assert output == b"" and errors.count(b"\n") == 1 and flag[2:].encode() in errors, (
                    kind, flag, name if len(name) < 400 else len(name), output[-300:],
                    errors[-300:])
                refusals += 1
        receiver.close()
        arrived = 0
        for stream in receiver.connections:
            whole, tail = lines.whole_lines(stream)
            assert not tail
            for raw in whole:
                valid(kind, raw)
            arrived += len(whole)
        count -= arrived
        assert count == 0, f"{count} lines accepted but not arrived"

    # Long enough that some series still have a line and others have none: said, and not a success.
    receiver = Receiver()
    with Program(program, "--type", "opentsdb", "--destination", f"127.0.0.1:{receiver.port}",
                 "--seconds", "1", "--hostname", "h1", "--prefix", "x" * 655) as running:
        output = running.ended(60, status=1)
    receiver.close()
    assert re.search(r"^left out: \d+ series", output, re.M), output
    whole, tail = lines.whole_lines(receiver.connections[0])
    assert not tail and 0 < len(whole) == Account(output).lines
    for raw in whole:
        lines.parse("opentsdb", raw, prefix="x" * 655)
    print(f"hostile_hosts: {accepted} agents sent valid lines alone, {refusals} refused")


def safe(kind, name, dimension):
    """What a name becomes, by the definitions of the formats."""
    if kind == "json":
        return None
    kept = rb"[^A-Za-z0-9_.-]" if kind == "graphite" else rb"[^A-Za-z0-9_./-]"
    text = re.sub(kept, b"_", name).decode("ascii")
    return ".".join(part or "_" for part in text.split(".")), dimension


def replayed(program, kind, content):
    """(status, errors, received bytes) of a replay of these input lines."""
    receiver = Receiver()
    with Program(program, "--type", kind, "--destination", f"127.0.0.1:{receiver.port}",
                 "--prefix", "p", "--hostname", "h1", "-", stdin=subprocess.PIPE) as running:
        running.popen.stdin.buffer.write(content)
        running.popen.stdin.close()
        running.popen.stdin = None
        output, errors = running.popen.communicate(timeout=60)
    receiver.close()
    received = b"".join(map(bytes, receiver.connections))
    return running.popen.returncode, Account(output), errors, received


def hostile_names(program):
    """Every byte but those that end a word of replay's input, at every place of a name, alone
    and in random company."""
    separators = b" \t\n"
    names = [bytes([b]) for b in range(256) if b not in separators]
    names += ([b"a" + n + b"b" for n in names] + [n + b"b" for n in names]
              + [b"a" + n for n in names])
    state = 1
    for length in range(1, 200):  # a generator of its own: the same names in every run
        name = bytearray()
        for _ in range(length):
            state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            name.append(state >> 56)
        names.append(bytes(b for b in name if b not in separators) or b"x")
    names += ["snow☃man".encode(), b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\xc0\xaf",
              b"\xf4\x90\x80\x80", b"\xe2\x98", b"..", b"...", b"a..b", b".a", b"a.", b"~x;y=z",
              b'"},{"']
    content = b"".join(b"%s %s %d %d\n" % (name, other, 1_700_000_000 + i, i)
                       for i, (name, other) in enumerate(zip(names, reversed(names))))
    for kind in lines.KINDS:
        status, account, errors, received = replayed(program, kind, content)
        assert status == 0 and account.complete, (kind, errors)
        whole, tail = lines.whole_lines(received)
        assert not tail and len(whole) == len(names), (kind, len(whole), len(names))
        for i, (raw, chart, dimension) in enumerate(zip(whole, names, reversed(names))):
            fields = valid(kind, raw)
            if kind == "json":
                assert (fields["id"], fields["subid"], fields["value"]) == (
                    chart.decode("utf-8", "replace"), dimension.decode("utf-8", "replace"), i
                ), (raw, chart, dimension)
                continue
            line = lines.parse(kind, raw, prefix="p")
            wanted = safe(kind, chart, b"")[0] + "." + safe(kind, dimension, b"")[0]
            assert (line.series, line.value) == (wanted, str(i)), (kind, line, wanted)

    # 64 KiB are more than any format's line: refused by the number of the input's line, and what
    # stood before is delivered.
    for kind in lines.KINDS:
        for name in (b"%s d" % (b"x" * 65536), b"c %s" % (b"y" * 65536), b"%s d" % (b'"' * 65536)):
            status, account, errors, received = replayed(
                program, kind, b"c d 1700000000 1\n%s 1700000001 2\nc d 1700000002 3\n" % name)
            said = re.fullmatch(r"replay: - line 2: [^\n]+\n", errors)
            assert status == 1 and said, (kind, errors[-300:])
            assert account.complete and account.lines == received.count(b"\n") == 1
    print(f"hostile_names: {len(names)} pairs of names in {len(lines.KINDS)} formats, "
          "all lines valid and as defined")


if __name__ == "__main__":
    {f.__name__: f for f in (settings, hostile_hosts, hostile_names)}[sys.argv[2]](sys.argv[1])
