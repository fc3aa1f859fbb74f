// pgx as people use it: prepared statements by name, binary, batches, CopyFrom, pgxpool. One thread, as the others.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

const (
	makeTable = `CREATE TEMP TABLE t (id int8 PRIMARY KEY, name text);
INSERT INTO t SELECT g, 'name ' || g FROM generate_series(1, 1000) g; ANALYZE t`
	makeRows = `CREATE UNLOGGED TABLE IF NOT EXISTS tusk_bench_rows AS SELECT g::int8 AS id, (g % 1000)::int4 AS n,
g * 0.5::float8 AS x, 'name ' || (g % 1000) AS name,
timestamptz '2000-01-01 00:00:00+00' + g * interval '1 second' AS at, g % 2 = 0 AS flag
FROM generate_series(1::int8, 1000000) AS g`
	makeCopied = "CREATE TEMP TABLE copied (id int8, n int4, x float8, name text, at timestamptz, flag bool)"
	selectOne  = "SELECT id, name FROM t WHERE id = $1"
	selectRows = "SELECT id, n, x, name, at, flag FROM tusk_bench_rows WHERE id <= $1"
	insertRow  = "INSERT INTO copied (id, n, x, name, at, flag) VALUES ($1, $2, $3, $4, $5, $6)"
)

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

type options map[string]string

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (given options) address() string {
	return fmt.Sprintf("host='%s' port=%s user='%s' dbname='%s' password='%s' sslmode=%s", given["host"],
		given["port"], given["user"], given["database"], given["password"], given["sslmode"])
}

func (given options) connect() *pgx.Conn {
	conn, err := pgx.Connect(context.Background(), given.address())
	check(err)
	return conn
}

func (given options) operations() int {
	count, err := strconv.Atoi(given["operations"])
	check(err)
	return count
}

func exec(conn *pgx.Conn, sql string) {
	_, err := conn.Exec(context.Background(), sql)
	check(err)
}

// A stopwatch counts what the loop between its making and report took.
type stopwatch struct {
	used  syscall.Rusage
	begun time.Time
	laps  []float64
}

func start() *stopwatch {
	runtime.GC()
	watch := &stopwatch{begun: time.Now()}
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &watch.used))
	return watch
}

func seconds(value syscall.Timeval) float64 { return float64(value.Sec) + float64(value.Usec)/1e6 }

func (watch *stopwatch) report(operations int, sum uint64) {
	wall := time.Since(watch.begun).Seconds()
	var now syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &now))
	percentile := func(fraction float64) float64 {
		if len(watch.laps) == 0 {
			return 0
		}
		sort.Float64s(watch.laps)
		return watch.laps[int(fraction*float64(len(watch.laps)-1))] * 1e6
	}
	line, err := json.Marshal(map[string]interface{}{
		"operations":         operations,
		"user_seconds":       seconds(now.Utime) - seconds(watch.used.Utime),
		"system_seconds":     seconds(now.Stime) - seconds(watch.used.Stime),
		"wall_seconds":       wall,
		"voluntary_switches": now.Nvcsw - watch.used.Nvcsw,
		"allocations":        nil,
		"idle_kib":           watch.used.Maxrss,
		"peak_kib":           now.Maxrss,
		"p50_us":             percentile(0.5),
		"p99_us":             percentile(0.99),
		"checksum":           fmt.Sprintf("%016x", sum),
		"server_version":     "",
		"compiler":           "",
		"version":            "4.15, " + runtime.Version(),
	})
	check(err)
	fmt.Println(string(line))
}

func (watch *stopwatch) lap(since time.Time) {
	watch.laps = append(watch.laps, time.Since(since).Seconds())
}

func selectPoint(conn *pgx.Conn, position int) uint64 {
	var id int64
	var name string
	check(conn.QueryRow(context.Background(), selectOne, int64(position%1000+1)).Scan(&id, &name))
	return uint64(id)*31 + uint64(len(name))
}

func pointSelect(connections int) func(options) {
	return func(given options) {
		conns := make([]*pgx.Conn, connections)
		for i := range conns {
			conns[i] = given.connect()
			exec(conns[i], makeTable)
			for position := 0; position < 200; position++ {
				selectPoint(conns[i], position)
			}
		}
		watch := start()
		watch.report(given.operations(), inTurns(connections, given.operations(), watch,
			func(caller, position int) uint64 { return selectPoint(conns[caller], position) }))
	}
}

// inTurns lets each caller take the next operation when it is done with one, and adds up what once gave.
func inTurns(callers, operations int, watch *stopwatch, once func(caller, position int) uint64) (sum uint64) {
	var lock sync.Mutex
	var all sync.WaitGroup
	taken := 0
	for caller := 0; caller < callers; caller++ {
		all.Add(1)
		go func(caller int) {
			defer all.Done()
			for {
				lock.Lock()
				position := taken
				taken++
				lock.Unlock()
				if position >= operations {
					return
				}
				begun := time.Now()
				read := once(caller, position)
				lock.Lock()
				sum += read
				watch.lap(begun)
				lock.Unlock()
			}
		}(caller)
	}
	all.Wait()
	return sum
}

