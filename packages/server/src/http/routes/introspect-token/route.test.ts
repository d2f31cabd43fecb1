import { describe, expect, it } from "vitest";
import { decode, signJws } from "@ostiary/jwt";
import { ISSUER, MINUTE, START, keysOf, refusal, startTestServer, temporaryFile } from "../../../../test/test-server.ts";
import type { TestServer } from "../../../../test/test-server.ts";
import { startTokenEndpoint } from "../../../../test/token-endpoint.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";

async function start(config: OstiaryConfig = {}) {
  const { send, ...rest } = await startTokenEndpoint<Record<string, unknown>>("/oauth/introspect", config);
  const introspect = (token: string, hint?: string, explain?: string) =>
    send(token, { ...(hint === undefined ? {} : { token_type_hint: hint }), ...(explain === undefined ? {} : { explain }) });
  return { ...rest, introspect };
}

const INACTIVE = { active: false };

describe("POST /oauth/introspect", () => {
  it("200: an access token's claims, your own included, which cannot make it what it is not", async () => {
    const { tokens, introspect } = await start({ claims: () => ({ plan: "pro", active: false, token_type: "none" }) });
    const { status, body, headers } = await introspect(tokens.accessToken);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      active: true,
      token_type: "Bearer",
      iss: ISSUER,
      aud: ISSUER,
      sub: tokens.user.id,
      client_id: "first-party",
      sid: expect.any(String) as unknown,
      jti: expect.any(String) as unknown,
      ver: 1,
      scope: "",
      roles: ["user"],
      auth_time: START / 1000,
      amr: ["pwd"],
      acr: "urn:ostiary:acr:password",
      iat: START / 1000,
      exp: START / 1000 + 900,
      plan: "pro",
    });
  });

  it("200: of refresh tokens, the one of the current generation, while the session lives", async () => {
    const { server, client, tokens, introspect } = await start();
    const { body } = await introspect(tokens.refreshToken!);
    const [session] = await server.sessions.list(tokens.user.id);
    expect(body).toEqual({
      active: true,
      iss: ISSUER,
      sub: tokens.user.id,
      client_id: "first-party",
      sid: session?.id,
      auth_time: START / 1000,
      amr: ["pwd"],
      acr: "urn:ostiary:acr:password",
      iat: START / 1000,
      exp: START / 1000 + 7 * 86_400,
    });
    server.time.now += MINUTE;
    const next = (await client.refresh(tokens.refreshToken)).body.refreshToken!;
    expect((await introspect(tokens.refreshToken!)).body).toEqual(INACTIVE);
    expect((await introspect(next)).body).toMatchObject({ active: true });
    server.time.now += 8 * 24 * 60 * MINUTE;
    expect((await introspect(next)).body).toEqual(INACTIVE);
  });

  it("200: finds a token whatever the hint", async () => {
    const { tokens, introspect } = await start();
    for (const hint of ["access_token", "refresh_token", "pigeon"]) {
      for (const token of [tokens.accessToken, tokens.refreshToken!]) {
        expect((await introspect(token, hint)).body).toMatchObject({ active: true });
      }
    }
  });

  it("200: exactly {\"active\":false} for what is no token of ours, whatever it is", async () => {
    const databaseUrl = temporaryFile();
    const { tokens, introspect } = await start({ databaseUrl: `sqlite:${databaseUrl}` });
    const keys = await keysOf(databaseUrl);
    const claims = { iss: ISSUER, sid: "nobody", gen: 0, jti: "x", iat: START / 1000, exp: START / 1000 + 900 };
    const unknownSession = signJws(JSON.stringify(claims), { key: keys.refreshKey, header: { typ: "rt+jwt" } });
    const [head = "", body = "", signature = ""] = tokens.accessToken.split(".");
    for (const token of [
      "x",
      "a.b.c",
      "\0",
      "💥",
      `${head}.${body}.${signature.slice(1)}x`,
      `${head}.${body}.`,
      unknownSession,
    ]) {
      const answer = await introspect(token);
      expect([answer.status, answer.body]).toEqual([200, INACTIVE]);
    }
  });

  it("200: inactive from the moment a token expired, or anything ended it", async () => {
    const ends: ((server: TestServer, user: string, session: string) => Promise<unknown>)[] = [
      (server) => Promise.resolve((server.time.now += 15 * MINUTE)),
      (server, _, session) => server.sessions.revoke(session),
      (server, user) => server.sessions.revokeAll(user),
      (server, user) => server.users.disable(user),
      (server, user) => server.users.delete(user),
      (server, user) => server.users.setRoles(user, ["admin"]),
    ];
    for (const end of ends) {
      const { server, tokens, introspect } = await start();
      const [session] = await server.sessions.list(tokens.user.id);
      await end(server, tokens.user.id, session?.id ?? "");
      expect((await introspect(tokens.accessToken)).body).toEqual(INACTIVE);
    }
  });

  it("200: why an access token was revoked, to a guard that asks for it", async () => {
    const ends: [string | undefined, (server: TestServer, user: string, session: string, jti: string) => Promise<unknown>][] = [
      ["session_revoked", (server, _, session) => server.sessions.revoke(session)],
      ["token_revoked", (server, user) => server.users.disable(user)],
      ["token_stale", (server, user) => server.users.setRoles(user, ["admin"])],
      ["token_revoked", (server, _user, _session, jti) => server.sessions.revokeToken(jti)],
      [undefined, (server) => Promise.resolve((server.time.now += 15 * MINUTE))],
    ];
    const { server, client, introspect } = await start();
    for (const [n, [reason, end]] of ends.entries()) {
      const tokens = await client.signup(`ada${n}@example.com`, { delivery: "body" });
      const { sid, jti } = decode(tokens.accessToken).claims;
      await end(server, tokens.user.id, String(sid), jti ?? "");
      const told = reason === undefined ? INACTIVE : { active: false, reason };
      for (const hint of [undefined, "refresh_token"]) {
        expect((await introspect(tokens.accessToken, hint, "true")).body).toEqual(told);
      }
      // Exactly what RFC 7662 has, to everyone else.
      const anyOther = [undefined, "false", "1", "TRUE"][n % 4];
      expect((await introspect(tokens.accessToken, undefined, anyOther)).body).toEqual(INACTIVE);
    }
  });

  it("200: of what is no token of ours no reason is told either", async () => {
    const { tokens, introspect } = await start();
    const [head = "", body = "", signature = ""] = tokens.accessToken.split(".");
    for (const token of ["x", `${head}.${body}.${signature.slice(1)}x`, `${head}.${body}.`, `${tokens.refreshToken}x`]) {
      expect((await introspect(token, undefined, "true")).body).toEqual(INACTIVE);
    }
  });

  it("200: judged against the log as it is, whichever process appended to it just now", async () => {
    const databaseUrl = `sqlite:${temporaryFile()}`;
    const { tokens, introspect } = await start({ databaseUrl });
    const other = await startTestServer({ databaseUrl });
    await other.sessions.revokeAll(tokens.user.id);
    // At once: no poll has been yet.
    expect((await introspect(tokens.accessToken)).body).toEqual(INACTIVE);
    expect((await introspect(tokens.refreshToken!)).body).toEqual(INACTIVE);
  });

  it("503 store_unavailable, never an answer that may be wrong", async () => {
    const { server, tokens, introspect } = await start();
    expect((await introspect(tokens.accessToken)).body).toMatchObject({ active: true });
    await server.close();
    const answer = await introspect(tokens.accessToken);
    expect(refusal(answer)).toMatchObject({ status: 503, reason: "store_unavailable" });
    expect([answer.headers.get("retry-after"), answer.headers.get("www-authenticate")]).toEqual(["1", null]);
  });
});
