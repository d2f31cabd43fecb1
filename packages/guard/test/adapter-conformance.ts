/** What every adapter does alike, whatever the framework: the status, the headers, the reasons, who is let in. */
import { request as httpRequest } from "node:http";
import type { ErrorBody } from "@ostiary/protocol";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGuard } from "../src/create-guard.ts";
import type { Guard } from "../src/guard.ts";
import type { IssuersGuard } from "../src/issuers-guard.ts";
import { ostiary } from "../src/issuers/ostiary.ts";
import { createProver } from "./prover.ts";
import { AUDIENCE, startIssuer, type TestIssuer } from "./issuer.ts";

/** The same app in each framework, on a port of its own; returns its URL. It ends with the test. */
export type StartApp = (guard: Guard | IssuersGuard) => Promise<string>;

/**
 * The app has
 * `/public`: nobody is asked; `/greeting`: `{ user }`, null for callers without a token; `/members`: the same, and role
 * `user`; below `/api` a token is needed: `/api/me`, all methods: `{ user, sid, roles, issuer }`; `/api/edit`: role
 * `admin` or `editor`; `/api/admin`: role `admin`; `/api/orders`: scopes `orders:read` and `orders:write`;
 * `/api/refunds`: scopes `orders:read` and `refunds:write`; `/api/payouts`: signed in at most 300 seconds ago, by `otp` or
 * `mfa`; `/api/broken`: throws. What is thrown is answered 500 `{ thrown }`.
 */
