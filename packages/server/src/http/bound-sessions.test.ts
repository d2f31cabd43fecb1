/** Sessions of the server's own sign-in that are bound to a key (RFC 9449): a stolen token is worth nothing without it. */
import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { claimsOf } from "../../test/code-client.ts";
import { PageClient } from "../../test/page-client.ts";
import { createProver } from "../../test/prover.ts";
import type { Prover } from "../../test/prover.ts";
import { auditTypes, MINUTE, ORIGIN, PASSWORD, refusal, SECOND, startTestServer, TestClient } from "../../test/test-server.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";

const REFUSED = { status: 401, error: "invalid_dpop_proof" };
const KEY = { "idempotency-key": "an-idempotency-key-of-one-refresh" };

async function start(config: OstiaryConfig = {}, delivery: "body" | "cookie" = "body") {
  const server = await startTestServer(config);
  const client = new TestClient(server);
  const prover = createProver(server);
  const body = { email: "ada@example.com", password: PASSWORD, delivery };
  const { body: tokens } = await client.call<TokenResponse>("POST", "/signup", {
    body,
    headers: prover.proof("POST", "/signup"),
  });
  const csrf = { "x-csrf-token": tokens.csrfToken };
  const refresh = (token: string | undefined, by: Prover | null = prover, more: Record<string, string> = {}) =>
    client.refresh(token, { ...by?.proof("POST", "/refresh"), ...more });
  const logout = (token: string | undefined, by: Prover | null) =>
    client.call("POST", "/logout", {
      ...(token === undefined ? {} : { body: { refreshToken: token } }),
      headers: { ...csrf, ...by?.proof("POST", "/logout") },
    });
  const own = async () => (await server.sessions.list(tokens.user.id))[0];
  return { server, client, prover, tokens, refresh, logout, own, r0: tokens.refreshToken };
}

describe.each(["body", "cookie"] as const)("POST /refresh of a session that is bound to a key, by %s", (delivery) => {
  it("200 with a proof by it: the next token, and an access token that is bound as well", async () => {
    const { refresh, prover, r0 } = await start({}, delivery);
    const { status, body } = await refresh(r0);
    expect([status, body.tokenType, claimsOf(body.accessToken)["cnf"]]).toEqual([200, "DPoP", { jkt: prover.thumbprint }]);
  });

  it("401 invalid_dpop_proof without one, and by another key: nothing is rotated, nothing revoked, no cookie cleared", async () => {
    const { server, client, refresh, own, r0 } = await start({}, delivery);
    const before = await own();
    const cookies = client.cookies();
    for (const by of [null, createProver(server)]) {
      const answer = await refresh(r0, by);
      expect(refusal(answer)).toEqual(REFUSED);
      expect(answer.headers.get("www-authenticate")).toMatch(/^DPoP error="invalid_dpop_proof"/);
    }
    expect([await own(), client.cookies()]).toEqual([before, cookies]);
    expect(await auditTypes(server)).toEqual(["user_created", "signup"]);
    expect((await refresh(r0)).status).toBe(200);
  });

  it("a token of before that a thief sends again and again ends nothing; without the key he is no thief of theirs", async () => {
    const { server, client, refresh, r0 } = await start({}, delivery);
    const thief = client.copy();
    const next = (await refresh(r0)).body.refreshToken;
    server.time.now += MINUTE;
    const csrf = { "x-csrf-token": thief.jar.get("ostiary_csrf") ?? "" };
    for (const by of [null, createProver(server)]) {
      const headers = { ...csrf, ...by?.proof("POST", "/refresh") };
      expect(refusal(await thief.refresh(r0, headers))).toEqual(REFUSED);
    }
    expect((await refresh(next)).status).toBe(200);
  });
});

