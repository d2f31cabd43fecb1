import { describe, expect, it } from "vitest";
import { TestClient, refusal, startSignedIn } from "../../../../test/test-server.ts";

describe("GET /me", () => {
  it("200: the user, whom no cache keeps", async () => {
    const { client, tokens } = await startSignedIn();
    const answer = await client.me(tokens.accessToken);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ user: tokens.user });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("200: the scheme's name is told without case", async () => {
    const { client, tokens } = await startSignedIn();
    const headers = { authorization: `bEARER ${tokens.accessToken}` };
    expect((await client.call("GET", "/me", { headers })).status).toBe(200);
  });

  it("401 missing_token: a challenge without an error, whatever cookies there are", async () => {
    const { client } = await startSignedIn();
    const answer = await client.me();
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("401 missing_token: a token in the query string is not looked at", async () => {
    const { client, tokens } = await startSignedIn();
    const answer = await client.call("GET", `/me?access_token=${tokens.accessToken}`);
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
  });

  it("400 invalid_request: a token in two places", async () => {
    const { client, tokens } = await startSignedIn();
    const bearer = tokens.accessToken;
    const inQuery = await client.call("GET", `/me?access_token=${bearer}`, { bearer });
    const twice = await client.call("GET", "/me", { headers: { authorization: `Bearer ${bearer}, Bearer ${bearer}` } });
    for (const answer of [inQuery, twice]) expect(refusal(answer)).toEqual({ status: 400, error: "invalid_request" });
  });

  it.each(["Bearer", "Bearer ", "Bearer  x.y.z", "Bearer x", "Bearer a.b.c", "Bearer \u00fc.b.c"])(
    "401 for `%s`, never anything else",
    async (authorization) => {
      const { client } = await startSignedIn();
      const answer = await client.call("GET", "/me", { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(["missing_token", "invalid_token"]).toContain(answer.body.error);
    },
  );

  it("401 token_stale after a change of roles; the next refresh brings them", async () => {
    const { server, client, tokens } = await startSignedIn();
    await server.users.setRoles(tokens.user.id, ["user", "admin"]);
    const stale = await client.me(tokens.accessToken);
    expect(refusal(stale)).toEqual({ status: 401, error: "invalid_token", reason: "token_stale" });
    const fresh = await client.refresh();
    expect((await client.me(fresh.body.accessToken)).body.user.roles).toEqual(["user", "admin"]);
  });

  it("401 token_revoked: a disabled user is out at once, and stays out", async () => {
    const { server, client, tokens } = await startSignedIn();
    await server.users.disable(tokens.user.id);
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ status: 401, reason: "token_revoked" });
    expect(refusal(await client.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    const login = await new TestClient(server).call("POST", "/login", {
      body: { email: tokens.user.email, password: "correct horse battery staple" },
    });
    expect(refusal(login)).toEqual({ status: 401, error: "invalid_credentials" });
  });
});
