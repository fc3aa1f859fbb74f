#!/usr/bin/env python3
"""Runs the benchmark programs side by side against one server and prints one table.

The programs take turns (A B C D A B C D ...), so that whatever else the machine does hits them alike. What counts is
the client's CPU time per query, user and system together: on one machine the server dominates the wall clock.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

CONTENDERS = ["floor", "asio", "libpq", "tusk"]
WORK = "point_select"
# Runs of two lengths: their difference is free of what happens once, such as connecting.
SHORT_RUN, LONG_RUN = 1000, 3000
# Counting is repeated and the least counts: whether a read comes too early and has to be repeated is chance.
COUNTINGS = 5


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder, which holds bench/tusk_bench_*")
    parser.add_argument("--url", default=os.environ.get("TUSK_DATABASE_URL"),
                        help="the server; its host must be the folder of a Unix socket where no password is asked for "
                             "(default: TUSK_DATABASE_URL)")
    parser.add_argument("--contenders", default=",".join(CONTENDERS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, help="default: 9; 3 with --quick")
    parser.add_argument("--queries", type=int, help="in one round of one contender; default: 20000; 5000 with --quick")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--cpu", type=int, help="run the contenders on this CPU (default: where this program may run)")
    parser.add_argument("--instructions", action="store_true", help="count instructions in user space (valgrind)")
    parser.add_argument("--syscalls", action="store_true", help="count system calls (strace)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    given = parser.parse_args()
    given.rounds = given.rounds or (3 if given.quick else 9)
    given.queries = given.queries or (5000 if given.quick else 20000)
    given.contenders = given.contenders.split(",")
    if unknown := set(given.contenders) - set(CONTENDERS):
        parser.error(f"there is no contender {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")
    if not given.url:
        parser.error("which server? Give --url or TUSK_DATABASE_URL, or use bench/run, which starts one")
    for wanted, tool in ((given.instructions, "valgrind"), (given.syscalls, "strace")):
        if wanted and not shutil.which(tool):
            parser.error(f"{tool} is not installed")
    return given


def server_options(url):
    """The URL as options of the programs. The folder of the socket is in the host's place or in ?host=."""
    parts = urllib.parse.urlsplit(url)
    asked = dict(urllib.parse.parse_qsl(parts.query))
    host_and_port = parts.netloc.rpartition("@")[2]
    host, _, port = host_and_port.partition(":")
    user = urllib.parse.unquote(parts.username or asked.get("user") or os.environ.get("USER", "postgres"))
    host = urllib.parse.unquote(host) or asked.get("host", "")
    if not host.startswith("/"):
        sys.exit(f"{url} names no folder of a Unix socket, which is all that the plainest contenders can do")
    return ["--host", host, "--port", port or asked.get("port", "5432"), "--user", user,
            "--database", urllib.parse.unquote(parts.path.lstrip("/")) or user]