export function describeAdapter(name: string, startApp: StartApp): void {
  async function setUp() {
    const issuer = await startIssuer();
    const guard = createGuard({ issuer: issuer.url, audience: AUDIENCE, onWarning: () => {} });
    onTestFinished(() => guard.close());
    const api = await startApp(guard);
    return { issuer, api, call: callerOf(api) };
  }

  describe(`the adapter for ${name}`, () => {
    test("serves what the API says of itself to anybody, and each refusal says where", async () => {
      const issuer = await startIssuer();
      const resource = "https://api.example/v1";
      const guard = createGuard({ issuer: issuer.url, audience: AUDIENCE, resource, scopesSupported: ["orders:read"], onWarning: () => {} });
      onTestFinished(() => guard.close());
      const call = callerOf(await startApp(guard));
      const path = "/.well-known/oauth-protected-resource/v1";
      const response = await call(path, undefined, { headers: { origin: "https://app.example" } });
      expect([response.status, response.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^application\/json\b/)]);
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(await response.json()).toEqual(guard.resourceMetadata?.document);
      expect(guard.resourceMetadata?.document).toMatchObject({ resource, authorization_servers: [issuer.url] });
      const head = await call(path, undefined, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      const preflight = await call(`${path}?x=1`, undefined, { method: "OPTIONS" });
      expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, "*"]);
      expect((await call(path, undefined, { method: "POST" })).status).toBe(405);
      const [, origin] = /^(https:[^/]*\/\/[^/]+)/.exec(resource) ?? [];
      const refusals = [await call("/api/me"), await call("/api/me", "nonsense"), await call("/members"), await call("/api/refunds", issuer.token())];
      expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401, 403]);
      for (const { headers } of refusals) {
        expect(headers.get("www-authenticate")).toMatch(`resource_metadata="${origin}${path}"`);
      }
    });

    test("hands on the proof that comes with a bound token, and the nonce that is asked for", async () => {
      const issuer = await startIssuer();
      const prover = createProver();
      const resource = "https://api.example";
      const guard = createGuard({ issuer: issuer.url, resource, dpop: { nonceSecret: "n".repeat(32) }, onWarning: () => {} });
      onTestFinished(() => guard.close());
      const api = await startApp(guard);
      const accessToken = issuer.token({ cnf: { jkt: prover.thumbprint } });
      const nowSeconds = Math.floor(Date.now() / 1000);
      const send = async (claims: object, path = "/api/me") => {
        const dpop = prover.prove({ url: `${resource}${path}`, accessToken, nowSeconds }, claims);
        return fetch(`${api}${path}?page=1`, { headers: { authorization: `DPoP ${accessToken}`, dpop } });
      };
      const first = await send({});
      expect([first.status, await first.json()]).toMatchObject([401, { error: "use_dpop_nonce" }]);
      const nonce = first.headers.get("dpop-nonce");
      const second = await send({ nonce });
      expect([second.status, await second.json()]).toMatchObject([200, { user: "user-1" }]);
      expect((await send({ nonce, htm: "POST" })).status).toBe(401);
      expect((await send({ nonce }, "/api/refunds")).headers.get("www-authenticate")).toMatch(/^DPoP error="insufficient_scope", .*algs="/);
    });

    test("hands a request with a good token to the route, with who is asking", async () => {
      const { issuer, call } = await setUp();
      const response = await call("/api/me", issuer.token());
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ user: "user-1", sid: "session-1", roles: ["user", "editor"], issuer: issuer.url });
      expect((await call("/public")).status).toBe(200);
    });

    test("refuses in JSON with status, error, reason and challenge, not to be stored", async () => {
      const { issuer, call } = await setUp();
      const cases = [
        [await call("/api/me"), 401, { error: "missing_token" }, /^Bearer$/],
        [await call("/api/me", "nonsense"), 401, { error: "invalid_token", reason: "token_malformed" }, /error="invalid_token"/],
        [await call("/api/me", issuer.token({ exp: 1 })), 401, { error: "invalid_token", reason: "token_expired" }, /error="invalid_token"/],
        [await call("/api/me?access_token=x", issuer.token()), 400, { error: "invalid_request" }, /error="invalid_request"/],
        [await call(`/api/me?access_token=${issuer.token()}`), 401, { error: "missing_token" }, /^Bearer$/],
        [await call("/api/admin", issuer.token()), 403, { error: "insufficient_role" }, undefined],
        [
          await call("/api/refunds", issuer.token()),
          403,
          { error: "insufficient_scope" },
          /error="insufficient_scope".*scope="orders:read refunds:write"/,
        ],
      ] as const;
      for (const [response, status, body, challenge] of cases) {
        expect(response.status).toBe(status);
        expect(response.headers.get("content-type")).toMatch(/^application\/json\b/);
        const { error_description: sentence, ...rest } = (await response.json()) as ErrorBody;
        expect(rest).toEqual(body);
        expect(sentence).not.toBe("");
        expect(response.headers.get("cache-control")).toBe("no-store");
        if (challenge === undefined) expect(response.headers.get("www-authenticate")).toBeNull();
        else expect(response.headers.get("www-authenticate")).toMatch(challenge);
      }
    });

    test("asks for any of the roles, and for all of the scopes", async () => {
      const { issuer, call } = await setUp();
      expect((await call("/api/edit", issuer.token())).status).toBe(200);
      expect((await call("/api/edit", issuer.token({ roles: ["edit", "Editor", "editor "] }))).status).toBe(403);
      expect((await call("/api/edit", issuer.token({ roles: [] }))).status).toBe(403);
      expect((await call("/api/orders", issuer.token())).status).toBe(200);
      expect((await call("/api/orders", issuer.token({ scope: "orders:read" }))).status).toBe(403);
      expect((await call("/api/orders", issuer.token({ scope: "" }))).status).toBe(403);
    });

    test("asks who signed in too long ago, or by too little, to sign in anew (RFC 9470)", async () => {
      const { issuer, call } = await setUp();
      const now = Math.floor(Date.now() / 1000);
      expect((await call("/api/payouts", issuer.token({ auth_time: now - 200, amr: ["pwd", "otp", "mfa"] }))).status).toBe(200);
      for (const claims of [{}, { auth_time: now, amr: ["pwd"] }, { auth_time: now - 400, amr: ["mfa"] }]) {
        const response = await call("/api/payouts", issuer.token(claims));
        expect([response.status, await response.json()]).toMatchObject([401, { error: "insufficient_user_authentication" }]);
        const challenge = /^Bearer error="insufficient_user_authentication", error_description="[^"]+", max_age="300", acr_values="urn:ostiary:acr:mfa"$/;
        expect(response.headers.get("www-authenticate")).toMatch(challenge);
      }
      expect(await (await call("/api/payouts")).json()).toMatchObject({ error: "missing_token" });
    });

    test("refuses two Authorization headers, although Node would show only the first", async () => {
      const { issuer, api } = await setUp();
      const token = issuer.token();
      const status = await new Promise((resolve, reject) => {
        const headers = ["Host", "api", "Authorization", `Bearer ${token}`, "authorization", "Bearer other"];
        httpRequest(`${api}/api/me`, { headers }, (res) => resolve(res.resume().statusCode)).on("error", reject).end();
      });
      expect(status).toBe(400);
    });

    test("lets callers without a token into an optional route, but none with a bad one", async () => {
      const { issuer, call } = await setUp();
      expect(await (await call("/greeting")).json()).toEqual({ user: null });
      expect(await (await call("/greeting", issuer.token())).json()).toEqual({ user: "user-1" });
      expect((await call("/greeting", "nonsense")).status).toBe(401);
      expect((await call("/greeting", issuer.token({ exp: 1 }))).status).toBe(401);
      expect((await call("/members", issuer.token())).status).toBe(200);
      expect(await (await call("/members")).json()).toMatchObject({ error: "missing_token" });
    });

    test("guards HEAD and OPTIONS like every method, and leaves errors of the app to the app", async () => {
      const { issuer, call } = await setUp();
      for (const method of ["HEAD", "OPTIONS", "POST", "DELETE"]) {
        expect((await call("/api/me", undefined, { method })).status).toBe(401);
        expect((await call("/api/me", issuer.token(), { method })).status).toBe(200);
      }
      const broken = await call("/api/broken", issuer.token());
      expect(broken.status).toBe(500);
      expect(await broken.json()).toEqual({ thrown: "a bug of the app" });
    });

    test("answers 503 with Retry-After while the issuer is down", async () => {
      const { issuer, call } = await setUp();
      issuer.answer = (_, res) => void res.writeHead(500).end();
      const response = await call("/api/me", issuer.token());
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.json()).toMatchObject({ error: "unavailable" });
    });

    test("takes a guard of several issuers in the same way", async () => {
      const [one, two, stranger] = [await startIssuer(), await startIssuer(), await startIssuer()] as [TestIssuer, TestIssuer, TestIssuer];
      const issuers = [one, two].map(({ url }) => ostiary({ issuer: url, audience: AUDIENCE }));
      const guard = createGuard({ issuers, onWarning: () => {} });
      onTestFinished(() => guard.close());
      const call = callerOf(await startApp(guard));
      for (const issuer of [one, two]) {
        expect(await (await call("/api/me", issuer.token())).json()).toMatchObject({ issuer: issuer.url });
      }
      expect((await call("/api/me", stranger.token())).status).toBe(401);
    });
  });
}

function callerOf(api: string) {
  return (path: string, token?: string, init: RequestInit = {}): Promise<Response> =>
    fetch(api + path, { ...init, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}
