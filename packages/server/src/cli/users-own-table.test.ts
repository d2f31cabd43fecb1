import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCliProcess as runCli, temporaryFolder } from "../../test/run-cli.ts";
import { createOstiary } from "../server.ts";

/** What an application would have in its ostiary.config.ts. */
const CONFIG = `import { DatabaseSync } from "node:sqlite";
const db = new DatabaseSync("app.db");
const one = (sql, ...values) => {
  const row = db.prepare(sql).get(...values);
  return row && { id: String(row.id), email: row.email, passwordHash: row.password, roles: row.roles.split(" ") };
};
export default {
  users: {
    findByEmail: (email) => one("SELECT * FROM users WHERE email = ?", email),
    findById: (id) => one("SELECT * FROM users WHERE id = ?", id),
    create: ({ email, passwordHash }) => one("INSERT INTO users (email, password) VALUES (?, ?) RETURNING *", email, passwordHash),
    update: (id, { roles }) => one("UPDATE users SET roles = coalesce(?, roles) WHERE id = ? RETURNING *", roles?.join(" ") ?? null, id),
  },
};
`;

it("the commands for users change the table that ostiary.config.ts names, and say what it does not take", async () => {
  const folder = temporaryFolder();
  await (await createOstiary({ dataDir: join(folder, ".ostiary") })).close();
  writeFileSync(join(folder, "ostiary.config.ts"), CONFIG);
  const db = new DatabaseSync(join(folder, "app.db"));
  db.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, password TEXT, roles TEXT DEFAULT 'user')");
  const stdin = "correct horse battery staple\n";
  const created = await runCli(["users", "create", "ada@example.com", "--admin", "--password-stdin", "--json"], { folder, stdin });
  expect(JSON.parse(created.stdout)).toMatchObject({ id: "1", roles: ["user", "admin"] });
  expect({ ...db.prepare("SELECT id, email, roles FROM users").get() }).toEqual({ id: 1, email: "ada@example.com", roles: "user admin" });
  const disabled = await runCli(["users", "disable", "ada@example.com"], { folder });
  expect([disabled.code, disabled.stderr]).toEqual([1, expect.stringContaining("the application's own table")]);
  db.close();
});
