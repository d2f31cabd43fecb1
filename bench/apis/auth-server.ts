/** The auth server that issued our tokens: `ostiary start` on a SQLite file that has so many sessions from the start. */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Jwk } from "@ostiary/jwt";
import { Pool } from "undici";
import type { Session } from "../../packages/server/src/sessions/session.ts";
import { createAccessTokens } from "../../packages/server/src/tokens/access-token.ts";
import { createRefreshTokens } from "../../packages/server/src/sessions/refresh-token.ts";
import { systemRandom } from "../../packages/server/src/random.ts";
import { insertSessions, insertUsers, makeKeys, SECRET } from "../databases/seed-server.ts";
import { seededSession, seededUser } from "../databases/seed.ts";
import { type Child, freePort, MEASURED, startChild, untilAnswered } from "../processes/child.ts";

const MAIN = join(import.meta.dirname, "../../packages/server/src/cli/main.ts");
/** Longer than any suite takes: nobody refreshes meanwhile. */
const LIFETIME_SECONDS = 7200;
const AT_ONCE = 64;

export interface AuthServer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly process: Child;
  /** Of everything it keeps. */
  databaseBytes(): number;
  session(i: number): Session;
  /** An access token of the i-th session, as the server issues them; the same each time. */
  accessToken(i: number): string;
  refreshToken(i: number): string;
  readonly keys: { readonly accessKey: Jwk; readonly refreshSecret: string };
  /** Signs out of these sessions, by their refresh tokens. */
  signOut(from: number, to: number): Promise<void>;
  stop(): Promise<void>;
}

/** Each session is another user's. `passwordHash`: of them all; without one nobody can sign in anew. */
export async function startAuthServer(
  folder: string,
  sessions: number,
  { passwordHash, nodeFlags = [] }: { passwordHash?: string; nodeFlags?: readonly string[] } = {},
): Promise<AuthServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/auth`;
  const file = join(folder, "ostiary.db");
  const databaseUrl = `sqlite:${file}`;
  const keyring = await makeKeys(databaseUrl);
  const now = Date.now();
  const sessionOf = (i: number) => ({ ...seededSession(i, sessions, keyring.refreshKeyId, now), userId: seededUser(i).id });
  await insertUsers(databaseUrl, sessions, (i) => ({ ...seededUser(i), ...(passwordHash === undefined ? {} : { passwordHash }) }));
  await insertSessions(databaseUrl, sessions, sessionOf);

  const env = {
    OSTIARY_PORT: String(port),
    OSTIARY_ISSUER: issuer,
    OSTIARY_DATABASE_URL: databaseUrl,
    OSTIARY_DATA_DIR: folder,
    OSTIARY_SECRET: SECRET,
    OSTIARY_LIMITS: "off",
  };
  const server = startChild([...MEASURED, ...nodeFlags, MAIN, "start"], { env, cwd: folder });
  await untilAnswered(`http://127.0.0.1:${port}/readyz`);
  const command = [MAIN, "clients", "create", "apis", "--guard", "--json"];
  const created = spawnSync(process.execPath, command, { cwd: folder, env: { ...process.env, ...env }, encoding: "utf8" });
  if (created.status !== 0) throw new Error(created.stderr);
  const { clientId, clientSecret } = JSON.parse(created.stdout) as { clientId: string; clientSecret: string };

  const refreshTokens = createRefreshTokens(keyring, issuer);
  const accessTokens = createAccessTokens({
    keyring,
    issuer,
    audience: [],
    lifetimeSeconds: LIFETIME_SECONDS,
    scopesOfRoles: {},
    claims: undefined,
    clock: Date.now,
    random: systemRandom,
  });
  const issued: string[] = [];
  return {
    issuer,
    clientId,
    clientSecret,
    process: server,
    databaseBytes: () => [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    session: sessionOf,
    accessToken: (i) => (issued[i] ??= accessTokens.issue(seededUser(i), sessionOf(i), null)),
    refreshToken: (i) => refreshTokens.issue(sessionOf(i)),
    keys: { accessKey: keyring.accessKey.privateJwk(), refreshSecret: keyring.refreshKey.privateJwk().k ?? "" },
    async signOut(from, to) {
      const pool = new Pool(`http://127.0.0.1:${port}`, { connections: AT_ONCE, pipelining: 1 });
      let next = from;
      const one = async (): Promise<void> => {
        while (next < to) {
          const body = JSON.stringify({ refreshToken: refreshTokens.issue(sessionOf(next++)) });
          const headers = { "content-type": "application/json" };
          const { statusCode, body: answer } = await pool.request({ path: "/auth/logout", method: "POST", headers, body });
          await answer.dump();
          if (statusCode !== 204) throw new Error(`The sign-out answered ${statusCode}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
      await pool.close();
    },
    stop: () => server.stop(),
  };
}
