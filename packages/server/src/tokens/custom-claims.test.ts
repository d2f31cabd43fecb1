import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import {
  MINUTE,
  PASSWORD,
  START,
  TestClient,
  auditTypes,
  refusal,
  startSignedIn,
  startTestServer,
} from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";
import type { ClaimsHook } from "./custom-claims.ts";

const ada = { email: "ada@example.com", password: PASSWORD };

/** A server whose claims hook can be changed: Ada is signed in with the refresh token in the body. */
async function withHook(config = {}) {
  const hook: { current: ClaimsHook } = { current: () => ({}) };
  const signedIn = await startSignedIn(
    { claims: (user, session) => hook.current(user, session), ...config },
    { delivery: "body" },
  );
  return { ...signedIn, hook };
}

const unavailable = { status: 503, error: "unavailable" };

/** What the operator reads of the last failure. */
function lastReport(server: TestServer): string {
  const error = server.reported.at(-1);
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
}

describe("the claims hook", () => {
  it("adds to the token, at login, sign-up and refresh, awaited or not", async () => {
    const { client, tokens, hook } = await withHook();
    hook.current = async () => ({ plan: "pro", "https://example.com/org": { id: 7, tags: ["a"] }, none: null });
    const refreshed = await client.refresh(tokens.refreshToken);
    const others = [await client.login(), await client.signup("grace@example.com")];
    for (const { accessToken } of [refreshed.body, ...others]) {
      expect(decodeJwt(accessToken)).toMatchObject({
        plan: "pro",
        "https://example.com/org": { id: 7, tags: ["a"] },
        none: null,
      });
      expect((await client.me(accessToken)).status).toBe(200);
    }
  });

  it("is shown the user and the session, and no secret of either", async () => {
    const seen: unknown[] = [];
    const { client, tokens, server, hook } = await withHook();
    hook.current = (user, session) => {
      seen.push(user, session);
      return {};
    };
    await client.refresh(tokens.refreshToken);
    const [session] = await server.sessions.list(tokens.user.id);
    expect(seen).toEqual([
      { id: tokens.user.id, email: "ada@example.com", emailVerified: false, name: null, roles: ["user"] },
      { id: session!.id, clientId: "first-party", authTime: START, methods: ["pwd"], remember: false },
    ]);
  });

  it("is asked again when the token version was raised meanwhile: the token has the newest of both", async () => {
    const { server, client, tokens, hook } = await withHook();
    let asked = 0;
    hook.current = async (user) => {
      asked += 1;
      if (asked === 1) await server.users.setRoles(user.id, ["admin"]);
      return { seen: user.roles };
    };
    const { body } = await client.refresh(tokens.refreshToken);
    expect(decodeJwt(body.accessToken)).toMatchObject({ ver: 2, roles: ["admin"], seen: ["admin"] });
    expect((await client.me(body.accessToken)).status).toBe(200);

    asked = 0;
    const login = await client.login();
    expect(decodeJwt(login.accessToken)).toMatchObject({ ver: 3, seen: ["admin"] });
    expect(asked).toBe(2);
  });

  it("is not asked about a token that is refused anyway", async () => {
    const { server, client, tokens, hook } = await withHook();
    await client.refresh(tokens.refreshToken);
    server.time.now += MINUTE;
    hook.current = () => {
      throw new Error("asked");
    };
    expect(refusal(await client.refresh(tokens.refreshToken))).toMatchObject({ reason: "refresh_token_reused" });
  });
});

describe("a claims hook that fails: 503 and no token, and nothing is lost", () => {
  it.each([10, 0])("the same refresh token is good afterwards, however late (grace %i)", async (rotationGrace) => {
    const { server, client, tokens, hook } = await withHook({ rotationGrace });
    const works = hook.current;
    hook.current = async () => {
      throw new Error("The billing service is down.");
    };
    for (let round = 0; round < 3; round++) {
      const answer = await client.refresh(tokens.refreshToken);
      expect(refusal(answer)).toEqual(unavailable);
      expect(answer.headers.get("retry-after")).toBe("5");
      expect(answer.body.error_description).not.toContain("billing");
      server.time.now += MINUTE;
    }
    expect(lastReport(server)).toBe("The billing service is down.");
    expect(await auditTypes(server)).not.toContain("refresh");

    hook.current = works;
    const answer = await client.refresh(tokens.refreshToken);
    expect(answer.status).toBe(200);
    expect((await client.refresh(answer.body.refreshToken)).status).toBe(200);
  });

  it("by cookie: the cookies stay", async () => {
    const hook: { current: ClaimsHook } = { current: () => ({}) };
    const { client } = await startSignedIn({ claims: (user, session) => hook.current(user, session) });
    hook.current = () => ({ iss: "x" });
    const answer = await client.refresh();
    expect(refusal(answer)).toEqual(unavailable);
    expect(answer.headers.getSetCookie()).toEqual([]);
    hook.current = () => ({});
    expect((await client.refresh()).status).toBe(200);
  });

  it("at login: no session stays behind", async () => {
    const { server, client, tokens, hook } = await withHook();
    hook.current = () => {
      throw new Error("down");
    };
    expect(refusal(await client.call("POST", "/login", { body: ada }))).toEqual(unavailable);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a list", ["x"]],
    ["a text", "plan=pro"],
    ...["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "ver", "scope", "roles", "cnf", "act"].map(
      (name): [string, unknown] => [`the server's own ${name}`, { [name]: "x" }],
    ),
    ["__proto__", JSON.parse('{"__proto__":{"sub":"x"}}')],
    ["a password", { password: "x" }],
    ["a hash", { passwordHash: "x" }],
    ["a secret", { clientSecret: "x" }],
    ["a key", { api_key: "x" }],
    ["a refresh token", { refresh_token: "x" }],
    ["a row with a hash in it", { profile: { rows: [{ id: 1, password_hash: "x" }] } }],
    ["more than 2 KB", { text: "x".repeat(2048) }],
    ["more than 2 KB in UTF-8", { text: "\u20ac".repeat(700) }],
    ["a circle", circular],
    ["a bigint", { big: 1n }],
    ["another object by toJSON", { toJSON: () => ({ sub: "x" }) }],
    ["no object by toJSON", { toJSON: () => null }],
  ])("when it returns %s", async (_, claims) => {
    const { server, client, tokens, hook } = await withHook();
    hook.current = () => claims as Record<string, unknown>;
    expect(refusal(await client.refresh(tokens.refreshToken))).toEqual(unavailable);
    expect(server.reported).toHaveLength(1);
    hook.current = () => ({});
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });
});

describe("names that only look alike are allowed", () => {
  it.each(["plan", "subject", "role", "tenant", "https://example.com/roles", "Sub"])("%s", async (name) => {
    const server = await startTestServer({ claims: () => ({ [name]: "x" }) });
    const { accessToken } = await new TestClient(server).signup();
    expect(decodeJwt(accessToken)[name]).toBe("x");
  });
});
