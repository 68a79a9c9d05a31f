# SPDX-License-Identifier: BSL-1.0
"""Servers from Debian's packages, in the foreground, on free loopback ports, in a temporary folder.

Each class says how to start one and how to read back what it has stored: {(series, seconds):
value}.
"""

import contextlib
import json
import re
import shutil
import socket
import struct
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from peers import SKIPPED, Process, wait_until


class Server:
    """Base of all: ports, a folder, start, kill -9, a way to end."""

    package = ""
    program = ""
    port_names = ("port",)

    def __init__(self, folder):
        self.path = shutil.which(self.program, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin")
        if not self.path:
            print(f"skipped: {self.package} is not installed")
            sys.exit(SKIPPED)
        self.folder = Path(folder)
        with contextlib.ExitStack() as held:  # all at once, so that they differ
            for name in self.port_names:
                s = held.enter_context(socket.socket())
                s.bind(("127.0.0.1", 0))
                setattr(self, name, s.getsockname()[1])
        self.process = None
        self.configure()

    def configure(self):
        """Writes what command() refers to."""

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, failure, *_):
        self.process.__exit__()
        if failure:
            print((self.folder / "log").read_text(encoding="utf-8", errors="replace")[-3000:])

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = Process(self.path, *self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, cwd=self.folder)
        for name in self.port_names:
            wait_until(lambda port=getattr(self, name): self.answers(port), 30,
                       f"{self.program} on its {name}")

    def answers(self, port):
        log = self.folder / "log"
        assert self.process.popen.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    def kill(self):
        self.process.kill()

    def get(self, port, path, **query):
        asked = urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{asked}",
                                    timeout=30) as answer:
            return answer.read()


class CarbonCRelay(Server):
    """Writes each line to a file as it came: compares bytes."""

    package = program = "carbon-c-relay"

    def configure(self):
        self.out = self.folder / "lines.txt"
        (self.folder / "relay.conf").write_text(
            f"listen type linemode 127.0.0.1:{self.port} proto tcp ;\n"
            f"cluster dump file {self.out} ;\nmatch * send to dump stop ;\n", encoding="ascii")

    def command(self):
        # One worker keeps the order; its queue would drop lines, so it holds all of them.
        return "-s", "-w", "1", "-q", "1000000", "-f", self.folder / "relay.conf"

    def received(self):
        return self.out.read_bytes() if self.out.exists() else b""


class VictoriaMetrics(Server):
    package = program = "victoria-metrics"
    port_names = ("http", "graphite", "opentsdb", "opentsdb_http", "influx")

    def command(self):
        return (f"-storageDataPath={self.folder}/data", "-retentionPeriod=10y",
                f"-httpListenAddr=127.0.0.1:{self.http}",
                f"-graphiteListenAddr=127.0.0.1:{self.graphite}",
                f"-opentsdbListenAddr=127.0.0.1:{self.opentsdb}",
                f"-opentsdbHTTPListenAddr=127.0.0.1:{self.opentsdb_http}",
                f"-influxListenAddr=127.0.0.1:{self.influx}", "-search.latencyOffset=0s",
                "-memory.allowedBytes=256MB", "-loggerLevel=ERROR")

    def samples(self, prefix):
        """All (series, seconds, value), as often as they are stored."""
        # Without it new points, and their absence, are cached.
        self.get(self.http, "/internal/force_flush")
        query = {"match[]": '{__name__=~"%s[._].*"}' % prefix}
        for line in self.get(self.http, "/api/v1/export", **query).splitlines():
            series = json.loads(line)
            name = series["metric"].pop("__name__")
            labels = "".join(f" {k}={v}" for k, v in sorted(series["metric"].items()))
            for value, milliseconds in zip(series["values"], series["timestamps"]):
                yield name + labels, milliseconds // 1000, float(value)

    def stored(self, prefix):
        out = {}
        for series, seconds, value in self.samples(prefix):
            assert (series, seconds) not in out, (series, seconds, value, out[series, seconds])
            out[series, seconds] = value
        return out


