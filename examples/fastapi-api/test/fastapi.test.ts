/** The API in Python, against a real server, and with tokens that no server makes. It takes Debian's packages in CI. */
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { generateKey } from "@ostiary/jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, refresh, signup } from "../../../e2e/call.ts";
import { freePort, launch, until } from "../../../e2e/launch.ts";
import { runOstiary, startOstiary } from "../../../e2e/start-ostiary.ts";
import type { RunningServer } from "../../../e2e/start-ostiary.ts";
import { accessClaims, AUDIENCE, joinToken, signToken } from "../../../packages/guard/test/issuer.ts";

const EXAMPLE = join(import.meta.dirname, "..");
const python = findPython();

function findPython(): string | undefined {
  const found = () =>
    ["python3", "/usr/bin/python3"].find((name) => spawnSync(name, ["-c", "import fastapi, jwt, uvicorn"]).status === 0);
  const isCi = process.env["CI"] === "true";
  if (found() === undefined && isCi && process.getuid?.() === 0) {
    spawnSync("apt-get", ["update"]);
    spawnSync("apt-get", [
      "install",
      "-y",
      "--no-install-recommends",
      "python3-fastapi",
      "python3-jwt",
      "python3-cryptography",
      "python3-uvicorn",
    ]);
  }
  const name = found();
  if (name !== undefined || isCi) return name ?? "python3";
  process.stderr.write(
    "\nNOT TESTED: the API in Python (apt-get install python3-fastapi python3-jwt python3-cryptography python3-uvicorn).\n\n",
  );
  return undefined;
}

