#!/usr/bin/env python3
"""Runs the benchmark programs side by side against one server and prints one table.

The programs take turns (A B C D A B C D ...), so that whatever else the machine does hits them alike. What counts is
the client's CPU time per operation, user and system together: on one machine the server dominates the wall clock.
"""

import argparse
import json
import os
import platform
import re
import shutil
import sys
import time
from pathlib import Path

import contenders
import plots
import report
from servers import Server
from works import WORKS


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder, which holds bench/tusk_bench_*")
    parser.add_argument("--url", default=os.environ.get("TUSK_DATABASE_URL"),
                        help="the server; its host must be the folder of a Unix socket where no password is asked for "
                             "(default: TUSK_DATABASE_URL)")
    parser.add_argument("--tcp-url", default=os.environ.get("TUSK_BENCH_TCP_URL"),
                        help="the same server by TCP with a SCRAM password, for the works that connect "
                             "(default: TUSK_BENCH_TCP_URL)")
    parser.add_argument("--own-server", action="store_true", help="the server is a throw-away one of ours: open the "
                                                                  "door by TCP, with a certificate")
    parser.add_argument("--filter", default="", metavar="REGEX", help="only works whose name matches")
    parser.add_argument("--contenders", default=",".join(contenders.NAMES), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, help="default: 9; 3 with --quick")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: less than 10 minutes")
    parser.add_argument("--cpu", type=int, help="run the contenders on this CPU (default: where this program may run)")
    parser.add_argument("--instructions", action="store_true", help="count instructions in user space (valgrind)")
    parser.add_argument("--syscalls", action="store_true", help="count system calls (strace)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw plots there (SVG, gnuplot)")
    parser.add_argument("--list", action="store_true", help="only tell which works there are")
    given = parser.parse_args()
    given.rounds = given.rounds or (3 if given.quick else 9)
    given.contenders = given.contenders.split(",")
    given.works = [work for work in WORKS if re.search(given.filter, work.name)]
    if not given.works:
        parser.error(f"no work matches '{given.filter}'; there are {', '.join(work.name for work in WORKS)}")
    if unknown := set(given.contenders) - set(contenders.NAMES):
        parser.error(f"there is no contender {', '.join(sorted(unknown))}; there are {', '.join(contenders.NAMES)}")
    if not given.url and not given.list:
        parser.error("which server? Give --url or TUSK_DATABASE_URL, or use bench/run, which starts one")
    for wanted, tool in ((given.instructions, "valgrind"), (given.syscalls, "strace"), (given.plots, "gnuplot")):
        if wanted and not shutil.which(tool):
            parser.error(f"{tool} is not installed")
    return given


