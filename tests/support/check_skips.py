#!/usr/bin/env python3
"""Compares the tests that were skipped with those that may be: check_skips.py REPORTS VERSION ALLOWED.

REPORTS is a folder of GoogleTest's JSON reports. Prints one line of counts; ends with 1 where a test was skipped that
may not be, where a report cannot be read, or where no test ran at all.
"""

import fnmatch
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
    run, skipped, broken = 0, {}, []
    for report in sorted(folder.glob("*.json")):
        try:
            suites = json.loads(report.read_text(encoding="utf-8"))["testsuites"]
        except (ValueError, KeyError) as error:
            broken.append(f"{report} is no report of GoogleTest ({error}): did its program die while it wrote it?")
            continue
        for suite in suites:
            for test in suite["testsuite"]:
                # CTest asks programs which tests they have, and they write that down as a report without results.
                result = test.get("result")
                if result == "SKIPPED":
                    skipped[f"{suite['name']}.{test['name']}"] = report.stem
                elif result == "COMPLETED":
                    run += 1
    return run, skipped, broken


def main():
    folder, version, allowed_path = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    allowed = read_allowed(allowed_path, version)
    run, skipped, broken = read_results(folder)
    surplus = sorted(name for name in skipped if not any(fnmatch.fnmatchcase(name, each) for each in allowed))
    for name in surplus:
        print(f"{name} (of {skipped[name]}) was skipped, and {allowed_path} does not allow it on PostgreSQL {version}")
    for line in broken:
        print(line)
    print(f"PostgreSQL {version}: {run} tests ran, {len(skipped)} were skipped")
    if run == 0:
        print(f"no report in {folder} tells of a test that ran: the programs died before they could write one")
    sys.exit(1 if surplus or broken or run == 0 else 0)


if __name__ == "__main__":
    main()
