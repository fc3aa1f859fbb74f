"""The works: what is measured, by how much of it, and in which unit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    name: str
    title: str
    operations: int        # in one round of one contender
    quick: int             # the same with --quick
    unit: str = "µs"       # of CPU per operation
    tcp: bool = False      # over TCP, with a password
    sslmode: str = "disable"
    rounds: int = 0        # at most so many; 0: as many as are asked for
    delayed: bool = False  # through a proxy that adds time to each round trip; the wall clock counts
    same_as: str = ""      # what the contender's program is asked for, where it has another name


WORKS = [
    Work("point_select", "point select, one connection", 20_000, 4_000),
    Work("point_select_10", "point select, 10 connections", 20_000, 4_000),
    Work("pipeline_100", "point selects, 100 a pipeline", 100_000, 20_000),
    Work("callers_1000", "point selects, 1,000 coroutines on one connection", 100_000, 20_000),
    Work("rows_query", "rows of 6 typed columns, all at once", 1_000_000, 200_000, "ns"),
    Work("rows_stream", "rows of 6 typed columns, streamed", 1_000_000, 200_000, "ns"),
    Work("numerics", "numerics", 100_000, 50_000, "ns"),
    Work("int_arrays", "int4[10]", 100_000, 50_000, "ns"),
    Work("documents", "jsonb, 60 bytes", 100_000, 50_000, "ns"),
    Work("copy_in", "COPY in, rows of 6 columns", 100_000, 100_000, "ns"),
    Work("copy_out", "COPY out, rows of 6 columns", 100_000, 100_000, "ns"),
    Work("bulk_insert", "INSERTs of 6 columns, one transaction", 20_000, 20_000, "ns"),
    Work("connect_cold", "connect + SCRAM + close, TCP, keys derived", 200, 50, tcp=True),
    Work("connect_warm", "connect + SCRAM + close, TCP, keys kept", 200, 50, tcp=True),
    Work("connect_tls", "connect + TLS + SCRAM + close", 100, 25, tcp=True, sslmode="require"),
    Work("pool_1", "pool: acquire, point select, release; 1 caller", 20_000, 4_000),
    Work("pool_8", "pool: the same, 8 callers", 20_000, 4_000),
    Work("pool_64", "pool: the same, 64 callers on 10 connections", 20_000, 4_000),
    Work("ms_pg_type", "suite 1: pg_type, 12 columns", 500, 60),
    Work("ms_generate_series", "suite 2: generate_series, 1,000 rows", 1_000, 150),
    Work("ms_large_object", "suite 3: 100 rows of 1,000 bytes", 2_000, 300),
    Work("ms_arrays", "suite 4: 100 rows of int4[100]", 1_000, 100),
    Work("ms_copyfrom", "suite 5: COPY of 10,000 rows", 10, 2),
    Work("ms_batch", "suite 6: 1,000 INSERTs", 20, 5),
    Work("ms_oneplusone", "suite 7: SELECT 1+1", 20_000, 4_000),
    Work("orm_load", "entities loaded, to be changed", 500_000, 100_000, "ns"),
    Work("orm_load_const", "entities loaded, to be read", 500_000, 100_000, "ns"),
    Work("orm_get", "select by key", 10_000, 4_000),
    Work("orm_flush", "objects inserted, ids back", 100_000, 20_000, "ns"),
    Work("orm_update", "objects changed", 100_000, 20_000, "ns"),
    Work("orm_commit", "one INSERT, one transaction", 2_000, 500),
    Work("orm_autoflush", "1,000 queries beside 10,000 touched entities", 1_000, 1_000),
    Work("orm_autoflush_none", "1,000 queries beside 10,000 read-only entities", 1_000, 1_000),
    Work("rtt_query", "1 ms away: connect, first query with a parameter", 20, 5, delayed=True, rounds=3),
    Work("rtt_transaction", "1 ms away: transaction of 3 statements", 50, 10, delayed=True, rounds=3),
    Work("rtt_pipeline", "1 ms away: 100 point selects", 1_000, 200, delayed=True, rounds=3,
         same_as="pipeline_100"),
]
