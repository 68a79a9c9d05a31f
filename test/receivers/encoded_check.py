#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The receiver reads what others write: messages of protoc, by schemas written after the
specifications, blocks of snappy with copies, and all that Prometheus itself sends.

    encoded_check.py RECEIVER remote_write|otlp|prometheus

Exit status 77: not installed.
"""

import http.client
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import servers
from peers import SKIPPED, Program, wait_until

HERE = Path(__file__).resolve().parent


def protoc(what, schema, message, data):
    if not shutil.which("protoc"):
        print("skipped: protobuf-compiler is not installed")
        sys.exit(SKIPPED)
    return subprocess.run(["protoc", f"--proto_path={HERE}", f"--{what}={message}", HERE / schema],
                          input=data, check=True, stdout=subprocess.PIPE).stdout


def snappy(data):
    """A block with copies of all three lengths, and literals of what is nowhere before."""
    out, size = bytearray(), len(data)
    while True:
        out.append(size & 127 | (128 if size > 127 else 0))
        size >>= 7
        if not size:
            break
    seen, at, begin, copies = {}, 0, 0, 0

    def literal(upto):
        nonlocal begin
        while begin < upto:
            some = data[begin:min(upto, begin + 256)]
            out.extend(bytes([len(some) - 1 << 2]) if len(some) <= 60
                       else bytes([60 << 2, len(some) - 1]))
            out.extend(some)
            begin += len(some)

    while at + 4 <= len(data):
        before = seen.get(data[at:at + 4])
        seen[data[at:at + 4]] = at
        if before is None:
            at += 1
            continue
        literal(at)
        length, offset = 4, at - before
        while at + length < len(data) and length < 64 and \
                data[before + length] == data[at + length]:
            length += 1
        if length < 12 and offset < 2048:
            out.extend([offset >> 8 << 5 | length - 4 << 2 | 1, offset & 255])
        elif copies % 3:
            out.extend([length - 1 << 2 | 2, offset & 255, offset >> 8])
        else:
            out.extend(bytes([length - 1 << 2 | 3]) + offset.to_bytes(4, "little"))
        copies += 1
        at = begin = at + length
    literal(len(data))
    assert copies > 3
    return bytes(out)


class Receiving:
    """The receiver, and one connection to it."""

    def __init__(self, program, kind, folder):
        self.out = Path(folder, "out")
        self.program = Program(program, "--type", kind, "--out", self.out)
        line = self.program.popen.stdout.readline()
        self.port = int(line.rpartition(" ")[2])

    def __enter__(self):
        self.program.__enter__()
        self.to = http.client.HTTPConnection("127.0.0.1", self.port)
        return self

    def __exit__(self, *failure):
        self.to.close()
        self.program.__exit__(*failure)

    def post(self, path, body, **headers):
        self.to.request("POST", path, body, {name.replace("_", "-"): value
                                             for name, value in headers.items()})
        answer = self.to.getresponse()
        return answer.status, answer.read()

    def lines(self):
        return self.out.read_text(encoding="utf-8").splitlines()

    def account(self):
        self.program.popen.send_signal(signal.SIGTERM)
        return self.program.popen.communicate(timeout=30)[0]


def damaged(body):
    """Each beginning of it, and each of some bits of it turned."""
    for size in range(1, len(body)):
        yield body[:size]
    for bit in range(0, 8 * len(body), 5):
        other = bytearray(body)
        other[bit // 8] ^= 1 << bit % 8
        yield bytes(other)


def remote_write(program):
    text = "".join(
        f'timeseries {{ labels {{ name: "__name__" value: "m{i % 3}" }} '
        f'labels {{ name: "path" value: "/k\\303\\266ln/{i}" }} '
        f'samples {{ value: {i / 8} timestamp: {1795367461000 + i} }} '
        f'samples {{ value: {-i} timestamp: {1795367462000 + i} }} }} ' for i in range(300))
    body = snappy(protoc("encode", "prometheus.proto", "WriteRequest", text.encode()))
    with tempfile.TemporaryDirectory() as folder, Receiving(program, "remote_write", folder) as to:
        def post(some):
            return to.post("/api/v1/write", some, Content_Encoding="snappy",
                           Content_Type="application/x-protobuf")

        assert post(body) == (204, b"")
        assert to.lines() == [f'm{i % 3}{{path="/köln/{i}"}} {value:g} '
                              f'{1795367461 + later}{fraction(i)}'
                              for i in range(300) for later, value in enumerate((i / 8, -i))]
        small = snappy(protoc("encode", "prometheus.proto", "WriteRequest",
                              text[:text.index("timeseries", 400)].encode()))
        refused = 0
        for other in damaged(small):
            status, why = post(other)
            assert (status, why) == (204, b"") or \
                status == 400 and re.fullmatch(r".+\.\n", why.decode()), (status, why)
            refused += status == 400
        assert refused >= len(small) - 1
        assert post(body)[0] == 204
        print(to.account())


def fraction(millis):
    return f".{millis:03}".rstrip("0").rstrip(".")


OTLP = """resource_metrics {
  resource { attributes { key: "host.name" value { string_value: "h" } } }
  scope_metrics { scope { name: "s" }
    metrics { name: "a.b" unit: "By" gauge {
      data_points { time_unix_nano: 17500000000 as_double: 0.5
                    attributes { key: "n" value { int_value: -5 } } }
      data_points { time_unix_nano: 18000000001 as_int: -7 }
      data_points { as_int: 1 } } }
    metrics { name: "c" sum { aggregation_temporality: CUMULATIVE is_monotonic: true
      data_points { time_unix_nano: 17000000000 as_double: 1e300 } } }
    metrics { name: "h" histogram { aggregation_temporality: DELTA
      data_points { time_unix_nano: 17000000000 count: 6 sum: 12.5 bucket_counts: [2, 0, 4]
                    explicit_bounds: [0.5, 1] min: 0.25 max: 7 } } }
    metrics { name: "e" exponential_histogram { aggregation_temporality: DELTA
      data_points { time_unix_nano: 17000000000 count: 11 sum: 9 scale: 1 zero_count: 1
                    positive { offset: -3 bucket_counts: [3, 0, 300] } zero_threshold: 0.1
                    negative { offset: 1 bucket_counts: [4] } }
      data_points { time_unix_nano: 17000000000 count: 308 sum: 9 scale: 1 zero_count: 1
                    positive { offset: -3 bucket_counts: [3, 0, 300] } zero_threshold: 0.1
                    negative { offset: 1 bucket_counts: [4] } } } }
    metrics { name: "s" summary {
      data_points { time_unix_nano: 17000000000 count: 6 sum: 12.5
                    quantile_values { quantile: 0.5 value: 2 }
                    quantile_values { quantile: 0.99 value: 7 } } } }
    metrics { name: "none" } } }
