#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A receiver of metrics over OTLP: appends [series, seconds, value] a point to a file, and answers.

    otlp_receiver.py PORT FILE
"""

import http.server
import json
import struct
import sys


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of each field."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 1:
            value, at = data[at:at + 8], at + 8
        else:
            assert tag & 7 == 2, tag
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            assert len(value) == size
        yield tag >> 3, value


def all_of(data, number):
    return [value for n, value in fields(data) if n == number]


def one_of(data, number):
    value, = all_of(data, number)
    return value


def attributes(data, number):
    return " ".join(sorted(f"{one_of(pair, 1).decode()}={one_of(one_of(pair, 2), 1).decode()}"
                           for pair in all_of(data, number)))


def points(body):
    for resource_metrics in all_of(body, 1):
        resource = attributes(one_of(resource_metrics, 1), 1)
        for scope_metrics in all_of(resource_metrics, 2):
            for metric in all_of(scope_metrics, 2):
                name = one_of(metric, 1).decode()
                for point in all_of(one_of(metric, 5), 1):  # a gauge
                    nanoseconds, = struct.unpack("<Q", one_of(point, 3))
                    value, = struct.unpack("<d", one_of(point, 4))
                    yield (f"{name} {attributes(point, 7)} | {resource}", nanoseconds // 10**9,
                           value)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        good = (self.path, self.headers["Content-Type"]) == ("/v1/metrics",
                                                             "application/x-protobuf")
        if good:
            lines = "".join(json.dumps(one) + "\n" for one in points(body))
            with open(sys.argv[2], "a", encoding="utf-8") as out:
                out.write(lines)
        self.send_response(200 if good else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


if __name__ == "__main__":
    open(sys.argv[2], "a", encoding="utf-8").close()
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