class Progress:
    """One line on the terminal that says what is going on."""

    def __init__(self, steps):
        self.steps, self.done, self.shown = steps, 0, sys.stderr.isatty()
        self.begun = time.monotonic()

    def step(self, what):
        self.done += 1
        if self.shown:
            print(f"\r\033[K{self.done} of {self.steps}, {time.monotonic() - self.begun:.0f} s: {what}", end="",
                  file=sys.stderr, flush=True)

    def end(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Session:
    """One run of this program: who takes part in what, and what came of it."""

    def __init__(self, given):
        self.given = given
        self.server = Server(given.url, given.tcp_url)
        self.found, self.remarks = contenders.find(given.contenders, given.build)
        if not self.found:
            sys.exit("nothing is left to compare")
        if given.own_server and not given.tcp_url and (problem := self.server.open_tcp()):
            self.remarks.append(problem)
        self.plan = []
        for work in given.works:
            where = self.where(work)
            able = [each for each in self.found if (work.same_as or work.name) in each.works]
            if where is None:
                self.remarks.append(f"{work.name} is left out: " + (
                    "tusk_bench_delay was not built" if work.delayed else "no way in by TCP was named (--tcp-url)"))
            elif able:
                self.plan.append((work, where, able, min(given.rounds, work.rounds or given.rounds)))
        self.runs = {}
        self.instructions = {}
        self.syscalls = {}

    def where(self, work):
        if work.delayed:
            port = self.server.delayed_port(self.given.build / "bench" / "tusk_bench_delay")
            return port and ["--host", "127.0.0.1", "--port", port, *self.server.by_socket()[4:]]
        return self.server.by_tcp(work.sslmode) if work.tcp else self.server.by_socket()

    def measure(self):
        given = self.given
        counted = [(work, where, able) for work, where, able, _ in self.plan if work.name in contenders.COUNTED]
        extra = (given.instructions + given.syscalls) * sum(len(able) for _, _, able in counted)
        progress = Progress(sum(rounds * len(able) for _, _, able, rounds in self.plan) + extra)
        for work, where, able, rounds in self.plan:
            runs = self.runs[work.name] = {each.name: [] for each in able}
            for turn in range(rounds):
                for each in able:
                    progress.step(f"{work.name}, round {turn + 1}, {each.name}")
                    runs[each.name].append(each.run(work, where, work.quick if given.quick else work.operations))
            self.check(work, runs)
        for work, where, able in counted:
            for each in able:
                if given.instructions and each.name not in contenders.UNCOUNTED:
                    progress.step(f"{work.name}, instructions of {each.name}")
                    self.instructions.setdefault(work.name, {})[each.name] = each.count_instructions(work, where)
                if given.syscalls:
                    progress.step(f"{work.name}, system calls of {each.name}")
                    self.syscalls.setdefault(work.name, {})[each.name] = each.count_syscalls(work, where)
        progress.end()

    def check(self, work, runs):
        """A contender that read other rows than the rest has measured something else."""
        read = {name: {run["checksum"] for run in each if run["checksum"]} for name, each in runs.items()}
        if len(set().union(*read.values())) > 1:
            sys.exit(f"\n{work.name}: the contenders did not read the same rows: {read}")
        for name, each in runs.items():
            if not each[0].get("optimised", True):
                self.remarks.append(f"{name} was built without optimisation: its figures mean nothing. "
                                    "Use the preset 'release'.")

    def facts(self):
        """What has to be known to judge the figures."""
        runs = [run for works in self.runs.values() for each in works.values() for run in each]
        of = {key: sorted({run[key] for run in runs if run.get(key)}) for key in ("server_version", "compiler")}
        versions = {name: each[0]["version"] for works in self.runs.values() for name, each in works.items()
                    if each[0].get("version")}
        return {"command": " ".join(sys.argv[1:]), "date": time.strftime("%Y-%m-%d %H:%M"), "processor": processor(),
                "cpus": os.cpu_count(), "pinned_to": sorted(os.sched_getaffinity(0)), "kernel": platform.release(),
                "load": [round(each, 1) for each in os.getloadavg()], "server": ", ".join(of["server_version"]),
                "compiler": ", ".join(of["compiler"]), "rounds": self.given.rounds, "versions": versions}


def processor():
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return model[1] if model else platform.machine()


def print_report(session, known):
    measured = [(work, session.runs[work.name]) for work, _, _, _ in session.plan]
    names = [each.name for each in session.found if any(each.name in runs for _, runs in measured)]
    print(f"{known['rounds']} rounds on CPU {', '.join(map(str, known['pinned_to']))} of {known['cpus']}; "
          f"{known['processor']}, Linux {known['kernel']}, PostgreSQL {known['server']}, compiler {known['compiler']}, "
          + "".join(f"{name} {version}, " for name, version in known["versions"].items())
          + f"{known['date']}, load {', '.join(map(str, known['load']))}\n")
    print(report.format_table(report.summary(measured, names)))
    for work, runs in measured:
        print(f"\n{work.title} ({work.name}; {next(iter(runs.values()))[0]['operations']:,} a round)\n")
        print(report.format_table(report.details(work, runs, session.instructions.get(work.name))))
        for name, calls in session.syscalls.get(work.name, {}).items():
            print(f"\nsystem calls of {name}: {', '.join(f'{call} {count:.2f}' for call, count in calls.items())}",
                  end="")
        if work.name in session.syscalls:
            print()
    if session.remarks:
        print("\n" + "\n".join(session.remarks))


def main():
    given = parse_arguments()
    if given.list:
        print("\n".join(f"{work.name:20} {work.title}" for work in given.works))
        return
    if given.cpu is not None:
        os.sched_setaffinity(0, {given.cpu})
    session = Session(given)
    session.measure()
    known = session.facts()
    print_report(session, known)
    if given.json:
        given.json.write_text(json.dumps({"facts": known, "works": session.runs, "instructions": session.instructions,
                                          "syscalls": session.syscalls}, indent=1) + "\n")
    if given.plots:
        plots.draw(given.plots, [(work, session.runs[work.name]) for work, _, _, _ in session.plan])


if __name__ == "__main__":
    main()
