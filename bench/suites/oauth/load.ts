/**
 * The load generator, a process of its own: `load.ts <issuer> <credentials file>`. It has a browser for each person, signed in
 * and asked for consent once, by the same pages as anybody; after that nobody is asked.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Pool } from "undici";
import { Person } from "../../../e2e/oauth/person.ts";
import { closedLoop } from "../../processes/closed-loop.ts";
import { emailOf, PASSWORD, PEOPLE, REDIRECT_URI } from "./messages.ts";
import type { Credentials, OperationDrive } from "./messages.ts";

const [issuer = "", credentialsFile = ""] = process.argv.slice(2);
const { clientId, clientSecret } = JSON.parse(readFileSync(credentialsFile, "utf8")) as Credentials;
const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, string>;
const { origin } = new URL(issuer);
const [authorizePath, tokenPath] = [metadata["authorization_endpoint"], metadata["token_endpoint"]].map((url) => new URL(url ?? "").pathname);

/** One for all: making them is not what is measured. */
const VERIFIER = "the-verifier-of-all-authorizations-of-the-benchmark-0123456789";
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");
const SCOPE = "openid profile email";
const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const TOKEN_HEADERS = {
  authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
  "content-type": "application/x-www-form-urlencoded",
};
/** Of each person's, enough that none is refreshed twice at a time. */
const GRANTS_EACH = 2;

const people: Person[] = [];
const codes: string[] = [];
const refreshTokens: string[] = [];
let next = 0;

process.on("message", (drive: OperationDrive) => {
  void (drive.prepare === true ? prepare(drive) : measure(drive)).then((answer) => process.send?.(answer));
});

async function prepare({ operation, connections, codes: wanted }: OperationDrive): Promise<null> {
  if (people.length === 0) await signInAll();
  if (operation === "exchange") {
    codes.length = 0;
    await closedLoop(origin, { connections, seconds: 0, atLeast: wanted }, async (pool) => {
      codes.push(await authorize(pool));
      return 0;
    });
  }
  if (operation === "refresh" && refreshTokens.length === 0) await grantAll();
  return null;
}

function measure(drive: OperationDrive) {
  if (drive.operation === "authorize") return closedLoop(origin, drive, async (pool) => (await authorize(pool), 0));
  if (drive.operation === "refresh") return closedLoop(origin, drive, refreshNext);
  return closedLoop(origin, { ...drive, seconds: Number.POSITIVE_INFINITY }, async (pool) => {
    const code = codes.pop();
    if (code === undefined) return null;
    await exchange(pool, code);
    return 0;
  });
}

function requestOf(more: Readonly<Record<string, string>>): string {
  const id = String(next++);
  return new URLSearchParams({
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: SCOPE,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    state: `state-${id}`,
    nonce: `nonce-${id}`,
    ...more,
  }).toString();
}

async function signInAll(): Promise<void> {
  for (let i = 0; i < PEOPLE; i++) {
    const person = new Person(issuer, (request) => fetch(request), { email: emailOf(i), password: PASSWORD });
    await codeOf(person, {});
    people.push(person);
  }
}

async function grantAll(): Promise<void> {
  for (const person of people) {
    for (let i = 0; i < GRANTS_EACH; i++) {
      const code = await codeOf(person, { scope: `${SCOPE} offline_access`, prompt: "consent" });
      const body = new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER });
      const answer = await fetch(origin + tokenPath, { method: "POST", headers: TOKEN_HEADERS, body });
      refreshTokens.push(tokenIn((await answer.json()) as Answer));
    }
  }
}

async function codeOf(person: Person, more: Readonly<Record<string, string>>): Promise<string> {
  const { parameters, page } = await person.open(`${origin}${authorizePath}?${requestOf(more)}`);
  const code = parameters.get("code");
  if (code === null) throw new Error(`No code, but ${page?.text ?? parameters.toString()}`);
  return code;
}

/** Gives the code. */
async function authorize(pool: Pool): Promise<string> {
  const person = people[next % PEOPLE];
  if (person === undefined) throw new Error("Nobody is signed in.");
  const cookie = Array.from(person.cookies, ([name, { value }]) => `${name}=${value}`).join("; ");
  const headers = { cookie, accept: ACCEPT, "accept-language": "en", "user-agent": AGENT, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  const { statusCode, headers: answered, body } = await pool.request({ path: `${authorizePath}?${requestOf({})}`, method: "GET", headers });
  await body.dump();
  const code = /[?&]code=([^&]+)/.exec(String(answered["location"]))?.[1];
  if (code === undefined) throw new Error(`No code, but ${statusCode} to ${String(answered["location"])}`);
  return code;
}

interface Answer {
  readonly id_token?: string;
  readonly refresh_token?: string;
}

async function exchange(pool: Pool, code: string): Promise<void> {
  const { id_token: idToken } = await askForTokens(pool, { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER });
  if (idToken === undefined) throw new Error("There is no ID token.");
}

async function refreshNext(pool: Pool): Promise<number> {
  // Nobody else has it until it comes back.
  const refreshToken = refreshTokens.shift();
  if (refreshToken === undefined) throw new Error("More connections than refresh tokens.");
  const token = tokenIn(await askForTokens(pool, { grant_type: "refresh_token", refresh_token: refreshToken }));
  if (token === refreshToken) throw new Error("It was not rotated.");
  refreshTokens.push(token);
  return 0;
}

function tokenIn({ refresh_token: token }: Answer): string {
  if (token === undefined) throw new Error("There is no refresh token.");
  return token;
}

async function askForTokens(pool: Pool, fields: Record<string, string>): Promise<Answer> {
  const { statusCode, body } = await pool.request({
    path: tokenPath ?? "",
    method: "POST",
    headers: TOKEN_HEADERS,
    body: new URLSearchParams(fields).toString(),
  });
  const answer = (await body.json()) as Answer;
  if (statusCode !== 200) throw new Error(`${statusCode} ${JSON.stringify(answer)}`);
  return answer;
}
