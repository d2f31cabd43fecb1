import { describe, expect, it } from "vitest";
import type { TokenResponse } from "@ostiary/protocol";
import { startOAuth } from "../../test/code-client.ts";
import { forgotten, FROM, openMailbox } from "../../test/mailbox.ts";
import { ANY_TEXT, DAY, ORIGIN, PASSWORD, TestClient, auditTypes, refusal, startTestServer } from "../../test/test-server.ts";
import { enrol } from "../../test/two-steps.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { askInTime } from "./adopt-session.ts";
import type { AdoptSessionHook } from "./adopt-session-hook.ts";

const OLD_TOKEN = "an old token";
const BY_COOKIE = { cookie: `oldRefresh=${encodeURIComponent(OLD_TOKEN)}` };

/** A server, and a system before it in which Ada is signed in once. Its tokens are good for one use. */
async function startMigrating(config: OstiaryConfig = {}, answer: { remember?: boolean } = {}) {
  const live = new Map([[OLD_TOKEN, ""]]);
  const asked: Request[] = [];
  const adoptSession: AdoptSessionHook = async (request) => {
    asked.push(request.clone());
    const cookie = /oldRefresh=([^;]*)/.exec(request.headers.get("cookie") ?? "")?.[1];
    const body = await request.text();
    const token =
      cookie === undefined && body !== ""
        ? (JSON.parse(body) as { refreshToken: string }).refreshToken
        : decodeURIComponent(cookie ?? "");
    const userId = live.get(token);
    live.delete(token);
    return userId === undefined ? null : { userId, ...answer };
  };
  const server = await startTestServer({ adoptSession, ...config });
  const { id } = await server.users.create({ email: "ada@example.com", password: PASSWORD });
  live.set(OLD_TOKEN, id);
  return { server, id, live, asked, client: new TestClient(server) };
}

function swap(client: TestClient, headers: Record<string, string> = BY_COOKIE) {
  return client.call<TokenResponse>("POST", "/refresh", { headers });
}

