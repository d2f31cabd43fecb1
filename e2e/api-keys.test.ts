/** An API key from the command line, at a guard in a process of its own: good at once, and gone at once. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { get, signup } from "./call.ts";
import { freePort, launch, REPOSITORY, until } from "./launch.ts";
import { runOstiary, startOstiary } from "./start-ostiary.ts";

interface Made {
  readonly id: string;
  readonly key: string;
}

it("a key is made, the guard accepts it; it is given another secret, revoked, and the guard refuses it at once", async () => {
  const server = await startOstiary();
  const cli = async <Printed>(...args: string[]): Promise<Printed> =>
    JSON.parse(await runOstiary([...args, "--json"], { folder: server.folder })) as Printed;
  const guard = await cli<{ clientId: string; clientSecret: string }>("clients", "create", "orders-api", "--guard");
  const port = await freePort();
  const env = { ISSUER: server.issuer, PORT: String(port), CLIENT_ID: guard.clientId, CLIENT_SECRET: guard.clientSecret };
  const api = launch(process.execPath, [join(REPOSITORY, "e2e/guarded-api.ts")], { env });
  await until("the API listens", () => /Listening/.test(api.stdout));
  const orders = async (key: string) => {
    const { status, body, headers } = await get<{ subject?: string; reason?: string }>(`http://localhost:${port}/orders`, key);
    return { status, ...body, challenge: headers.get("www-authenticate") };
  };

  const { user } = await signup(server.issuer, "ada@example.com");
  const { id, key } = await cli<Made>("api-keys", "create", "Laptop", "--user", "ada@example.com", "--scope", "orders:read");
  expect(await orders(key)).toMatchObject({ status: 200, subject: user.id, roles: [], scopes: ["orders:read"] });
  const rotated = await cli<Made>("api-keys", "rotate", id, "--overlap", "3600");
  for (const good of [key, rotated.key]) expect(await orders(good)).toMatchObject({ status: 200, subject: user.id });
  await cli("api-keys", "revoke", id);
  for (const gone of [key, rotated.key]) {
    await until("the guard has heard of it", async () => (await orders(gone)).status === 401);
    expect((await orders(gone)).challenge).toContain('error="invalid_token"');
  }
});
