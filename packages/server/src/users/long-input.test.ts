import { expect, test } from "vitest";
import { startTestServer, TestClient } from "../../test/test-server.ts";

/** Marks in the worst order for NFC: 56 KB of them take more than a second to normalise. */
const MARKS = `a${"\u0315\u0301\u0323\u0334".repeat(7000)}`;

/** Far more than refusing takes, and far less than normalising would. */
const WITHIN_MS = 2500;

test("texts that take long to normalise are refused before they are", async () => {
  const server = await startTestServer();
  const client = new TestClient(server);
  const { accessToken } = await client.signup();
  const password = "correct horse battery staple";
  const bodies: [string, object][] = [
    ["/login", { email: `${MARKS}@example.com`, password }],
    ["/login", { email: "ada@example.com", password: MARKS }],
    ["/signup", { email: `${MARKS}@example.com`, password }],
    ["/signup", { email: "bob@example.com", password: MARKS }],
    ["/signup", { email: "bob@example.com", password, name: MARKS }],
    ["/password", { currentPassword: MARKS, newPassword: password }],
  ];
  const started = performance.now();
  for (const [path, body] of [...bodies, ...bodies]) {
    const answer = await client.call("POST", path, { body, bearer: accessToken });
    expect(answer.body).toMatchObject({ error: "invalid_request", reason: "invalid_field" });
  }
  expect(performance.now() - started).toBeLessThan(WITHIN_MS);
});

test("the library does not normalise them either", async () => {
  const { users } = await startTestServer();
  const started = performance.now();
  for (let i = 0; i < 4; i++) {
    await expect(users.create({ email: "ada@example.com", password: MARKS })).rejects.toMatchObject({ field: "password" });
    await expect(users.create({ email: MARKS, password: "correct horse" })).rejects.toMatchObject({ field: "email" });
    expect(await users.findByEmail(MARKS)).toBeNull();
  }
  expect(performance.now() - started).toBeLessThan(WITHIN_MS);
});
