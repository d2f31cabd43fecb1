import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/**
 * A Postgres has to be started with these, so that the statements that make tables can be read again: our binaries bring no
 * `pg_dump`.
 */
export const LOGS_STATEMENTS = ["-c", "fsync=off", "-c", "log_statement=ddl", "-c", "log_line_prefix="];

/** The SQL that makes the same database again: the statements that have been logged, as `log` tells, then the rows. */
export async function dumpPostgres(url: string, log: () => string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await textsOf(
      client,
      "select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace " +
      "order by pg_class.oid",
    );
    const rows: string[] = [];
    for (const table of tables) rows.push(...(await rowsOf(client, table)));
    await client.query(LAST);
    while (!log().includes(LAST)) await sleep(20); // Everything before it has been told by then.
    // Where the numbering goes on.
    const numbering = await textsOf(
      client,
      "select format('select setval(%L, %s)', sequencename, last_value) from pg_sequences where last_value is not null " +
      "order by 1",
    );
    return [...statementsIn(log()), ...rows, ...numbering].map((statement) => `${statement};\n`).join("");
  } finally {
    await client.end();
  }
}

const LAST = "create temporary table last_statement ()";

function statementsIn(log: string): string[] {
  const entries = log.split(/^(?=[A-Z]+: {2})/m);
  return entries
    .flatMap((entry) => /^LOG: {2}(?:statement|execute [^:]*): (.*)$/s.exec(entry)?.[1]?.trim() ?? [])
    .filter((statement) => statement !== LAST);
}

async function rowsOf(client: pg.Client, table: string): Promise<string[]> {
  const columns = await textsOf(
    client,
    `select quote_ident(attname) from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not ` +
    "attisdropped order by attnum",
  );
  const values = columns.map((column) => `quote_nullable(${column}::text)`).join(" || ', ' || ");
  const rows = await textsOf(client, `select ${values} from ${table} order by 1`);
  return rows.map((row) => `insert into ${table} (${columns.join(", ")}) overriding system value values (${row})`);
}

async function textsOf(client: pg.Client, query: string): Promise<string[]> {
  const { rows } = await client.query<[string]>({ text: query, rowMode: "array" });
  return rows.map(([text]) => text);
}
