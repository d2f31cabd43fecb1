/**
 * `npm run keep-database -- v1.2.0`: keeps a database as that version leaves it behind, for SQLite and for PostgreSQL, in
 * packages/server/test/upgrade, where tests bring it up to date. Takes a tag or commit, and a name if that is none for a file.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgresServer } from "../packages/server/test/postgres-server.ts";
import { dumpPostgres, LOGS_STATEMENTS } from "../packages/server/test/upgrade/dump-postgres.ts";
import { dumpSqlite } from "../packages/server/test/upgrade/dump-sqlite.ts";
import { run } from "./tarballs.ts";

const root = join(import.meta.dirname, "..");
const kept = join(root, "packages/server/test/upgrade");
const [version, name = version] = process.argv.slice(2);
if (version === undefined || name === undefined) throw new Error("Of which version? npm run keep-database -- v1.2.0");

const folder = mkdtempSync(join(tmpdir(), "keep-database-"));
try {
  const sources = join(folder, "sources");
  run("git", ["worktree", "add", "--detach", sources, version], root);
  run("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], sources);

  const file = join(folder, "ostiary.db");
  keep("sqlite", fill(sources, `sqlite:${file}`), dumpSqlite(file));

  let log = "";
  const postgres = await startPostgresServer(LOGS_STATEMENTS, (text) => (log += text));
  try {
    keep("postgres", fill(sources, postgres.url), await dumpPostgres(postgres.url, () => log));
  } finally {
    await postgres.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  run("git", ["worktree", "prune"], root);
}

function fill(sources: string, databaseUrl: string): string {
  return run(process.execPath, [join(kept, "fill.ts"), sources, databaseUrl], folder);
}

function keep(engine: string, remembered: string, sql: string): void {
  for (const [ending, text] of [
    ["json", remembered],
    ["sql", sql],
  ] as const)
    writeFileSync(join(kept, `${name}.${engine}.${ending}`), text);
  console.log(`${name}.${engine}: ${Math.ceil(sql.length / 1000)} kB`);
}
