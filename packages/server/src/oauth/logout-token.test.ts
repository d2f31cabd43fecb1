import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { startListening } from "../../test/listening-server.ts";
import { endASession, FAR, onItsOwn } from "../../test/notifier.ts";
import { registerApp, sameStore, sidOf, startReceiver } from "../../test/oauth-client.ts";
import { MINUTE, temporaryFile, TestClient } from "../../test/test-server.ts";

describe("the logout token", () => {
  it("checklist 88: is what the specification says: typ, events, sub and sid, its own jti, a short life, and no nonce", async () => {
    const receiver = await startReceiver();
    const databaseUrl = temporaryFile();
    const server = await startListening({ databaseUrl: `sqlite:${databaseUrl}` });
    const client = new TestClient(server);
    const { accessToken, user } = await client.signup();
    const app = await registerApp(server, { backchannelLogoutUri: receiver.uri });
    const store = await sameStore(databaseUrl);
    await store.oauth.signOns.note({ signOnId: sidOf(accessToken), clientId: app.clientId, userId: user.id, expiresAt: FAR });
    await client.call("POST", "/logout", { bearer: accessToken });
    await receiver.count(1);

    const [{ logoutToken, contentType, path }] = receiver.received as [(typeof receiver.received)[0]];
    expect(path).toBe("/backchannel");
    expect(contentType).toMatch(/^application\/x-www-form-urlencoded/);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/.well-known/jwks.json`));
    const currentDate = new Date(server.time.now);
    const { payload, protectedHeader } = await jwtVerify(logoutToken, keys, {
      issuer: server.issuer,
      audience: app.clientId,
      typ: "logout+jwt",
      currentDate,
    });
    expect(protectedHeader).toEqual({ alg: "ES256", typ: "logout+jwt", kid: expect.any(String) as unknown });
    const iat = server.time.now / 1000;
    expect(payload).toEqual({
      iss: server.issuer,
      aud: app.clientId,
      iat,
      exp: iat + 120,
      jti: expect.stringMatching(/^[\w-]{22}$/) as unknown,
      sub: user.id,
      sid: sidOf(accessToken),
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    // What it is no token for.
    expect((await client.me(logoutToken)).status).toBe(401);
  });

  it("checklist 88: is another at each try: none is taken for a replay", async () => {
    const statuses = [503, 503, 200];
    const { app, store, receiver, worker, time, settledAre } = await onItsOwn(
      (_, response) => void response.writeHead(statuses.shift() ?? 500).end(),
    );
    await endASession(store, app, worker);
    for (let tries = 1; tries <= 3; tries++) {
      await worker.look();
      await settledAre(tries);
      time.now += 10 * MINUTE;
    }
    const tokens = receiver.received.map(({ logoutToken }) => logoutToken);
    expect(new Set(tokens).size).toBe(3);
    expect(tokens.map((token) => decodeProtectedHeader(token).typ)).toEqual(Array.from({ length: 3 }, () => "logout+jwt"));
    time.now += 60 * MINUTE;
    await worker.look();
    expect(receiver.received).toHaveLength(3);
  });
});
