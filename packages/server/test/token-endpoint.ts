/** A server with somebody signed in, and a guard that sends tokens to one of its form endpoints. */
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { basic, startTestServer, TestClient } from "./test-server.ts";

export async function startTokenEndpoint<Body>(path: string, config: OstiaryConfig = {}) {
  const server = await startTestServer(config);
  const client = new TestClient(server);
  const tokens = await client.signup("ada@example.com", { delivery: "body" });
  const guard = await server.clients.create({ name: "API", guard: true });
  const headers = { authorization: basic(guard), "content-type": "application/x-www-form-urlencoded" };
  const send = (token: string, more: Record<string, string> = {}) =>
    client.call<Body>("POST", path, { body: new URLSearchParams({ token, ...more }).toString(), headers });
  return { server, client, tokens, guard, send };
}