"""
OTLP_LINES = """a.b{n="-5",host.name="h"} 0.5 17.5 gauge
a.b{host.name="h"} -7 18.000000001 gauge
c{host.name="h"} 1e+300 17 cumulative_monotonic_sum
h{host.name="h"} count=6,sum=12.5,min=0.25,max=7,0.5:2,inf:4 17 delta_histogram
e{host.name="h"} count=308,sum=9,-2:4,0:1,0.5:3,1:300 17 delta_exponential_histogram
s{host.name="h"} count=6,sum=12.5,0.5:2,0.99:7 17 summary
"""


def otlp(program):
    body = protoc("encode", "otlp.proto", "ExportMetricsServiceRequest", OTLP.encode())
    with tempfile.TemporaryDirectory() as folder, Receiving(program, "otlp", folder) as to:
        def post(some):
            return to.post("/v1/metrics", some, Content_Type="application/x-protobuf")

        def decoded(answer, message):
            return " ".join(protoc("decode", "otlp.proto", message, answer).decode().split())

        status, answer = post(body)
        assert status == 200
        assert decoded(answer, "ExportMetricsServiceResponse") == (
            'partial_success { rejected_data_points: 3 error_message: '
            '"The metric a.b has no time." }'), answer
        assert "\n".join(to.lines()) + "\n" == OTLP_LINES, to.lines()
        refused = 0
        for other in damaged(body):
            status, answer = post(other)
            assert status in (200, 400), status
            refused += status == 400
        assert refused >= len(body) - 1
        status, answer = post(body[:9])
        assert status == 400
        assert decoded(answer, "Status").startswith('message: "Field 1 of '), answer
        print(to.account())


class Sending(servers.Prometheus):
    """It scrapes itself, and sends what it has."""

    receiver = 0  # its port

    def configure(self):
        (self.folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\n"
            "scrape_configs:\n"
            f"- {{job_name: self, static_configs: [{{targets: ['127.0.0.1:{self.port}']}}]}}\n"
            "remote_write:\n"
            f"- url: http://127.0.0.1:{self.receiver}/api/v1/write\n"
            "  queue_config: {batch_send_deadline: 1s}\n", encoding="ascii")


def prometheus(program):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as of_prometheus, \
            Receiving(program, "remote_write", folder) as to:
        Sending.receiver = to.port
        with Sending(of_prometheus) as sending:
            up = f'up{{instance="127.0.0.1:{sending.port}",job="self"}} 1 '
            wait_until(lambda: any(line.startswith(up) for line in to.lines()), 60, up)
        account = to.account()
        assert "malformed 0 samples" in account and "refused 0" in account, account
        print(account)


if __name__ == "__main__":
    {f.__name__: f for f in (remote_write, otlp, prometheus)}[sys.argv[2]](sys.argv[1])
