#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What protoc reads in the body of a request, by schemas written after the specifications, is what
was meant.

    decode_check.py PRINT_BODY remote_write|otlp|histograms

Exit status 77: protoc is not installed.
"""

import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

from peers import SKIPPED

HERE = Path(__file__).resolve().parent
TIME = 1795367461


def protoc(option, schema, content):
    program = shutil.which("protoc")
    if not program:
        print("skipped: protobuf-compiler is not installed")
        sys.exit(SKIPPED)
    return subprocess.run([program, f"--proto_path={HERE}", option, HERE / schema],
                          input=content, check=True, stdout=subprocess.PIPE).stdout


def decoded(body, schema, message):
    return protoc(f"--decode={message}", schema, body).decode()


def flat(text):
    return " ".join(text.split())


def unpacked(block):
    """A block of snappy of one literal."""
    size = shift = at = 0
    while True:
        byte = block[at]
        size, shift, at = size | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            break
    assert block[at] == 63 << 2, block[at]
    assert int.from_bytes(block[at + 1:at + 5], "little") == size - 1
    assert len(block) == at + 5 + size
    return block[at + 5:]


def remote_write(body):
    def series(name, value, more=""):
        return (f'timeseries {{ {more.split("|")[0]}labels {{ name: "__name__" value: "{name}" }} '
                'labels { name: "dc" value: "fra" } labels { name: "instance" value: "web-1" } '
                f'{more.partition("|")[2]}labels {{ name: "rack" '
                'value: "k\\303\\266ln \\"7\\"\\n" } '
                f'samples {{ value: {value} timestamp: {TIME}000 }} }}')

    of_chart = ('labels { name: "Status" value: "200" } |'
                'labels { name: "path" value: "/cart" } ')
    return unpacked(body), "prometheus.proto", "WriteRequest", " ".join((
        series("shop_system_cpu_user", "86.5"),
        series("shop_http_requests", "-0.1", of_chart),
        series(f"shop_{'c' * 200}_d", "1e+300")))


def otlp(body):
    def attribute(key, value):
        return f'attributes {{ key: "{key}" value {{ string_value: "{value}" }} }} '

    def metric(name, kind, value, attributes=""):
        point = f"data_points {{ time_unix_nano: {TIME}000000000 as_double: {value} {attributes}}} "
        return f'metrics {{ name: "{name}" {kind.replace("POINT ", point)}}} '

    resource = "".join(attribute(*one) for one in
                       (("dc", "fra"), ("host.name", "web-1"),
                        ("rack", 'k\\303\\266ln \\"7\\"\\n'), ("service.name", "shop")))
    of_chart = attribute("Status", "200") + attribute("path", "/cart")
    metrics = (
        metric("system.cpu.user", "gauge { POINT } ", "86.5") +
        metric("http.requests", "sum { POINT aggregation_temporality: DELTA } ", "-0.1", of_chart) +
        metric(f"{'c' * 200}.d",
               "sum { POINT aggregation_temporality: CUMULATIVE is_monotonic: true } ", "1e+300"))
    return body, "otlp.proto", "ExportMetricsServiceRequest", flat(
        f"resource_metrics {{ resource {{ {resource}}} scope_metrics {{ "
        f'scope {{ name: "backends" }} {metrics}}} }}')


def parsed(text):
    """What protoc prints, as {name: [value...]}."""
    root = {}
    open_ones = [root]
    for line in text.splitlines():
        name, _, value = line.strip().partition(": ")
        if name == "}":
            open_ones.pop()
        elif name.endswith(" {"):
            open_ones.append({})
            open_ones[-2].setdefault(name[:-2], []).append(open_ones[-1])
        else:
            open_ones[-1].setdefault(name, []).append(value.strip('"'))
    return root


class Histogram:
    """The buckets of values, found by exact powers of them."""

    def __init__(self, scale, first, size):
        self.scale, self.first, self.size = scale, first, size

    def bucket(self, value):
        """Index i of base^i < value <= base^(i + 1); None up to the first, one more after the
        last."""
        power = Fraction(value) ** 2 ** self.scale
        if value <= 0 or power <= Fraction(2) ** self.first:
            return None
        i = self.first
        while i < self.first + self.size and power > Fraction(2) ** (i + 1):
            i += 1
        return i

    def point(self, values):
        counts = Counter(self.bucket(v) for v in values)
        below = counts.pop(None, 0)
        return {"count": len(values), "scale": self.scale, "zero_count": below,
                "zero_threshold": 2.0 ** (self.first / 2 ** self.scale), "buckets": counts}


HISTOGRAMS = {"usual": Histogram(3, 0, 160), "fine": Histogram(5, -32, 40)}


def read_point(metric):
    data, = metric["exponential_histogram"]
    assert data["aggregation_temporality"] == ["DELTA"]
    point, = data["data_points"]

    def number(name, kind=int):
        return kind(point.get(name, ["0"])[0])

    buckets, = point.get("positive", [{}])
    counts = [int(n) for n in buckets.get("bucket_counts", [])]
    assert not counts or (counts[0] and counts[-1]), "empty buckets at an end"
    first = int(buckets.get("offset", ["0"])[0])
    made = {name: number(name) for name in ("count", "scale", "zero_count")}
    made["zero_threshold"] = number("zero_threshold", float)
    made["buckets"] = Counter({first + i: n for i, n in enumerate(counts) if n})
    times = number("start_time_unix_nano"), number("time_unix_nano")
    assert not any(t % 10**9 for t in times)
    labels = [(one["key"][0], one["value"][0]["string_value"][0])
              for one in point.get("attributes", [])]
    return made, tuple(t // 10**9 for t in times), labels, [
        float(point[name][0]) if name in point else None for name in ("sum", "min", "max")]


def check_windows(metrics, windows):
    """The points of a cycle are those of the windows; one without a value has none."""
    read = {name: [read_point(one) for one in metrics if one["name"] == [name]]
            for name in HISTOGRAMS}
    for name, points in read.items():
        begin = 0
        left = iter(points)
        for at, values in windows:
            if values:
                made, times, labels, (total, least, greatest) = next(left)
                assert made == HISTOGRAMS[name].point(values), (name, at, made)
                assert times == (begin, at), (times, begin, at)
                assert labels == ([("path", "/cart")] if name == "usual" else []), labels
                if min(values) < 0:
                    assert total is None, total
                elif total is not None:  # as it was since a negative value of another window
                    assert abs(total - sum(values)) <= 1e-6, (total, sum(values))
                assert least <= min(values) and max(values) <= greatest, (name, at)
            begin = at if values or not begin else begin
        assert next(left, None) is None
    return sum(len(points) for points in read.values())


def histograms(program):
    random.seed(4)
    words, often, rarely, since = [], [], [], []
    for turn in range(30):
        values = [random.choice((2.0 ** random.randrange(-3, 23), random.uniform(0, 3),
                                 2 ** (random.randrange(160) / 8), random.lognormvariate(5, 3)))
                  for _ in range(random.choice((0, 1, 5, 300)))]
        if turn == 20:
            values.append(-2.5)
        since += values
        often.append((TIME + 1 + turn, values))
        words += [repr(v) for v in values] + ["both" if turn % 7 == 6 else "often"]
        if turn % 7 == 6:
            rarely.append((TIME + 1 + turn, since))
            since = []
    body = subprocess.run([program, "histograms"], input=" ".join(words).encode(), check=True,
                          stdout=subprocess.PIPE).stdout
    text = decoded(body, "otlp.proto", "ExportMetricsServiceRequest")
    assert not re.search(r"^\s*\d+:", text, re.M), "a field that the schema has not"
    again = protoc("--encode=ExportMetricsServiceRequest", "otlp.proto", text.encode())
    assert again == body, "protoc writes other bytes"
    points = 0
    for resource, windows in zip(parsed(text)["resource_metrics"], (often, rarely), strict=True):
        points += check_windows(resource["scope_metrics"][0]["metrics"], windows)
    print(f"{points} histograms of {len(often)} and {len(rarely)} windows in {len(body)} bytes, "
          "each with its buckets")


def formats():
    body = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout
    records, schema, message, expected = {
        "remote_write": remote_write, "otlp": otlp}[sys.argv[2]](body)
    read = flat(decoded(records, schema, message))
    assert read == expected, f"{read}\n\n{expected}"
    print(f"{len(records)} bytes of {message} as meant")


if __name__ == "__main__":
    if sys.argv[2] == "histograms":
        histograms(sys.argv[1])
    else:
        formats()
