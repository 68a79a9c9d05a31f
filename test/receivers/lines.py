# SPDX-License-Identifier: BSL-1.0
"""What a line must look like on each wire, read strictly, written from the formats' definitions.

Nothing here knows how the library writes a line.
"""

import json
import re
from typing import NamedTuple

KINDS = ("graphite", "opentsdb", "json")

# A stored value has exactly 7 decimals; what was collected as an integer has none. No leading zero,
# no exponent, no plus, and neither form spells a negative zero.
NUMBER = rb"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]{7})?)"
SECONDS = rb"([1-9][0-9]{9})"
STRING = rb'("(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")'
FORMS = {
    "graphite": re.compile(rb"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*) " + NUMBER + b" " + SECONDS),
    "opentsdb": re.compile(rb"put ([A-Za-z0-9_./-]+) " + SECONDS + b" " + NUMBER
                           + rb" host=([A-Za-z0-9_./-]+)"),
    "json": re.compile(rb'\{(?:"prefix":' + STRING + rb',)?"hostname":' + STRING + rb',"id":'
                       + STRING + rb',"subid":' +
                       STRING + rb',"value":' + NUMBER + rb',"timestamp": ' + SECONDS + rb"\}"),
}
LONGEST = {"graphite": 4096, "opentsdb": 1024, "json": 16384}  # with the newline


class Line(NamedTuple):
    """One sample as a receiver understands it."""

    series: str  # chart.dimension, without prefix and hostname
    value: str
    seconds: int

    @property
    def stored(self):
        return "." in self.value


class Malformed(AssertionError):
    """The line is not of the form."""


def parse(kind, line, prefix="netdata", hostname="h1"):
    """`line` is bytes, without its newline."""
    match = FORMS[kind].fullmatch(line)
    if not match or len(line) >= LONGEST[kind]:
        raise Malformed(f"not a {kind} line: {line[:200]!r}")
    if kind == "graphite":
        path, value, seconds = match.groups()
        series = without(f"{prefix}.{hostname}.", path, line)
    elif kind == "opentsdb":
        path, seconds, value, host = match.groups()
        series = without(f"{prefix}.", path, line)
        if host.decode() != hostname:
            raise Malformed(f"another host: {line!r}")
    else:
        value, seconds = match.group(5, 6)
        fields = json.loads(line.decode())  # which must be valid UTF-8
        if list(fields) != ["prefix", "hostname", "id", "subid", "value", "timestamp"]:
            raise Malformed(f"other keys: {line!r}")
        if (fields["prefix"], fields["hostname"]) != (prefix, hostname):
            raise Malformed(f"another prefix or hostname: {line!r}")
        series = fields["id"] + "." + fields["subid"]
    if re.fullmatch(rb"-0(\.0+)?", value):
        raise Malformed(f"negative zero: {line!r}")
    return Line(series, value.decode(), int(seconds))


def without(front, path, line):
    path = path.decode()
    if not path.startswith(front):
        raise Malformed(f"does not begin with {front}: {line!r}")
    return path[len(front):]


def whole_lines(stream):
    """The lines of one connection and what follows the last newline."""
    *lines, tail = bytes(stream).split(b"\n")
    return lines, tail


def by_series(parsed):
    """{series: [Line]}; each series keeps one type and its seconds increase."""
    out = {}
    for line in parsed:
        out.setdefault(line.series, []).append(line)
    for series, points in out.items():
        seconds = [p.seconds for p in points]
        assert all(a < b for a, b in zip(seconds, seconds[1:])), f"{series} at {seconds}"
        assert len({p.stored for p in points}) == 1, f"{series} changes its type"
    return out
