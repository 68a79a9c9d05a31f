#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs 11_own_benchmark for a moment: each policy is measured beside the library's own, its fast
forms are told, and instructions are counted or it is said why not. A wrong word on the command line
is an error, and so is a filter that nothing matches."""
import json
import subprocess
import sys

PROGRAM = sys.argv[1]
SMALL = ["--benchmark_min_time=0.0001", "--benchmark_filter=record/|series:1000/"]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def main():
    listed = run("--benchmark_list_tests=true")
    assert listed.returncode == 0, listed.stderr
    names = listed.stdout.split()
    assert len(names) == len(set(names)) == 14, names

    done = run("--benchmark_format=json", *SMALL)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    context, rows = told["context"], {row["name"]: row for row in told["benchmarks"]}
    wanted = {"record/wait_free/" + cell for cell in ("double", "half_degree")}
    for policy in ("double/average", "half_degree/average", "double/range"):
        wanted |= {f"reduce/{policy}/series:1000/window:10",
                   f"tick/{policy}/graphite/series:1000/window:10"}
    assert set(rows) == wanted, sorted(rows)
    all_forms = "column sums: yes (12 at once), pairs: yes, prefetch: yes"
    assert context["cell double"] == all_forms, context
    assert context["cell half_degree"].startswith("column sums: no "), context
    assert context["reduction range"].startswith("column sums: no "), context

    counted = context["instructions"]
    assert counted.startswith(("by ", "not available: ")), counted
    for name, row in rows.items():
        assert row["items_per_second"] > 0, row
        assert ("instructions" in row) == counted.startswith("by "), (name, counted)
        if "instructions" in row:
            assert 1 < row["instructions"] < 100_000, row
    if "instructions" in rows["reduce/double/average/series:1000/window:10"]:
        fast, slow = (rows[f"reduce/{cell}/average/series:1000/window:10"]["instructions"]
                      for cell in ("double", "half_degree"))
        assert fast < slow, (fast, slow)

    uncounted = run("--no_instructions", *SMALL)
    assert uncounted.returncode == 0, uncounted.stderr
    assert "instructions: not counted" in uncounted.stderr, uncounted.stderr
    assert run("--no_such_word").returncode == 1
    assert run("--no_instructions", "--benchmark_filter=no_such_name").returncode == 1


if __name__ == "__main__":
    main()
