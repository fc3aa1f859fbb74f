"""pgbench as a sanity check: PostgreSQL's own program asks the same of the same table, with its own clock."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time

pgbench, *rest = sys.argv[1:]
if not rest:
    print("point_select\npoint_select_10")
    sys.exit()
work, given = rest[0], dict(zip(rest[1::2], rest[2::2]))
clients = 10 if work.endswith("10") else 1
operations = int(given["--operations"])
environment = dict(os.environ, PGHOST=given["--host"], PGPORT=given["--port"], PGUSER=given["--user"],
                   PGDATABASE=given["--database"])
# Temporary tables are a session's own, and pgbench opens its sessions itself.
table = "tusk_bench_points"
subprocess.run(["psql", "-X", "-q", "-c", f"""CREATE TABLE IF NOT EXISTS {table} AS
    SELECT g AS id, 'name ' || g AS name FROM generate_series(1::int8, 1000) AS g;
    CREATE UNIQUE INDEX IF NOT EXISTS {table}_id ON {table} (id); ANALYZE {table}"""], env=environment, check=True,
               stderr=subprocess.DEVNULL)
with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
    script.write(f"\\set id random(1, 1000)\nSELECT id, name FROM {table} WHERE id = :id;\n")
    script.flush()
    used, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([pgbench, "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-t", str(operations // clients),
                    "-f", script.name], env=environment, check=True, capture_output=True)
    wall, now = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
version = subprocess.run([pgbench, "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
print(json.dumps({
    "operations": operations, "user_seconds": now.ru_utime - used.ru_utime,
    "system_seconds": now.ru_stime - used.ru_stime, "wall_seconds": wall,
    "voluntary_switches": now.ru_nvcsw - used.ru_nvcsw, "allocations": None, "idle_kib": None, "peak_kib": None,
    "p50_us": 0, "p99_us": 0, "checksum": "", "server_version": "", "compiler": "", "version": version}))
