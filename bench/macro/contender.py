"""What the contenders in Python share: the same command line and the same line of JSON as the others'."""

import argparse
import json
import resource
import sys
import time

# As in sql.hpp.
MAKE_TABLE = """CREATE TEMP TABLE t (id int8 PRIMARY KEY, name text);
INSERT INTO t SELECT g, 'name ' || g FROM generate_series(1, 1000) g;
ANALYZE t"""
MAKE_ROWS = """CREATE UNLOGGED TABLE IF NOT EXISTS tusk_bench_rows AS SELECT g::int8 AS id, (g % 1000)::int4 AS n,
g * 0.5::float8 AS x, 'name ' || (g % 1000) AS name,
timestamptz '2000-01-01 00:00:00+00' + g * interval '1 second' AS at, g % 2 = 0 AS flag
FROM generate_series(1::int8, 1000000) AS g"""
MAKE_COPIED = "CREATE TEMP TABLE copied (id int8, n int4, x float8, name text, at timestamptz, flag bool)"
MAKE_SUITE = "CREATE TEMP TABLE _test (a int, b int, c int, d text, e float, f int, g text)"
SUITE_ROW = (10, 11, 10, "TESTTESTTEST", 10.333, 12341234, "123412341234")
COLUMNS = ["id", "n", "x", "name", "at", "flag"]

# MagicStack's queries: what is prepared, what is asked, with which arguments.
SUITE = {
    "ms_pg_type": (None, "select typname, typnamespace, typowner, typlen, typbyval, typcategory, typispreferred, "
                         "typisdefined, typdelim, typrelid, typelem, typarray from pg_type "
                         "where typtypmod = $1 and typisdefined = $2", [-1, True]),
    "ms_generate_series": (None, "SELECT i FROM generate_series(1, $1) AS i", [1000]),
    "ms_large_object": ("CREATE TEMP TABLE _bytes AS SELECT repeat('a', 1000)::bytea AS b FROM generate_series(1, 100)",
                        "SELECT * FROM _bytes", []),
    "ms_arrays": ("CREATE TEMP TABLE _arrays AS SELECT (SELECT array_agg(i) FROM generate_series(1, 100) AS i) AS a "
                  "FROM generate_series(1, 100)", "SELECT * FROM _arrays", []),
    "ms_oneplusone": (None, "SELECT 1+1", []),
}


def arguments(works):
    """@returns The work and the options. Without a work it tells which there are."""
    if len(sys.argv) == 1:
        print("\n".join(works))
        sys.exit()
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    for name in ("host", "port", "user", "database", "password", "latencies"):
        parser.add_argument("--" + name)
    parser.add_argument("--sslmode", default="disable")
    parser.add_argument("--operations", type=int)
    return parser.parse_args()


class Stopwatch:
    def __init__(self):
        self.wall = time.perf_counter()
        self.used = resource.getrusage(resource.RUSAGE_SELF)
        self.laps = []

    def report(self, operations, checksum, version, server):
        now, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - self.wall
        with open("/proc/self/status", encoding="ascii") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        laps = sorted(self.laps)
        print(json.dumps({
            "operations": operations, "user_seconds": now.ru_utime - self.used.ru_utime,
            "system_seconds": now.ru_stime - self.used.ru_stime, "wall_seconds": wall,
            "voluntary_switches": now.ru_nvcsw - self.used.ru_nvcsw, "allocations": None, "idle_kib": peak,
            "peak_kib": peak, "p50_us": laps[len(laps) // 2] * 1e6 if laps else 0,
            "p99_us": laps[len(laps) * 99 // 100] * 1e6 if laps else 0,
            "checksum": f"{checksum % 2**64:016x}" if checksum else "", "server_version": server, "compiler": "",
            "version": version}))
