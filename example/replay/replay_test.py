#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""replay as a whole, against a receiver that shares nothing with the library.

    replay_test.py PROGRAM CASE
"""

import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.dont_write_bytecode = True  # the source tree stays as it is
sys.path.insert(0, str(Path(__file__).parent.parent / "common"))
# pylint: disable=wrong-import-position
from receiving import DatagramReceiver, HttpReceiver, Receiver, account

SAMPLES = [(f"chart.{i % 7}", f"d{i % 11}", 1_700_000_000 + i, value)
           for i, value in enumerate([0, -1, 42, 2**63 - 1, -2**63, 2**64 - 1,
                                      "1.5", "-0.00000004", "1e3"] * 2000)]


def text_of(value):
    if isinstance(value, int):
        return str(value)
    return "%.7f" % (float(value) if abs(float(value)) > 1e-7 else 0)


FORMS = {
    "graphite": lambda c, d, t, v: f"p.h.{c}.{d} {text_of(v)} {t}",
    "opentsdb": lambda c, d, t, v: f"put p.{c}.{d} {t} {text_of(v)} host=h",
    "json": lambda c, d, t, v: f'{{"prefix":"p","hostname":"h","id":"{c}","subid":"{d}",'
                               f'"value":{text_of(v)},"timestamp": {t}}}',
}


def replay(program, samples, *flags, receiver=None, text=None):
    """Exit status, output, errors."""
    where = f"127.0.0.1:{receiver.port}" if receiver else "127.0.0.1:1"
    lines = "".join("%s %s %s %s\n" % s for s in samples) if text is None else text
    done = subprocess.run([program, "--destination", where, "--prefix", "p", "--hostname", "h",
                           *flags, "-"],
                          input=lines, text=True, capture_output=True, check=False, timeout=100)
    return done.returncode, done.stdout, done.stderr


def everything(program):
    """Every format and level: each sample is one line, once, in order."""
    for kind, form in FORMS.items():
        for level in ("written", "acked", "acked_replay", "epoch"):
            receiver = Receiver()
            status, output, errors = replay(program, SAMPLES, "--type", kind, "--confirm", level,
                                            receiver=receiver)
            receiver.go_away()
            assert status == 0, (kind, level, output, errors)
            assert receiver.lines() == [form(*s) for s in SAMPLES], (kind, level)
            assert account(output) == (len(SAMPLES), len(SAMPLES), 0, 0, 0)


def over_http(program):
    """To a receiver that answers: path, credentials and headers are those that were said."""
    with HttpReceiver() as receiver:
        status, output, errors = replay(
            program, SAMPLES, "--type", "json", "--destination",
            f"http://127.0.0.1:{receiver.port}/in?a=b", "--http-user", "me", "--http-password", "s",
            "--http-headers", "X-Team: shop | X-B: 1")
    assert status == 0, (output, errors)
    assert b"".join(receiver.bodies).decode().splitlines() == [FORMS["json"](*s) for s in SAMPLES]
    assert account(output) == (len(SAMPLES), len(SAMPLES), 0, 0, 0)
    for path, headers in receiver.heads:
        assert path == "/in?a=b"
        said = [headers[name] for name in ("Content-Type", "Authorization", "X-Team", "X-B")]
        assert said == ["application/x-ndjson", "Basic bWU6cw==", "shop", "1"], said


def over_unix(program):
    """To a socket with a path."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(folder + "/receiver")
        server.listen()
        got = []

        def read():
            peer, _ = server.accept()
            with peer:
                got.append(b"".join(iter(lambda: peer.recv(65536), b"")))

        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        status, output, errors = replay(program, SAMPLES, "--destination",
                                        f"unix:{folder}/receiver")
        reading.join(30)
    assert status == 0, (output, errors)
    assert got[0].decode().splitlines() == [FORMS["graphite"](*s) for s in SAMPLES]


def objects(program):
    """To OpenTSDB over HTTP: arrays, in which every object is whole."""
    with HttpReceiver() as receiver:
        status, output, errors = replay(
            program, SAMPLES, "--type", "opentsdb_http", "--destination",
            f"http://127.0.0.1:{receiver.port}")
    assert status == 0, (output, errors)
    assert [(one["metric"], one["timestamp"], one["tags"]) for one in receiver.objects()] == [
        (f"p.{c}.{d}", t, {"host": "h"}) for c, d, t, _ in SAMPLES]
    assert account(output) == (len(SAMPLES), len(SAMPLES), 0, 0, 0)
    for path, headers in receiver.heads:
        assert (path, headers["Content-Type"]) == ("/api/put?summary", "application/json")


