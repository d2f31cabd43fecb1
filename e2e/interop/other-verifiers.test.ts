/**
 * Verifiers that are not ours accept our tokens and refuse what they should, configured as docs/other-verifiers.md says.
 * Where one is not installed a line says so; at night they are installed.
 */
import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { signJws } from "@ostiary/jwt";
import type { Algorithm, Key } from "@ostiary/jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysOf, SECRET } from "../../packages/server/test/test-server.ts";
import { get, login, signup } from "../call.ts";
import { until } from "../launch.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";
import { closeFronts, FOR_EVER, OTHER_TYPE, VERIFIERS } from "./printed-verifiers.ts";
import type { Verifier } from "./printed-verifiers.ts";

afterAll(closeFronts);

const AUDIENCE = "https://api.example.com";
const installed = VERIFIERS.filter(isThere);

/** Where it has to be there and is not, its tests fail. */
function isThere({ name, aptPackages, isInstalled }: Verifier): boolean {
  if (isInstalled() || process.env["TEST_GATEWAYS"] === "required") return true;
  process.stderr.write(`\nNOT TESTED with ${name}: it is not installed (apt-get install ${aptPackages}).\n\n`);
  return false;
}

describe.runIf(installed.length > 0).each(["ES256", "RS256"] as const)("%s tokens at other people's verifiers", (algorithm) => {
  const env = {
    OSTIARY_SIGNING_ALGORITHM: algorithm,
    OSTIARY_SECRET: SECRET,
    OSTIARY_AUDIENCE: AUDIENCE,
    OSTIARY_KEY_PUBLISH_AHEAD: "1s",
  };
  const those = installed.filter(({ algorithms }) => algorithms.includes(algorithm));
  let server: RunningServer;
  let token: string;
  let publicKey: string;
  let refused: Record<string, string | undefined>;
  /** Nothing is wrong with it. */
  let forged: string;
  const urls = new Map<Verifier, string>();
  beforeAll(async () => {
    server = await startOstiary({ env });
    const other = await startOstiary({ env: { ...env, OSTIARY_ISSUER: server.issuer } });
    token = (await signup(server.issuer, "ada@example.com")).accessToken;
    publicKey = await publicKeyOf(server, token);
    const forge = forger((await keysOf(join(server.folder, ".ostiary/ostiary.db"), algorithm)).accessKey, server.issuer);
    forged = forge({});
    refused = {
      none: undefined,
      nonsense: "nonsense",
      "signed by another": (await signup(`${other.url}/auth`, "ada@example.com")).accessToken,
      changed: flipped(token),
      unsigned: token.replace(/\.[^.]*$/, "."),
      expired: forge({ exp: Math.floor(Date.now() / 1000) - 60 }),
      [FOR_EVER]: forge({ exp: undefined }),
      "for another API": forge({ aud: ["https://other.example.com"] }),
      "of another issuer": forge({ iss: "https://other.example.com" }),
      [OTHER_TYPE]: forge({}, "JWT"),
    };
  });

  it.each(those)("$name", async (verifier) => {
    const url = await verifier.start({ issuer: server.issuer, algorithm, publicKey });
    urls.set(verifier, url);
    for (const good of [token, forged]) expect(await statusOf(url, good)).toBe(200);
    const answers = Object.entries(refused).map(async ([what, bad]) => [what, await statusOf(url, bad)] as const);
    const expected = Object.keys(refused).map((what) => [what, verifier.letsIn.includes(what) ? 200 : 401]);
    expect(Object.fromEntries(await Promise.all(answers))).toEqual(Object.fromEntries(expected));
  });

  it("those that find keys by themselves go on after rotations, to a key that nobody had heard of", async () => {
    const published = new Set((await jwksOf(server)).map(({ kid }) => kid));
    let next = token;
    while (published.has(headerOf(next).kid)) {
      const { kid } = headerOf(next);
      await runOstiary(["keys", "rotate"], { folder: server.folder, env });
      await until("the server signs with the next key", async () => {
        next = (await login(server.issuer, "ada@example.com")).accessToken;
        return headerOf(next).kid !== kid;
      });
    }
    for (const [{ name, followsKeys }, url] of urls) {
      if (!followsKeys) continue;
      // Some do not ask again at once.
      await until(`${name} accepts the next key`, async () => (await statusOf(url, next)) === 200);
      expect([name, await statusOf(url, token)]).toEqual([name, 200]);
    }
  });
});

/** Tokens by the server's own key that differ in one point from good ones. */
function forger(key: Key, iss: string) {
  const iat = Math.floor(Date.now() / 1000);
  const good = { iss, aud: [AUDIENCE, iss], sub: "ada", iat, exp: iat + 900, jti: "1", client_id: "first-party", roles: [] };
  return (wrong: object, typ = "at+jwt") => signJws(JSON.stringify({ ...good, ...wrong }), { key, header: { typ } });
}

async function statusOf(url: string, token: string | undefined): Promise<number> {
  const answer = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
}

async function jwksOf({ issuer }: RunningServer): Promise<{ kid: string; kty: string }[]> {
  return (await get<{ keys: { kid: string; kty: string }[] }>(`${issuer}/.well-known/jwks.json`)).body.keys;
}

async function publicKeyOf(server: RunningServer, token: string): Promise<string> {
  const jwk = (await jwksOf(server)).find(({ kid }) => kid === headerOf(token).kid);
  return createPublicKey({ key: { ...jwk }, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}

const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string; alg: Algorithm };

/** With another letter in the middle of its signature. */
function flipped(token: string): string {
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}