func pool(callers int) func(options) {
	return func(given options) {
		config, err := pgxpool.ParseConfig(given.address())
		check(err)
		config.MaxConns = 10
		config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
			exec(conn, makeTable)
			return nil
		}
		made, err := pgxpool.ConnectConfig(context.Background(), config)
		check(err)
		once := func(_, position int) uint64 {
			conn, err := made.Acquire(context.Background())
			check(err)
			defer conn.Release()
			return selectPoint(conn.Conn(), position)
		}
		inTurns(callers, 500, start(), once)
		watch := start()
		watch.report(given.operations(), inTurns(callers, given.operations(), watch, once))
	}
}

func pipeline100(given options) {
	conn := given.connect()
	exec(conn, makeTable)
	run := func(operations int) (sum uint64) {
		for begun := 0; begun < operations; begun += 100 {
			batch := &pgx.Batch{}
			for i := 0; i < 100; i++ {
				batch.Queue(selectOne, int64((begun+i)%1000+1))
			}
			results := conn.SendBatch(context.Background(), batch)
			for i := 0; i < 100; i++ {
				var id int64
				var name string
				check(results.QueryRow().Scan(&id, &name))
				sum += uint64(id)*31 + uint64(len(name))
			}
			check(results.Close())
		}
		return sum
	}
	run(1000)
	watch := start()
	watch.report(given.operations(), run(given.operations()))
}

func rowsQuery(given options) {
	conn := given.connect()
	exec(conn, makeRows)
	run := func(count int) (sum uint64) {
		rows, err := conn.Query(context.Background(), selectRows, int64(count))
		check(err)
		var id int64
		var n int32
		var x float64
		var name string
		var at time.Time
		var flag bool
		for rows.Next() {
			check(rows.Scan(&id, &n, &x, &name, &at, &flag))
			sum += uint64(id) + uint64(n) + math.Float64bits(x) + uint64(len(name)) +
				uint64(at.Sub(epoch).Microseconds())
			if flag {
				sum++
			}
		}
		check(rows.Err())
		return sum
	}
	run(1000)
	watch := start()
	watch.report(given.operations(), run(given.operations()))
}

var names = func() (made []string) {
	for i := 0; i < 1000; i++ {
		made = append(made, fmt.Sprintf("name %d", i))
	}
	return made
}()

func sample(position int) []interface{} {
	id := int64(position + 1)
	return []interface{}{id, int32(id % 1000), float64(id) * 0.5, names[id%1000],
		epoch.Add(time.Duration(id) * time.Second), id%2 == 0}
}

func copyIn(given options) {
	conn := given.connect()
	exec(conn, makeCopied)
	columns := []string{"id", "n", "x", "name", "at", "flag"}
	watch := start()
	copied, err := conn.CopyFrom(context.Background(), pgx.Identifier{"copied"}, columns,
		pgx.CopyFromSlice(given.operations(), func(i int) ([]interface{}, error) { return sample(i), nil }))
	check(err)
	watch.report(given.operations(), uint64(copied))
}

func bulkInsert(given options) {
	conn := given.connect()
	exec(conn, makeCopied)
	watch := start()
	batch := &pgx.Batch{}
	for i := 0; i < given.operations(); i++ {
		batch.Queue(insertRow, sample(i)...)
	}
	check(conn.SendBatch(context.Background(), batch).Close())
	watch.report(given.operations(), uint64(given.operations()))
}

func connecting(given options) {
	watch := start()
	for i := 0; i < given.operations(); i++ {
		begun := time.Now()
		check(given.connect().Close(context.Background()))
		watch.lap(begun)
	}
	watch.report(given.operations(), uint64(given.operations()))
}

func main() {
	runtime.GOMAXPROCS(1)
	works := map[string]func(options){"point_select": pointSelect(1), "point_select_10": pointSelect(10),
		"pipeline_100": pipeline100, "rows_query": rowsQuery, "copy_in": copyIn, "bulk_insert": bulkInsert,
		"connect_cold": connecting, "connect_tls": connecting,
		"pool_1": pool(1), "pool_8": pool(8), "pool_64": pool(64)}
	if len(os.Args) == 1 {
		for name := range works {
			fmt.Println(name)
		}
		return
	}
	given := options{"sslmode": "disable"}
	for i := 2; i+1 < len(os.Args); i += 2 {
		given[strings.TrimPrefix(os.Args[i], "--")] = os.Args[i+1]
	}
	works[os.Args[1]](given)
}
