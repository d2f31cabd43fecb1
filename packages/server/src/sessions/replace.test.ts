import { describe, expect, it } from "vitest";
import { MINUTE, PASSWORD, refusal, startSignedIn, startTestServer, TestClient } from "../../test/test-server.ts";

const ada = { email: "ada@example.com", password: PASSWORD };

describe("a new session at each sign-in, and the old one of the browser is dead", () => {
  it.each([
    ["the same user", "/login", ada, "renewed"],
    ["another user who signs up", "/signup", { email: "grace@example.com", password: PASSWORD }, "replaced"],
  ])("%s", async (_, path, body, endReason) => {
    const { server, client, tokens } = await startSignedIn();
    const copied = client.copy();
    const [earlier] = await server.sessions.list(tokens.user.id);
    const answer = await client.call("POST", path, { body });
    expect(answer.status).toBeLessThan(300);
    expect(await server.sessions.find(earlier!.id)).toMatchObject({ endReason });
    expect(refusal(await copied.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    expect(refusal(await copied.me(tokens.accessToken))).toMatchObject({ status: 401, reason: "session_revoked" });
    expect((await client.refresh()).status).toBe(200);
  });

  it("a session in another browser, or one that was handed out in a body, lives on", async () => {
    const { server, client, tokens } = await startSignedIn();
    const other = new TestClient(server);
    await other.login();
    const phone = await new TestClient(server).login("ada@example.com", { delivery: "body" });
    await client.call("POST", "/login", { body: { ...ada, delivery: "body" } });
    expect((await client.refresh()).status).toBe(200);
    await client.call("POST", "/login", { body: ada });
    expect((await other.refresh()).status).toBe(200);
    expect((await new TestClient(server).refresh(phone.refreshToken)).status).toBe(200);
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(4);
  });

  it("a wrong password ends nothing", async () => {
    const { client } = await startSignedIn();
    await client.call("POST", "/login", { body: { ...ada, password: "wrong" } });
    expect((await client.refresh()).status).toBe(200);
  });

  it("nor does a token that somebody made up, that is over, or of another server", async () => {
    const { client, server } = await startSignedIn();
    for (const token of ["nonsense", "a.b.c", `${client.jar.get("ostiary_refresh")}x`]) {
      const stranger = new TestClient(server);
      stranger.jar.set("ostiary_refresh", token);
      expect((await stranger.call("POST", "/login", { body: ada })).status).toBe(200);
    }
    expect((await client.refresh()).status).toBe(200);
    const foreign = (await startSignedIn()).client.copy();
    const here = new TestClient(server);
    here.jar.set("ostiary_refresh", foreign.jar.get("ostiary_refresh") ?? "");
    expect((await here.call("POST", "/login", { body: ada })).status).toBe(200);
  });

  it("another tab's refresh with the replaced session does not clear the new one's cookies", async () => {
    const { client } = await startSignedIn();
    const otherTab = client.copy();
    await client.call("POST", "/login", { body: ada });
    const late = await otherTab.refresh();
    expect([late.status, late.headers.getSetCookie()]).toEqual([401, []]);
    expect((await client.refresh()).status).toBe(200);
  });

  it("an older token of the session is as good a name for it", async () => {
    const { server, client, tokens } = await startSignedIn();
    const old = client.copy();
    await client.refresh();
    server.time.now += MINUTE;
    await old.call("POST", "/login", { body: ada });
    expect(refusal(await client.refresh())).toMatchObject({ status: 401, reason: "session_revoked" });
    expect(await server.sessions.list(tokens.user.id)).toHaveLength(1);
  });

  it("a page of another site cannot use it to sign anyone out", async () => {
    const { client } = await startSignedIn();
    const answer = await client.call("POST", "/login", { body: ada, headers: { origin: "https://evil.example" } });
    expect(answer.status).toBe(403);
    expect((await client.refresh()).status).toBe(200);
  });
});

it("signing in needs nobody's earlier session", async () => {
  const server = await startTestServer();
  const client = new TestClient(server);
  await client.signup();
  expect(
    (await client.call("POST", "/logout", { headers: { "x-csrf-token": client.jar.get("ostiary_csrf") ?? "" } })).status,
  ).toBe(204);
  expect((await client.call("POST", "/login", { body: ada })).status).toBe(200);
});
