"""asyncpg as people use it: its own statement cache, `fetch`, `copy_records_to_table`, `executemany`."""

import asyncio
import datetime
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import asyncpg  # noqa: E402
import contender as shared  # noqa: E402

EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)


def digest(row):
    at = row["at"] - EPOCH
    return (row["id"] + row["n"] + struct.unpack("<Q", struct.pack("<d", row["x"]))[0] + len(row["name"])
            + (at.days * 86400 + at.seconds) * 1_000_000 + at.microseconds + row["flag"])


def sample(position):
    number = position + 1
    return (number, number % 1000, number * 0.5, f"name {number % 1000}",
            EPOCH + datetime.timedelta(seconds=number), number % 2 == 0)


async def connect(given, **more):
    return await asyncpg.connect(host=given.host, port=int(given.port), user=given.user, database=given.database,
                                 password=given.password or None, ssl=ssl_of(given), **more)


def ssl_of(given):
    return "require" if given.sslmode == "require" else None


async def in_turns(connections, operations, once, watch=None):
    """Each connection takes the next operation when it is done with one. @returns The sum of what `once` gave."""
    left, total = iter(range(operations)), 0

    async def caller(conn):
        nonlocal total
        for position in left:
            begun = time.perf_counter()
            read = await once(conn, position)  # first: others add to the total meanwhile
            total += read
            if watch:
                watch.laps.append(time.perf_counter() - begun)
    await asyncio.gather(*(caller(conn) for conn in connections))
    return total


async def select_one(conn, position):
    row = (await conn.fetch("SELECT id, name FROM t WHERE id = $1", position % 1000 + 1))[0]
    return row["id"] * 31 + len(row["name"])


async def point_select(given, count=1):
    connections = [await connect(given) for _ in range(count)]
    for conn in connections:
        await conn.execute(shared.MAKE_TABLE)
    await in_turns(connections, 200 * count, select_one)
    watch = shared.Stopwatch()
    total = await in_turns(connections, given.operations, select_one, watch)
    return watch, total, connections[0]


async def point_select_10(given):
    return await point_select(given, 10)


async def rows_query(given):
    conn = await connect(given)
    await conn.execute(shared.MAKE_ROWS)
    sql = "SELECT id, n, x, name, at, flag FROM tusk_bench_rows WHERE id <= $1"
    await conn.fetch(sql, 1000)
    watch = shared.Stopwatch()
    rows = await conn.fetch(sql, given.operations)
    total = sum(digest(row) for row in rows)
    return watch, total, conn


async def copy_in(given):
    conn = await connect(given)
    await conn.execute(shared.MAKE_COPIED)
    rows = [sample(position) for position in range(given.operations)]
    watch = shared.Stopwatch()
    await conn.copy_records_to_table("copied", records=rows, columns=shared.COLUMNS)
    return watch, len(rows), conn


async def bulk_insert(given):
    conn = await connect(given)
    await conn.execute(shared.MAKE_COPIED)
    rows = [sample(position) for position in range(given.operations)]
    watch = shared.Stopwatch()
    await conn.executemany("INSERT INTO copied (id, n, x, name, at, flag) VALUES ($1, $2, $3, $4, $5, $6)", rows)
    return watch, len(rows), conn


async def connecting(given):
    watch = shared.Stopwatch()
    for _ in range(given.operations):
        conn = await connect(given)
        await conn.close()
    return watch, given.operations, None


async def pool(given, callers):
    async def prepare(conn):
        await conn.execute(shared.MAKE_TABLE)

    async with asyncpg.create_pool(host=given.host, port=int(given.port), user=given.user, database=given.database,
                                   min_size=min(callers, 10), max_size=10, init=prepare) as made:
        async def once(_, position):
            async with made.acquire() as conn:
                return await select_one(conn, position)
        await in_turns(range(callers), 500, once)
        watch = shared.Stopwatch()
        total = await in_turns(range(callers), given.operations, once, watch)
        return watch, total, None


async def suite(given):
    connections = [await connect(given) for _ in range(10)]
    name = given.work
    if name in shared.SUITE:
        table, sql, arguments = shared.SUITE[name]

        async def once(conn, _):
            return len(await conn.fetch(sql, *arguments))
    else:
        table = shared.MAKE_SUITE
        if name == "ms_copyfrom":
            rows = [shared.SUITE_ROW] * 10_000

            async def once(conn, _):
                await conn.copy_records_to_table("_test", records=rows, columns=list("abcdefg"))
                return len(rows)
        else:
            rows = [shared.SUITE_ROW] * 1000

            async def once(conn, _):
                await conn.executemany("INSERT INTO _test (a, b, c, d, e, f, g) "
                                       "VALUES ($1, $2, $3, $4, $5, $6, $7)", rows)
                return len(rows)
    for conn in connections:
        if table:
            await conn.execute(table)
        await once(conn, 0)
    watch = shared.Stopwatch()
    total = await in_turns(connections, given.operations, once, watch)
    return watch, total, connections[0]


async def rtt_query(given):
    watch, total = shared.Stopwatch(), 0
    for _ in range(given.operations):
        conn = await connect(given)
        total += await conn.fetchval("SELECT $1::int8 + 1", 1)
        await conn.close()
    return watch, total, None


async def rtt_transaction(given):
    conn = await connect(given)
    await conn.execute("CREATE TEMP TABLE account (id int8 PRIMARY KEY, balance int8);"
                       "INSERT INTO account SELECT g, 1000 FROM generate_series(1, 10) AS g")

    async def transfer():
        async with conn.transaction():
            await conn.execute("UPDATE account SET balance = balance - 1 WHERE id = $1", 1)
            await conn.execute("UPDATE account SET balance = balance + 1 WHERE id = $1", 2)
            return await conn.fetchval("SELECT sum(balance)::int8 FROM account")
    await transfer()
    watch, total = shared.Stopwatch(), 0
    for _ in range(given.operations):
        total += await transfer()
    return watch, total, conn


WORKS = {"point_select": point_select, "point_select_10": point_select_10, "rows_query": rows_query,
         "copy_in": copy_in, "bulk_insert": bulk_insert, "connect_cold": connecting, "connect_tls": connecting,
         "pool_1": lambda given: pool(given, 1), "pool_8": lambda given: pool(given, 8),
         "pool_64": lambda given: pool(given, 64), "rtt_query": rtt_query, "rtt_transaction": rtt_transaction,
         **{name: suite for name in [*shared.SUITE, "ms_copyfrom", "ms_batch"]}}


async def main(given):
    watch, total, conn = await WORKS[given.work](given)
    version = ".".join(map(str, conn.get_server_version()[:2])) if conn else ""
    watch.report(given.operations, total, asyncpg.__version__, version)


asyncio.run(main(shared.arguments(WORKS)))
