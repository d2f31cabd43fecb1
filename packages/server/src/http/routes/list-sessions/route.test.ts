import type { SessionsResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import {
  ANY_TEXT,
  DAY,
  MINUTE,
  PASSWORD,
  START,
  TestClient,
  refusal,
  startSignedIn,
} from "../../../../test/test-server.ts";

const CHROME =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
const iso = (time: number): string => new Date(time).toISOString();

describe("GET /sessions", () => {
  it("checklist 84: 200: every live session, newest first, as the contract has them", async () => {
    const { server, client, tokens } = await startSignedIn();
    await client.refresh();
    server.time.now += MINUTE;
    const login = { email: tokens.user.email, password: PASSWORD, remember: true };
    await new TestClient(server).call("POST", "/login", { body: login, headers: { "user-agent": CHROME } });
    server.time.now += MINUTE;
    await client.refresh();

    const answer = await client.call<SessionsResponse>("GET", "/sessions", { bearer: tokens.accessToken });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toEqual({
      sessions: [
        {
          id: ANY_TEXT,
          current: false,
          device: "Chrome on macOS",
          ip: "203.0.113.7",
          userAgent: CHROME,
          createdAt: iso(START + MINUTE),
          lastUsedAt: iso(START + MINUTE),
          expiresAt: iso(START + MINUTE + 90 * DAY),
          remember: true,
        },
        {
          id: ANY_TEXT,
          current: true,
          device: "Unknown device",
          ip: "203.0.113.7",
          userAgent: null,
          createdAt: iso(START),
          lastUsedAt: iso(START + 2 * MINUTE),
          expiresAt: iso(START + 2 * MINUTE + 7 * DAY),
          remember: false,
        },
      ],
    });
  });

  it("200: newest means begun last, not lasting longest", async () => {
    const { server, client, tokens } = await startSignedIn({}, { remember: true });
    server.time.now += MINUTE;
    await new TestClient(server).login();
    const { body } = await client.call<SessionsResponse>("GET", "/sessions", { bearer: tokens.accessToken });
    expect(body.sessions.map(({ current }) => current)).toEqual([false, true]);
  });

  it("200: neither ended sessions nor other people's", async () => {
    const { server, client, tokens } = await startSignedIn({ accessTokenTtl: "1d", refreshTokenTtl: "1h" });
    const other = await new TestClient(server).login();
    await client.call("POST", "/logout", { bearer: other.accessToken });
    await new TestClient(server).signup("grace@example.com");
    const list = () => client.call<SessionsResponse>("GET", "/sessions", { bearer: tokens.accessToken });
    expect((await list()).body.sessions.map(({ current }) => current)).toEqual([true]);
    server.time.now += 60 * MINUTE;
    expect((await list()).body.sessions).toEqual([]);
  });

  it("200: a device names itself as it likes, and is shown within reason", async () => {
    const { server, client, tokens } = await startSignedIn();
    const names = ["", "curl/8.5.0", "x".repeat(5000), "<script>alert(1)</script>", "\u00e9\u00ff", "(".repeat(400)];
    for (const userAgent of names) await client.refresh(undefined, { "user-agent": userAgent });
    for (const userAgent of names) {
      const headers = { "user-agent": userAgent };
      await new TestClient(server).call("POST", "/login", { body: { email: tokens.user.email, password: PASSWORD }, headers });
    }
    const { body } = await client.call<SessionsResponse>("GET", "/sessions", { bearer: tokens.accessToken });
    expect(body.sessions).toHaveLength(names.length + 1);
    for (const { device, userAgent } of body.sessions) {
      expect(device).toMatch(/^[\w .-]{1,80}$/);
      expect(userAgent?.length ?? 0).toBeLessThanOrEqual(512);
    }
  });

  it("401 missing_token, 401 invalid_token", async () => {
    const { client } = await startSignedIn();
    expect(refusal(await client.call("GET", "/sessions"))).toEqual({ status: 401, error: "missing_token" });
    const refused = await client.call("GET", "/sessions", { bearer: "a.b.c" });
    expect(refusal(refused)).toMatchObject({ status: 401, error: "invalid_token" });
  });
});
