/** A refresh that comes from elsewhere than the last: always told in the audit, and the end of a session that is bound. */
import type { ErrorBody, TokenResponse } from "@ostiary/protocol";
import { describe, expect, it } from "vitest";
import { resolveSettings } from "../config.ts";
import type { OstiaryConfig } from "../ostiary-config.ts";
import { MINUTE, auditTypes, refusal, startSignedIn, startTestServer } from "../../test/test-server.ts";

const HOME = "203.0.113.7";
const NEXT_DOOR = "203.0.113.200";
const ELSEWHERE = "198.51.100.9";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const UPDATED = FIREFOX.replaceAll("140.0", "141.0");

const revoked = { status: 401, error: "invalid_token", reason: "session_revoked" };

async function signedIn(config: OstiaryConfig, more: Record<string, unknown> = { delivery: "body" }) {
  const { server, client } = await startSignedIn(config);
  const login = { email: "ada@example.com", password: "correct horse battery staple", ...more };
  const headers = { "user-agent": FIREFOX };
  const { body } = await client.call<TokenResponse>("POST", "/login", { body: login, headers });
  const refresh = (refreshToken: string | undefined, from: string, userAgent = FIREFOX) =>
    client.call<TokenResponse & ErrorBody>("POST", "/refresh", {
      ...(refreshToken === undefined ? {} : { body: { refreshToken } }),
      headers: { "user-agent": userAgent, "x-csrf-token": body.csrfToken },
      from,
    });
  const lastEvent = async () => (await server.audit.list({ limit: 1 }))[0];
  return { server, client, login: body, refresh, lastEvent };
}

describe("a refresh from elsewhere", () => {
  it("is flagged as suspicious if both the browser and the network are others", async () => {
    const { login, refresh, lastEvent } = await signedIn({});
    const second = await refresh(login.refreshToken, ELSEWHERE, UPDATED);
    expect((await lastEvent())?.detail).not.toHaveProperty("suspicious");
    await refresh(second.body.refreshToken, HOME, "curl/8.5.0");
    expect((await lastEvent())?.detail).toMatchObject({ suspicious: "refresh_from_another_device" });
  });

  it("is audited with what changed, and the session goes on", async () => {
    const { login, refresh, lastEvent } = await signedIn({});
    const r1 = await refresh(login.refreshToken, NEXT_DOOR);
    expect((await lastEvent())?.detail).toEqual({ generation: 1 });
    const r2 = await refresh(r1.body.refreshToken, ELSEWHERE);
    expect(await lastEvent()).toMatchObject({
      type: "refresh",
      ip: ELSEWHERE,
      detail: { generation: 2, changed: { network: { from: NEXT_DOOR, to: ELSEWHERE } } },
    });
    const r3 = await refresh(r2.body.refreshToken, ELSEWHERE, "curl/8.5.0");
    expect(r3.status).toBe(200);
    expect((await lastEvent())?.detail).toEqual({
      generation: 3,
      changed: { userAgent: { from: FIREFOX, to: "curl/8.5.0" } },
    });
    // A repeat, too: against where the last rotation came from.
    expect((await refresh(r2.body.refreshToken, HOME, "curl/8.5.0")).status).toBe(200);
    expect(await lastEvent()).toMatchObject({
      type: "refresh_repeated",
      detail: { changed: { network: { from: ELSEWHERE, to: HOME } } },
    });
  });

  it.each([
    ["network", ELSEWHERE, FIREFOX, "network_changed", { network: { from: HOME, to: ELSEWHERE } }],
    ["user-agent", HOME, "curl/8.5.0", "user_agent_changed", { userAgent: { from: FIREFOX, to: "curl/8.5.0" } }],
  ] as const)("ends a session that is bound to its %s, for everyone and at once", async (bind, from, by, reason, changed) => {
    const { server, client, login, refresh, lastEvent } = await signedIn({ sessions: { bind } });
    expect(refusal(await refresh(login.refreshToken, from, by))).toEqual(revoked);
    expect(await lastEvent()).toMatchObject({
      type: "session_revoked",
      ip: from,
      userAgent: by,
      detail: { reason, presented: 0, generation: 0, changed },
    });
    expect(refusal(await refresh(login.refreshToken, HOME))).toEqual(revoked);
    expect(refusal(await client.me(login.accessToken))).toMatchObject(revoked);
    expect(await server.sessions.list(login.user.id)).toHaveLength(1);
  });

  it("ends it by a repeat as well: a thief is not let in by the grace", async () => {
    const { login, refresh } = await signedIn({ sessions: { bind: "network" } });
    const r1 = await refresh(login.refreshToken, HOME);
    expect(refusal(await refresh(login.refreshToken, ELSEWHERE))).toEqual(revoked);
    expect(refusal(await refresh(r1.body.refreshToken, HOME))).toEqual(revoked);
  });

  it("clears the cookies of the session it ended", async () => {
    const { client, refresh } = await signedIn({ sessions: { bind: "network" } }, {});
    expect(refusal(await refresh(undefined, ELSEWHERE))).toEqual(revoked);
    expect([...client.jar.keys()]).toEqual(["ostiary_device"]);
  });

  it("an old token is theft wherever it comes from", async () => {
    const { server, login, refresh } = await signedIn({ sessions: { bind: "network" } });
    await refresh(login.refreshToken, HOME);
    server.time.now += MINUTE;
    expect(refusal(await refresh(login.refreshToken, ELSEWHERE))).toMatchObject({ reason: "refresh_token_reused" });
    expect((await auditTypes(server)).at(-1)).toBe("refresh_token_reused");
  });

  it.each([
    ["network", NEXT_DOOR, "curl/8.5.0"],
    ["user-agent", ELSEWHERE, UPDATED],
  ] as const)("goes on in a session bound to its %s while that stays", async (bind, from, by) => {
    const { login, refresh } = await signedIn({ sessions: { bind } });
    expect((await refresh(login.refreshToken, from, by)).status).toBe(200);
  });
});

describe("the setting", () => {
  it("comes from a variable, which beats the file, and is beaten by code", () => {
    const environment = { OSTIARY_SESSION_BIND: "network" };
    const inFile = { sessions: { bind: "user-agent" } } as const;
    expect(resolveSettings({ environment: {} }).sessions).toEqual({ bind: "none" });
    expect(resolveSettings({ environment: {}, inFile }).sessions).toEqual({ bind: "user-agent" });
    expect(resolveSettings({ environment, inFile }).sessions).toEqual({ bind: "network" });
    expect(resolveSettings({ environment, inFile, inCode: { sessions: { bind: "none" } } }).sessions).toEqual({ bind: "none" });
    expect(resolveSettings({ environment, inCode: { sessions: {} } }).sessions).toEqual({ bind: "network" });
  });

  it("is refused by the name it was given", async () => {
    expect(() => resolveSettings({ environment: { OSTIARY_SESSION_BIND: "ip" } })).toThrow(
      "OSTIARY_SESSION_BIND: must be one of none, user-agent, network",
    );
    const inFile = { sessions: { bind: "ip" as "network" } };
    expect(() => resolveSettings({ environment: {}, inFile })).toThrow("sessions.bind: must be one of");
    await expect(startTestServer({ sessions: { bound: true } as object })).rejects.toThrow("sessions.bound is not a setting.");
  });
});
