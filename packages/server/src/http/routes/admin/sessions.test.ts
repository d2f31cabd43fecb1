import { describe, expect, it } from "vitest";
import { startWithAdmin } from "../../../../test/admin-server.ts";
import { MINUTE, START, TestClient } from "../../../../test/test-server.ts";

interface User {
  readonly id: string;
  readonly email: string;
  readonly roles: string[];
  readonly disabledAt: string | null;
}

describe("sessions", () => {
  it("of a user, newest first, page by page; with those that have ended", async () => {
    const { server, grace, call } = await startWithAdmin();
    for (let i = 0; i < 4; i++) {
      server.time.now += MINUTE;
      await new TestClient(server).login("grace@example.com");
    }
    const [newest] = await server.sessions.list(grace.user.id);
    await server.sessions.revoke(newest!.id);
    const list = async (query = "") => {
      const ids: string[] = [];
      for (let after = ""; ; ) {
        const path = `/admin/users/${grace.user.id}/sessions?limit=2${query}${after && `&after=${after}`}`;
        const { body } = await call<{ sessions: { id: string; endedAt: string | null }[]; next: string | null }>("GET", path);
        ids.push(...body.sessions.map(({ id, endedAt }) => (endedAt === null ? id : `${id} ended`)));
        if (body.next === null) return ids;
        after = body.next;
      }
    };
    const live = (await server.sessions.list(grace.user.id)).map(({ id }) => id);
    expect(live).toHaveLength(4);
    // The administrator's token is older than these minutes allow for nothing: it lives for a quarter of an hour.
    expect(await list()).toEqual(live);
    expect(await list("&ended=true")).toEqual([`${newest!.id} ended`, ...live]);
  });

  it("the life of one: login, rotations in one step, repeats, theft with both devices", async () => {
    const { server, grace, client, call } = await startWithAdmin({ accessTokenTtl: "1d" });
    for (let i = 0; i < 3; i++) {
      server.time.now += MINUTE;
      await client.refresh(undefined, { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
    }
    const thief = client.copy();
    thief.jar.delete("ostiary_device");
    server.time.now += MINUTE;
    await client.refresh(undefined, { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
    await client.refresh();
    server.time.now += 5 * MINUTE;
    await thief.refresh(undefined, { "user-agent": "curl/8" });
    const [ended] = await server.sessions.list(grace.user.id, { ended: true });
    const { body } = await call<{
      steps: Record<string, unknown>[];
      user: User;
      session: Record<string, unknown>;
      omitted: number;
    }>("GET", `/admin/sessions/${ended!.id}`);
    expect(body.user.email).toBe("grace@example.com");
    expect(body.session["endReason"]).toBe("refresh_token_reused");
    expect(body.omitted).toBe(0);
    expect(body.steps.map(({ kind, count, generation }) => [kind, count, generation])).toEqual([
      ["begin", undefined, undefined],
      // The first came from another browser than the sign-up, which is worth telling by itself.
      ["rotations", 1, 1],
      ["rotations", 3, 4],
      ["repeats", 1, 4],
      ["theft", undefined, 4],
      ["end", undefined, undefined],
    ]);
    const theft = body.steps.find(({ kind }) => kind === "theft")!;
    expect(theft).toMatchObject({
      presented: 3,
      presentedBy: { userAgent: "curl/8" },
      lastRotatedBy: { label: "Firefox on Linux" },
    });
  });

  it("the end names the administrator, also where it was done to the user", async () => {
    const { server, ada, grace, call } = await startWithAdmin();
    const other = await new TestClient(server).login("grace@example.com");
    expect(other.user.id).toBe(grace.user.id);
    const [second, first] = await server.sessions.list(grace.user.id);
    expect((await call("DELETE", `/admin/sessions/${first!.id}`)).status).toBe(204);
    server.time.now += MINUTE;
    await call("POST", `/admin/users/${grace.user.id}/disable`);
    const endOf = async (id: string) => {
      const { body } = await call<{ steps: Record<string, unknown>[] }>("GET", `/admin/sessions/${id}`);
      return body.steps.at(-1);
    };
    const by = { id: ada.user.id, email: "ada@example.com" };
    expect(await endOf(first!.id)).toMatchObject({ kind: "end", reason: "session_deleted", by });
    expect(await endOf(second!.id)).toMatchObject({
      kind: "end",
      reason: "user_disabled",
      by,
      at: new Date(START + MINUTE).toISOString(),
    });
  });
});