class Progress:
    """One line on the terminal that says what is going on."""

    def __init__(self, steps):
        self.steps, self.done, self.shown = steps, 0, sys.stderr.isatty()

    def step(self, what):
        self.done += 1
        if self.shown:
            print(f"\r\033[K{self.done} of {self.steps}: {what}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Contender:
    def __init__(self, name, program, options):
        self.name, self.program, self.options = name, program, options
        self.rounds = []
        self.instructions = None
        self.syscalls = None

    def run(self, queries, *tool):
        command = [*tool, str(self.program), WORK, *self.options, "--queries", str(queries)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"\n{self.name} failed: {' '.join(command)}\n{done.stderr.strip()}")
        return json.loads(done.stdout)

    def cpu(self):
        """Microseconds of CPU per query, one figure a round."""
        return [1e6 * (each["user_seconds"] + each["system_seconds"]) / each["queries"] for each in self.rounds]

    def wall(self):
        return [1e6 * each["wall_seconds"] / each["queries"] for each in self.rounds]

    def switches(self):
        return [each["voluntary_switches"] / each["queries"] for each in self.rounds]

    def count_instructions(self):
        def count(queries):
            with tempfile.TemporaryDirectory() as folder:
                self.run(queries, "valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out")
                return int(re.search(r"^summary: (\d+)", Path(folder, "out").read_text(), re.MULTILINE)[1])
        long, short = (min(count(queries) for _ in range(COUNTINGS)) for queries in (LONG_RUN, SHORT_RUN))
        self.instructions = (long - short) / (LONG_RUN - SHORT_RUN)

    def count_syscalls(self):
        def count(queries):
            with tempfile.TemporaryDirectory() as folder:
                self.run(queries, "strace", "-f", "-c", "-o", f"{folder}/out")
                # "% time  seconds  usecs/call  calls  [errors]  name", and a line for the total
                lines = [line.split() for line in Path(folder, "out").read_text().splitlines()]
                return {line[-1]: int(line[3]) for line in lines
                        if len(line) in (5, 6) and line[3].isdigit() and line[-1] != "total"}
        long, short = (min((count(queries) for _ in range(COUNTINGS)), key=lambda calls: sum(calls.values()))
                       for queries in (LONG_RUN, SHORT_RUN))
        per_query = {name: (calls - short.get(name, 0)) / (LONG_RUN - SHORT_RUN) for name, calls in long.items()}
        self.syscalls = {name: calls for name, calls in sorted(per_query.items()) if abs(calls) >= 0.005}


def find_contenders(given):
    options = server_options(given.url)
    found = []
    for name in given.contenders:
        program = given.build / "bench" / f"tusk_bench_{name}"
        if program.exists():
            found.append(Contender(name, program.resolve(), options))
        else:
            print(f"{name} is left out: {program} was not built")
    if not found:
        sys.exit("nothing is left to compare")
    return found


def measure(contenders, given):
    per_contender = given.rounds + given.instructions + given.syscalls
    progress = Progress(per_contender * len(contenders))
    for turn in range(given.rounds):
        for each in contenders:
            progress.step(f"round {turn + 1}, {each.name}")
            each.rounds.append(each.run(given.queries))
    for each in contenders:
        if given.instructions:
            progress.step(f"instructions of {each.name}")
            each.count_instructions()
        if given.syscalls:
            progress.step(f"system calls of {each.name}")
            each.count_syscalls()
    progress.end()


def check(contenders):
    """A contender that read other rows than the rest has measured something else."""
    read = {each.name: {run["checksum"] for run in each.rounds} for each in contenders}
    if len(set().union(*read.values())) != 1:
        sys.exit(f"the contenders did not read the same rows: {read}")
    for each in contenders:
        if not each.rounds[0]["optimised"]:
            print(f"{each.name} was built without optimisation: its figures mean nothing. Use the preset 'release'.")


def ratio(figures, base):
    """The median of the ratios within each round: what disturbed a round has disturbed both sides of it."""
    return statistics.median(mine / theirs for mine, theirs in zip(figures, base))


def table(contenders):
    """Rows of texts, the head first."""
    by_name = {each.name: each for each in contenders}
    bases = [by_name[name] for name in ("floor", "libpq") if name in by_name]
    head = ["contender", "CPU µs", "least", *(f"x {base.name}" for base in bases), "wall µs", "switches"]
    rows = [head]
    counted = contenders[0].instructions is not None
    traced = contenders[0].syscalls is not None
    if counted:
        head += ["instructions", *(f"x {base.name}" for base in bases if base.name == "libpq")]
    if traced:
        head += ["system calls"]
    for each in contenders:
        row = [each.name, f"{statistics.median(each.cpu()):.2f}", f"{min(each.cpu()):.2f}",
               *(f"{ratio(each.cpu(), base.cpu()):.2f}" for base in bases), f"{statistics.median(each.wall()):.1f}",
               f"{statistics.median(each.switches()):.2f}"]
        if counted:
            row += [f"{each.instructions:,.0f}",
                    *(f"{each.instructions / base.instructions:.2f}" for base in bases if base.name == "libpq")]
        if traced:
            row += [f"{sum(each.syscalls.values()):.2f}"]
        rows.append(row)
    return rows


def print_table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        print("| " + " | ".join(cells) + " |")
        if number == 0:
            rules = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
            print("| " + " | ".join(rules) + " |")


def processor():
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return model[1] if model else platform.machine()


def facts(contenders, given):
    """What has to be known to judge the figures."""
    versions = {run["server_version"] for each in contenders for run in each.rounds} - {""}
    return {"date": time.strftime("%Y-%m-%d %H:%M"), "processor": processor(), "cpus": os.cpu_count(),
            "pinned_to": sorted(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 2), "server": ", ".join(versions) or "unknown",
            "compiler": contenders[0].rounds[0]["compiler"], "rounds": given.rounds, "queries": given.queries}


def main():
    given = parse_arguments()
    if given.cpu is not None:
        os.sched_setaffinity(0, {given.cpu})
    contenders = find_contenders(given)
    measure(contenders, given)
    check(contenders)
    known = facts(contenders, given)
    print(f"{known['rounds']} rounds of {known['queries']:,} point selects on CPU "
          f"{', '.join(map(str, known['pinned_to']))} of {known['cpus']}; {known['processor']}, Linux {known['kernel']}, "
          f"PostgreSQL {known['server']}, compiler {known['compiler']}, {known['date']}, load {known['load']}\n")
    print_table(table(contenders))
    for each in contenders:
        if each.syscalls is not None:
            print(f"\nsystem calls of {each.name}: " if each is contenders[0] else f"system calls of {each.name}: ",
                  ", ".join(f"{name} {calls:.2f}" for name, calls in each.syscalls.items()), sep="")
    if given.json:
        measured = {each.name: {"rounds": each.rounds, "cpu_us": each.cpu(), "instructions": each.instructions,
                                "syscalls": each.syscalls} for each in contenders}
        given.json.write_text(json.dumps({"facts": known, WORK: measured}, indent=1) + "\n")


if __name__ == "__main__":
    main()