class Prometheus(Server):
    package = program = "prometheus"

    def configure(self):
        (self.folder / "prometheus.yml").write_text("global: {}\n", encoding="ascii")

    def command(self):
        return (f"--config.file={self.folder}/prometheus.yml",
                f"--storage.tsdb.path={self.folder}/data",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--web.enable-remote-write-receiver", "--log.level=warn")

    def answers(self, port):
        """It listens before it can write."""
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            return super().answers(port) and self.get(port, "/-/ready") != b""
        return False

    def stored(self, prefix):
        out = {}
        answer = json.loads(self.get(self.port, "/api/v1/query",
                                     query='{__name__=~"%s_.*"}[3h]' % prefix))
        assert answer["status"] == "success", answer
        for series in answer["data"]["result"]:
            name = series["metric"].pop("__name__")
            labels = "".join(f" {k}={v}" for k, v in sorted(series["metric"].items()))
            for seconds, value in series["values"]:
                out[name + labels, seconds] = float(value)
        return out


class OtlpReceiver(Server):
    """otlp_receiver.py, which shares nothing with the library."""

    package = program = "python3"

    def command(self):
        return ("-B", Path(__file__).parent / "otlp_receiver.py", str(self.port),
                self.folder / "points")

    def stored(self, _):
        out = {}
        for line in (self.folder / "points").read_text(encoding="utf-8").splitlines():
            series, seconds, value = json.loads(line)
            assert (series, seconds) not in out, (series, seconds)
            out[series, seconds] = value
        return out


class OwnReceiver(Server):
    """The program `receiver`, whose readers share nothing with the library's writers."""

    package = "backends"

    def __init__(self, folder, program, kind):
        self.program = str(program)
        self.kind = kind
        self.starts = 0
        super().__init__(folder)

    def command(self):
        self.starts += 1
        return ("--port", str(self.port), "--type", self.kind,
                "--out", str(self.folder / f"out-{self.starts}"))

    def stored(self, _):
        out = {}
        for path in self.folder.glob("out-*"):
            for line in path.read_text(encoding="utf-8").splitlines():
                name, labels, value, seconds = re.fullmatch(
                    r"(\S+)\{(\S+)\} (\S+) (\d+)(?: gauge)?", line).groups()
                series = " ".join([name, *re.findall(r'([^,]+="[^"]*")', labels)])
                out[series.replace('"', ""), int(seconds)] = float(value)
        return out


class Carbon(Server):
    """carbon-cache with whisper files, which are read here directly."""

    package = "graphite-carbon"
    program = "carbon-cache"
    port_names = ("port", "pickle", "query")

    def configure(self):
        (self.folder / "carbon.conf").write_text(
            "[cache]\n" + "".join(f"{key} = {self.folder}\n" for key in
                                  ("STORAGE_DIR", "CONF_DIR", "LOG_DIR", "PID_DIR")) +
            f"LOCAL_DATA_DIR = {self.folder}/whisper\nUSER =\nMAX_CREATES_PER_MINUTE = inf\n"
            "MAX_UPDATES_PER_SECOND = inf\nLOG_UPDATES = False\nCARBON_METRIC_INTERVAL = 0\n" +
            "".join(f"{name}_INTERFACE = 127.0.0.1\n{name}_PORT = {port}\n" for name, port in
                    (("LINE_RECEIVER", self.port), ("PICKLE_RECEIVER", self.pickle),
                     ("CACHE_QUERY", self.query))),
            encoding="ascii")
        (self.folder / "storage-schemas.conf").write_text(
            "[all]\npattern = .*\nretentions = 1s:6h\n", encoding="ascii")
        (self.folder / "storage-aggregation.conf").write_text(
            "[all]\npattern = .*\nxFilesFactor = 0\naggregationMethod = last\n", encoding="ascii")

    def command(self):
        return f"--config={self.folder}/carbon.conf", "--nodaemon", "--debug", "start"

    def stored(self, prefix):
        out = {}
        root = self.folder / "whisper"
        for file in (root / prefix).rglob("*.wsp"):
            series = ".".join(file.relative_to(root).with_suffix("").parts)
            content = file.read_bytes()
            if len(content) < 28:
                continue  # just being created
            _, _, _, archives = struct.unpack_from("!2LfL", content)
            assert archives == 1
            offset, step, points = struct.unpack_from("!3L", content, 16)
            assert step == 1
            if len(content) < offset + 12 * points:
                continue
            for seconds, value in struct.iter_unpack("!Ld", content[offset:offset + 12 * points]):
                if seconds:
                    out[series, seconds] = value
        return out


class Rsyslog(Server):
    """Parses each line as JSON and writes its fields; what is not JSON goes to another file."""

    package = "rsyslog"
    program = "rsyslogd"

    def configure(self):
        fields = "|".join(f"%$!{name}%"
                          for name in ("prefix", "hostname", "id", "subid", "value", "timestamp"))
        (self.folder / "rsyslog.conf").write_text(f'''
global(workDirectory="{self.folder}" maxMessageSize="64k")
module(load="imptcp") module(load="mmjsonparse")
template(name="fields" type="string" string="{fields}\\n")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imptcp" address="127.0.0.1" port="{self.port}" ruleset="samples")
ruleset(name="samples") {{
  action(type="mmjsonparse" cookie="" useRawMsg="on")
  if $parsesuccess == "OK" then action(type="omfile" file="{self.folder}/good" template="fields")
  else action(type="omfile" file="{self.folder}/bad" template="raw")
}}
''', encoding="ascii")

    def command(self):
        return "-n", "-f", self.folder / "rsyslog.conf", "-i", self.folder / "pid"

    def received(self):
        file = self.folder / "good"
        assert not (self.folder / "bad").exists(), (self.folder / "bad").read_bytes()[:500]
        return file.read_bytes() if file.exists() else b""


class InfluxDB(Server):
    package = "influxdb"
    program = "influxd"
    port_names = ("http", "rpc", "graphite", "opentsdb")

    def configure(self):
        (self.folder / "influx.conf").write_text(f'''
reporting-disabled = true
bind-address = "127.0.0.1:{self.rpc}"
[meta]
  dir = "{self.folder}/meta"
[data]
  dir = "{self.folder}/data"
  wal-dir = "{self.folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{self.http}"
[[graphite]]
  enabled = true
  bind-address = "127.0.0.1:{self.graphite}"
  database = "graphite"
  batch-timeout = "200ms"
[[opentsdb]]
  enabled = true
  bind-address = "127.0.0.1:{self.opentsdb}"
  database = "opentsdb"
  batch-timeout = "200ms"
''', encoding="ascii")

    def command(self):
        return "-config", self.folder / "influx.conf"

    def stored(self, database, prefix):
        out = {}
        answer = json.loads(self.get(self.http, "/query", db=database,
                                     q=f"select * from /^{prefix}[.]/", epoch="s"))
        for series in answer["results"][0].get("series", []):
            at, value = series["columns"].index("time"), series["columns"].index("value")
            for row in series["values"]:
                out[series["name"], row[at]] = row[value]
        return out

    def make(self, database):
        asked = urllib.parse.urlencode({"q": f"create database {database}"}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/query", asked, 30) as answer:
            assert answer.status == 200

    def post(self, target, text):
        """Some time may pass until it knows a database that it has made: 404 until then."""
        def is_taken():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{target}",
                                            text.encode(), 30) as answer:
                    return answer.status == 204
            except urllib.error.HTTPError as refused:
                if refused.code == 404:
                    return False
                raise

        wait_until(is_taken, 10, "a point stored")

    def fields(self, database, prefix):
        """Of lines of several values: {(measurement and field and tags, seconds): value}."""
        out = {}
        answer = json.loads(self.get(self.http, "/query", db=database, epoch="s",
                                     q=f"select * from /^{prefix}[.]/ group by *"))
        for series in answer["results"][0].get("series", []):
            tags = "".join(f" {k}={v}" for k, v in sorted(series["tags"].items()) if v)
            at, *names = series["columns"]
            assert at == "time"
            for seconds, *values in series["values"]:
                for name, value in zip(names, values):
                    if value is not None:
                        out[f"{series['name']} {name}{tags}", seconds] = value
        return out


class HAProxy(Server):
    """Passes requests on to a receiver; answers 503 while nobody is there."""

    package = program = "haproxy"
    port_names = ("plain", "encrypted")

    def __init__(self, folder, receiver):
        self.receiver = receiver
        super().__init__(folder)

    def configure(self):
        openssl = shutil.which("openssl")
        if not openssl:
            print("skipped: openssl is not installed")
            sys.exit(SKIPPED)
        self.certificate = self.folder / "certificate.pem"
        key = self.folder / "key.pem"
        subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                        self.certificate], check=True, capture_output=True)
        both = self.folder / "both.pem"
        both.write_text(self.certificate.read_text() + key.read_text(), encoding="ascii")
        (self.folder / "haproxy.cfg").write_text(f'''
global
  stats socket {self.folder}/stats
defaults
  mode http
  retries 0
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend all
  bind 127.0.0.1:{self.plain}
  bind 127.0.0.1:{self.encrypted} ssl crt {both}
  default_backend receiver
backend receiver
  server one 127.0.0.1:{self.receiver}
''', encoding="ascii")

    def command(self):
        return "-db", "-f", self.folder / "haproxy.cfg"

    def unavailable(self):
        """How many answers were of 500 to 599."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self.folder / "stats"))
            asked.sendall(b"show stat\n")
            told = b"".join(iter(lambda: asked.recv(65536), b"")).decode()
        names, *rows = [line.split(",") for line in told.removeprefix("# ").splitlines() if line]
        return sum(int(row[names.index("hrsp_5xx")]) for row in rows if row[1] == "FRONTEND")


class Collectd(Server):
    """Reads statsd's lines, and writes the values of each second to a file for each series."""

    package = "collectd-core"
    program = "collectd"

    def configure(self):
        (self.folder / "collectd.conf").write_text(f'''
Hostname "c"
FQDNLookup false
Interval 1
BaseDir "{self.folder}"
PIDFile "{self.folder}/pid"
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "{self.port}"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "{self.folder}/csv"
  StoreRates false
</Plugin>
''', encoding="ascii")

    def command(self):
        return "-f", "-C", self.folder / "collectd.conf"

    def answers(self, port):
        log = self.folder / "log"
        assert self.process.popen.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        return f"0100007F:{port:04X} " in Path("/proc/net/udp").read_text(encoding="ascii")

    def newest(self, kind):
        """{series: its last value, of six decimals}; `kind` is gauge, or derive: the sum of a
        counter."""
        out = {}
        for file in sorted((self.folder / "csv").glob(f"c/statsd/{kind}-*")):
            lines = file.read_text(encoding="ascii").split("\n")[1:-1]  # without head, only whole
            if lines:
                series = file.name.removeprefix(kind + "-")[:-len("-2000-01-01")]
                out[series] = float(lines[-1].split(",")[1])
        return out