describe("POST /refresh of a bound session", () => {
  it("races, lost answers and theft are as without: a repeat carries the same bytes", async () => {
    const { server, refresh, r0 } = await start();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(r0, undefined, KEY)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.refreshToken}`)).size).toBe(1);
    server.time.now += MINUTE;
    const again = await refresh(r0, undefined, KEY);
    expect(again.body.refreshToken).toBe(answers[0]?.body.refreshToken);
    server.time.now += MINUTE;
    expect(refusal(await refresh(r0))).toMatchObject({ reason: "refresh_token_reused" });
  });

  it("the same proof with the same token, sent again: refused, and the owner goes on", async () => {
    const { client, prover, refresh, r0 } = await start();
    const copied = prover.proof("POST", "/refresh");
    const { body } = await client.refresh(r0, copied);
    expect(refusal(await client.refresh(r0, copied))).toEqual(REFUSED);
    expect((await refresh(body.refreshToken)).status).toBe(200);
  });

  it("a token that nobody gave out uses up no proof", async () => {
    const { client, prover, r0 } = await start();
    const headers = prover.proof("POST", "/refresh");
    expect(refusal(await client.refresh("no.token.at-all", headers))).toMatchObject({ error: "invalid_token" });
    expect((await client.refresh(r0, headers)).status).toBe(200);
  });

  it("a session that is bound to none can be refreshed with a proof: that access token is bound, the session stays", async () => {
    const { server, prover } = await start();
    const free = new TestClient(server);
    const { refreshToken } = await free.login("ada@example.com", { delivery: "body" });
    const bound = await free.refresh(refreshToken, prover.proof("POST", "/refresh"));
    expect([bound.body.tokenType, claimsOf(bound.body.accessToken)["cnf"]]).toEqual(["DPoP", { jkt: prover.thumbprint }]);
    expect((await free.refresh(bound.body.refreshToken)).body.tokenType).toBe("Bearer");
  });

  it("a session that is taken over from an earlier system is bound, if it comes with a proof", async () => {
    const { server, client, prover, tokens } = await start({ adoptSession: () => ({ userId: tokens.user.id }) });
    client.jar.clear();
    const adopted = await client.refresh("of the earlier system", prover.proof("POST", "/refresh"));
    expect([adopted.status, adopted.body.tokenType]).toEqual([200, "DPoP"]);
    expect(refusal(await client.refresh(adopted.body.refreshToken))).toEqual(REFUSED);
    server.time.now += SECOND;
    expect((await client.refresh(adopted.body.refreshToken, prover.proof("POST", "/refresh"))).status).toBe(200);
  });
});

it("a credential that the application does not know uses up no proof", async () => {
  const { client, prover, tokens, r0 } = await start({ adoptSession: () => null });
  const headers = prover.proof("POST", "/refresh");
  expect(refusal(await client.refresh("of nobody", headers))).toMatchObject({ error: "invalid_token" });
  expect((await client.refresh(r0, headers)).status).toBe(200);
  expect(tokens.tokenType).toBe("DPoP");
});

describe.each(["body", "cookie"] as const)("POST /logout of a session that is bound to a key, by %s", (delivery) => {
  it("401 invalid_dpop_proof without a proof, and by another key; 204 with one", async () => {
    const { server, client, logout, own, r0 } = await start({}, delivery);
    const cookies = client.cookies();
    for (const by of [null, createProver(server)]) expect(refusal(await logout(r0, by))).toEqual(REFUSED);
    expect(client.cookies()).toBe(cookies);
    expect(await own()).toBeDefined();
  });

  it("204 with one: the session ends, and its cookies go", async () => {
    const { client, prover, logout, own, r0 } = await start({}, delivery);
    expect((await logout(r0, prover)).status).toBe(204);
    expect([await own(), client.jar.has("ostiary_refresh")]).toEqual([undefined, false]);
  });
});

describe("a sign-in in the browser of a bound session", () => {
  const grace = { email: "grace@example.com", password: PASSWORD };

  it("of another user ends it only with a proof by its key: whoever has copied the cookie ends nothing", async () => {
    const { server, client, prover, refresh, own } = await start({}, "cookie");
    await new TestClient(server).call("POST", "/signup", { body: grace });
    for (const by of [null, createProver(server)]) {
      const headers = by?.proof("POST", "/login") ?? {};
      expect((await client.copy().call("POST", "/login", { body: grace, headers })).status).toBe(200);
    }
    expect((await refresh(undefined)).status).toBe(200);
    const shared = client.copy();
    expect((await shared.call("POST", "/login", { body: grace, headers: prover.proof("POST", "/login") })).status).toBe(200);
    expect(await own()).toBeUndefined();
  });

  it("of the same user ends it", async () => {
    const { client, tokens, server } = await start({}, "cookie");
    await client.call("POST", "/login", { body: { email: "ada@example.com", password: PASSWORD } });
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
  });
});

describe("the hosted pages", () => {
  it("are not opened by it: it has no sign-in cookie, and one of before goes", async () => {
    const { server, client, prover, refresh } = await start({}, "cookie");
    expect(client.jar.has("ostiary_signin")).toBe(false);
    await refresh(undefined);
    expect(client.jar.has("ostiary_signin")).toBe(false);
    const { status, location } = await new PageClient(server, client.jar).get("/account");
    expect([status, location]).toEqual([303, expect.stringContaining("/sign-in")]);

    const free = new TestClient(server);
    await free.login();
    expect(free.jar.has("ostiary_signin")).toBe(true);
    await free.call("POST", "/login", {
      body: { email: "ada@example.com", password: PASSWORD },
      headers: prover.proof("POST", "/login"),
    });
    expect(free.jar.has("ostiary_signin")).toBe(false);
  });

  it("hand out no token of a bound session: whoever is on the way there signs in, and is not sent round", async () => {
    const { server, client } = await start({}, "cookie");
    const page = new PageClient(server, client.jar);
    const { status, location } = await page.get("/continue?return_to=%2Fdashboard");
    expect(status).toBe(303);
    expect(location).toMatch(/\/sign-in\?/);
    expect(page.jar.has("ostiary_access")).toBe(false);
    expect((await page.get(new URL(location ?? "", ORIGIN).href)).status).toBe(200);
  });
});
