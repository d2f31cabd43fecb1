/** Guessing passwords, as strangers do it over HTTP. */
import { startTestServer, TestClient } from "./test-server.ts";
import type { CallOptions, TestServer } from "./test-server.ts";

export async function withAda(config: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(config);
  const browser = new TestClient(server);
  await browser.signup();
  return { server, browser };
}

export function login(client: TestClient, password: string, options: CallOptions & { email?: string } = {}) {
  return client.call("POST", "/login", { ...options, body: { email: options.email ?? "ada@example.com", password } });
}

/** One after the other, each from a browser without cookies. */
export async function guesses(server: TestServer, count: number, from: (i: number) => string, email?: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) {
    const options = email === undefined ? { from: from(i) } : { from: from(i), email };
    statuses.push((await login(new TestClient(server), `wrong ${i}`, options)).status);
  }
  return statuses;
}

export const MALLORY = "198.51.100.66";
export const mallory = (): string => MALLORY;
export const anywhere = (i: number): string => `198.51.${Math.floor(i / 250)}.${i % 250}`;
