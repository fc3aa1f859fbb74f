"""psycopg 3 as people use it: prepared statements, binary, COPY with binary types, `executemany`, its pipeline and
its pool."""

import asyncio
import datetime
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import psycopg  # noqa: E402
import psycopg_pool  # noqa: E402
import contender as shared  # noqa: E402

EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
INSERT = "INSERT INTO copied (id, n, x, name, at, flag) VALUES (%s, %s, %s, %s, %s, %s)"


def digest(row):
    at = row[4] - EPOCH
    return (row[0] + row[1] + struct.unpack("<Q", struct.pack("<d", row[2]))[0] + len(row[3])
            + (at.days * 86400 + at.seconds) * 1_000_000 + at.microseconds + row[5])


def sample(position):
    number = position + 1
    return (number, number % 1000, number * 0.5, f"name {number % 1000}",
            EPOCH + datetime.timedelta(seconds=number), number % 2 == 0)


def connect(given):
    return psycopg.connect(host=given.host, port=given.port, user=given.user, dbname=given.database,
                           password=given.password, sslmode=given.sslmode, autocommit=True)


def select_one(cursor, position):
    row = cursor.execute("SELECT id, name FROM t WHERE id = %s", (position % 1000 + 1,), prepare=True).fetchone()
    return row[0] * 31 + len(row[1])


def point_select(given):
    conn = connect(given)
    conn.execute(shared.MAKE_TABLE)
    cursor = conn.cursor(binary=True)
    for position in range(200):
        select_one(cursor, position)
    watch, total = shared.Stopwatch(), 0
    for position in range(given.operations):
        begun = time.perf_counter()
        total += select_one(cursor, position)
        watch.laps.append(time.perf_counter() - begun)
    return watch, total, conn


def pipeline_100(given):
    conn = connect(given)
    conn.execute(shared.MAKE_TABLE)

    def run(operations):
        total = 0
        for begun in range(0, operations, 100):
            with conn.pipeline():
                cursors = [conn.cursor(binary=True).execute("SELECT id, name FROM t WHERE id = %s",
                                                            (position % 1000 + 1,), prepare=True)
                           for position in range(begun, begun + 100)]
                for cursor in cursors:
                    row = cursor.fetchone()
                    total += row[0] * 31 + len(row[1])
        return total
    run(1000)
    watch = shared.Stopwatch()
    total = run(given.operations)
    return watch, total, conn


def rows_query(given):
    conn = connect(given)
    conn.execute(shared.MAKE_ROWS)
    sql = "SELECT id, n, x, name, at, flag FROM tusk_bench_rows WHERE id <= %s"
    cursor = conn.cursor(binary=True)
    cursor.execute(sql, (1000,), prepare=True).fetchall()
    watch = shared.Stopwatch()
    total = sum(digest(row) for row in cursor.execute(sql, (given.operations,), prepare=True))
    return watch, total, conn


def copy_in(given):
    conn = connect(given)
    conn.execute(shared.MAKE_COPIED)
    rows = [sample(position) for position in range(given.operations)]
    watch = shared.Stopwatch()
    with conn.cursor().copy("COPY copied (id, n, x, name, at, flag) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int8", "int4", "float8", "text", "timestamptz", "bool"])
        for row in rows:
            copy.write_row(row)
    return watch, len(rows), conn


def bulk_insert(given):
    conn = connect(given)
    conn.execute(shared.MAKE_COPIED)
    rows = [sample(position) for position in range(given.operations)]
    watch = shared.Stopwatch()
    with conn.transaction():
        conn.cursor().executemany(INSERT, rows)
    return watch, len(rows), conn


def connecting(given):
    watch = shared.Stopwatch()
    for _ in range(given.operations):
        connect(given).close()
    return watch, given.operations, None


def pool(given, callers):
    async def prepare(conn):
        await conn.set_autocommit(True)
        await conn.execute(shared.MAKE_TABLE)

    async def turns(made, positions, laps):
        total = 0
        for position in positions:
            begun = time.perf_counter()
            async with made.connection() as conn:
                cursor = await conn.cursor(binary=True).execute("SELECT id, name FROM t WHERE id = %s",
                                                                (position % 1000 + 1,), prepare=True)
                row = await cursor.fetchone()
            laps.append(time.perf_counter() - begun)
            total += row[0] * 31 + len(row[1])
        return total

    async def run():
        async with psycopg_pool.AsyncConnectionPool(
                f"host={given.host} port={given.port} user={given.user} dbname={given.database}",
                min_size=min(callers, 10), max_size=10, configure=prepare, timeout=600) as made:
            async def work(operations, laps):
                positions = iter(range(operations))
                return sum(await asyncio.gather(*(turns(made, positions, laps) for _ in range(callers))))
            await work(500, [])
            watch = shared.Stopwatch()
            total = await work(given.operations, watch.laps)
            return watch, total, None
    return asyncio.run(run())


def rtt_query(given):
    watch, total = shared.Stopwatch(), 0
    for _ in range(given.operations):
        with connect(given) as conn:
            total += conn.execute("SELECT %s::int8 + 1", (1,)).fetchone()[0]
    return watch, total, None


def rtt_transaction(given):
    conn = connect(given)
    conn.execute("CREATE TEMP TABLE account (id int8 PRIMARY KEY, balance int8)")
    conn.execute("INSERT INTO account SELECT g, 1000 FROM generate_series(1, 10) AS g")
    watch, total = shared.Stopwatch(), 0
    for _ in range(given.operations):
        with conn.transaction():
            conn.execute("UPDATE account SET balance = balance - 1 WHERE id = %s", (1,))
            conn.execute("UPDATE account SET balance = balance + 1 WHERE id = %s", (2,))
            total += conn.execute("SELECT sum(balance)::int8 FROM account").fetchone()[0]
    return watch, total, conn


WORKS = {"point_select": point_select, "pipeline_100": pipeline_100, "rows_query": rows_query, "copy_in": copy_in,
         "bulk_insert": bulk_insert, "connect_cold": connecting, "connect_tls": connecting, "rtt_query": rtt_query,
         "rtt_transaction": rtt_transaction, "pool_1": lambda given: pool(given, 1),
         "pool_8": lambda given: pool(given, 8), "pool_64": lambda given: pool(given, 64)}

options = shared.arguments(WORKS)
stopwatch, checksum, connection = WORKS[options.work](options)
stopwatch.report(options.operations, checksum, psycopg.__version__,
                 ".".join(map(str, divmod(connection.info.server_version, 10000))) if connection else "")
