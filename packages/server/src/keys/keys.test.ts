import { generateKey } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { decodeProtectedHeader } from "jose";
import { LAST_GOOD_KEYS_SECONDS } from "@ostiary/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { PageClient } from "../../test/page-client.ts";
import {
  DAY,
  MINUTE,
  SECOND,
  START,
  TestClient,
  auditTypes,
  refusal,
  startTestServer,
  temporaryFile,
} from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { openStore } from "../stores/open-store.ts";

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

/** A server, a client that is signed in with the refresh token in the body, and what its keys are. */
async function signedIn(config: OstiaryConfig = {}) {
  const server = await startTestServer(config);
  const client = new TestClient(server);
  const tokens = await client.signup("ada@example.com", { delivery: "body" });
  return { server, client, tokens, refreshToken: tokens.refreshToken! };
}

const statesOf = async (server: TestServer, purpose = "access") =>
  Object.fromEntries(
    (await server.keys.list({ gone: true })).filter((key) => key.purpose === purpose).map(({ id, state }) => [id, state]),
  );

const published = async (client: TestClient) =>
  (await client.call<{ keys: { kid: string }[] }>("GET", "/.well-known/jwks.json")).body.keys.map(({ kid }) => kid);

describe("rotate", () => {
  it("on a new server is done at once: the next key was published from the beginning; tokens of before go on", async () => {
    const { server, client, tokens, refreshToken } = await signedIn();
    const next = await server.keys.rotate();
    expect(next).toMatchObject({ state: "active", activatedAt: START, activatesAt: null });
    const { body } = await client.refresh(refreshToken);
    expect(kidOf(body.accessToken)).toBe(next.id);
    for (const token of [tokens.accessToken, body.accessToken]) expect((await client.me(token)).status).toBe(200);
    expect(await statesOf(server)).toMatchObject({ [kidOf(tokens.accessToken)!]: "retiring", [next.id]: "active" });
    expect(await published(client)).toHaveLength(3);
  });

  it("again at once waits until the next key has been published long enough, and says until when", async () => {
    const { server } = await signedIn();
    const signing = await server.keys.rotate();
    const next = await server.keys.rotate();
    expect(next).toMatchObject({ state: "upcoming", activatesAt: next.createdAt + 10 * MINUTE });
    expect(await statesOf(server)).toMatchObject({ [signing.id]: "active" });
    server.time.now = next.activatesAt!;
    await expect.poll(() => statesOf(server), { timeout: 5000 }).toMatchObject({ [signing.id]: "retiring", [next.id]: "active" });
  });

  it("with `now` does not wait", async () => {
    const { server } = await signedIn();
    await server.keys.rotate();
    expect(await server.keys.rotate({ now: true })).toMatchObject({ state: "active" });
  });

  it("happens by itself when a key has signed for its time, and a key goes once its last token has expired", async () => {
    const { server, client, tokens } = await signedIn({ keyRotation: "30d", sessionTtl: "90d", refreshTokenTtl: "60d" });
    const kid = kidOf(tokens.accessToken)!;
    server.time.now += 30 * DAY - SECOND;
    await server.keys.rotate({ purpose: "refresh" }); // it looks at all of the ring
    expect(await statesOf(server)).toMatchObject({ [kid]: "active" });
    server.time.now += SECOND;
    await expect.poll(() => statesOf(server), { timeout: 5000 }).toMatchObject({ [kid]: "retiring" });
    const last = (await server.keys.list()).find(({ id }) => id === kid)!;
    expect(last.goneAt).toBe(server.time.now + 15 * MINUTE + 120 * SECOND);
    server.time.now = last.goneAt!;
    await expect.poll(() => statesOf(server), { timeout: 5000 }).toMatchObject({ [kid]: "gone" });
    await expect.poll(() => published(client), { timeout: 5000 }).not.toContain(kid);
    expect(await auditTypes(server)).toContain("key_state_changed");
  });
});

