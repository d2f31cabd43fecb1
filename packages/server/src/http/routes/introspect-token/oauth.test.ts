/** Introspection of the tokens of OAuth clients. */
import { describe, expect, it } from "vitest";
import { API, OTHER_API, startIntrospection, startOAuth } from "../../../../test/code-client.ts";
import { ANY_TEXT, ISSUER, MINUTE, refusal, START } from "../../../../test/test-server.ts";

const INACTIVE = { active: false };

async function start() {
  const started = await startOAuth();
  const introspect = await startIntrospection(started.server);
  return { ...started, introspect };
}

describe("POST /oauth/introspect about a client's tokens", () => {
  it("200: scope, audience and client of an access token, whoever it is for, until it expires and not a second longer", async () => {
    const { server, app, userId, signOnId, newCode, redeem, introspect } = await start();
    const { body } = await redeem(await newCode({ scopes: ["orders:read"], resources: [API] }));
    const claims = {
      active: true,
      token_type: "Bearer",
      iss: ISSUER,
      aud: API,
      sub: userId,
      client_id: app.clientId,
      sid: signOnId,
      jti: ANY_TEXT,
      ver: 1,
      scope: "orders:read",
      roles: [],
      auth_time: START / 1000,
      amr: ["pwd"],
      acr: "urn:ostiary:acr:password",
      iat: START / 1000,
      exp: START / 1000 + 900,
    };
    expect(await introspect(body.access_token)).toEqual(claims);
    server.time.now += 15 * MINUTE - 1;
    expect(await introspect(body.access_token)).toEqual(claims);
    server.time.now += 1;
    expect(await introspect(body.access_token)).toEqual(INACTIVE);
  });

  it("200: of a refresh token too, as it was granted, and of the current one alone", async () => {
    const { server, app, userId, newCode, redeem, refresh, introspect } = await start();
    const scopes = ["offline_access", "orders:read"];
    const { body } = await redeem(await newCode({ scopes, resources: [API, OTHER_API] }));
    const next = (await refresh(body.refresh_token, { scope: "orders:read", resource: API })).body;
    expect(await introspect(body.refresh_token ?? "")).toEqual(INACTIVE);
    expect(await introspect(next.refresh_token ?? "")).toEqual({
      active: true,
      iss: ISSUER,
      sub: userId,
      client_id: app.clientId,
      sid: ANY_TEXT,
      scope: "offline_access orders:read",
      aud: [API, OTHER_API],
      auth_time: START / 1000,
      amr: ["pwd"],
      acr: "urn:ostiary:acr:password",
      iat: START / 1000,
      exp: START / 1000 + 7 * 86_400,
    });
    await server.users.disable(userId);
    expect(await introspect(next.refresh_token ?? "")).toEqual(INACTIVE);
    expect(await introspect(next.access_token)).toEqual(INACTIVE);
  });

  it("200: exactly inactive for what is no access or refresh token, however well signed", async () => {
    const { newCode, redeem, introspect } = await start();
    const code = await newCode();
    expect(await introspect(code)).toEqual(INACTIVE);
    const { body } = await redeem(code);
    expect(await introspect(body.id_token ?? "")).toEqual(INACTIVE);
  });

  it("403 for clients that are no guards: they have no business with tokens of others", async () => {
    const { post, newCode, redeem } = await start();
    const { body } = await redeem(await newCode());
    const answer = await post("/oauth/introspect", { token: body.access_token });
    expect(refusal(answer)).toEqual({ status: 403, error: "unauthorized_client" });
  });
});