/** The API, answering; gives its URL. */
async function startApi(env: Record<string, string>): Promise<string> {
  const port = String(await freePort());
  const follower = join(EXAMPLE, "../revocation-follower");
  const api = launch(python ?? "", ["-B", "-m", "uvicorn", "main:app", "--port", port], {
    cwd: EXAMPLE,
    env: { PYTHONPATH: follower, ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  await until("the API answers", async () => {
    if (api.hasEnded) throw new Error(`It ended: ${api.stderr}`);
    return fetch(url).then(({ ok }) => ok, () => false);
  });
  return url;
}

describe.runIf(python)("the API in Python, beside a server", () => {
  let server: RunningServer;
  let url: string;
  beforeAll(async () => {
    server = await startOstiary();
    await server.process.says(/The credentials are for development/);
    const guard = JSON.parse(readFileSync(join(server.folder, ".ostiary/development-guard.json"), "utf8")) as Record<
      string,
      string
    >;
    const { clientId = "", clientSecret = "" } = guard;
    url = await startApi({ OSTIARY_ISSUER: server.issuer, OSTIARY_CLIENT_ID: clientId, OSTIARY_CLIENT_SECRET: clientSecret });
  });
  const me = (bearer?: string) => call<Record<string, unknown>>("GET", `${url}/me`, { bearer });

  it("lets in who is signed in, and refuses the others as every guard does", async () => {
    const { accessToken, user } = await signup(server.issuer, "ada@example.com");
    await until("it has a snapshot", async () => (await me(accessToken)).status === 200);
    expect((await me(accessToken)).body).toEqual({ user: user.id, roles: ["user"] });
    const missing = await me();
    expect([missing.status, missing.headers.get("www-authenticate"), missing.headers.get("cache-control")]).toEqual([
      401,
      "Bearer",
      "no-store",
    ]);
    expect(missing.body).toMatchObject({ error: "missing_token" });
    const forbidden = await call("DELETE", `${url}/users/x`, { bearer: accessToken });
    expect([forbidden.status, forbidden.body.error]).toEqual([403, "insufficient_role"]);
    expect(forbidden.headers.get("www-authenticate")).toBeNull();
  });

  it("knows at once of a sign-out, of new roles, and of a key that was taken out", async () => {
    const leaving = await signup(server.issuer, "leaving@example.com");
    const grace = await signup(server.issuer, "grace@example.com");
    await until("it lets in", async () => (await me(leaving.accessToken)).status === 200);
    await call("POST", `${server.issuer}/logout`, { bearer: leaving.accessToken });
    await until("it knows", async () => (await me(leaving.accessToken)).body["reason"] === "session_revoked");

    await runOstiary(["users", "set-role", "grace@example.com", "admin"], server);
    await until("it knows", async () => (await me(grace.accessToken)).body["reason"] === "token_stale");
    const { body: next } = await refresh(server.issuer, grace.refreshToken);
    expect((await call("DELETE", `${url}/users/x`, { bearer: next.accessToken })).status).toBe(204);

    await runOstiary(["keys", "rotate", "--compromised"], server);
    await until("it knows", async () => (await me(next.accessToken)).status === 401);
    const { body: last } = await refresh(server.issuer, next.refreshToken);
    expect((await me(last.accessToken)).status).toBe(200);
  });
});

describe.runIf(python)("the API in Python, and tokens that no server of ours makes", () => {
  /** Published; the first one signs. */
  let keys = [generateKey("ES256")];
  let fetched = 0;
  const published = createServer((_, res) => {
    fetched++;
    res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: keys.map((key) => key.publicJwk()) }));
  });
  let issuer: string;
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => published.listen(0, "127.0.0.1", resolve));
    issuer = `http://127.0.0.1:${(published.address() as AddressInfo).port}/auth`;
    url = await startApi({ OSTIARY_ISSUER: issuer, OSTIARY_AUDIENCE: AUDIENCE });
  });
  afterAll(() => void published.close());
  const me = (token: string) => call<Record<string, unknown>>("GET", `${url}/me`, { bearer: token });
  const made = (changes: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    signToken(keys[0]!, accessClaims(issuer, Date.now(), changes), header);
  const kid = () => keys[0]?.keyId;

  it("lets in a good one", async () => {
    expect(await me(made({}))).toMatchObject({ status: 200, body: { user: "user-1", roles: ["editor", "user"] } });
    expect((await me(made({}, { typ: "application/AT+JWT" }))).status).toBe(200);
  });

  it.each<[string, () => string, string]>([
    ["text that is no token", () => "x", "token_malformed"],
    ["two parts", () => made({}).split(".").slice(0, 2).join("."), "token_malformed"],
    ["17 KB", () => made({ more: "x".repeat(17_000) }), "token_malformed"],
    [
      "no signature",
      () => joinToken({ alg: "none", typ: "at+jwt", kid: kid() }, accessClaims(issuer), () => ""),
      "signature_invalid",
    ],
    ["the published key as a secret", () => signedWithPublicKey(), "signature_invalid"],
    [
      "another key under the same id",
      () => signToken(generateKey("ES256", { keyId: kid() ?? "" }), accessClaims(issuer)),
      "signature_invalid",
    ],
    ["a key that nobody knows", () => signToken(generateKey("ES256"), accessClaims(issuer)), "signature_invalid"],
    ["another kind of token", () => made({}, { typ: "JWT" }), "claim_invalid"],
    ["another issuer", () => made({ iss: "https://evil.example" }), "claim_invalid"],
    ["another audience", () => made({ aud: "https://other.example" }), "claim_invalid"],
    ["no session", () => made({ sid: undefined }), "claim_invalid"],
    ["an old one", () => made({ exp: 1 }), "token_expired"],
    ["one for later", () => made({ nbf: 4_000_000_000 }), "token_not_active"],
  ])("refuses %s", async (_, token, reason) => {
    const { status, body, headers } = await me(token());
    expect([status, body["error"], body["reason"]]).toEqual([401, "invalid_token", reason]);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token"/);
  });

  it("refuses two tokens in one request", async () => {
    const headers = { authorization: `Bearer ${made({})}, Bearer ${made({})}` };
    expect((await call("GET", `${url}/me`, { headers })).status).toBe(401);
  });

  it("asks for the keys again once, not for each key id that somebody invents", async () => {
    const before = fetched;
    const invented = Array.from({ length: 30 }, () => signToken(generateKey("ES256"), accessClaims(issuer)));
    await Promise.all(invented.map(me));
    expect(fetched - before).toBeLessThan(5);
    keys = [generateKey("ES256"), ...keys];
    await until("it has the new key", async () => (await me(made({}))).status === 200);
  });

  function signedWithPublicKey(): string {
    const secret = JSON.stringify(keys[0]?.publicJwk());
    const sign = (input: string) => createHmac("sha256", secret).update(input).digest();
    return joinToken({ alg: "HS256", typ: "at+jwt", kid: kid() }, accessClaims(issuer), sign);
  }
});
