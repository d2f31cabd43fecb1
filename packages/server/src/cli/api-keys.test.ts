import { beforeEach, describe, expect, it, vi } from "vitest";
import { ostiary, ostiaryJson } from "../../test/command.ts";
import { ISSUER, SECRET, startTestServer, temporaryFile, TestClient } from "../../test/test-server.ts";
import type { TestServer } from "../../test/test-server.ts";

let server: TestServer;
let userId: string;
beforeEach(async () => {
  const databaseUrl = `sqlite:${temporaryFile()}`;
  vi.stubEnv("OSTIARY_DATABASE_URL", databaseUrl);
  vi.stubEnv("OSTIARY_SECRET", SECRET);
  vi.stubEnv("OSTIARY_ISSUER", ISSUER);
  server = await startTestServer({ databaseUrl });
  userId = (await new TestClient(server).signup("ada@example.com")).user.id;
  return () => vi.unstubAllEnvs();
});

const create = (...args: string[]) => ostiary("api-keys", "create", "Laptop", ...args);

describe("ostiary api-keys", () => {
  it("create prints the key this once; show and list what it is", async () => {
    const { code, out } = await create("--user", "ada@example.com", "--scope", "orders:read orders:write", "--expires-in-days", "90");
    expect(code).toBe(0);
    const [, id = "", key = ""] = /^id {3}(\w{20})\nkey {2}(ostk_\w{69})\nThe key is not shown again\.\n$/.exec(out) ?? [];
    expect(await server.apiKeys.find(id)).toMatchObject({ owner: { userId }, scopes: ["orders:read", "orders:write"], withRoles: false });
    for (const args of [["list"], ["list", "--user", userId], ["show", id]]) {
      const shown = await ostiary("api-keys", ...args);
      expect(shown.out).toContain(id);
      expect(shown.out).not.toContain(key.slice(25));
    }
    const [json] = await ostiaryJson("api-keys", "show", id);
    expect(json).toMatchObject({ id, userId, clientId: null, expiresAt: expect.stringMatching(/Z$/) as unknown, revokedAt: null });
  });

  it("are made for a service account, with its roles and scopes unless less is asked for", async () => {
    const [account] = await ostiaryJson<{ clientId: string }>("clients", "create", "batch", "--service", "--role", "batch", "--scope", "jobs:run jobs:list");
    const { clientId = "" } = account ?? {};
    expect((await server.clients.find(clientId))?.registration).toMatchObject({ grantTypes: ["client_credentials"], roles: ["batch"] });
    expect((await ostiary("clients", "show", clientId)).out).toMatch(/^roles +batch$/m);
    const [all] = await ostiaryJson("api-keys", "create", "Job", "--client", clientId);
    expect(all).toMatchObject({ clientId, scopes: ["jobs:run", "jobs:list"], withRoles: true, key: expect.stringMatching(/^ostk_/) as unknown });
    const [less] = await ostiaryJson("api-keys", "create", "Job", "--client", clientId, "--scope", "jobs:list", "--no-roles");
    expect(less).toMatchObject({ scopes: ["jobs:list"], withRoles: false });
    expect(await ostiaryJson("api-keys", "list", "--client", clientId)).toHaveLength(2);
    const [changed] = await ostiaryJson("clients", "update", clientId, "--role", "");
    expect(changed).toMatchObject({ registration: { roles: [] } });
  });

  it("rotate and revoke tell the running server's guards", async () => {
    const [made] = await ostiaryJson<{ id: string; key: string }>("api-keys", "create", "Laptop", "--user", "ada@example.com", "--with-roles");
    const { id = "", key = "" } = made ?? {};
    expect(await server.apiKeys.find(id)).toMatchObject({ withRoles: true });
    const rotated = await ostiary("api-keys", "rotate", id, "--overlap", "60");
    expect(rotated.out).toContain(`id   ${id}\nkey  ostk_${id}`);
    expect(rotated.out).not.toContain(key);
    expect((await ostiary("api-keys", "show", id)).out).toMatch(/^old secret good until /m);
    expect((await ostiary("api-keys", "revoke", id)).out).toContain("revoked ");
    expect((await server.apiKeys.find(id))?.revokedAt).not.toBeNull();
    expect(await ostiary("api-keys", "rotate", id)).toMatchObject({ code: 1, err: "This key is over: make another.\n" });
  });

  it("list says so where there are none", async () => {
    expect((await ostiary("api-keys", "list")).out).toBe("There are no API keys yet.\n");
  });

  it("create ends with 2 for wrong use, and with 1 for what cannot be, and says why", async () => {
    const wrong: [number, string[], string][] = [
      [2, [], "Say whom it stands for"],
      [2, ["--user", "ada@example.com", "--client", "x"], "Say whom it stands for"],
      [2, ["--user", "ada@example.com", "--expires-in-days", "soon"], "It must be a whole number."],
      [1, ["--user", "grace@example.com"], "There is no user grace@example.com."],
      [1, ["--client", "nobody"], "owner must be a user who may sign in, or a client that is registered for client_credentials"],
      [1, ["--user", "ada@example.com", "--scope", "openid"], "scopes has openid"],
      [1, ["--user", "ada@example.com", "--expires-in-days", "0"], "expiresInDays must be"],
    ];
    for (const [code, args, message] of wrong) {
      const said = await create(...args);
      expect([args, said.code, said.out]).toEqual([args, code, ""]);
      expect(said.err).toContain(message);
    }
  });

  it("show, rotate and revoke end with 1 where there is no such key", async () => {
    for (const command of ["show", "rotate", "revoke"]) {
      expect(await ostiary("api-keys", command, "nothing")).toMatchObject({ code: 1, err: "There is no API key nothing.\n" });
    }
  });
});
