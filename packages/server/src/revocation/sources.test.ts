/** Whatever ends a session or a token is refused by the guard in this process, and told to those in others. */
import type { RevocationEntry } from "@ostiary/protocol";
import { expect, it } from "vitest";
import { openFeed } from "../../test/feed-reader.ts";
import { MINUTE, PASSWORD, basic, startSignedIn } from "../../test/test-server.ts";

type Situation = Awaited<ReturnType<typeof situation>>;

async function situation() {
  const { server, client, tokens } = await startSignedIn({}, { delivery: "body" });
  const guard = await server.clients.create({ name: "API", guard: true });
  const { subject, sessionId, claims } = await server.guard.verify(tokens.accessToken);
  const feed = await openFeed(server, guard);
  await feed.until(({ event }) => event === "heartbeat");
  return { server, client, tokens, guard, feed, subject, sessionId, jti: claims.jti };
}

const session = ({ sessionId }: Situation, reason: string) => ({ kind: "session", value: sessionId, effect: "revoked", reason });
const subject = (at: Situation, effect: string, reason: string) => ({
  kind: "subject",
  value: at.subject,
  version: 2,
  effect,
  reason,
});
const token = ({ jti }: Situation) => ({ kind: "token", value: jti, effect: "revoked", reason: "token_revoked" });

const post = ({ client, tokens }: Situation, path: string, body?: unknown) =>
  client.call("POST", path, { bearer: tokens.accessToken, body });
const revokeByForm = ({ client, guard }: Situation, body: string) => {
  const headers = { authorization: basic(guard), "content-type": "application/x-www-form-urlencoded" };
  return client.call("POST", "/oauth/revoke", { headers, body: `token=${body}` });
};

const SOURCES: [string, (at: Situation) => Promise<unknown>, (at: Situation) => object, string][] = [
  ["logout", (at) => post(at, "/logout"), (at) => session(at, "logout"), "session_revoked"],
  [
    "logout by refresh token",
    ({ client, tokens }) => client.call("POST", "/logout", { body: { refreshToken: tokens.refreshToken } }),
    (at) => session(at, "logout"),
    "session_revoked",
  ],
  ["logout-all", (at) => post(at, "/logout-all"), (at) => subject(at, "revoked", "logout_all"), "token_revoked"],
  [
    "DELETE /sessions/{id}",
    ({ client, tokens, sessionId }) => client.call("DELETE", `/sessions/${sessionId}`, { bearer: tokens.accessToken }),
    (at) => session(at, "session_deleted"),
    "session_revoked",
  ],
  [
    "a password change",
    (at) => post(at, "/password", { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` }),
    (at) => subject(at, "stale", "password_changed"),
    "token_stale",
  ],
  [
    "a theft",
    async ({ server, client, tokens }) => {
      await client.refresh(tokens.refreshToken);
      server.time.now += MINUTE;
      await client.refresh(tokens.refreshToken);
    },
    (at) => session(at, "refresh_token_reused"),
    "session_revoked",
  ],
  ["an access token by RFC 7009", (at) => revokeByForm(at, at.tokens.accessToken), token, "token_revoked"],
  [
    "a refresh token by RFC 7009",
    (at) => revokeByForm(at, at.tokens.refreshToken!),
    (at) => session(at, "refresh_token_revoked"),
    "session_revoked",
  ],
  ["a single token, by the application", ({ server, jti }) => server.sessions.revokeToken(jti), token, "token_revoked"],
  ["a session, by the application", ({ server, sessionId }) => server.sessions.revoke(sessionId), (at) => session(at, "session_deleted"), "session_revoked"],
  ["all sessions, by the application", ({ server, ...at }) => server.sessions.revokeAll(at.subject), (at) => subject(at, "revoked", "logout_all"), "token_revoked"],
  ["changed roles", ({ server, ...at }) => server.users.setRoles(at.subject, ["admin"]), (at) => subject(at, "stale", "roles_changed"), "token_stale"],
  ["changed claims", ({ server, ...at }) => server.users.raiseTokenVersion(at.subject), (at) => subject(at, "stale", "token_version_raised"), "token_stale"],
  ["a disabled user", ({ server, ...at }) => server.users.disable(at.subject), (at) => subject(at, "revoked", "user_disabled"), "token_revoked"],
  ["a deleted user", ({ server, ...at }) => server.users.delete(at.subject), (at) => subject(at, "revoked", "user_deleted"), "token_revoked"],
];

it.each(SOURCES)("%s", async (_, revoke, entryOf, reason) => {
  const at = await situation();
  await revoke(at);
  await expect(at.server.guard.verify(at.tokens.accessToken)).rejects.toMatchObject({ reason });
  const told = (await at.feed.next())!;
  expect(told).toMatchObject({ event: "entry", id: 1, data: { seq: 1, ...entryOf(at) } });
  expect((told.data as RevocationEntry).expiresAt).toBeGreaterThanOrEqual(at.server.time.now / 1000 + 900);
  await at.feed.cancel();
});

it("a user who is enabled again signs in, and the tokens of before stay refused", async () => {
  const at = await situation();
  await at.server.users.disable(at.subject);
  await at.server.users.enable(at.subject);
  await expect(at.server.guard.verify(at.tokens.accessToken)).rejects.toMatchObject({ reason: "token_revoked" });
  const { accessToken } = await at.client.login();
  expect((await at.server.guard.verify(accessToken)).subject).toBe(at.subject);
});
