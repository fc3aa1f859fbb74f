// postgres.js as people use it: tagged templates, prepared by itself, values in text.

import fs from "node:fs";
import postgres from "postgres";

const given = { sslmode: "disable" };
const [work, ...rest] = process.argv.slice(2);
for (let i = 0; i < rest.length; i += 2) given[rest[i].slice(2)] = rest[i + 1];
const operations = Number(given.operations);
const version = JSON.parse(fs.readFileSync(new URL("node_modules/postgres/package.json", import.meta.url))).version;

const connect = (max = 1) =>
  postgres({
    host: given.host,
    port: Number(given.port),
    user: given.user,
    database: given.database,
    password: given.password,
    ssl: given.sslmode === "require" ? { rejectUnauthorized: false } : false,
    max,
    idle_timeout: 0,
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    ...(given.host.startsWith("/") ? { path: `${given.host}/.s.PGSQL.${given.port}` } : {}),
  });

const start = () => ({ used: process.resourceUsage(), begun: process.hrtime.bigint() });

function report(watch, checksum) {
  const now = process.resourceUsage();
  console.log(
    JSON.stringify({
      operations,
      user_seconds: (now.userCPUTime - watch.used.userCPUTime) / 1e6,
      system_seconds: (now.systemCPUTime - watch.used.systemCPUTime) / 1e6,
      wall_seconds: Number(process.hrtime.bigint() - watch.begun) / 1e9,
      voluntary_switches: now.voluntaryContextSwitches - watch.used.voluntaryContextSwitches,
      allocations: null,
      idle_kib: watch.used.maxRSS,
      peak_kib: now.maxRSS,
      p50_us: 0,
      p99_us: 0,
      checksum: checksum === null ? "" : BigInt.asUintN(64, BigInt(checksum)).toString(16).padStart(16, "0"),
      server_version: "",
      compiler: "",
      version: `${version}, node ${process.version}`,
    }),
  );
}

const makeTable = `CREATE TEMP TABLE t (id int8 PRIMARY KEY, name text);
INSERT INTO t SELECT g, 'name ' || g FROM generate_series(1, 1000) g; ANALYZE t`;
const add = (rows) => rows.reduce((sum, row) => sum + row.id * 31 + row.name.length, 0);
const selectOne = (sql, position) => sql`SELECT id, name FROM t WHERE id = ${(position % 1000) + 1}`;

async function pointSelect() {
  const sql = connect();
  await sql.unsafe(makeTable);
  for (let i = 0; i < 200; ++i) await selectOne(sql, i);
  const watch = start();
  let sum = 0;
  for (let i = 0; i < operations; ++i) sum += add(await selectOne(sql, i));
  report(watch, sum);
  await sql.end();
}

// What is asked for without waiting goes out together.
const together = (length) => async () => {
  const sql = connect();
  await sql.unsafe(makeTable);
  const run = async (count) => {
    let sum = 0;
    for (let done = 0; done < count; done += length) {
      const answers = await Promise.all(Array.from({ length }, (_, i) => selectOne(sql, done + i)));
      for (const rows of answers) sum += add(rows);
    }
    return sum;
  };
  await run(1000);
  const watch = start();
  report(watch, await run(operations));
  await sql.end();
};

async function connecting() {
  const watch = start();
  for (let i = 0; i < operations; ++i) {
    const sql = connect();
    await sql.unsafe(""); // it connects when it is first used
    await sql.end();
  }
  report(watch, operations);
}

const works = {
  point_select: pointSelect,
  pipeline_100: together(100),
  callers_1000: together(1000),
  connect_cold: connecting,
  connect_tls: connecting,
};
if (work === undefined) console.log(Object.keys(works).join("\n"));
else await works[work]();