describe("the refresh key rotates", () => {
  it("and nobody is signed out: a token of before verifies for as long as it could live, and rotates under the new key", async () => {
    const { server, client, refreshToken } = await signedIn();
    const before = kidOf(refreshToken)!;
    await server.keys.rotate({ purpose: "refresh" });
    server.time.now += 7 * DAY - MINUTE;
    const first = await client.refresh(refreshToken);
    expect(first.status).toBe(200);
    expect(kidOf(first.body.refreshToken!)).not.toBe(before);
    // Lost answers are made good across the rotation too: the token of before is answered with the same bytes.
    server.time.now += SECOND;
    expect((await client.refresh(refreshToken)).body.refreshToken).toBe(first.body.refreshToken);
    expect((await client.refresh(first.body.refreshToken)).status).toBe(200);
  });

  it("and goes when the longest session under it can have ended, not earlier", async () => {
    const { server, refreshToken } = await signedIn({ rememberTtl: "20d" });
    const kid = kidOf(refreshToken)!;
    await server.keys.rotate({ purpose: "refresh" });
    expect((await server.keys.list()).find(({ id }) => id === kid)).toMatchObject({ goneAt: START + 20 * DAY + 120 * SECOND });
    server.time.now += 20 * DAY + 120 * SECOND;
    await expect.poll(() => statesOf(server, "refresh"), { timeout: 5000 }).toMatchObject({ [kid]: "gone" });
  });

  it("withdrawn as compromised, its sessions have to sign in again, whoever has the key", async () => {
    const { server, client, tokens, refreshToken } = await signedIn();
    await server.keys.withdraw({ id: kidOf(refreshToken)! });
    expect(refusal(await client.refresh(refreshToken))).toMatchObject({ status: 401, reason: "signature_invalid" });
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    const again = await client.login("ada@example.com", { delivery: "body" });
    expect((await client.refresh(again.refreshToken)).status).toBe(200);
  });
});