def binary(program):
    """Records as Protocol Buffers: each sample's value and time are in it once, as eight bytes and
    as what the format has for a time."""
    def varint(n):
        return bytes([n & 0x7F | (0x80 if n > 0x7F else 0)]) + (varint(n >> 7) if n > 0x7F else b"")

    nanoseconds = lambda t: struct.pack("<BQ", 3 << 3 | 1, t * 10**9)
    milliseconds = lambda t: b"\x10" + varint(t * 1000)
    double = lambda field, v: struct.pack("<Bd", field << 3 | 1, float(v))
    for kind, path, point, around in (
            ("otlp", "/v1/metrics",
             lambda c, d, t, v: nanoseconds(t) + double(4, v), b"host.name"),
            ("remote_write", "/api/v1/write",
             lambda c, d, t, v: double(1, v) + milliseconds(t), f"p_{SAMPLES[0][0]}".encode()
             .replace(b".", b"_"))):
        with HttpReceiver() as receiver:
            status, output, errors = replay(
                program, SAMPLES, "--type", kind, "--destination",
                f"http://127.0.0.1:{receiver.port}")
        assert status == 0, (kind, output, errors)
        assert account(output) == (len(SAMPLES), len(SAMPLES), 0, 0, 0), kind
        everything_sent = b"".join(receiver.bodies)
        assert [s for s in SAMPLES if everything_sent.count(point(*s)) != 1] == [], kind
        for (where, headers), body in zip(receiver.heads, receiver.bodies):
            assert (where, headers["Content-Type"]) == (path, "application/x-protobuf"), kind
            assert around in body, kind


def in_datagrams(program):
    """To a port and to a path, in whole lines; a gauge with a sign is set to 0 first."""
    few = SAMPLES[:900]
    with tempfile.TemporaryDirectory() as folder:
        for path, kind, most in ((None, "statsd", 1432), (folder + "/a", "statsd", 8192),
                                 (folder + "/b", "dogstatsd", 8192)):
            with DatagramReceiver(path) as receiver:
                status, output, errors = replay(
                    program, few, "--type", kind, "--confirm", "written", "--destination",
                    receiver.destination)
            assert status == 0, (kind, output, errors)
            wanted = []
            for c, d, t, v in few:
                if kind == "dogstatsd":
                    wanted.append(f"p.{c}.{d}:{text_of(v)}|g|#host:h|T{t}")
                    continue
                if text_of(v).startswith("-"):
                    wanted.append(f"p.h.{c}.{d}:0|g")
                wanted.append(f"p.h.{c}.{d}:{text_of(v)}|g")
            assert receiver.lines() == wanted, kind
            assert account(output) == (len(wanted), len(wanted), 0, 0, 0), output
            assert most // 2 < max(map(len, receiver.datagrams)) <= most
            for one in receiver.datagrams if kind == "statsd" else []:
                assert b":-" not in one.split(b"\n")[0], "a pair in two datagrams"


def section(program):
    """Settings of a file's section; flags go first."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file, HttpReceiver() as receiver:
        file.write("[backend]\nenabled = no\ndestination = nobody:1\n"
                   f"[backend:spare]\ntype = json\nprefix = other\nhttp user = me\n"
                   f"destination = http://127.0.0.1:{receiver.port}/x\n")
        file.flush()
        done = subprocess.run([program, "--config", file.name, "--section", "spare", "--prefix",
                               "p", "--hostname", "h", "-"], input="c d 1700000000 1\n", text=True,
                              capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, done
    assert receiver.bodies == [FORMS["json"]("c", "d", 1700000000, 1).encode() + b"\n"]


def small_queue(program):
    """A queue that holds a fraction of it: the reading waits, nothing is dropped."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines("%s %s %s %s\n" % s for s in SAMPLES)
        file.flush()
        receiver = Receiver()
        done = subprocess.run([program, "--destination", f"127.0.0.1:{receiver.port}",
                               "--queue-bytes", "65536", "--prefix", "p", "--hostname", "h",
                               file.name],
                              text=True, capture_output=True, check=False, timeout=100)
    receiver.go_away()
    assert done.returncode == 0, done
    assert receiver.lines() == [FORMS["graphite"](*s) for s in SAMPLES]
    assert account(done.stdout) == (len(SAMPLES), len(SAMPLES), 0, 0, 0)


