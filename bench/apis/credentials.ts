/** Who asks an API, in the way that its guard knows people by; and who is to be refused. */
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSigner, decode, type Key } from "@ostiary/jwt";
import { createClient } from "redis";
import { Pool } from "undici";
import type { People } from "./people.ts";
import { type ApiKind, PASSWORD, SESSION_SECRET } from "./settings.ts";

/** Told to the load generator, in a file. */
export interface Credentials {
  readonly header: "authorization" | "cookie";
  /** Values of the header. */
  readonly good: readonly string[];
  /** Forged, and signed out if the guard can know of that. */
  readonly refused: readonly string[];
}

interface Api {
  readonly kind: ApiKind;
  readonly origin: string;
}

const SIGNED_OUT_SECONDS = 3600;
const AT_ONCE = 50;

/** Signs in as many as `people.count`, and one who signs out again. */
export async function signIn(people: People, api: Api): Promise<Credentials> {
  switch (api.kind) {
    case "open":
      return { header: "authorization", good: bearers(people, (i) => people.auth.accessToken(i)), refused: [] };
    case "ostiary":
    case "ostiary-remembering":
      return withTokens(people, (i) => people.auth.accessToken(i), true);
    case "ostiary-no-feed":
      return withTokens(people, (i) => people.auth.accessToken(i), false);
    case "ostiary-hs256":
      return withTokens(people, resignedBy(people, people.hs256), true);
    case "jsonwebtoken":
    case "jsonwebtoken-key-object":
      return withTokens(people, resignedBy(people, people.hs256), false);
    case "jsonwebtoken-denylist":
      return withDenylist(people);
    case "express-jwt":
      return withTokens(people, resignedBy(people, people.rs256), false);
    case "express-session":
    case "express-session-redis":
      return withSessions(people, api);
    case "better-auth":
      return withRows(people, api);
    case "better-auth-cookie-cache":
      return withCookies(people, api);
  }
}

function bearers({ count }: People, tokenOf: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => `Bearer ${tokenOf(i)}`);
}

function withTokens(people: People, tokenOf: (i: number) => string, knowsSignOuts: boolean): Credentials {
  const good = bearers(people, tokenOf);
  const refused = ["", forged(good[0] ?? ""), ...(knowsSignOuts ? [`Bearer ${tokenOf(people.signedOut)}`] : [])];
  return { header: "authorization", good, refused };
}

/** The same claims, under another key. */
function resignedBy({ auth }: People, key: Key): (i: number) => string {
  const sign = createSigner({ key, type: "at+jwt", issuer: auth.issuer, expiresInSeconds: 7200 });
  return (i) => {
    const { iss: _iss, iat: _iat, exp: _exp, ...claims } = decode(auth.accessToken(i)).claims;
    return sign(claims);
  };
}

async function withDenylist(people: People): Promise<Credentials> {
  const tokenOf = resignedBy(people, people.hs256);
  const signedOut = tokenOf(people.signedOut);
  await denyTokens(people.redisUrl, [String(decode(signedOut).claims["jti"])]);
  const { good, ...rest } = withTokens(people, tokenOf, false);
  return { ...rest, good, refused: [...rest.refused, `Bearer ${signedOut}`] };
}

/** As the guides have it: the `jti`, for as long as the token lives. */
export async function denyTokens(redisUrl: string, ids: readonly string[]): Promise<void> {
  const redis = await createClient({ url: redisUrl }).connect();
  await Promise.all(ids.map((id) => redis.set(`denylist:${id}`, "1", { EX: SIGNED_OUT_SECONDS })));
  redis.destroy();
}

/** Through the API's own way to sign in. */
async function withSessions({ count, auth }: People, { origin }: Api): Promise<Credentials> {
  const pool = new Pool(origin, { connections: AT_ONCE, pipelining: 1 });
  const good: string[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) good.push(await cookieOf(pool, `/login/${auth.session(next++).userId}`));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const signedOut = await cookieOf(pool, "/login/signed-out");
  const { body } = await pool.request({ path: "/logout", method: "POST", headers: { cookie: signedOut } });
  await body.dump();
  await pool.close();
  return { header: "cookie", good, refused: ["", forged(good[0] ?? ""), signedOut] };
}

async function cookieOf(pool: Pool, path: string): Promise<string> {
  const { statusCode, headers, body } = await pool.request({ path, method: "POST", headers: {} });
  await body.dump();
  const cookie = [headers["set-cookie"]].flat()[0]?.split(";")[0];
  if (cookie === undefined) throw new Error(`${path} answered ${statusCode} and set no cookie`);
  return cookie;
}

/** One signs up, through its own way; the others are rows like hers, because nobody can hash so many passwords. */
async function withRows({ count, folder }: People, { kind, origin }: Api): Promise<Credentials> {
  const signedOut = (await signUp(origin, `signed-out-of-${count}`))[0] ?? "";
  const database = new DatabaseSync(join(folder, `${kind}.db`));
  database.exec("delete from session; delete from account; delete from user; begin");
  const [user, session] = [
    database.prepare('insert into user (id, name, email, emailVerified, createdAt, updatedAt) values (?, ?, ?, 0, ?, ?)'),
    database.prepare(`insert into session (id, expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId)
      values (?, ?, ?, ?, ?, '127.0.0.1', 'ostiary-bench/1.0', ?)`),
  ];
  const [now, later] = [new Date().toISOString(), new Date(Date.now() + 7 * 86_400_000).toISOString()];
  const good = Array.from({ length: count }, (_, i) => {
    const [id, token] = ["user", "token"].map((word) => createHmac("sha256", word).update(String(i)).digest("hex").slice(0, 32)) as [string, string];
    user.run(id, `Person ${i}`, `person${i}@example.com`, now, now);
    session.run(`s${id.slice(1)}`, later, token, now, now, id);
    const signature = createHmac("sha256", SESSION_SECRET).update(token).digest("base64");
    return `better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
  });
  database.exec("commit");
  database.close();
  return { header: "cookie", good, refused: ["", forged(good[0] ?? ""), signedOut] };
}

const COOKIE_PEOPLE = 10;

/** What the cookie cache puts into its cookie, only it can say. */
async function withCookies(_people: People, { origin }: Api): Promise<Credentials> {
  const good = [];
  for (let i = 0; i < COOKIE_PEOPLE; i++) good.push((await signUp(origin, `person${i}`)).join("; "));
  return { header: "cookie", good, refused: [""] };
}

async function signUp(origin: string, name: string): Promise<string[]> {
  const answer = await fetch(`${origin}/api/auth/sign-up/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ name, email: `${name}@example.com`, password: PASSWORD }),
  });
  if (answer.status !== 200) throw new Error(`The sign-up answered ${answer.status}: ${await answer.text()}`);
  return answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
}

/** With another signature, of the same length. */
function forged(value: string): string {
  const at = value.length - 12;
  return value.slice(0, at) + (value[at] === "A" ? "B" : "A") + value.slice(at + 1);
}
