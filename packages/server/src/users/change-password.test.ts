/** A session cannot begin with a password that has just been changed, however the two overlap. */
import { expect, it } from "vitest";
import { PASSWORD, TestClient, refusal, startSignedIn, temporaryFile } from "../../test/test-server.ts";

it("of logins that overlap a password change none outlives it", async () => {
  const { server, client, tokens } = await startSignedIn({ databaseUrl: `sqlite:${temporaryFile()}` });
  let current = PASSWORD;
  for (let round = 0; round < 4; round++) {
    const next = `${PASSWORD} ${round}`;
    const bearer = (await client.refresh(undefined, { origin: "http://localhost:4000" })).body.accessToken;
    const clients = Array.from({ length: 4 }, () => new TestClient(server));
    const login = (each: TestClient) => each.call("POST", "/login", { body: { email: tokens.user.email, password: current } });
    const body = { currentPassword: current, newPassword: next };
    const [before, changed, ...after] = await Promise.all([
      login(clients[0]!),
      client.call("POST", "/password", { bearer, body }),
      ...clients.slice(1).map(login),
    ]);
    expect(changed.status).toBe(204);
    for (const [index, answer] of [before, ...after].entries()) {
      if (answer.status === 401) expect(refusal(answer)).toEqual({ status: 401, error: "invalid_credentials" });
      else expect(refusal(await clients[index]!.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    }
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
    current = next;
  }
});
