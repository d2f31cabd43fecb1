import type { TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import {
  ANY_TEXT,
  PASSWORD,
  TestClient,
  auditTypes,
  refusal,
  startSignedIn,
  startTestServer,
} from "../../../../test/test-server.ts";

const ada = { email: "ada@example.com", password: PASSWORD };

describe("POST /signup", () => {
  it("201: makes the account and signs in; the refresh token goes into a cookie", async () => {
    const server = await startTestServer();
    const client = new TestClient(server);
    const answer = await client.call("POST", "/signup", { body: { ...ada, name: " Ada Lovelace " } });

    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      accessToken: ANY_TEXT,
      tokenType: "Bearer",
      expiresIn: 900,
      csrfToken: client.jar.get("ostiary_csrf"),
      user: {
        id: ANY_TEXT,
        email: "ada@example.com",
        emailVerified: false,
        name: "Ada Lovelace",
        roles: ["user"],
        createdAt: "2026-01-01T00:00:00.000Z",
      },
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect([...client.jar.keys()].toSorted()).toEqual([
      "ostiary_csrf",
      "ostiary_device",
      "ostiary_refresh",
      "ostiary_signin",
    ]);
    expect(await auditTypes(server)).toEqual(["user_created", "signup"]);
  });

  it("201 with delivery body: the refresh token stands in the body, and no cookie is set", async () => {
    const client = new TestClient(await startTestServer());
    const { status, headers, body } = await client.call<TokenResponse>("POST", "/signup", {
      body: { ...ada, delivery: "body" },
    });
    expect(status).toBe(201);
    expect(body.refreshToken?.split(".")).toHaveLength(3);
    expect(headers.getSetCookie()).toEqual([]);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("201: without a name, the name is null; unknown members are ignored", async () => {
    const client = new TestClient(await startTestServer());
    const { user } = await client.signup("ada@example.com", { roles: ["admin"], emailVerified: true, id: "mine" });
    expect(user).toMatchObject({ name: null, roles: ["user"], emailVerified: false });
    expect(user.id).not.toBe("mine");
  });

  it("201: an e-mail address is kept as typed but for white space around it, and identified without case", async () => {
    const client = new TestClient(await startTestServer());
    const { user } = await client.signup("\t Zoe\u0308@Example.COM\r\n");
    expect(user.email).toBe("Zo\u00eb@Example.COM");

    for (const same of ["zo\u00eb@example.com", " ZOE\u0308@EXAMPLE.com "]) {
      const again = await client.call("POST", "/signup", { body: { email: same, password: PASSWORD } });
      expect(refusal(again)).toEqual({ status: 409, error: "email_taken" });
      const login = await client.call<TokenResponse>("POST", "/login", { body: { email: same, password: PASSWORD } });
      expect(login.body.user.id).toBe(user.id);
    }
  });

  it("409 email_taken: the account stays as it was, and nobody is signed in", async () => {
    const { server, client, tokens } = await startSignedIn();
    const thief = new TestClient(server);
    const answer = await thief.call("POST", "/signup", { body: { ...ada, password: "another password", name: "Eve" } });

    expect(refusal(answer)).toEqual({ status: 409, error: "email_taken" });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await client.me(tokens.accessToken)).body.user.name).toBeNull();
    expect((await client.login()).user.id).toBe(tokens.user.id);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(2);
  });

  it("409 email_taken: of two at once, one gets the address", async () => {
    const client = new TestClient(await startTestServer());
    const both = await Promise.all([1, 2].map(() => client.call("POST", "/signup", { body: ada })));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });

  it("403 csrf_failed: a page of another origin cannot sign its visitor up", async () => {
    const server = await startTestServer();
    const headers = { origin: "https://evil.example" };
    const answer = await new TestClient(server).call("POST", "/signup", { body: ada, headers });
    expect(refusal(answer)).toEqual({ status: 403, error: "csrf_failed" });
    expect(await server.users.list()).toEqual([]);
  });
});
