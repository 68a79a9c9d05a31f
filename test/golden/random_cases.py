#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Random golden cases, and the lines that they must give.

An oracle that shares nothing with the library: it follows the definitions with exact fractions and
knows no ring, no cursor and no floating-point number. A stored value is the decimal that its token
spells.

    random_cases.py cases --count 300 --seed 7 > cases.txt
    random_cases.py lines < cases.txt > lines.txt
    random_cases.py check --count 300 --seed 7 PROGRAM    # PROGRAM reads cases, prints lines
    random_cases.py check --cases cases.txt --lines lines.txt PROGRAM
"""

import argparse
import random
import subprocess
import sys
from fractions import Fraction

DEFAULTS = {
    "prefix": "netdata", "hostname": "localhost", "chart": "c", "dim": "d", "update_every": "1",
    "entries": "5", "last": "0", "after": "0", "before": "0", "collected_time": "0",
    "collected_value": "0", "values": "",
}
LARGEST = (1 << 24) - 1  # of the 24-bit significand
NOT_STORED = {"-", "nan", "inf", "-inf"}


# ---- what the lines must be -------------------------------------------------------------------

def rounded(x):
    """The integer nearest to x >= 0, ties to even."""
    whole, rest = divmod(x, 1)
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2)
    return int(whole) + (1 if up else 0)


def packed(token):
    """The exact value of the cell that stores the decimal `token`."""
    v = Fraction(token)
    sign, v = (-1 if v < 0 else 1), abs(v)
    if v > LARGEST:
        for p in range(8):  # 16777215.4 needs no division: it rounds into 24 bits as it is
            if rounded(v / 10**p) <= LARGEST:
                return sign * Fraction(rounded(v / 10**p) * 10**p)
        return sign * Fraction(LARGEST * 10**7)
    p = 0
    while p < 7 and rounded(v * 10 ** (p + 1)) <= LARGEST:
        p += 1
    return sign * Fraction(rounded(v * 10**p), 10**p)


def text(v):
    """v with 7 decimals, and no negative zero."""
    units = rounded(abs(v) * 10**7)
    sign = "-" if v < 0 and units else ""
    return "%s%d.%07d" % (sign, units // 10**7, units % 10**7)


def formatted(case, value, seconds):
    """The line in each of the three formats."""
    prefix, host, chart, dim = (case[k] for k in ("prefix", "hostname", "chart", "dim"))
    yield "graphite", f"{prefix}.{host}.{chart}.{dim} {value} {seconds}"
    yield "opentsdb", f"put {prefix}.{chart}.{dim} {seconds} {value} host={host}"
    yield "json", (f'{{"prefix":"{prefix}","hostname":"{host}","id":"{chart}","subid":"{dim}",'
                   f'"value":{value},"timestamp": {seconds}}}')


def lines_of(case):
    step, newest = int(case["update_every"]), int(case["last"])
    after, before = int(case["after"]), int(case["before"])
    kept = case["values"].split()[-int(case["entries"]):]
    window = [packed(token) for back, token in enumerate(reversed(kept))
              if after < newest - back * step <= before and token not in NOT_STORED]
    total = sum(window)
    results = {
        "average": (text(total / len(window)), before) if window else None,
        "sum": (text(total), before) if window else None,
        "as collected": ((case["collected_value"], case["collected_time"])
                         if case["collected_time"] != "0" else None),
    }
    for source, result in results.items():
        for name, line in formatted(case, *(result or ("", ""))):
            yield "\t".join((case["name"], source, name, line if result else "-"))


def read_cases(stream):
    case = None
    for line in stream:
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        key, _, value = line.partition(" ")
        if key == "case":
            case = dict(DEFAULTS, name=value)
        elif key == "end":
            yield case
        else:
            case[key] = value


# ---- cases ------------------------------------------------------------------------------------

def random_token(rng):
    """Aims at the seams: powers of ten around the significand's end, ties, both ends of the
    range."""
    kind = rng.randrange(14)
    sign = rng.choice(["", "", "-"])
    if kind < 3:
        return "-"
    if kind == 3:
        return rng.choice(["nan", "inf", "-inf", "0", "0.0", "-0", "0.00000000"])
    if kind == 4:  # a tie, or close to one, where the packing changes its power of ten
        return sign + format_decimal(rng.choice([LARGEST, LARGEST - 1, LARGEST + 1,
                                                 1677721, 1677722])
                                     * 10 + rng.choice([0, 4, 5, 6]), rng.randrange(-7, 10))
    if kind == 5:  # half a unit of the last digit
        return sign + format_decimal(rng.randrange(0, 40) * 10 + 5, 8)
    if kind == 6:  # around and beyond the largest
        return sign + format_decimal(rng.choice([167772150000000, 167772154999999, 167772155000000,
                                                 999999999999999, 16777215, 16777216]), 0)
    if kind == 7:
        return sign + "%.9e" % (rng.uniform(1, 10) * 10 ** rng.randrange(-9, 15))
    if kind == 8:
        return sign + str(rng.randrange(0, 10**rng.randrange(1, 15)))
    if kind == 9:
        return sign + format_decimal(rng.randrange(0, 10**9), rng.randrange(0, 9))
    return sign + "%.*f" % (rng.randrange(0, 4), rng.uniform(0, 10000))


def format_decimal(digits, places):
    """digits * 10**-places, without an exponent."""
    if places <= 0:
        return str(digits * 10**-places)
    shown = str(digits).rjust(places + 1, "0")
    return shown[:-places] + "." + shown[-places:]


def random_name(rng):
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    name = "".join(rng.choice(letters) for _ in range(rng.choice([1, 2, 5, 12, 40])))
    return name + ("." + rng.choice(letters) if rng.randrange(4) == 0 else "")


def random_case(rng, name):
    step = rng.choice([1, 1, 1, 2, 3, 5, 10, 60])
    entries = rng.choice([1, 2, 3, 5, 8, 60, 360])
    stored = rng.choice([0, 1, entries - 1, entries, entries + 1, 2 * entries, 3 * entries + 1])
    newest = rng.choice([1487361156, 1700000000, 2147483647, 2147483648, 4294967295, 4294967400,
                         10000000000]) + rng.randrange(100)
    span = (min(stored, entries) + 1) * step
    after = newest - rng.randrange(-step, span + 2 * step)
    before = rng.choice([after, after + 1, after + step, after + 10, newest - 1, newest, newest,
                         newest + 1, newest + rng.randrange(3 * step), after + 2 * span])
    before = max(before, after)
    case = dict(DEFAULTS, name=name, update_every=str(step), entries=str(entries),
                last=str(newest), after=str(after), before=str(before),
                collected_time=str(rng.choice([0, newest, newest - 7, before])),
                collected_value=str(rng.choice([
                    0, 1, -1, 42, rng.randrange(-10**12, 10**12), 2**63 - 1, -2**63,
                    rng.randrange(-10**5, 10**5)])),
                values=" ".join(random_token(rng) for _ in range(stored)))
    for key in ("prefix", "hostname", "chart", "dim"):
        if rng.randrange(8):
            case[key] = random_name(rng)
    return case


def print_cases(count, seed, out):
    rng = random.Random(seed)
    for i in range(count):
        case = random_case(rng, f"r{seed}-{i}")
        out.append("case " + case["name"])
        for key, default in DEFAULTS.items():
            if case[key] != default:
                out.append(f"{key} {case[key]}".rstrip())
        out.append("end")


# ---- the three ways to run ----------------------------------------------------------------------

def differences(program, cases, expected):
    """Runs PROGRAM on the cases and reports what is not as expected; the exit status for that."""
    done = subprocess.run([program], input=cases, text=True, encoding="utf-8",
                          capture_output=True, check=False)
    given = done.stdout.split("\n")[:-1]
    wrong = [(e, g) for e, g in zip(expected, given) if e != g]
    for e, g in wrong[:10]:
        print(f"expected {e}\ngiven    {g}")
    print(f"{len(expected)} lines expected, {len(given)} given, {len(wrong)} differ, "
          f"exit status {done.returncode}")
    sys.stderr.write(done.stderr)
    return 0 if given == expected and done.returncode == 0 else 1


def check(given):
    if given.cases:
        with open(given.cases, encoding="utf-8") as cases, \
                open(given.lines, encoding="utf-8") as lines:
            return differences(given.program, cases.read(), lines.read().split("\n")[:-1])
    cases = []
    print_cases(given.count, given.seed, cases)
    print(f"{given.count} cases, seed {given.seed}:")
    return differences(given.program, "\n".join(cases) + "\n",
                       [line for case in read_cases(cases) for line in lines_of(case)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("cases", "check"):
        sub = commands.add_parser(name)
        sub.add_argument("--count", type=int, default=300)
        sub.add_argument("--seed", type=int, default=1)
        if name == "check":
            sub.add_argument("--cases", help="a file of cases, instead of random ones")
            sub.add_argument("--lines", help="the lines that these must give")
            sub.add_argument("program")
    commands.add_parser("lines")
    given = parser.parse_args()
    if given.command == "check":
        return check(given)
    out = []
    if given.command == "cases":
        print_cases(given.count, given.seed, out)
    else:
        out = [line for case in read_cases(sys.stdin) for line in lines_of(case)]
    sys.stdout.write("".join(line + "\n" for line in out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
