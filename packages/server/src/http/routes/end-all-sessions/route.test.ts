import { describe, expect, it } from "vitest";
import { TestClient, auditTypes, refusal, startSignedIn } from "../../../../test/test-server.ts";

describe("POST /logout-all", () => {
  it("checklist 84: 204: every session of the user ends at once, this one included, and nobody else's", async () => {
    const { server, client, tokens } = await startSignedIn();
    const phone = new TestClient(server);
    const phoneTokens = await phone.login();
    const grace = new TestClient(server);
    const graceTokens = await grace.signup("grace@example.com");

    const answer = await client.call("POST", "/logout-all", { bearer: tokens.accessToken });
    expect(answer.status).toBe(204);
    expect(answer.body).toBeNull();
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);

    for (const { accessToken } of [tokens, phoneTokens]) {
      const me = await client.me(accessToken);
      expect(refusal(me)).toEqual({ status: 401, error: "invalid_token", reason: "token_revoked" });
    }
    expect(refusal(await phone.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    expect(await server.sessions.list(tokens.user.id)).toEqual([]);
    expect((await grace.me(graceTokens.accessToken)).status).toBe(200);
    expect((await grace.refresh()).status).toBe(200);
    expect((await auditTypes(server)).filter((type) => type === "logout_all")).toHaveLength(1);
  });

  it("204: whoever signs in afterwards is in", async () => {
    const { client, tokens } = await startSignedIn();
    await client.call("POST", "/logout-all", { bearer: tokens.accessToken });
    const again = await client.login();
    expect((await client.me(again.accessToken)).status).toBe(200);
    expect((await client.refresh()).status).toBe(200);
  });

  it("401 missing_token: the cookie alone is not enough", async () => {
    const { client, tokens } = await startSignedIn();
    const answer = await client.call("POST", "/logout-all", { headers: { "x-csrf-token": tokens.csrfToken } });
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
    expect((await client.refresh()).status).toBe(200);
  });

  it("401 invalid_token: a refused token ends nothing", async () => {
    const { client } = await startSignedIn();
    const answer = await client.call("POST", "/logout-all", { bearer: "nonsense" });
    expect(refusal(answer)).toEqual({ status: 401, error: "invalid_token", reason: "token_malformed" });
    expect((await client.refresh()).status).toBe(200);
  });
});
