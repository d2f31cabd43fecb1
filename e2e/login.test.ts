import type { SessionsResponse, TokenResponse, UserResponse } from "@ostiary/protocol";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { call, get, login, PASSWORD, signup } from "./call.ts";
import { startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startOstiary({ env: { OSTIARY_AUDIENCE: "https://api.example.com" } });
});

describe("the walk of a login", () => {
  it("begins with a sign-up, and ends with an access token that opens the caller's own data", async () => {
    const body = { email: "Ada@Example.com ", password: PASSWORD, name: "Ada Lovelace" };
    const signedUp = await call<TokenResponse>("POST", `${server.issuer}/signup`, { body });
    expect(signedUp.status).toBe(201);
    const signedIn = await call<TokenResponse>("POST", `${server.issuer}/login`, {
      body: { email: "ada@example.com", password: PASSWORD },
    });
    expect(signedIn.status).toBe(200);
    expect(signedIn.body).toMatchObject({ tokenType: "Bearer", expiresIn: 900, user: signedUp.body.user });
    expect(signedIn.headers.get("cache-control")).toBe("no-store");

    const me = await get<UserResponse>(`${server.issuer}/me`, signedIn.body.accessToken);
    expect(me.status).toBe(200);
    expect(me.body.user).toMatchObject({ email: "Ada@Example.com", name: "Ada Lovelace", roles: ["user"] });
  });

  it("gives browsers the refresh token where no script can read it", async () => {
    const body = { email: "browser@example.com", password: PASSWORD };
    const { headers, body: tokens } = await call<TokenResponse>("POST", `${server.issuer}/signup`, { body });
    expect(tokens).not.toHaveProperty("refreshToken");
    const cookies = headers.getSetCookie();
    expect(cookies.find((cookie) => cookie.startsWith("ostiary_refresh="))).toMatch(
      /^ostiary_refresh=[\w-]+\.[\w-]+\.[\w-]+;(?=.*; HttpOnly)(?=.*; SameSite=Strict)(?=.*; Path=\/auth(?:;|$))/,
    );
    const names = new Set(cookies.map((cookie) => cookie.split("=", 1)[0]));
    expect(names).toEqual(new Set(["ostiary_csrf", "ostiary_device", "ostiary_refresh", "ostiary_signin"]));
  });

  it("gives other clients the refresh token in the body, and no cookies", async () => {
    await signup(server.issuer, "mobile@example.com");
    const body = { email: "mobile@example.com", password: PASSWORD, delivery: "body" };
    const answer = await call<TokenResponse>("POST", `${server.issuer}/login`, { body });
    expect(answer.body.refreshToken).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("makes a token that another library verifies with the keys found by discovery", async () => {
    const { accessToken, user } = await signup(server.issuer, "jose@example.com");
    const discovery = await get<{ issuer: string; jwks_uri: string }>(
      `${server.issuer}/.well-known/openid-configuration`,
    );
    expect(discovery.body.issuer).toBe(server.issuer);
    const keys = createRemoteJWKSet(new URL(discovery.body.jwks_uri));
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
      issuer: server.issuer,
      audience: "https://api.example.com",
      typ: "at+jwt",
      algorithms: ["ES256"],
      requiredClaims: ["sub", "exp", "iat", "jti"],
    });
    expect(protectedHeader).toEqual({ typ: "at+jwt", alg: "ES256", kid: expect.any(String) as unknown });
    expect(payload).toMatchObject({ sub: user.id, client_id: "first-party", ver: 1, roles: ["user"], scope: "" });
    expect(payload.aud).toEqual(["https://api.example.com", server.issuer]);
    expect(payload.exp! - payload.iat!).toBe(900);
  });

  it("tells a wrong password from an unknown e-mail by nothing", async () => {
    await signup(server.issuer, "known@example.com");
    const attempt = (email: string) =>
      call("POST", `${server.issuer}/login`, { body: { email, password: "not the password" } });
    const [known, unknown] = [await attempt("known@example.com"), await attempt("unknown@example.com")];
    expect(known.status).toBe(401);
    expect(known.body.error).toBe("invalid_credentials");
    expect(unknown.status).toBe(401);
    expect(unknown.body).toEqual(known.body);
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()]);
  });

  it("makes one session a login, each with its own refresh token", async () => {
    await signup(server.issuer, "twice@example.com");
    const [first, second] = [await login(server.issuer, "twice@example.com"), await login(server.issuer, "twice@example.com")];
    expect(first.refreshToken).not.toBe(second.refreshToken);
    const { body } = await get<SessionsResponse>(`${server.issuer}/sessions`, second.accessToken);
    expect(body.sessions).toHaveLength(3);
    expect(body.sessions.filter(({ current }) => current)).toHaveLength(1);
  });
});