describe("withdraw", () => {
  it("a refresh key, while a token under the one before is answered once more: refused like the others, not a failure", async () => {
    const { server, client, refreshToken } = await signedIn();
    await server.keys.rotate({ purpose: "refresh" });
    const { body } = await client.refresh(refreshToken);
    await server.keys.withdraw({ id: kidOf(body.refreshToken!)! });
    expect(refusal(await client.refresh(refreshToken))).toMatchObject({ status: 401, reason: "signature_invalid" });
    expect(server.reported).toEqual([]);
  });

  it("the signing key: it signs no more, is published no more, and what it signed is refused at once; sessions go on", async () => {
    const { server, client, tokens, refreshToken } = await signedIn();
    const kid = kidOf(tokens.accessToken)!;
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    const gone = await server.keys.withdraw("signing");
    expect(gone).toMatchObject([{ id: kid, state: "gone", compromised: true, goneAt: START }]);
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ status: 401, error: "invalid_token" });
    expect(await published(client)).not.toContain(kid);
    const { body } = await client.refresh(refreshToken);
    expect(kidOf(body.accessToken)).not.toBe(kid);
    expect((await client.me(body.accessToken)).status).toBe(200);
  });

  it("everything: keys that nobody has seen sign from now on", async () => {
    const { server, client, tokens, refreshToken } = await signedIn();
    const before = await published(client);
    await server.keys.rotate();
    expect(await server.keys.withdraw("all")).toHaveLength(3);
    const after = await published(client);
    expect(after).toHaveLength(2);
    expect(after.filter((kid) => before.includes(kid))).toEqual([]);
    expect((await client.me(tokens.accessToken)).status).toBe(401);
    const { body } = await client.refresh(refreshToken);
    expect((await client.me(body.accessToken)).status).toBe(200);
  });

  it("is in the revocation log in the same transaction, and other processes follow within moments", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const here = await startTestServer({ databaseUrl });
    const there = await startTestServer({ databaseUrl });
    const client = new TestClient(here);
    const tokens = await client.signup();
    expect((await client.me(tokens.accessToken)).status).toBe(200);
    const [gone] = await there.keys.withdraw("signing");
    const store = await openStore({ databaseUrl });
    onTestFinished(() => store.close());
    const entries = await store.revocations.entriesAfter(0, 10);
    expect(entries).toMatchObject([{ kind: "key", value: gone?.id, effect: "stale", reason: "key_compromised" }]);
    // Its thief goes on signing, and a guard that finds no newer keys goes by this one for a day.
    expect(entries[0]?.expiresAt).toBeGreaterThan(START / 1000 + LAST_GOOD_KEYS_SECONDS);
    await expect.poll(async () => (await client.me(tokens.accessToken)).status, { timeout: 5000, interval: 20 }).toBe(401);
    await expect.poll(() => published(client), { timeout: 5000, interval: 20 }).not.toContain(kidOf(tokens.accessToken));
    const next = await client.refresh();
    expect((await client.me(next.body.accessToken)).status).toBe(200);
  });

  it("the key of browser tokens is followed by another at once: CSRF tokens and sign-in cookies are new, sessions live on", async () => {
    const server = await startTestServer();
    const client = new TestClient(server);
    await client.signup();
    const browserKey = async () => (await server.keys.list()).find(({ purpose }) => purpose === "browser");
    const [csrf, signin] = [client.jar.get("ostiary_csrf"), client.jar.get("ostiary_signin") ?? ""];
    const opens = async (value: string) =>
      (await new PageClient(server, new Map([["ostiary_signin", value]])).get("/account")).status === 200;
    const id = (await browserKey())?.id ?? "";
    expect(await opens(signin)).toBe(true);
    await expect(server.keys.retire(id)).rejects.toMatchObject({ code: "not_found" });

    expect(await server.keys.withdraw({ id })).toMatchObject([{ id, state: "gone", compromised: true }]);
    expect(await browserKey()).toMatchObject({ state: "active" });
    expect(await opens(signin)).toBe(false);
    expect(refusal(await client.refresh())).toMatchObject({ status: 403, error: "csrf_failed" });
    const { body } = await client.call<{ csrfToken: string }>("GET", "/csrf");
    expect(body.csrfToken).not.toBe(csrf);
    expect((await client.refresh(undefined, { "x-csrf-token": body.csrfToken })).status).toBe(200);
    expect(await opens(client.jar.get("ostiary_signin") ?? "")).toBe(true);
  });

  it("what is not there is not found", async () => {
    const { server } = await signedIn();
    for (const id of ["none", "__proto__"]) {
      await expect(server.keys.withdraw({ id })).rejects.toMatchObject({ code: "not_found" });
      await expect(server.keys.retire(id)).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("retire", () => {
  it("the signing key is a rotation, an upcoming one goes at once and another is made, a retiring one goes by itself", async () => {
    const { server, client, tokens } = await signedIn();
    const signing = kidOf(tokens.accessToken)!;
    const [next] = (await published(client)).filter((kid) => kid !== signing);
    expect(await server.keys.retire(next!)).toMatchObject({ state: "gone", compromised: false });
    expect(await published(client)).toHaveLength(2);
    // The one that took its place has not been published long enough.
    expect(await server.keys.retire(signing)).toMatchObject({ state: "active" });
    server.time.now += 11 * MINUTE;
    await expect.poll(() => statesOf(server), { timeout: 5000 }).toMatchObject({ [signing]: "retiring" });
    expect(await server.keys.retire(signing)).toMatchObject({ state: "retiring" });
    expect((await client.me(tokens.accessToken)).status).toBe(200);
  });
});

describe("import", () => {
  it("publishes the key, lets it sign once it has been long enough, and then retires it like any other", async () => {
    const { server, client, refreshToken } = await signedIn();
    const key = generateKey("ES256", { keyId: "ours-2026" });
    const imported = await server.keys.import(key);
    expect(imported).toMatchObject({ id: "ours-2026", origin: "imported", state: "upcoming" });
    expect(imported.activatesAt).toBe(imported.createdAt + 10 * MINUTE);
    expect(await published(client)).toContain("ours-2026");
    server.time.now = imported.activatesAt!;
    await expect.poll(() => statesOf(server), { timeout: 5000 }).toMatchObject({ "ours-2026": "active" });
    await server.keys.rotate({ purpose: "refresh" });
    const { body } = await client.refresh(refreshToken);
    expect(kidOf(body.accessToken)).toBe("ours-2026");
  });

  it("with `now` lets it sign at once", async () => {
    const { server } = await signedIn();
    expect(await server.keys.import(generateKey("ES256"), { now: true })).toMatchObject({ state: "active" });
  });

  it.each<[string, (signing: Key) => Key, RegExp]>([
    ["of another algorithm", () => generateKey("RS256"), /set OSTIARY_SIGNING_ALGORITHM=RS256, restart/],
    ["that is public", () => generateKey("ES256").publicKey(), /public key: import the private one/],
    ["whose id is taken", () => generateKey("ES256", { keyId: "taken" }), /There is, or was, a key taken/],
    ["that is there already", (there) => there, /There is, or was, a key taken/],
  ])("refuses a key %s, and changes nothing", async (_, makeKey, why) => {
    const { server } = await signedIn();
    const there = generateKey("ES256", { keyId: "taken" });
    await server.keys.import(there);
    const before = await server.keys.list();
    await expect(server.keys.import(makeKey(there))).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(why) as unknown,
    });
    expect(await server.keys.list()).toEqual(before);
  });
});
