import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorBody } from "@ostiary/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { call, get, login, signup } from "./call.ts";
import type { Answer, Tokens } from "./call.ts";
import { freePort, launch, temporaryFolder, until } from "./launch.ts";
import type { Launched } from "./launch.ts";
import { runOstiary, startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

const AUDIENCE = "https://api.example.com";
const CONFIG = `
import { defineConfig } from "ostiary";
export default defineConfig({
  audience: ["${AUDIENCE}", "https://other.example.com"],
  scopes: { user: ["orders:read"], admin: ["orders:read", "orders:write"], guest: [] },
});
`;

let server: RunningServer;
let api: { url: string; process: Launched };
let ada: Tokens;
let beforeTheServer: Answer<ErrorBody>;
beforeAll(async () => {
  const port = await freePort();
  const folder = temporaryFolder({ packages: true });
  writeFileSync(join(folder, "ostiary.config.ts"), CONFIG);
  api = await startApi(`http://localhost:${port}/auth`);
  beforeTheServer = await get(`${api.url}/hello`, `${base64url({ alg: "ES256", typ: "at+jwt" })}.${base64url({})}.AAAA`);
  server = await startOstiary({ folder, port });
  ada = await signup(server.issuer, "ada@example.com");
  await until("the guard has found the keys", async () => (await get(`${api.url}/hello`, ada.accessToken)).status === 200);
});

describe("the walk of a protected request, in a process of its own", () => {
  it("answers whoever asks on an open route, and asks for a token on others", async () => {
    expect((await get(`${api.url}/open`)).status).toBe(200);
    const answer = await get(`${api.url}/hello`);
    expect([answer.status, answer.body.error]).toEqual([401, "missing_token"]);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("tells the route who is asking, in which roles, with which scopes", async () => {
    const { status, body } = await get<object>(`${api.url}/orders`, ada.accessToken);
    expect(status).toBe(200);
    expect(body).toEqual({ subject: ada.user.id, roles: ["user"], scopes: ["orders:read"] });
  });

  it("refuses who has none of the roles, until they have one and a new token", async () => {
    await signup(server.issuer, "support@example.com");
    const before = await login(server.issuer, "support@example.com");
    const refused = await call("DELETE", `${api.url}/users/1`, { bearer: before.accessToken });
    expect([refused.status, refused.body.error]).toEqual([403, "insufficient_role"]);
    await runOstiary(["users", "set-role", "support@example.com", "support"], server);
    const after = await login(server.issuer, "support@example.com");
    expect((await call("DELETE", `${api.url}/users/1`, { bearer: after.accessToken })).status).toBe(204);
  });

  it("refuses a token without the scope, and names it", async () => {
    await signup(server.issuer, "guest@example.com");
    await runOstiary(["users", "set-role", "guest@example.com", "guest"], server);
    const guest = await login(server.issuer, "guest@example.com");
    const answer = await get(`${api.url}/orders`, guest.accessToken);
    expect([answer.status, answer.body.error]).toEqual([403, "insufficient_scope"]);
    expect(answer.headers.get("www-authenticate")).toContain('scope="orders:read"');
  });

  it("refuses a token with any part changed", async () => {
    const flipped = ada.accessToken.split(".").map((_, part, parts) =>
      parts.map((text, index) => (index === part ? withOtherLetter(text) : text)).join("."),
    );
    expect(flipped).toHaveLength(3);
    for (const token of flipped) {
      const { status, body } = await get(`${api.url}/hello`, token);
      expect(status).toBe(401);
      expect(["signature_invalid", "token_malformed"]).toContain(body.reason);
    }
  });

  it("refuses tokens that are unsigned, or keyed with the public key", async () => {
    const [, payload = ""] = ada.accessToken.split(".");
    const jwks = await get<{ keys: object[] }>(`${server.issuer}/.well-known/jwks.json`);
    const forged = (header: object, sign: (input: string) => string): string => {
      const input = `${base64url(header)}.${payload}`;
      return `${input}.${sign(input)}`;
    };
    const publicKey = JSON.stringify(jwks.body.keys[0]);
    const hmac = (input: string): string => createHmac("sha256", publicKey).update(input).digest("base64url");
    const tokens = [
      forged({ alg: "none", typ: "at+jwt" }, () => ""),
      forged({ alg: "none", typ: "at+jwt" }, hmac),
      forged({ alg: "HS256", typ: "at+jwt" }, hmac),
    ];
    const reasons = await Promise.all(tokens.map(async (token) => (await get(`${api.url}/hello`, token)).body.reason));
    expect(reasons).toEqual(["token_malformed", "signature_invalid", "signature_invalid"]);
  });

  it("refuses the tokens of another auth server, and refresh tokens", async () => {
    const other = await startOstiary({ env: { OSTIARY_AUDIENCE: AUDIENCE, OSTIARY_ISSUER: server.issuer } });
    const stranger = await signup(`${other.url}/auth`, "ada@example.com");
    const answers = await Promise.all([
      get(`${api.url}/hello`, stranger.accessToken),
      get(`${api.url}/hello`, ada.refreshToken),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers.map(({ body }) => body.reason)).toEqual(["signature_invalid", "signature_invalid"]);
  });
});

describe("a guard in a process of its own", () => {
  it("refuses a token that is meant for other APIs", async () => {
    const elsewhere = await startApi(server.issuer, "https://elsewhere.example.com");
    const { status, body } = await get(`${elsewhere.url}/hello`, ada.accessToken);
    expect([status, body.reason]).toEqual([401, "claim_invalid"]);
  });

  it("may be started before the server: until it has keys it can neither accept nor refuse, and says when to try again", () => {
    expect([beforeTheServer.status, beforeTheServer.body.error]).toEqual([503, "unavailable"]);
    expect(Number(beforeTheServer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("goes on verifying while the auth server is away", async () => {
    const away = await startOstiary({ env: { OSTIARY_AUDIENCE: AUDIENCE } });
    const itsApi = await startApi(away.issuer);
    await signup(away.issuer, "bob@example.com");
    const [bob, again] = [await login(away.issuer, "bob@example.com"), await login(away.issuer, "bob@example.com")];
    expect((await get(`${itsApi.url}/hello`, bob.accessToken)).status).toBe(200);
    await away.kill();
    const answers = [await get(`${itsApi.url}/hello`, bob.accessToken), await get(`${itsApi.url}/hello`, again.accessToken)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });
});

async function startApi(issuer: string, audience = AUDIENCE): Promise<{ url: string; process: Launched }> {
  const port = await freePort();
  const env = { PORT: String(port), ISSUER: issuer, AUDIENCE: audience };
  const started = launch(process.execPath, [join(import.meta.dirname, "guarded-api.ts")], { env });
  await started.says(/Listening/);
  return { url: `http://localhost:${port}`, process: started };
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/** A letter in the middle, so that base64url's unused last bits have no part in it. */
function withOtherLetter(text: string): string {
  const middle = Math.floor(text.length / 2);
  return text.slice(0, middle) + (text[middle] === "A" ? "B" : "A") + text.slice(middle + 1);
}
