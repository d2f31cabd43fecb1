/** API keys at guards that remember them: in the server's process, and by the feed. */
import { createGuard } from "@ostiary/guard";
import type { Guard } from "@ostiary/guard";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startTokenEndpoint } from "../../test/token-endpoint.ts";
import { basic, ISSUER, MINUTE, TestClient, type TestServer } from "../../test/test-server.ts";
import type { ClientCredentials } from "../clients/client.ts";

const REGISTRATION = { grantTypes: ["client_credentials" as const], scopes: ["orders:read", "orders:write"], roles: ["batch"] };

/** What an API makes of a key, and how many questions that has cost. */
interface Api {
  readonly ask: (key: string) => Promise<string>;
  readonly questions: () => number;
}

async function outcome(guard: Guard, key: string): Promise<string> {
  try {
    const { scopes, roles } = await guard.verify(key);
    return `in: ${[...scopes, ...roles.map((role) => `role ${role}`)].join(" ")}`.trim();
  } catch (error) {
    const { status, reason } = error as { status: number; reason: string };
    return `${status} ${reason}`;
  }
}

function embedded(server: TestServer): Promise<Api> {
  return Promise.resolve({ ask: (key) => outcome(server.guard, key), questions: () => 0 });
}

async function following(server: TestServer, { clientId, clientSecret }: ClientCredentials): Promise<Api> {
  let questions = 0;
  const guard = createGuard({
    issuer: ISSUER,
    audience: ISSUER,
    clock: () => server.time.now,
    revocation: { clientId, clientSecret, maxStalenessSeconds: 60 },
    fetch: (url, init) => {
      if (String(url).endsWith("/oauth/introspect")) questions++;
      return Promise.resolve(server.fetch(new Request(url, init), { remoteAddress: "203.0.113.9" }));
    },
  });
  onTestFinished(() => guard.close());
  await guard.ready();
  return { ask: (key) => outcome(guard, key), questions: () => questions };
}

/** Guards are told within milliseconds; a busy machine takes longer. */
const soon = (api: Api, key: string, expected: string): Promise<void> =>
  vi.waitFor(async () => expect(await api.ask(key)).toBe(expected), { timeout: 20_000, interval: 20 });

it("a service account that is to have no token without a proof gets no key either", async () => {
  const { server, tokens } = await startTokenEndpoint("/oauth/introspect");
  const { clientId } = await server.clients.create({
    name: "Till",
    registration: { ...REGISTRATION, dpopBoundAccessTokens: true },
  });
  await expect(server.apiKeys.create({ owner: { clientId }, name: "one" })).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("owner") as unknown,
  });
  await server.apiKeys.create({ owner: { userId: tokens.user.id }, name: "another" });
});

describe.each([["in the server's process", embedded], ["that follows the feed", following]] as const)("a guard %s", (_, open) => {
  async function start() {
    const { server, client, tokens, guard } = await startTokenEndpoint("/oauth/introspect", {
      scopes: { staff: ["stock:write"] },
    });
    const owner = { userId: tokens.user.id };
    const make = () => server.apiKeys.create({ owner, name: "Laptop", scopes: ["orders:read", "stock:write"], withRoles: true });
    return { server, client, tokens, owner, make, api: await open(server, guard) };
  }

  it("refuses a key as soon as it is revoked, and lets others in", async () => {
    const { server, make, api } = await start();
    const [one, other] = [await make(), await make()];
    for (const { key } of [one, other]) expect(await api.ask(key)).toBe("in: orders:read role user");
    await server.apiKeys.revoke(one.id);
    await soon(api, one.key, "401 session_revoked");
    expect(await api.ask(other.key)).toBe("in: orders:read role user");
  });

  it("refuses the old secret of a rotated key, or goes on with both for the overlap", async () => {
    const { server, make, api } = await start();
    const { id, key: first } = await make();
    expect(await api.ask(first)).toBe("in: orders:read role user");
    const { key: second = "" } = (await server.apiKeys.rotate(id)) ?? {};
    await soon(api, first, "401 token_revoked");
    expect(await api.ask(second)).toBe("in: orders:read role user");
    const { key: third = "" } = (await server.apiKeys.rotate(id, { overlapSeconds: 60 })) ?? {};
    server.time.now += MINUTE - 1;
    for (const key of [second, third]) await soon(api, key, "in: orders:read role user");
    server.time.now += 1;
    await soon(api, second, "401 token_revoked");
    expect(await api.ask(third)).toBe("in: orders:read role user");
  });

  it("knows at once what its user may now, and that a sign-out everywhere is none of it", async () => {
    const { server, client, tokens, owner, make, api } = await start();
    const { key } = await make();
    expect(await api.ask(key)).toBe("in: orders:read role user");
    await server.users.setRoles(owner.userId, ["staff"]);
    await soon(api, key, "in: orders:read stock:write role staff");
    const { accessToken } = (await client.refresh(tokens.refreshToken)).body;
    expect((await new TestClient(server).call("POST", "/logout-all", { bearer: accessToken })).status).toBe(204);
    for (let times = 0; times < 3; times++) await soon(api, key, "in: orders:read stock:write role staff");
    await server.users.disable(owner.userId);
    await soon(api, key, "401 token_revoked");
    await server.users.enable(owner.userId);
    await soon(api, key, "401 token_revoked");
  });

  it("knows at once what a service account may now, and that it is deleted", async () => {
    const { server, api } = await start();
    const { clientId } = await server.clients.create({ name: "Nightly", registration: REGISTRATION });
    const { key } = await server.apiKeys.create({ owner: { clientId }, name: "Job" });
    expect(await api.ask(key)).toBe("in: orders:read orders:write role batch");
    await server.clients.update(clientId, { registration: { scopes: ["orders:read"], roles: [] } });
    await soon(api, key, "in: orders:read");
    await server.clients.delete(clientId);
    await soon(api, key, "401 token_revoked");
  });
});

it("a guard that follows the feed asks about a key once in the life of an access token", async () => {
  const { server, tokens, guard } = await startTokenEndpoint("/oauth/introspect");
  const api = await following(server, guard);
  const { key } = await server.apiKeys.create({ owner: { userId: tokens.user.id }, name: "Laptop" });
  for (let times = 0; times < 20; times++) expect(await api.ask(key)).toBe("in:");
  server.time.now += 15 * MINUTE - 1;
  await api.ask(key);
  expect(api.questions()).toBe(1);
  server.time.now += 1;
  expect(await api.ask(key)).toBe("in:");
  expect(api.questions()).toBe(2);
});

it("with its credentials a guard hears of keys, and a client that is none does not", async () => {
  const { server, tokens } = await startTokenEndpoint("/oauth/introspect");
  const { key } = await server.apiKeys.create({ owner: { userId: tokens.user.id }, name: "Laptop" });
  const stranger = await server.clients.create({ name: "Job", registration: REGISTRATION });
  const body = new URLSearchParams({ token: key }).toString();
  for (const [status, headers] of [[403, { authorization: basic(stranger) }], [401, {}]] as const) {
    const answer = await new TestClient(server).call("POST", "/oauth/introspect", {
      body,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
    expect(answer.status).toBe(status);
  }
});
