/**
 * Gateways that are not ours accept our tokens and refuse what they should: haproxy's jwt_verify with a public key, and
 * Apache's mod_oauth2 with the published keys. Where one is not installed a line says so; at night they are installed.
 */
import { spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { get, login, signup } from "../call.ts";
import { freePort, launch, temporaryFolder, until } from "../launch.ts";
import { runOstiary, startOstiary } from "../start-ostiary.ts";
import type { RunningServer } from "../start-ostiary.ts";
import { hasApacheModule, isThere, startApache } from "./apache.ts";

const MODULES = ["mpm_event", "authn_core", "authz_core", "authz_user", "oauth2"];

const hasHaproxy = isThere("haproxy", spawnSync("haproxy", ["-v"]).status === 0, "haproxy");
const hasApache = isThere("Apache's mod_oauth2", hasApacheModule("oauth2"), "apache2-bin libapache2-mod-oauth2");

describe.runIf(hasHaproxy || hasApache).each(["ES256", "RS256"])("%s tokens at other people's gateways", (algorithm) => {
  let server: RunningServer;
  let token: string;
  let stranger: string;
  beforeAll(async () => {
    const env = { OSTIARY_SIGNING_ALGORITHM: algorithm };
    server = await startOstiary({ env });
    const other = await startOstiary({ env: { ...env, OSTIARY_ISSUER: server.issuer } });
    token = (await signup(server.issuer, "ada@example.com")).accessToken;
    stranger = (await signup(`${other.url}/auth`, "ada@example.com")).accessToken;
  });

  it.runIf(hasHaproxy)("haproxy", async () => {
    const url = await startHaproxy(await publicKeyOf(server, token), algorithm);
    expect((await fetchAs(url, token)).status).toBe(200);
    for (const refused of [undefined, stranger, flipped(token), token.replace(/\.[^.]*$/, ".")]) {
      expect((await fetchAs(url, refused)).status).toBe(401);
    }
  });

  it.runIf(hasApache)("Apache, also after a rotation", async () => {
    const url = await startGuardedApache(`${server.issuer}/.well-known/jwks.json`);
    expect((await fetchAs(url, token)).status).toBe(200);
    for (const refused of [undefined, stranger, flipped(token)]) expect((await fetchAs(url, refused)).status).toBe(401);
    await runOstiary(["keys", "rotate"], { folder: server.folder, env: { OSTIARY_SIGNING_ALGORITHM: algorithm } });
    let next = token;
    await until("the server signs with the next key", async () => {
      next = (await login(server.issuer, "ada@example.com")).accessToken;
      return headerOf(next).kid !== headerOf(token).kid;
    });
    for (const accepted of [token, next]) expect((await fetchAs(url, accepted)).status).toBe(200);
  });
});

async function startHaproxy(publicKey: string, algorithm: string): Promise<string> {
  const [folder, port] = [temporaryFolder(), await freePort()];
  writeFileSync(join(folder, "public.pem"), publicKey);
  const config = `
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend guarded
  bind 127.0.0.1:${port}
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')
  http-request deny deny_status 401 unless { var(txn.alg) -m str ${algorithm} }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(txn.alg,"${folder}/public.pem") -m int 1 }
  http-request return status 200 content-type text/plain string "let in"
`;
  writeFileSync(join(folder, "haproxy.cfg"), config);
  launch("haproxy", ["-db", "-f", join(folder, "haproxy.cfg")]);
  return untilItAnswers(`http://127.0.0.1:${port}/`);
}

async function startGuardedApache(jwksUri: string): Promise<string> {
  const config = `
OAuth2TokenVerify jwks_uri ${jwksUri}
<Location />
  AuthType oauth2
  Require valid-user
</Location>
`;
  const { url } = await startApache({ port: await freePort(), modules: MODULES, config });
  return `${url}/index.html`;
}

async function untilItAnswers(url: string): Promise<string> {
  await until(`${url} answers`, () => fetch(url).then((answer) => answer.status > 0, () => false));
  return url;
}

function fetchAs(url: string, token: string | undefined): Promise<Response> {
  return fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
}

async function publicKeyOf({ issuer }: RunningServer, token: string): Promise<string> {
  const { body } = await get<{ keys: { kid: string; kty: string }[] }>(`${issuer}/.well-known/jwks.json`);
  const jwk = body.keys.find(({ kid }) => kid === headerOf(token).kid);
  return createPublicKey({ key: { ...jwk }, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}

const headerOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string };

/** With another letter in the middle of its signature. */
function flipped(token: string): string {
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}