describe("POST /refresh with a credential of an earlier system", () => {
  it("200 by cookie: a session begins as at login, goes on by itself, and has an event of its own", async () => {
    const { server, id, client, asked } = await startMigrating();
    const answer = await swap(client);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      accessToken: ANY_TEXT,
      tokenType: "Bearer",
      expiresIn: 900,
      csrfToken: ANY_TEXT,
      user: expect.objectContaining({ id, email: "ada@example.com" }) as unknown,
    });
    expect([...client.jar.keys()].toSorted()).toEqual(["ostiary_csrf", "ostiary_device", "ostiary_refresh", "ostiary_signin"]);
    expect((await client.me(answer.body.accessToken)).status).toBe(200);
    expect((await client.refresh()).status).toBe(200);
    expect(asked).toHaveLength(1);
    expect(await auditTypes(server)).toEqual(["user_created", "session_adopted", "refresh"]);
  });

  it("200 by body: the next token in the body, and no cookie; the hook could read the body as it came", async () => {
    const { client, asked } = await startMigrating();
    const answer = await client.refresh(OLD_TOKEN);
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await asked[0]?.json()).toEqual({ refreshToken: OLD_TOKEN });
    expect((await client.refresh(answer.body.refreshToken)).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it("200: a body that came in pieces, without a length, can be read as well", async () => {
    const { client } = await startMigrating();
    const text = JSON.stringify({ refreshToken: OLD_TOKEN });
    const body = new Blob([text]).stream();
    expect((await client.call("POST", "/refresh", { body })).status).toBe(200);
  });

  it.each([[true, 90], [undefined, 7]])("200: remembered %s, the session lasts %d days without use", async (remember, days) => {
    const { server, client } = await startMigrating({}, remember === undefined ? {} : { remember });
    await swap(client);
    server.time.now += days * DAY - 1;
    expect((await client.copy().refresh()).status).toBe(200);
  });

  it("200: when and how people proved who they are, the claims hook does not hear: nobody here knows", async () => {
    const { client } = await startMigrating({ claims: (_user, { authTime, methods }) => ({ authTime, methods }) });
    const { body } = await swap(client);
    const claims = JSON.parse(Buffer.from(body.accessToken.split(".")[1] ?? "", "base64url").toString()) as object;
    expect(claims).toMatchObject({ authTime: 0, methods: [] });
  });

  it("two tabs that swap at once: one is refused, and takes nothing from the other", async () => {
    const { client } = await startMigrating();
    const other = client.copy();
    const [won, lost] = (await Promise.all([swap(client), swap(other)])).toSorted((a, b) => a.status - b.status);
    expect([won?.status, refusal(lost!)]).toEqual([200, { status: 401, error: "missing_token" }]);
    expect(lost?.headers.getSetCookie()).toEqual([]);
  });

  it("a body token of ours is never shown to the hook, good or bad; nor is anything beside a cookie of ours", async () => {
    const { client, asked } = await startMigrating();
    const { refreshToken } = await client.login("ada@example.com", { delivery: "body" });
    expect((await client.refresh(refreshToken)).status).toBe(200);
    expect((await client.call("POST", "/logout", { body: { refreshToken } })).status).toBe(204);
    expect(refusal(await client.refresh(refreshToken))).toMatchObject({ reason: "session_revoked" });
    client.jar.set("ostiary_refresh", "nonsense");
    expect(refusal(await swap(client, { cookie: `${client.cookies()}; ${BY_COOKIE.cookie}` }))).toMatchObject({
      reason: "token_malformed",
    });
    expect(asked).toEqual([]);
  });

  it("whoever has signed out in a browser stays signed out, whatever the earlier system left there", async () => {
    const { client, asked } = await startMigrating();
    const { accessToken } = await client.login();
    await client.call("POST", "/logout", { bearer: accessToken });
    const headers = { cookie: `${client.cookies()}; ${BY_COOKIE.cookie}` };
    expect(refusal(await swap(client, headers))).toEqual({ status: 401, error: "missing_token" });
    expect(asked).toEqual([]);
  });

  it.each(["signed out everywhere", "changed the password", "reset it by mail", "was disabled for a while"])(
    "a copied old token is worth nothing once its owner %s",
    async (what) => {
      const mailbox = openMailbox();
      const { server, id, client } = await startMigrating({ mail: { from: FROM, transport: mailbox.send } });
      const owner = new TestClient(server);
      const { accessToken: bearer } = await owner.login();
      const newPassword = "another horse, another battery";
      if (what === "signed out everywhere") await owner.call("POST", "/logout-all", { bearer });
      else if (what === "changed the password")
        await owner.call("POST", "/password", { bearer, body: { currentPassword: PASSWORD, newPassword } });
      else if (what === "reset it by mail")
        await owner.call("POST", "/password/reset", { body: { token: await forgotten(owner, mailbox), newPassword } });
      else await server.users.disable(id).then(() => server.users.enable(id));
      expect(refusal(await swap(client))).toEqual({ status: 401, error: "invalid_token", reason: "session_revoked" });
      expect(await auditTypes(server)).not.toContain("session_adopted");
    },
  );

  it("200 after a theft in a session of another application; not after one in the user's own", async () => {
    const adopted = { userId: "" };
    const { server, browser, tokens, userId, newCode, redeem, refresh } = await startOAuth({ adoptSession: async () => adopted });
    adopted.userId = userId;
    const r0 = (await redeem(await newCode())).body.refresh_token;
    await refresh(r0);
    server.time.now += 11_000;
    expect(refusal(await refresh(r0))).toMatchObject({ reason: "refresh_token_reused" });
    expect((await swap(new TestClient(server))).status).toBe(200);
    await browser.refresh(tokens.refreshToken);
    server.time.now += 11_000;
    expect(refusal(await browser.refresh(tokens.refreshToken))).toMatchObject({ reason: "refresh_token_reused" });
    expect(refusal(await swap(new TestClient(server)))).toMatchObject({ reason: "session_revoked" });
  });

  it("no second step is skipped by it: whoever has second factors here signs in with them", async () => {
    const { server, id, client } = await startMigrating();
    const owner = new TestClient(server);
    const { accessToken } = await owner.login();
    await enrol(server, owner, accessToken);
    expect(refusal(await swap(client))).toEqual({ status: 401, error: "invalid_token", reason: "session_revoked" });
    expect(await auditTypes(server)).not.toContain("session_adopted");
    expect(await server.sessions.list(id)).toHaveLength(1);
  });

  it.each(["unknown", "disabled"])("401 session_revoked: the user is %s; no cookie is touched", async (who) => {
    const { server, id, live, client } = await startMigrating();
    if (who === "disabled") await server.users.disable(id);
    else live.set(OLD_TOKEN, "nobody");
    const answer = await swap(client);
    expect(refusal(answer)).toEqual({ status: 401, error: "invalid_token", reason: "session_revoked" });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("401: the hook does not vouch; the answer is what it would be without one", async () => {
    const { client, live } = await startMigrating();
    live.clear();
    expect(refusal(await swap(client))).toEqual({ status: 401, error: "missing_token" });
    expect(refusal(await client.refresh(OLD_TOKEN))).toEqual({ status: 401, error: "invalid_token", reason: "token_malformed" });
  });

  it.each([{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }, { origin: "null" }])(
    "403 csrf_failed: another site's page (%o) signs nobody in, and the old token is not used up",
    async (headers) => {
      const { client, asked } = await startMigrating();
      expect(refusal(await swap(client, { ...BY_COOKIE, ...headers }))).toEqual({ status: 403, error: "csrf_failed" });
      expect(refusal(await client.refresh(OLD_TOKEN, headers))).toEqual({ status: 403, error: "csrf_failed" });
      expect(asked).toEqual([]);
      expect((await swap(client, { ...BY_COOKIE, origin: ORIGIN })).status).toBe(200);
    },
  );

  it("429 too_many_attempts: whoever guesses old tokens is held up after a hundred; whoever has one is not", async () => {
    const { client } = await startMigrating();
    const guess = async () => refusal(await swap(client, { cookie: "oldRefresh=guess" })).status;
    const answers = [];
    for (let i = 0; i < 101; i++) answers.push(await guess());
    expect(answers).toEqual([...Array.from({ length: 100 }, () => 401), 429]);
    expect((await swap(client)).status).toBe(200);
  });

  it.each([
    ["throws", () => { throw new Error("The old database is down."); }],
    ["rejects", async () => { throw new Error("The old database is down."); }],
    ["answers nonsense", () => "ada" as never],
    ["names nobody", () => ({ userId: "" })],
    ["names several", () => ({ userId: ["1"] }) as never],
  ] as const)("503 unavailable: the hook %s; nothing has changed, and the operator is told", async (_, adoptSession) => {
    const { server, client } = await startMigrating({ adoptSession });
    const answer = await swap(client);
    expect(refusal(answer)).toEqual({ status: 503, error: "unavailable" });
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(server.reported).toHaveLength(1);
    expect(await auditTypes(server)).toEqual(["user_created"]);
  });

  it("the hook is waited for a while, and no longer", async () => {
    const asking = askInTime(() => new Promise(() => {}), new Request("http://localhost/"), 5);
    await expect(asking).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 5 });
  });

  it("the history of such a session begins with how it came", async () => {
    const { server, id, client } = await startMigrating();
    await swap(client);
    const [session] = await server.sessions.list(id);
    const history = await server.sessions.history(session?.id ?? "");
    expect(history?.events.map(({ type }) => type)).toEqual(["session_adopted"]);
  });
});
