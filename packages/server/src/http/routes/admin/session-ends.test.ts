import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import type { AdminServer } from "../../../../test/admin-server.ts";
import { MINUTE, SECOND, START, TestClient, refusal } from "../../../../test/test-server.ts";

interface Page {
  readonly sessions: { readonly id: string }[];
  readonly next: string | null;
}

type Call = AdminServer["call"];

async function lastStep(call: Call, id: string): Promise<Record<string, unknown> | undefined> {
  const { body } = await call<{ steps: Record<string, unknown>[] }>("GET", `/admin/sessions/${id}`);
  return body.steps.at(-1);
}

describe("the pages of a user's sessions", () => {
  it("go on where they were, though the last session of the page before has ended", async () => {
    const { server, grace, call } = await startWithAdmin();
    for (let i = 0; i < 5; i++) {
      // Three at the same moment, and three a second later.
      if (i === 2) server.time.now += SECOND;
      await new TestClient(server).login("grace@example.com");
    }
    const live = (await server.sessions.list(grace.user.id)).map(({ id }) => id);
    const path = `/admin/users/${grace.user.id}/sessions?limit=2`;
    const { body: first } = await call<Page>("GET", path);
    expect(first.sessions.map(({ id }) => id)).toEqual(live.slice(0, 2));
    await server.sessions.revoke(live[1]!);
    const { body: second } = await call<Page>("GET", `${path}&after=${first.next}`);
    expect(second.sessions.map(({ id }) => id)).toEqual(live.slice(2, 4));
    await server.sessions.revoke(live[3]!);
    const { body: third } = await call<Page>("GET", `${path}&after=${second.next}`);
    expect(third).toEqual({
      sessions: [expect.objectContaining({ id: live[4] }), expect.objectContaining({ id: live[5] })],
      next: null,
    });
  });

  it("begin nowhere but at what was a page's end", async () => {
    const { grace, call } = await startWithAdmin();
    for (const path of [`/admin/users/${grace.user.id}/sessions`, "/admin/keys"]) {
      const answer = await call("GET", `${path}?after=nonsense`);
      expect(refusal(answer)).toEqual({ status: 400, error: "invalid_request", reason: "invalid_field", field: "after" });
    }
  });
});

describe("the end of a session", () => {
  it("is told once the user is deleted, and the session with them", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    const [session] = await server.sessions.list(grace.user.id);
    server.time.now += MINUTE;
    expect((await call("DELETE", `/admin/users/${grace.user.id}`)).status).toBe(204);
    expect(await lastStep(call, session!.id)).toMatchObject({
      kind: "end",
      at: new Date(START + MINUTE).toISOString(),
      reason: "user_deleted",
      by: { id: ada.user.id, email: "ada@example.com" },
    });
  });

  it("is not laid to what was done when it would have ended by itself", async () => {
    const { server, grace, call } = await startWithAdmin({ accessTokenTtl: "1d", refreshTokenTtl: "2h", auditRetention: "100d" });
    const [session] = await server.sessions.list(grace.user.id);
    server.time.now += 3 * 60 * MINUTE;
    expect((await call("DELETE", `/admin/users/${grace.user.id}`)).status).toBe(204);
    expect(await lastStep(call, session!.id)).toMatchObject({ kind: "begin" });
  });

  it("names the one who ended it, not whoever did something else to the user at that moment", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    const eve = await new TestClient(server).signup("eve@example.com");
    await server.users.setRoles(eve.user.id, ["admin"]);
    const { accessToken } = await new TestClient(server).login("eve@example.com");
    const [session] = await server.sessions.list(grace.user.id);
    expect((await call("POST", `/admin/users/${grace.user.id}/sign-out`)).status).toBe(204);
    await new TestClient(server).call("POST", `/admin/users/${grace.user.id}/disable`, { bearer: accessToken });
    expect(await lastStep(call, session!.id)).toMatchObject({ reason: "logout_all", by: { id: ada.user.id } });
  });
});
