"""The contenders: programs that do the same works, and how each is run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# In the order of the table. Those with a folder of C++ are programs of the build; the others run as they are.
NAMES = ["floor", "floor_kept", "asio", "asio_awaited", "libpq", "libpq_text", "libpq_pipeline", "tusk", "tusk_orm",
         "libpqxx", "asyncpg", "sqlalchemy", "psycopg", "pgx", "postgres_js", "pgbench"]

# Those in Python, and what they import.
IN_PYTHON = {"asyncpg": "asyncpg", "sqlalchemy": "sqlalchemy, asyncpg", "psycopg": "psycopg, psycopg_pool"}
# Whose instructions say little, or take too long to count.
UNCOUNTED = (*IN_PYTHON, "pgx", "postgres_js", "pgbench")

# Runs of two lengths: their difference is free of what happens once, such as connecting.
COUNTED = {"point_select": (1000, 3000), "pipeline_100": (2000, 10_000), "rows_query": (2000, 22_000),
           "copy_in": (2000, 12_000), "bulk_insert": (2000, 12_000), "pool_1": (1000, 3000),
           "orm_load": (2000, 22_000), "orm_load_const": (2000, 22_000), "orm_get": (1000, 3000),
           "orm_flush": (2000, 12_000), "orm_update": (2000, 12_000), "orm_commit": (200, 600),
           "orm_autoflush": (200, 1200), "orm_autoflush_none": (200, 1200)}
# Counting is repeated and the least counts: whether a read comes too early and has to be repeated is chance.
COUNTINGS = 3


class Contender:
    def __init__(self, name, command):
        self.name, self.command = name, command
        listed = subprocess.run(command, capture_output=True, text=True, check=True)
        self.works = set(listed.stdout.split())

    def run(self, work, where, operations, *tool, latencies=True):
        """@returns What it says of itself: one object of JSON."""
        command = [*tool, *self.command, work.same_as or work.name, *where, "--operations", str(operations)]
        if not latencies:
            command += ["--latencies", "no"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"\n{self.name} failed: {' '.join(command)}\n{done.stderr.strip()}")
        return json.loads(done.stdout)

    def count_instructions(self, work, where, countings=COUNTINGS):
        """Instructions in user space, per operation."""
        def count(operations):
            with tempfile.TemporaryDirectory() as folder:
                self.run(work, where, operations, "valgrind", "--tool=callgrind",
                         f"--callgrind-out-file={folder}/out", latencies=False)
                return int(re.search(r"^summary: (\d+)", Path(folder, "out").read_text(), re.MULTILINE)[1])
        short, long = COUNTED[work.name]
        least = [min(count(operations) for _ in range(countings)) for operations in (short, long)]
        return (least[1] - least[0]) / (long - short)

    def count_syscalls(self, work, where):
        """System calls per operation, by name."""
        def count(operations):
            with tempfile.TemporaryDirectory() as folder:
                self.run(work, where, operations, "strace", "-f", "-c", "-o", f"{folder}/out", latencies=False)
                # "% time  seconds  usecs/call  calls  [errors]  name", and a line for the total
                lines = [line.split() for line in Path(folder, "out").read_text().splitlines()]
                return {line[-1]: int(line[3]) for line in lines
                        if len(line) in (5, 6) and line[3].isdigit() and line[-1] != "total"}
        short, long = COUNTED[work.name]
        few, many = (min((count(operations) for _ in range(COUNTINGS)), key=lambda calls: sum(calls.values()))
                     for operations in (short, long))
        each = {name: (calls - few.get(name, 0)) / (long - short) for name, calls in many.items()}
        return {name: calls for name, calls in sorted(each.items()) if abs(calls) >= 0.005}


def system_python(module):
    """Debian's own python3 if it has that module: another one that comes first in PATH has not."""
    for python in ("/usr/bin/python3", sys.executable):
        if os.access(python, os.X_OK) and subprocess.run([python, "-c", f"import {module}"], capture_output=True,
                                                         check=False).returncode == 0:
            return python
    return None


def find_command(name, build):
    """@returns The command, and why there is none."""
    if name in IN_PYTHON:
        python = system_python(IN_PYTHON[name])
        return ([python, str(HERE / "macro" / name / "main.py")], "") if python else (
            None, f"Debian's python3 has no {IN_PYTHON[name]} (./dev bench --peers installs it)")
    if name == "pgbench":
        found = shutil.which("pgbench") or next(iter(sorted(map(
            str, Path("/usr/lib/postgresql").glob("*/bin/pgbench")), reverse=True)), None)
        return ([sys.executable, str(HERE / "macro" / name / "main.py"), found], "") if found else (
            None, "it is not installed")
    if name == "postgres_js":
        modules = build / "bench" / "postgres_js" / "node_modules" / "postgres"
        if not shutil.which("node") or not modules.exists():
            return None, "node or its package postgres is missing (./dev bench --peers installs it)"
        return ["node", str(modules.parents[1] / "main.mjs")], ""
    program = build / "bench" / f"tusk_bench_{name}"
    if not program.exists():
        return None, f"{program} was not built"
    return [str(program.resolve())], ""


def find(names, build):
    """@returns The contenders that are there, and a line about each that is not."""
    found, missing = [], []
    for name in names:
        command, why = find_command(name, build)
        if command:
            found.append(Contender(name, command))
        else:
            missing.append(f"{name} is left out: {why}")
    return found, missing
