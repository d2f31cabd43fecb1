import { expect, it } from "vitest";
import { createOwnTable } from "../../../test/own-table.ts";
import { makePostgresDatabase } from "../../../test/postgres-database.ts";
import { auditTypes, PASSWORD, startTestServer, TestClient } from "../../../test/test-server.ts";

it("two servers follow one table of the application's: a hash is replaced once, and what has changed counts at either", async () => {
  const table = createOwnTable();
  const id = table.add("ada@example.com", PASSWORD);
  const databaseUrl = await makePostgresDatabase();
  const one = await startTestServer({ users: table.directory, databaseUrl });
  const two = await startTestServer({ users: table.directory, databaseUrl });
  const clients = [one, two, one, two].map((server) => new TestClient(server));
  await Promise.all(clients.map((client) => client.login()));
  for (const client of clients) expect((await client.refresh()).status).toBe(200);
  expect((await auditTypes(one)).filter((type) => type === "password_hash_upgraded")).toHaveLength(1);

  table.run("UPDATE users SET roles = 'user editor'");
  const all = await Promise.all(clients.map((client) => client.refresh()));
  expect(all.map(({ body }) => body.user.roles.join(" "))).toEqual(Array(4).fill("user editor"));
  table.run("UPDATE users SET disabled = 1");
  await Promise.all([one.users.sync(id), two.users.sync(id)]);
  for (const client of clients) expect((await client.refresh()).body.reason).toBe("session_revoked");
});
