/**
 * Second factors of people who are in the application's own table of users: they are the server's, beside its own row of
 * each.
 */
import { describe, expect, it } from "vitest";
import { createOwnTable, hashOfPassword } from "../../../test/own-table.ts";
import { auditTypes, PASSWORD, refusal, startTestServer, TestClient } from "../../../test/test-server.ts";
import { addPasskey, codeAt, enrol, firstStep, pendingOf, secondStep } from "../../../test/two-steps.ts";

/** Ada, who was in the table before, with an authenticator app. */
async function start() {
  const table = createOwnTable();
  const id = table.add("ada@example.com", PASSWORD);
  const server = await startTestServer({ users: table.directory });
  const client = new TestClient(server);
  const { accessToken } = await client.login();
  return { table, id, server, client, ...(await enrol(server, client, accessToken)) };
}

describe("second factors, with an own table of users", () => {
  it("are asked for, proven, listed and removed as with the server's own", async () => {
    const { id, server, secret } = await start();
    const browser = new TestClient(server);
    const { body } = await firstStep(browser);
    expect([body.error, body.methods, browser.jar.size]).toEqual(["mfa_required", ["otp", "recovery"], 0]);
    const { status, body: tokens } = await secondStep(browser, { mfaToken: body.mfaToken, code: codeAt(server, secret) });
    expect([status, tokens.user.id]).toEqual([200, id]);
    const bearer = tokens.accessToken;
    const { authenticator } = await addPasskey(browser, bearer);
    const { body: asked } = await browser.call<{ options: object; passkeyToken: string }>("POST", "/login/passkey/options");
    const alone = { passkeyToken: asked.passkeyToken, passkey: authenticator.get(asked.options) };
    expect((await new TestClient(server).call("POST", "/login/passkey", { body: alone })).status).toBe(200);
    expect((await browser.call("DELETE", "/second-factors/totp", { bearer })).status).toBe(204);
    expect(await server.users.secondFactors(id)).toMatchObject({
      totp: false,
      passkeys: [{ name: "Laptop" }],
      recoveryCodesLeft: 10,
    });
    await server.users.resetSecondFactors(id);
    expect((await firstStep(new TestClient(server))).status).toBe(200);
  });

  it.each([
    ["another password", `UPDATE users SET password = '${hashOfPassword("another long password")}'`],
    ["disabled", "UPDATE users SET disabled = 1"],
    ["deleted", "DELETE FROM users"],
  ])("a sign-in between its steps ends by what the application does to its table: %s", async (_, sql) => {
    const { table, server, secret } = await start();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    table.run(sql);
    expect(refusal(await secondStep(browser, { mfaToken, code: codeAt(server, secret) }))).toEqual({
      status: 401,
      error: "sign_in_expired",
    });
    expect(browser.jar.size).toBe(0);
  });

  it("a hash that the first step has found old, and replaced, does not end the sign-in", async () => {
    const { table, server, secret } = await start();
    table.run("UPDATE users SET password = ?", hashOfPassword(PASSWORD));
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    expect(table.hashOf("ada@example.com")).toMatch(/^\$argon2id\$/);
    expect((await secondStep(browser, { mfaToken, code: codeAt(server, secret) })).status).toBe(200);
  });

  it("503 while the table cannot be asked: the code is not used up, nor the sign-in", async () => {
    const { table, server, secret } = await start();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    table.broken.findById = () => Promise.reject(new Error("The table is locked."));
    const code = codeAt(server, secret);
    for (let i = 0; i < 6; i++) {
      expect(refusal(await secondStep(browser, { mfaToken, code }))).toMatchObject({ status: 503, error: "unavailable" });
    }
    delete table.broken.findById;
    expect((await secondStep(browser, { mfaToken, code })).status).toBe(200);
  });

  it("of whoever was deleted in both are gone, too", async () => {
    const { table, id, server, secret } = await start();
    const browser = new TestClient(server);
    const mfaToken = await pendingOf(browser);
    table.run("DELETE FROM users");
    await server.users.delete(id);
    expect(await server.users.secondFactors(id)).toEqual({ totp: false, passkeys: [], recoveryCodesLeft: 0 });
    expect((await secondStep(browser, { mfaToken, code: codeAt(server, secret) })).status).toBe(401);
    expect(await auditTypes(server)).toContain("user_deleted");
  });
});
