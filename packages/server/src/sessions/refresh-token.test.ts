/** Refresh tokens that are not ours, on POST /refresh. */
import { createHmac } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { generateKey, signJws } from "@ostiary/jwt";
import type { Key } from "@ostiary/jwt";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { ISSUER, START, auditTypes, keysOf, refusal, startSignedIn, temporaryFile } from "../../test/test-server.ts";

const refusedFor = (reason: string) => ({ status: 401, error: "invalid_token", reason });

/** A server on a file, with its refresh key and its session's secret in an attacker's hands. */
async function onFile() {
  const path = temporaryFile();
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${path}` }, { delivery: "body" });
  const keyring = await keysOf(path);
  const claims = decodeJwt(tokens.refreshToken!) as Record<string, unknown>;
  const database = new DatabaseSync(path);
  const row = database.prepare("select secret from sessions").get() as { secret: Uint8Array };
  database.close();
  const sign = (changed: Record<string, unknown>, key: Key = keyring.refreshKey, typ = "rt+jwt") =>
    signJws(JSON.stringify({ ...claims, ...changed }), { key, header: { typ } });
  const jtiOf = (generation: unknown) =>
    createHmac("sha256", row.secret).update(`refresh token ${String(generation)}`).digest("base64url");
  const refresh = async (token: string) => refusal(await client.refresh(token));
  return { server, client, tokens, keyring, claims, sign, jtiOf, refresh };
}

describe("a refresh token", () => {
  it("has the claims of the protocol and nothing of the user, and is the same bytes each time it is issued", async () => {
    const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
    const [session] = await server.sessions.list(tokens.user.id);
    const { refreshToken } = (await client.refresh(tokens.refreshToken)).body;
    const { jti, ...claims } = decodeJwt(refreshToken!);
    expect(jti).toMatch(/^[\w-]{43}$/);
    expect(claims).toEqual({ iss: ISSUER, sid: session!.id, gen: 1, iat: START / 1000, exp: START / 1000 + 7 * 86_400 });
    expect(decodeProtectedHeader(refreshToken!)).toMatchObject({ alg: "HS256", typ: "rt+jwt" });
    for (let round = 0; round < 3; round++) {
      expect((await client.refresh(tokens.refreshToken)).body.refreshToken).toBe(refreshToken);
    }
  });

  it("with every bit flipped is refused, and the session goes on", async () => {
    const { server, client, tokens } = await startSignedIn({ limits: "off" }, { delivery: "body" });
    const bytes = Buffer.from(tokens.refreshToken!, "latin1");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const answer = await client.refresh(flipped.toString("latin1"));
      expect(answer.status).toBe(401);
      expect(["token_malformed", "signature_invalid"]).toContain(answer.body.reason);
    }
    expect(server.reported).toEqual([]);
    expect(await auditTypes(server)).toEqual(["user_created", "signup"]);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });

  it.each(["", ".", "..", "...", "a.b.c", " ", "\u0000", "\ud83e\uddee", "x".repeat(60_000)])(
    "as %j is refused",
    async (text) => {
      const { client } = await startSignedIn();
      const answer = await client.refresh(text);
      expect(answer.status).toBe(text === "" ? 400 : 401);
      if (text !== "") expect(refusal(answer)).toEqual(refusedFor("token_malformed"));
    },
  );

  it("of another server, or with another key, is refused", async () => {
    const { sign, refresh } = await onFile();
    const other = await startSignedIn({}, { delivery: "body" });
    expect(await refresh(other.tokens.refreshToken!)).toEqual(refusedFor("signature_invalid"));
    expect(await refresh(sign({}, generateKey("HS256")))).toEqual(refusedFor("signature_invalid"));
    expect(await refresh(sign({}, generateKey("ES256")))).toEqual(refusedFor("signature_invalid"));
  });

  it("with our key but another type, issuer or form is refused", async () => {
    const { sign, refresh } = await onFile();
    for (const typ of ["at+jwt", "JWT", "RT+JWT"]) {
      expect(await refresh(sign({}, undefined, typ))).toEqual(refusedFor("token_malformed"));
    }
    expect(await refresh(sign({ iss: "https://evil.example" }))).toEqual(refusedFor("claim_invalid"));
    for (const missing of ["iss", "sid", "gen", "jti", "iat", "exp"]) {
      expect(await refresh(sign({ [missing]: undefined }))).toEqual(refusedFor("token_malformed"));
    }
  });

  it("with a generation that is none is refused", async () => {
    const { sign, jtiOf, refresh } = await onFile();
    for (const gen of [-1, 0.5, 1e300, 2 ** 53, "0", null, true, [0], {}]) {
      expect(await refresh(sign({ gen, jti: jtiOf(gen) }))).toEqual(refusedFor("token_malformed"));
    }
  });
});

describe("whoever has the signing key cannot make a token without the row", () => {
  it.each([0, 1, 2, 1000, Number.MAX_SAFE_INTEGER])("generation %i with a made-up jti", async (gen) => {
    const { client, tokens, sign, refresh } = await onFile();
    expect(await refresh(sign({ gen, jti: "A".repeat(43) }))).toEqual(refusedFor("signature_invalid"));
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });

  it("the jti of one generation is not another's, nor another session's", async () => {
    const { client, claims, sign, refresh } = await onFile();
    const other = await client.login("ada@example.com", { delivery: "body" });
    const foreign = decodeJwt(other.refreshToken!);
    expect(await refresh(sign({ gen: 1 }))).toEqual(refusedFor("signature_invalid"));
    expect(await refresh(sign({ jti: foreign.jti }))).toEqual(refusedFor("signature_invalid"));
    expect(await refresh(sign({ sid: foreign["sid"] }))).toEqual(refusedFor("signature_invalid"));
    expect(claims["jti"]).not.toBe(foreign.jti);
  });

  it("such a token in the cookie is refused, and the cookies stay: the session is not dead", async () => {
    const { client, tokens, sign } = await onFile();
    client.jar.set("ostiary_refresh", sign({ jti: "A".repeat(43) }));
    client.jar.set("ostiary_csrf", tokens.csrfToken);
    const answer = await client.refresh();
    expect(refusal(answer)).toEqual(refusedFor("signature_invalid"));
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("a session that is not there counts as long expired", async () => {
    const { sign, refresh } = await onFile();
    expect(await refresh(sign({ sid: "no-such-session" }))).toEqual(refusedFor("session_expired"));
  });

  it("the token's own times decide nothing while its generation is the row's", async () => {
    const { server, client, sign } = await onFile();
    server.time.now += 8 * 86_400_000;
    const answer = await client.refresh(sign({ exp: START, iat: START }));
    expect(refusal(answer)).toEqual(refusedFor("session_expired"));
  });
});

describe("a newer generation than the row's", () => {
  it("is a write the store lost: the session goes on from there", async () => {
    const { client, sign, jtiOf, server } = await onFile();
    const answer = await client.refresh(sign({ gen: 5, jti: jtiOf(5) }));
    expect(decodeJwt(answer.body.refreshToken!)["gen"]).toBe(6);
    const [event] = await server.audit.list({ limit: 1 });
    expect(event).toMatchObject({ type: "refresh", detail: { generation: 6, healedFrom: 0 } });
  });
});
