import { describe, expect, it } from "vitest";
import { createSigner } from "@ostiary/jwt";
import {
  ISSUER,
  MINUTE,
  START,
  auditTypes,
  keysOf,
  refusal,
  temporaryFile,
} from "../../../../test/test-server.ts";
import { startTokenEndpoint } from "../../../../test/token-endpoint.ts";
import type { OstiaryConfig } from "../../../ostiary-config.ts";

async function start(config: OstiaryConfig = {}) {
  const { send: revoke, ...rest } = await startTokenEndpoint<unknown>("/oauth/revoke", config);
  return { ...rest, revoke };
}

describe("POST /oauth/revoke", () => {
  it("200: an access token is worthless at once; its session goes on", async () => {
    const { server, client, tokens, guard, revoke } = await start();
    const { status, body } = await revoke(tokens.accessToken);
    expect([status, body]).toEqual([200, null]);
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ status: 401, reason: "token_revoked" });
    const refreshed = await client.refresh(tokens.refreshToken);
    expect((await client.me(refreshed.body.accessToken)).status).toBe(200);
    const event = (await server.audit.list({ userId: tokens.user.id })).find(({ type }) => type === "token_revoked");
    expect(event).toMatchObject({ sessionId: expect.any(String) as unknown, detail: { clientId: guard.clientId } });
  });

  it("200: a refresh token takes its session with it, whatever its generation, and every access token of it", async () => {
    const { server, client, tokens, guard, revoke } = await start();
    const next = (await client.refresh(tokens.refreshToken)).body;
    server.time.now += MINUTE;
    expect((await revoke(tokens.refreshToken!)).status).toBe(200);
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ reason: "session_revoked" });
    expect(refusal(await client.me(next.accessToken))).toMatchObject({ reason: "session_revoked" });
    expect(refusal(await client.refresh(next.refreshToken))).toMatchObject({ reason: "session_revoked" });
    const [last] = await server.audit.list({ userId: tokens.user.id, limit: 1 });
    expect(last).toMatchObject({
      type: "session_revoked",
      detail: { reason: "refresh_token_revoked", clientId: guard.clientId },
    });
  });

  it("200: finds a token whatever the hint", async () => {
    for (const token_type_hint of ["access_token", "refresh_token", "pigeon"]) {
      const { client, tokens, revoke } = await start();
      await revoke(tokens.accessToken, { token_type_hint });
      expect((await client.me(tokens.accessToken)).status).toBe(401);
      await revoke(tokens.refreshToken!, { token_type_hint });
      expect((await client.refresh(tokens.refreshToken)).status).toBe(401);
    }
  });

  it("200: nothing happens for what is no token of ours, or no good any more", async () => {
    const { server, tokens, revoke } = await start();
    await revoke(tokens.accessToken);
    await revoke(tokens.refreshToken!);
    const before = await auditTypes(server);
    for (const token of ["x", "a.b.c", "\0", `${tokens.accessToken}x`, tokens.accessToken, tokens.refreshToken!]) {
      expect((await revoke(token)).status).toBe(200);
    }
    expect(await auditTypes(server)).toEqual(before);
  });

  it("403 unauthorized_client: another client's token is left alone", async () => {
    const path = temporaryFile();
    const { server, tokens, guard, revoke } = await start({ databaseUrl: `sqlite:${path}` });
    const { accessKey: key } = await keysOf(path);
    const sign = createSigner({
      key,
      type: "at+jwt",
      issuer: ISSUER,
      audience: ISSUER,
      expiresInSeconds: 900,
      clock: () => START,
    });
    const [session] = await server.sessions.list(tokens.user.id);
    const token = (client_id: string) =>
      sign({
        sub: tokens.user.id,
        sid: session?.id,
        jti: `of ${client_id}`.replace(" ", "-"),
        client_id,
        ver: 1,
        scope: "",
        roles: [],
      });
    expect(refusal(await revoke(token("other")))).toEqual({ status: 403, error: "unauthorized_client" });
    expect((await server.guard.verify(token("other"))).subject).toBe(tokens.user.id);
    expect((await revoke(token(guard.clientId))).status).toBe(200);
    await expect(server.guard.verify(token(guard.clientId))).rejects.toMatchObject({ reason: "token_revoked" });
  });

  it("503 while the store is down, never 200", async () => {
    const { server, tokens, revoke } = await start();
    await revoke("x");
    await server.close();
    expect(refusal(await revoke(tokens.accessToken))).toMatchObject({ status: 503, reason: "store_unavailable" });
  });
});
