import type { TokenResponse } from "@ostiary/protocol";
import { onTestFinished } from "vitest";
import { resolveSettings } from "../src/config.ts";
import type { OstiaryConfig } from "../src/ostiary-config.ts";
import { startOstiary } from "../src/server.ts";
import type { StartedOstiary } from "../src/ostiary.ts";
import { ISSUER, SECRET, START, TestClient, startTestServer } from "./test-server.ts";
import type { Answer, CallOptions, TestServer } from "./test-server.ts";

export interface AdminServer {
  readonly server: TestServer;
  /** Ada, who has the role. */
  readonly ada: TokenResponse;
  /** Grace, who has not; her client holds her cookies. */
  readonly grace: TokenResponse;
  readonly client: TestClient;
  /** As Ada. */
  readonly call: <Body>(method: string, path: string, options?: CallOptions) => Promise<Answer<Body>>;
}

export async function startWithAdmin(config: OstiaryConfig = {}): Promise<AdminServer> {
  const server = await startTestServer(config);
  const admin = new TestClient(server);
  const { user } = await admin.signup("ada@example.com", { name: "Ada Lovelace" });
  await server.users.setRoles(user.id, ["user", "admin"]);
  const ada = (await admin.refresh()).body;
  const client = new TestClient(server);
  const grace = await client.signup("grace@example.com", { name: "Grace Hopper" });
  return {
    server,
    ada,
    grace,
    client,
    call: (method, path, options = {}) => new TestClient(server).call(method, path, { bearer: ada.accessToken, ...options }),
  };
}

/** As `ostiary start` has it, with nobody in it. Closed when the test is over. */
export async function startUnclaimed(config: OstiaryConfig = {}): Promise<StartedOstiary & { readonly time: { now: number } }> {
  const time = { now: START };
  const inCode = { databaseUrl: "sqlite::memory:", secret: SECRET, issuer: ISSUER, clock: () => time.now, ...config };
  const server = await startOstiary(resolveSettings({ inCode, environment: {} }));
  onTestFinished(() => server.close());
  return { ...server, time };
}
