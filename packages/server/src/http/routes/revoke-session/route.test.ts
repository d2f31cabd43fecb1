import type { SessionsResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { TestClient, auditTypes, refusal, startSignedIn } from "../../../../test/test-server.ts";

const notFound = { status: 404, error: "not_found" };

async function idsOf(client: TestClient, bearer: string): Promise<{ current: string; others: string[] }> {
  const { body } = await client.call<SessionsResponse>("GET", "/sessions", { bearer });
  const current = body.sessions.find((session) => session.current)!.id;
  return { current, others: body.sessions.map(({ id }) => id).filter((id) => id !== current) };
}

describe("DELETE /sessions/{id}", () => {
  it("checklist 84: 204: another device is signed out at once; this one goes on", async () => {
    const { server, client, tokens } = await startSignedIn();
    const phone = new TestClient(server);
    const phoneTokens = await phone.login();
    const { others } = await idsOf(client, tokens.accessToken);

    const answer = await client.call("DELETE", `/sessions/${others[0]}`, { bearer: tokens.accessToken });
    expect(answer.status).toBe(204);
    expect(answer.body).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(refusal(await phone.me(phoneTokens.accessToken))).toMatchObject({ reason: "session_revoked" });
    expect(refusal(await phone.refresh())).toMatchObject({ reason: "session_revoked" });
    expect((await client.refresh()).status).toBe(200);
    expect(await auditTypes(server)).toContain("session_revoked");
  });

  it("204: this session itself, and its cookies go", async () => {
    const { client, tokens } = await startSignedIn();
    const { current } = await idsOf(client, tokens.accessToken);
    expect((await client.call("DELETE", `/sessions/${current}`, { bearer: tokens.accessToken })).status).toBe(204);
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
    expect(refusal(await client.me(tokens.accessToken))).toMatchObject({ reason: "session_revoked" });
  });

  it("204 again: ending it twice changes nothing more", async () => {
    const { server, client, tokens } = await startSignedIn();
    await new TestClient(server).login();
    const { others } = await idsOf(client, tokens.accessToken);
    for (let round = 0; round < 2; round++) {
      const answer = await client.call("DELETE", `/sessions/${others[0]}`, { bearer: tokens.accessToken });
      expect(answer.status).toBe(204);
    }
    expect((await auditTypes(server)).filter((type) => type === "session_revoked")).toHaveLength(1);
  });

  it("404 not_found: somebody else's session is none of one's own, and goes on", async () => {
    const { server, client, tokens } = await startSignedIn();
    const grace = new TestClient(server);
    const graceTokens = await grace.signup("grace@example.com");
    const { current } = await idsOf(grace, graceTokens.accessToken);

    const foreign = await client.call("DELETE", `/sessions/${current}`, { bearer: tokens.accessToken });
    const unknown = await client.call("DELETE", `/sessions/${crypto.randomUUID()}`, { bearer: tokens.accessToken });
    expect(refusal(foreign)).toEqual(notFound);
    expect(foreign.body).toEqual(unknown.body);
    expect((await grace.refresh()).status).toBe(200);
  });

  it.each(["x", "%00", "%", "%ff", "'; drop table sessions; --", "..%2f..%2fme", "%F0%9F%A7%AE", "a".repeat(5000)])(
    "404 not_found: %s",
    async (id) => {
      const { client, tokens } = await startSignedIn();
      const answer = await client.call("DELETE", `/sessions/${id}`, { bearer: tokens.accessToken });
      expect(refusal(answer)).toEqual(notFound);
    },
  );

  it("401 missing_token: the cookie alone is not enough", async () => {
    const { client, tokens } = await startSignedIn();
    const { current } = await idsOf(client, tokens.accessToken);
    const headers = { "x-csrf-token": tokens.csrfToken };
    const answer = await client.call("DELETE", `/sessions/${current}`, { headers });
    expect(refusal(answer)).toEqual({ status: 401, error: "missing_token" });
  });
});
