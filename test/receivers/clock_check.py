#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""An agent on a machine whose clock is set back by an hour, and ahead by a year for a second. The
steady clock is left alone (libfaketime; Debian: faketime).

    clock_check.py AGENT
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import lines
from peers import SKIPPED, Account, Program, Receiver, wait_until

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
BATCHES = 3  # that arrive after a step
SECONDS = 10  # within which they do, one a second


def stamps(receiver):
    """Of the whole lines that have arrived, each stamp once, in order."""
    whole, _ = lines.whole_lines(b"".join(bytes(c) for c in receiver.connections))
    return list(dict.fromkeys(line.split()[-1] for line in whole))


def goes_on(receiver):
    before = len(stamps(receiver))
    wait_until(lambda: len(stamps(receiver)) >= before + BATCHES, SECONDS, "batches after a step")


def main(program):
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as folder:
        offset = Path(folder) / "offset"

        def set_clock(to):
            (Path(folder) / "next").write_text(to + "\n", encoding="ascii")
            os.replace(Path(folder) / "next", offset)

        set_clock("+0")
        pretended = os.environ | {
            "LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            # Under this sanitizer the library would otherwise have to be the second one.
            "ASAN_OPTIONS": "verify_asan_link_order=0"}
        with Program(program, "--destination", f"127.0.0.1:{receiver.port}", "--hostname", "h1",
                     "--update-every", "1", "--seconds", "120", env=pretended) as running:
            goes_on(receiver)
            set_clock("-3600")
            goes_on(receiver)
            set_clock("+31536000")
            time.sleep(1)  # the length of that fault
            set_clock("-3600")
            goes_on(receiver)
            running.popen.send_signal(signal.SIGINT)
            output, errors = running.popen.communicate(timeout=60)
        assert running.popen.returncode == 0, errors
    receiver.close()
    whole, torn = lines.whole_lines(b"".join(bytes(c) for c in receiver.connections))
    account = Account(output)
    assert not torn and account.complete and account.lines == len(whole), (output, len(whole))
    samples = [tuple(line.split()[::2]) for line in whole]
    assert len(set(samples)) == len(samples), "a sample came twice"
    assert "clock was set back" in errors, errors
    print(f"{len(whole)} lines, {len(stamps(receiver))} stamps, nothing twice")


if __name__ == "__main__":
    if not LIBRARIES:
        print("skipped: faketime is not installed")
        sys.exit(SKIPPED)
    main(sys.argv[1])
