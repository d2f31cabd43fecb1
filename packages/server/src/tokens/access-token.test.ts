import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { ANY_TEXT, ISSUER, MINUTE, START, startSignedIn } from "../../test/test-server.ts";

const API = "https://api.example";
const seconds = START / 1000;

describe("an access token", () => {
  it("has the header and the claims of the contract, and no others", async () => {
    const { server, tokens } = await startSignedIn();
    const [session] = await server.sessions.list(tokens.user.id);
    const header = decodeProtectedHeader(tokens.accessToken);
    expect(header).toEqual({ typ: "at+jwt", alg: "ES256", kid: ANY_TEXT });
    expect(decodeJwt(tokens.accessToken)).toEqual({
      iss: ISSUER,
      sub: tokens.user.id,
      aud: ISSUER,
      exp: seconds + 900,
      iat: seconds,
      jti: ANY_TEXT,
      client_id: "first-party",
      sid: session!.id,
      ver: 1,
      scope: "",
      roles: ["user"],
      auth_time: seconds,
      amr: ["pwd"],
      acr: "urn:ostiary:acr:password",
    });
  });

  it("is for the configured audience, and always for the issuer too", async () => {
    for (const [audience, aud] of [
      [API, [API, ISSUER]],
      [[API, "other"], [API, "other", ISSUER]],
      [[ISSUER, API], [ISSUER, API]],
      [`${API}, other`, [API, "other", ISSUER]],
      [ISSUER, ISSUER],
    ] as const) {
      const { client, tokens } = await startSignedIn({ audience: typeof audience === "string" ? audience : [...audience] });
      expect(decodeJwt(tokens.accessToken).aud).toEqual(aud);
      expect((await client.me(tokens.accessToken)).status).toBe(200);
    }
  });

  it("has the scopes that the user's roles bring, each once; roles named like Object's members bring none", async () => {
    const scopes = { user: ["read", "me"], admin: ["read", "write:all"], constructor: ["x"] };
    const { server, client, tokens } = await startSignedIn({ scopes });
    expect(decodeJwt(tokens.accessToken)["scope"]).toBe("read me");
    const scopeWith = async (...roles: string[]) => {
      await server.users.setRoles(tokens.user.id, roles);
      server.time.now += MINUTE;
      return decodeJwt((await client.refresh()).body.accessToken)["scope"];
    };
    expect(await scopeWith("user", "admin", "nobody")).toBe("read me write:all");
    expect(await scopeWith("toString", "__proto__", "hasOwnProperty")).toBe("");
    expect(await scopeWith()).toBe("");
  });

  it("differs each time, stays in its session, and has the version that the rotation saw", async () => {
    const { server, client, tokens } = await startSignedIn();
    await server.users.raiseTokenVersion(tokens.user.id);
    const first = decodeJwt(tokens.accessToken);
    const next = decodeJwt((await client.refresh()).body.accessToken);
    expect(next["sid"]).toBe(first["sid"]);
    expect(next.jti).not.toBe(first.jti);
    expect([first["ver"], next["ver"]]).toEqual([1, 2]);
  });

  it("lives as long as configured", async () => {
    const { tokens } = await startSignedIn({ accessTokenTtl: "1h" });
    expect(tokens.expiresIn).toBe(3600);
    expect(decodeJwt(tokens.accessToken).exp).toBe(seconds + 3600);
  });
});
