#!/usr/bin/env python3
"""Compares the tests that were skipped with those that may be: check_skips.py REPORTS VERSION ALLOWED.

REPORTS is a folder of GoogleTest's JSON reports. Prints one line of counts; ends with 1 where a test was skipped that
may not be, or where no test ran at all.
"""

import json
import pathlib
import sys


def read_allowed(path, version):
    allowed = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        first, _, last = words[0].partition("-")
        if int(first) <= version <= int(last or first):
            allowed.add(words[1])
    return allowed


def read_results(folder):
    run, skipped = 0, {}
    for report in sorted(folder.glob("*.json")):
        for suite in json.loads(report.read_text(encoding="utf-8"))["testsuites"]:
            for test in suite["testsuite"]:
                if test["result"] == "SKIPPED":
                    skipped[f"{suite['name']}.{test['name']}"] = report.stem
                elif test["result"] == "COMPLETED":
                    run += 1
    return run, skipped


def main():
    folder, version, allowed_path = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    allowed = read_allowed(allowed_path, version)
    run, skipped = read_results(folder)
    surplus = sorted(set(skipped) - allowed)
    for name in surplus:
        print(f"{name} (of {skipped[name]}) was skipped, and {allowed_path} does not allow it on PostgreSQL {version}")
    print(f"PostgreSQL {version}: {run} tests ran, {len(skipped)} were skipped")
    if run == 0:
        print(f"there is no report of a test in {folder}")
    sys.exit(1 if surplus or run == 0 else 0)


if __name__ == "__main__":
    main()
