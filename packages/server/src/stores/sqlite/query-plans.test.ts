import { DatabaseSync, StatementSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFile } from "../../../test/test-server.ts";
import { hotOperations } from "../conformance/hot-operations.ts";
import { openSqlite } from "./open-sqlite.ts";

/** A handful of rows in any deployment; what an insert brings along; what was bounded while it was read. */
const SMALL = /^SCAN (?:keys|token_lifetimes|CONSTANT ROW|counted|\d+-ROW VALUES)\b/;

test("no hot statement reads a table from end to end", async () => {
  const path = temporaryFile();
  const store = await openSqlite(path);
  const explainer = new DatabaseSync(path);
  onTestFinished(async () => {
    explainer.close();
    await store.close();
  });
  const explain = (sql: string): string[] =>
    explainer.prepare(`explain query plan ${sql}`).all().map(({ detail }) => String(detail));
  // What would be found, if there were one.
  expect(explain("select * from sessions where ip = '203.0.113.7'")).toEqual(["SCAN sessions"]);

  const statements = executedStatements();
  for (const { name, run } of await hotOperations(store)) {
    statements.clear();
    await run();
    const reading = [...statements].filter((sql) => /^(?:select|insert|update|delete|with)\b/i.test(sql));
    const plans = reading.flatMap(explain);
    const isPragma = statements.has("PRAGMA data_version");
    expect([name, reading.length > 0 || isPragma]).toEqual([name, true]);
    expect([name, plans.filter((step) => step.startsWith("SCAN") && !SMALL.test(step))]).toEqual([name, []]);
  }
});

/** The texts of all statements that are executed from now on, whoever prepared them. */
function executedStatements(): Set<string> {
  const texts = new Set<string>();
  for (const method of ["get", "all", "run"] as const) {
    const original = StatementSync.prototype[method];
    const spy = vi.spyOn(StatementSync.prototype, method).mockImplementation(function (this: StatementSync, ...values) {
      texts.add(this.sourceSQL);
      return Reflect.apply(original, this, values) as never;
    });
    onTestFinished(() => spy.mockRestore());
  }
  return texts;
}