def reset(program):
    """A connection that is reset inside a line: at level epoch everything arrives all the same."""
    receiver = Receiver(reset_after=100_001)
    status, output, errors = replay(program, SAMPLES, "--confirm", "epoch", receiver=receiver)
    receiver.go_away()
    assert status == 0, (output, errors)
    assert set(receiver.lines()) == {FORMS["graphite"](*s) for s in SAMPLES}
    assert len(receiver.connections) > 1


def nobody(program):
    """Without a receiver it gives up, and says so."""
    status, output, _ = replay(program, SAMPLES[:5], "--patience", "1")
    assert status == 1 and "not everything was confirmed" in output
    assert account(output) == (5, 0, 0, 0, 5)


def spooled(program):
    """What nobody took is in the spool, and the next run delivers it, once."""
    with tempfile.TemporaryDirectory() as folder:
        status, output, _ = replay(program, SAMPLES[:500], "--patience", "1", "--spool", folder)
        assert status == 1 and "kept in the spool: 500 lines" in output, output
        for samples, restored in ((SAMPLES[500:600], 500), ([], 0)):
            receiver = Receiver()
            status, output, errors = replay(program, samples, "--spool", folder, receiver=receiver)
            receiver.go_away()
            assert status == 0, (output, errors)
            assert ("from the spool: 500 lines, 0 damaged" in output) == (restored != 0), output
            wanted = SAMPLES[:600] if restored else []
            assert receiver.lines() == [FORMS["graphite"](*s) for s in wanted]
            assert account(output) == (len(wanted), len(wanted), 0, 0, 0)
        # Lines of one format are not sent to receivers of another.
        replay(program, SAMPLES[:5], "--patience", "1", "--spool", folder)
        status, output, errors = replay(program, [], "--type", "json", "--spool", folder)
        assert status == 2 and not output, errors
        assert "holds lines of graphite, not of json" in errors, errors


def malformed(program):
    """A bad line is named; what stood before it is delivered."""
    for bad in ("c d 1700000000", "c d x 1", "c d 1700000000 nan", "c d 0 1",
                "x" * 300 + " d 1700000000 1"):
        receiver = Receiver()
        text = f"c d 1700000000 1\n{bad}\nc d 1700000002 1\n"
        status, output, errors = replay(program, [], receiver=receiver, text=text)
        receiver.go_away()
        assert status == 1 and errors.startswith("replay: - line 2: "), (bad, status, errors)
        assert receiver.lines() == ["p.h.c.d 1 1700000000"] and account(output)[1] == 1


def refused(program):
    """What cannot be used is one line that names it."""
    for flags, name in [(["--type", "xml"], "xml"), (["--confirm", "maybe"], "maybe"),
                        (["--destination", "h:70000"], "70000"),
                        (["--queue-bytes", "1"], "--queue-bytes"),
                        (["--patience", "x"], "--patience"), (["--prefix", "x" * 9999], "prefix"),
                        (["--spool", "/nonexistent"], "spool directory = /nonexistent"),
                        (["--destination", "gopher://h"], "gopher is not spoken here"),
                        (["--destination", "http://h unix:/x"], "http and unix"),
                        (["--http-user", "me"], "http user = me: does not concern tcp:localhost"),
                        (["--destination", "http://h", "--http-token-file", "/nonexistent"],
                         "http token file = /nonexistent: No such file"),
                        (["--type", "influx", "--destination", "http://h/write?db=x"],
                         "precision=s"),
                        (["--type", "statsd"], "type = statsd: nobody acknowledges its lines"),
                        (["--type", "statsd", "--confirm", "written", "--destination", "tcp:h:1"],
                         "type = statsd goes over udp or unixgram or unix, not over tcp"),
                        (["--type", "opentsdb_http", "--destination", "tcp:h:4242"],
                         "destination = tcp:h:4242: type = opentsdb_http goes over http"),
                        (["--type", "json", "--destination", "udp://h:1"],
                         "destination = udp://h:1: type = json goes over tcp"),
                        (["--section", "x"], "--section needs")]:
        done = subprocess.run([program, *flags, "-"], text=True, capture_output=True, check=False,
                              input="", timeout=20)
        assert done.returncode == 2 and done.stdout == "", (flags, done)
        assert done.stderr.count("\n") == 1 and name in done.stderr, (flags, done.stderr)
    for files in ([], ["-", "-"], ["/nonexistent/file"]):
        done = subprocess.run([program, *files], text=True, capture_output=True, check=False,
                              input="", timeout=20)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done


if __name__ == "__main__":
    cases = (everything, over_http, over_unix, objects, binary, in_datagrams, section,
             small_queue, reset, nobody, spooled, malformed, refused)
    {case.__name__: case for case in cases}[sys.argv[2]](sys.argv[1])
