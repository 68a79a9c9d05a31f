#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What protoc reads in the body of a request, by schemas written after the specifications, is what
was meant.

    decode_check.py PRINT_BODY remote_write|otlp

Exit status 77: protoc is not installed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from peers import SKIPPED

HERE = Path(__file__).resolve().parent
TIME = 1795367461


def decoded(body, schema, message):
    protoc = shutil.which("protoc")
    if not protoc:
        print("skipped: protobuf-compiler is not installed")
        sys.exit(SKIPPED)
    return subprocess.run([protoc, f"--proto_path={HERE}", f"--decode={message}", HERE / schema],
                          input=body, check=True, stdout=subprocess.PIPE).stdout.decode()


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


if __name__ == "__main__":
    body = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout
    records, schema, message, expected = {
        "remote_write": remote_write, "otlp": otlp}[sys.argv[2]](body)
    read = flat(decoded(records, schema, message))
    assert read == expected, f"{read}\n\n{expected}"
    print(f"{len(records)} bytes of {message} as meant")
