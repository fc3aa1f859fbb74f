#!/usr/bin/env python3
"""Counts instructions (callgrind) of what must stay fast, and compares them with bench/baseline.json.

Instructions do not depend on what else the machine does, so that a change of a few per cent can be seen. They do depend
on the compiler and its library: the baseline names those it was made with, and others are counted but not judged.
"""

import argparse
import json
import sys
from pathlib import Path

import contenders
from servers import Server
from works import WORKS

BASELINE = Path(__file__).resolve().parent / "baseline.json"
GUARDED = ["point_select", "rows_query", "copy_in", "bulk_insert", "pool_1"]
# So much above the baseline is a failure. The C library chooses its memcpy by the CPU, and a read that comes too early is
# repeated: both move the counts by several per cent from machine to machine.
TOLERANCE = 0.15


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--record", action="store_true", help="write a new baseline")
    given = parser.parse_args()
    found, missing = contenders.find(["tusk"], given.build)
    if not found:
        sys.exit("\n".join(missing))
    tusk, where = found[0], Server(given.url, None).by_socket()
    works = {work.name: work for work in WORKS}
    compiler = tusk.run(works["point_select"], where, 10, latencies=False)["compiler"]
    counted = {name: round(tusk.count_instructions(works[name], where, countings=2), 1) for name in GUARDED}
    if given.record:
        BASELINE.write_text(json.dumps({"compiler": compiler, "instructions": counted}, indent=4) + "\n")
    baseline = json.loads(BASELINE.read_text())
    judged = baseline["compiler"] == compiler
    failed = 0
    for name, count in counted.items():
        was = baseline["instructions"].get(name)
        change = count / was - 1 if was else 0
        bad = judged and change > TOLERANCE
        failed += bad
        print(f"{name:15} {count:10,.1f} instructions, {was or 0:,.1f} in the baseline ({change:+.1%})"
              + (" TOO MANY" if bad else ""))
    if not judged:
        print(f"The baseline was made with the compiler {baseline['compiler']}, not {compiler}: nothing is judged.")
    print(f"{len(counted) - failed} passed, {failed} failed")
    if failed:
        sys.exit("If the change is worth it, record a new baseline: ./dev bench --guard --record")


if __name__ == "__main__":
    main()
