/**
 * `node fill.ts <folder> <database URL>`: lets the auth server whose sources are in that folder, of whatever version, fill
 * an empty database, and prints what people and programs remember of it. By what every version has had: HTTP, and the
 * package's exports.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TokenResponse } from "@ostiary/protocol";
import type * as Server from "../../src/index.ts";
import type { Kept, Remembered } from "./kept.ts";

const ISSUER = "http://localhost:4000/auth";
const SECRET = "the secret of a database that is kept for tests";
const PASSWORD = "correct horse battery staple";
const NOW = Date.parse("2026-01-01T00:00:00Z");

const [, , folder = "", databaseUrl = ""] = process.argv;
const { createOstiary } = (await import(pathToFileURL(join(folder, "packages/server/src/index.ts")).href)) as typeof Server;
const ostiary = await createOstiary({ databaseUrl, issuer: ISSUER, secret: SECRET, clock: () => NOW });

const ada = await signedIn("/signup", "ada@example.com");
const signedOut = await signedIn("/login", "ada@example.com");
const grace = await signedIn("/signup", "grace@example.com");
const refreshed = await call("/refresh", { refreshToken: ada.refreshToken });
await call("/logout", { refreshToken: signedOut.refreshToken });
const user = await ostiary.users.findByEmail(grace.email);
await ostiary.users.disable(user?.id ?? "");
await ostiary.keys.rotate({ now: true });
const { clientId, clientSecret = "" } = (await ostiary.clients.create({ name: "An API", guard: true })) as {
  clientId: string;
  clientSecret?: string;
};
await ostiary.close();

const kept: Kept = {
  issuer: ISSUER,
  secret: SECRET,
  now: NOW,
  password: PASSWORD,
  ada: { ...ada, ...tokensOf(refreshed) },
  signedOut,
  grace,
  guard: { clientId, clientSecret },
};
process.stdout.write(`${JSON.stringify(kept, null, 2)}\n`);

async function signedIn(path: string, email: string): Promise<Remembered> {
  return { email, ...tokensOf(await call(path, { email, password: PASSWORD, delivery: "body" })) };
}

function tokensOf({ accessToken, refreshToken = "" }: TokenResponse): Omit<Remembered, "email"> {
  return { accessToken, refreshToken };
}

async function call(path: string, body: object): Promise<TokenResponse> {
  const request = new Request(ISSUER + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const response = await ostiary.fetch(request, { remoteAddress: "203.0.113.7" });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  return (response.status === 204 ? {} : await response.json()) as TokenResponse;
}
