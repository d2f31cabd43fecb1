import pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { hotOperations } from "../conformance/hot-operations.ts";
import { NOW } from "../conformance/fixtures.ts";
import { openPostgres } from "./open-postgres.ts";

/** A handful of rows in any deployment. */
const SMALL = ["keys", "token_lifetimes"];

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

test("no hot statement reads a table from end to end", async () => {
  const url = await makePostgresDatabase();
  const store = await openPostgres(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await store.close();
  });
  await fill(client);
  const operations = await hotOperations(store);
  const scannedBy = async ({ text, values }: Executed): Promise<string[]> => {
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(`explain (format json) ${text}`, values);
    return rows.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan }) => scans(Plan)));
  };
  // What would be found, if there were one.
  const scanning = { text: "select * from sessions where ip = $1", values: ["203.0.113.7"] };
  expect(await scannedBy(scanning)).toEqual(["sessions"]);

  const executed = executedStatements();
  for (const { name, run } of operations) {
    executed.length = 0;
    await run();
    const reading = executed.filter(({ text }) => /^\s*(?:select|insert|update|delete|with)\b/i.test(text));
    expect([name, reading.length > 0]).toEqual([name, true]);
    for (const statement of reading) {
      const scanned = (await scannedBy(statement)).filter((table) => !SMALL.includes(table));
      expect([name, statement.text, scanned]).toEqual([name, statement.text, []]);
    }
  }
});

interface Executed {
  readonly text: string;
  readonly values: unknown[];
}

/** All statements that are executed from now on, by whatever connection. */
function executedStatements(): Executed[] {
  const executed: Executed[] = [];
  const original = Reflect.get(pg.Client.prototype, "query") as (...values: unknown[]) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: pg.Client, ...values: unknown[]) {
    const [query, parameters] = values as [string | Executed, unknown[] | undefined];
    const statement = typeof query === "string" ? { text: query, values: parameters ?? [] } : query;
    if (!statement.text.startsWith("explain")) executed.push(statement);
    return Reflect.apply(original, this, values) as never;
  });
  onTestFinished(() => spy.mockRestore());
  return executed;
}

/** Enough rows for the planner to have a choice; of a handful it reads them all, and is right. */
async function fill(client: pg.Client): Promise<void> {
  const past = NOW - 7 * 86_400_000;
  await client.query(`
    insert into users select 'u' || i, i || '@example.net', i || '@example.net', 0, null, '["user"]', 'hash', 1, null, ${NOW}
      from generate_series(1, 20000) i;
    insert into user_terms select i || '@example.net', 'u' || i from generate_series(1, 20000) i;
    insert into user_terms select chr(1) || 'role user', 'u' || i from generate_series(1, 20000) i;
    insert into sessions
      select 's' || i, 'u' || (i % 20000 + 1), 'first-party', 0, '\\x00', 'key', '[]', null, null, null, ${NOW}, ${NOW},
        ${past} + i * 20000, 1, ${past} + i * 20000, 0, ${NOW}, 'pwd', 'label', null, null, null, null, null, null
      from generate_series(1, 60000) i;
    insert into clients select 'c' || i, 'name', 1, '\\x00', ${NOW} from generate_series(1, 20000) i;
    insert into api_keys (id, user_id, client_id, name, scope, with_roles, secret_id, secret_hash, created_at, ends_at)
      select 'k' || i, case when i % 2 = 0 then 'u' || i end, case when i % 2 = 1 then 'c' || i end, 'name', '', 0, 's' || i, '\\x00',
        ${NOW}, case when i % 3 = 0 then ${past} + i * 20000 end
      from generate_series(1, 20000) i;
    insert into sign_ons (sign_on_id, client_id, user_id, session_id, expires_at, tries)
      select 's' || i, 'c' || (i % 10), 'u' || (i % 20000 + 1), 's' || i, ${NOW}, 0 from generate_series(1, 20000) i;
    insert into pushed_requests select 'r' || i, 'c' || (i % 10), '', ${past} + i * 20000, null, null from generate_series(1, 20000) i;
    insert into device_requests
      select 'r' || i, 'code' || i, 'c' || (i % 10), '', '', null, null, ${NOW}, ${past} + i * 20000, 5, null, null from generate_series(1, 20000) i;
    insert into revocations (kind, value, version, effect, expires_at_seconds, reason)
      select 'session', 's' || i, null, 'revoked', ${past / 1000} + i * 60, 'logout' from generate_series(1, 20000) i;
    insert into audit (at, type, user_id, session_id, ip, user_agent, detail)
      select ${NOW} - 60000 + i, 'refresh', 'u' || (i % 20000 + 1), 's' || (i % 60000 + 1), null, null, '{}' from generate_series(1, 60000) i;
    analyze`);
}

function scans(node: PlanNode): string[] {
  const here = node["Node Type"] === "Seq Scan" ? [node["Relation Name"] ?? "?"] : [];
  return [...here, ...(node.Plans ?? []).flatMap(scans)];
}
