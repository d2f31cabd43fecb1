/** The session protocol as clients meet it: over HTTP, with a clock that is moved by hand. */
import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../test/test-server.ts";
import { MINUTE, ORIGIN, SECOND, TestClient, auditTypes, refusal, startSignedIn } from "../../test/test-server.ts";

const reused = { status: 401, error: "invalid_token", reason: "refresh_token_reused" };
const KEY = "an-idempotency-key-of-one-refresh";

async function signedInByBody(config = {}) {
  const { server, client, tokens } = await startSignedIn(config, { delivery: "body" });
  const rotate = async (token: string, headers?: Record<string, string>) => client.refresh(token, headers);
  return { server, client, tokens, r0: tokens.refreshToken!, rotate };
}

const rotations = async (server: Parameters<typeof auditTypes>[0]) =>
  (await auditTypes(server)).filter((type) => type.startsWith("refresh"));

describe("one-time rotation", () => {
  it("R0 → R1 → R2; R0 after the grace is theft: R2 is dead too, and its access token refused", async () => {
    const { server, client, r0, rotate } = await signedInByBody();
    const r1 = (await rotate(r0)).body.refreshToken!;
    const second = (await rotate(r1)).body;
    expect(new Set([r0, r1, second.refreshToken]).size).toBe(3);
    expect((await client.me(second.accessToken)).status).toBe(200);

    server.time.now += 10 * SECOND + 1;
    expect(refusal(await rotate(r0))).toEqual(reused);
    expect(refusal(await rotate(second.refreshToken!))).toEqual(reused);
    expect(refusal(await client.me(second.accessToken))).toMatchObject({ status: 401, reason: "session_revoked" });
    const [theft] = await server.audit.list({ limit: 1 });
    expect(theft).toMatchObject({ type: "refresh_token_reused", detail: { presented: 0, generation: 2 } });
  });

  it("with a grace of 0 the second use of R0 is theft at once", async () => {
    const { client, r0, rotate } = await signedInByBody({ rotationGrace: 0 });
    const { body } = await rotate(r0);
    expect(refusal(await rotate(r0))).toEqual(reused);
    expect(refusal(await rotate(body.refreshToken!))).toEqual(reused);
    expect(refusal(await client.me(body.accessToken))).toMatchObject({ reason: "session_revoked" });
  });

  it("with a grace of 0 of many at once one rotates, and the session dies", async () => {
    const { server, client, r0, rotate } = await signedInByBody({ rotationGrace: 0 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => rotate(r0)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await rotations(server)).toEqual(["refresh", "refresh_token_reused"]);
    const winner = answers.find(({ status }) => status === 200)!.body;
    expect(refusal(await client.me(winner.accessToken))).toMatchObject({ reason: "session_revoked" });
  });

  it("R0 again within the grace: the same successor, byte for byte, and a fresh access token", async () => {
    const { server, client, r0, rotate } = await signedInByBody();
    const first = (await rotate(r0)).body;
    server.time.now += 10 * SECOND;
    const again = (await rotate(r0)).body;
    expect(again.refreshToken).toBe(first.refreshToken);
    expect(again.accessToken).not.toBe(first.accessToken);
    expect((await client.me(again.accessToken)).status).toBe(200);
    expect(await rotations(server)).toEqual(["refresh", "refresh_repeated"]);
  });

  it("R0 within the grace of a later rotation: the current token, for whoever is behind", async () => {
    const { r0, rotate } = await signedInByBody();
    const r1 = (await rotate(r0)).body.refreshToken!;
    const r2 = (await rotate(r1)).body.refreshToken!;
    expect((await rotate(r0)).body.refreshToken).toBe(r2);
    expect((await rotate(r1)).body.refreshToken).toBe(r2);
  });

  it("a session is as good after a hundred rotations", async () => {
    const { server, r0, rotate } = await signedInByBody();
    let token = r0;
    for (let round = 0; round < 100; round++) {
      server.time.now += SECOND;
      token = (await rotate(token)).body.refreshToken!;
    }
    expect(token).toEqual(expect.any(String));
    expect(refusal(await rotate(r0))).toEqual(reused);
  });
});

describe("R0 sent a hundred times at once has one successor", () => {
  it("by body", async () => {
    const { server, r0, rotate } = await signedInByBody();
    const answers = await Promise.all(Array.from({ length: 100 }, () => rotate(r0)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    expect((await rotations(server)).filter((type) => type === "refresh")).toHaveLength(1);
  });

  it("by cookie, with the device cookie", async () => {
    const { server, client } = await startSignedIn();
    const tabs = Array.from({ length: 100 }, () => client.copy());
    const answers = await Promise.all(tabs.map((tab) => tab.refresh()));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(tabs.map((tab) => tab.jar.get("ostiary_refresh"))).size).toBe(1);
    expect((await rotations(server)).filter((type) => type === "refresh")).toHaveLength(1);
    server.time.now += MINUTE;
    expect((await tabs[99]!.refresh()).status).toBe(200);
  });
});

describe("a lost answer", () => {
  it("is fetched again with the rotation's Idempotency-Key, hours later, as often as need be", async () => {
    for (const rotationGrace of [10, 0]) {
      const { server, r0, rotate } = await signedInByBody({ rotationGrace });
      const lost = (await rotate(r0, { "idempotency-key": KEY })).body;
      for (let round = 0; round < 3; round++) {
        server.time.now += 60 * MINUTE;
        expect((await rotate(r0, { "idempotency-key": KEY })).body.refreshToken).toBe(lost.refreshToken);
      }
      expect((await rotate(lost.refreshToken!)).status).toBe(200);
    }
  });

  it.each([
    ["another key", { "idempotency-key": `${KEY}!` }],
    ["no key", {}],
  ])("is not fetched with %s", async (_, headers) => {
    const { server, r0, rotate } = await signedInByBody();
    await rotate(r0, { "idempotency-key": KEY });
    server.time.now += MINUTE;
    expect(refusal(await rotate(r0, { ...headers }))).toEqual(reused);
  });

  it("is not fetched once the session has gone on: the key is the last rotation's", async () => {
    const { server, r0, rotate } = await signedInByBody();
    const r1 = (await rotate(r0, { "idempotency-key": KEY })).body.refreshToken!;
    await rotate(r1, { "idempotency-key": `${KEY}-2` });
    server.time.now += MINUTE;
    expect(refusal(await rotate(r0, { "idempotency-key": KEY }))).toEqual(reused);
  });

  it("is not fetched with the key of another session", async () => {
    const { server, client, r0, rotate } = await signedInByBody();
    const other = await client.login("ada@example.com", { delivery: "body" });
    await rotate(other.refreshToken!, { "idempotency-key": KEY });
    await rotate(r0);
    server.time.now += MINUTE;
    expect(refusal(await rotate(r0, { "idempotency-key": KEY }))).toEqual(reused);
  });
});

describe("browsers", () => {
  /** Ada's browser; `behind` still has the cookies from before the last rotation. */
  async function browser(config = {}) {
    const { server, client } = await startSignedIn(config);
    const behind = client.copy();
    await client.refresh();
    return { server, client, behind };
  }
  const tokenOf = (client: TestClient) => client.jar.get("ostiary_refresh");

  it("answers under way together carry the same bytes: a token just born is repeated, not rotated", async () => {
    const { server, client } = await browser();
    const born = tokenOf(client);
    server.time.now += 10 * SECOND;
    await client.refresh();
    expect(tokenOf(client)).toBe(born);
    server.time.now += 1;
    await client.refresh();
    expect(tokenOf(client)).not.toBe(born);
    expect(await rotations(server)).toEqual(["refresh", "refresh_repeated", "refresh"]);
  });

  it("a fresh session's first refresh rotates at once", async () => {
    const { client } = await startSignedIn();
    const r0 = tokenOf(client);
    await client.refresh();
    expect(tokenOf(client)).not.toBe(r0);
  });

  it("within the grace, an old cookie without the device cookie is theft", async () => {
    const { client, behind } = await browser();
    behind.jar.delete("ostiary_device");
    expect(refusal(await behind.refresh())).toEqual(reused);
    expect(refusal(await client.refresh())).toEqual(reused);
  });

  it("within the grace, an old cookie with another browser's device cookie is theft", async () => {
    const { server, behind } = await browser();
    const other = new TestClient(server);
    await other.login();
    behind.jar.set("ostiary_device", other.jar.get("ostiary_device")!);
    expect(refusal(await behind.refresh())).toEqual(reused);
  });

  it("long after the grace the same browser is forgiven once, and audited; a second time is theft", async () => {
    const { server, client, behind } = await browser();
    server.time.now += 60 * MINUTE;
    const again = behind.copy();
    expect((await behind.refresh()).status).toBe(200);
    expect(tokenOf(behind)).toBe(tokenOf(client));
    const [event] = await server.audit.list({ limit: 1 });
    expect(event).toMatchObject({ type: "refresh_repeated", detail: { late: true, presented: 0, generation: 1 } });

    server.time.now += 60 * MINUTE;
    expect(refusal(await again.refresh())).toEqual(reused);
  });

  it("with a grace of 0 nobody is forgiven", async () => {
    const { behind } = await browser({ rotationGrace: 0 });
    expect(refusal(await behind.refresh())).toEqual(reused);
  });

  it("a lost race never clears the cookies, a dead session does", async () => {
    const { server, behind } = await browser();
    const won = await behind.refresh();
    expect(won.status).toBe(200);
    expect(behind.jar.has("ostiary_refresh")).toBe(true);
    server.time.now += MINUTE;
    const thief = behind.copy();
    await behind.refresh();
    server.time.now += MINUTE;
    thief.jar.delete("ostiary_device");
    expect(refusal(await thief.refresh())).toEqual(reused);
    expect(thief.jar.has("ostiary_refresh")).toBe(false);
    expect(refusal(await behind.refresh())).toEqual(reused);
    expect([...behind.jar.keys()]).toEqual(["ostiary_device"]);
  });

  it("a token that came by cookie may go on by body, and is then held to the body's rules", async () => {
    const { server, client, behind } = await browser();
    const app = new TestClient(server);
    const answer: Answer<TokenResponse> = await app.refresh(tokenOf(behind));
    expect(answer.body.refreshToken).toBe(tokenOf(client));
    server.time.now += MINUTE;
    expect(refusal(await app.refresh(tokenOf(behind)))).toEqual(reused);
  });

  it("the device cookie is renewed with each refresh", async () => {
    const { client } = await browser();
    const { headers } = await client.refresh(undefined, { origin: ORIGIN });
    expect(headers.getSetCookie().some((cookie) => cookie.startsWith("ostiary_device="))).toBe(true);
  });
});
