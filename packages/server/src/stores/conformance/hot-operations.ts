/** What a busy server asks of its store all day, and so must never answer by reading a table from end to end. */
import { emailIdentity } from "../../users/email.ts";
import { roleTerm } from "../../users/search-terms.ts";
import type { Store } from "../store.ts";
import {
  event,
  HASH,
  newApiKey,
  NOW,
  newClient,
  newSession,
  newUser,
  presenting,
  sessionRevocation,
  versionChange,
} from "./fixtures.ts";

export interface HotOperation {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

/** The operations, on a user and sessions of their own. */
export async function hotOperations({
  users,
  sessions,
  clients,
  apiKeys,
  revocations,
  audit,
  oauth,
}: Store): Promise<HotOperation[]> {
  const user = newUser();
  await users.create(user, event("user_created", { userId: user.id }));
  const [used, stolen, left] = [newSession(user.id), newSession(user.id), newSession(user.id)];
  for (const session of [used, stolen, left]) await sessions.create(session, HASH, event("login", { userId: user.id }));
  const several = [newSession(user.id), newSession(user.id)];
  for (const session of several) await sessions.create(session, HASH, event("login", { userId: user.id }));
  for (const { id } of [used, stolen]) await sessions.rotate(id, presenting(0, NOW));
  const logout = { at: NOW, reason: "logout", entry: sessionRevocation(left.id), audit: event("logout") } as const;

  const found = { userId: user.id, term: roleTerm("user"), along: roleTerm("user") };
  const client = newClient();
  await clients.create(client, event("client_created"));
  const apiKey = newApiKey({ userId: user.id });
  await apiKeys.create(apiKey, event("api_key_created"));

  await oauth.pushed.keep({ hash: "pushed", clientId: client.id, parameters: "", expiresAt: NOW + 60_000 });
  const asked = {
    clientId: client.id,
    scopes: [],
    resources: [],
    ip: null,
    userAgent: null,
    createdAt: NOW,
    expiresAt: NOW + 60_000,
  };
  await oauth.devices.keep({
    ...asked,
    hash: "device",
    userCode: "BCDFGHJK",
    intervalSeconds: 5,
    polledAt: null,
    decision: null,
  });

  return [
    { name: "user by e-mail", run: () => users.findByEmail(emailIdentity(user.email)) },
    { name: "user by id", run: () => users.find(user.id) },
    { name: "login", run: () => sessions.create(newSession(user.id), HASH, event("login")) },
    { name: "session read", run: () => sessions.find(used.id) },
    { name: "rotation", run: () => sessions.rotate(used.id, presenting(1, NOW)) },
    { name: "rotations together", run: () => Promise.all(several.map(({ id }) => sessions.rotate(id, presenting(0, NOW)))) },
    { name: "repeat", run: () => sessions.rotate(used.id, presenting(1, NOW)) },
    { name: "theft", run: () => sessions.rotate(stolen.id, presenting(0, NOW + 60_000)) },
    { name: "a user's live sessions", run: () => sessions.listLive(user.id, NOW) },
    { name: "a user's kept sessions", run: () => sessions.listKept(user.id) },
    { name: "sign-out", run: () => sessions.revoke(left.id, logout) },
    { name: "client by id", run: () => clients.find(client.id) },
    { name: "clients by their ids", run: () => clients.findAll([client.id, "nobody"]) },
    { name: "API key by id", run: () => apiKeys.find(apiKey.id) },
    { name: "API key used", run: () => apiKeys.noteUse(apiKey.id, NOW) },
    { name: "a user's API keys", run: () => apiKeys.list({ owner: { userId: user.id }, limit: 10 }) },
    { name: "a service account's API keys", run: () => apiKeys.list({ owner: { clientId: client.id }, limit: 10 }) },
    { name: "a session's audit", run: () => audit.list({ sessionId: used.id, after: 0 }) },
    {
      name: "users by words",
      run: () => users.search({ words: ["example", emailIdentity(user.email)], exactly: [], after: null, limit: 10 }),
    },
    { name: "users of a role", run: () => users.search({ words: [], exactly: [roleTerm("user")], after: found, limit: 10 }) },
    { name: "the audit by types", run: () => audit.list({ types: ["login", "refresh"], before: 1_000_000 }) },
    { name: "the audit of a time", run: () => audit.list({ since: NOW - 1, until: NOW + 1 }) },
    { name: "the audit of an address", run: () => audit.listFrom({ ip: "203.0.113.7", types: ["login"] }) },
    { name: "the audit, counted", run: () => audit.count(["login", "refresh"], [NOW - 1, NOW, NOW + 1]) },
    { name: "a user's audit", run: () => audit.list({ userId: user.id }) },
    { name: "revocation log, tail", run: () => revocations.entriesAfter(1, 1000) },
    { name: "revocation log, whether it grew", run: () => revocations.watch.changeMark() },
    { name: "change of roles", run: () => users.setRoles(user.id, ["admin"], versionChange("stale", user.id)) },
    { name: "sign-out everywhere", run: () => sessions.revokeAll(user.id, NOW, "logout_all", versionChange("revoked", user.id)) },
    { name: "sweep of sessions", run: () => sessions.dropEnded(NOW - 86_400_000, 100) },
    { name: "sweep of API keys", run: () => apiKeys.dropEnded(NOW - 86_400_000, 100) },
    { name: "pushed request, opened", run: () => oauth.pushed.open("pushed", client.id, NOW, NOW + 60_000) },
    { name: "pushed request, used up", run: () => oauth.pushed.use("pushed", NOW) },
    { name: "a device's question", run: () => oauth.devices.poll("device", NOW, () => 5) },
    { name: "a device's user code", run: () => oauth.devices.findByUserCode("BCDFGHJK") },
    { name: "a device, refused", run: () => oauth.devices.deny("device", event("device_denied")) },
    { name: "sweep of requests", run: () => oauth.dropRequests(NOW - 86_400_000, 100) },
    { name: "sweep of revocations", run: () => revocations.dropExpired(NOW / 1000 - 86_400, 100) },
  ];
}
