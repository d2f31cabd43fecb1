import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { call, get, PASSWORD, refresh, signup } from "../../../e2e/call.ts";
import { launch, until } from "../../../e2e/launch.ts";
import { fencedBlocks } from "../../../e2e/printed-blocks.ts";
import { runOstiary, startExample } from "../../../e2e/start-ostiary.ts";
import type { RunningServer } from "../../../e2e/start-ostiary.ts";

const README = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

let app: RunningServer;
beforeAll(async () => {
  app = await startExample();
});

describe("the routes of the API", () => {
  it("lets anyone read what is public", async () => {
    expect((await get(`${app.url}/`)).status).toBe(200);
  });

  it("lets in who is signed in, and knows who they are and what their role may", async () => {
    const { accessToken, user } = await signup(app.issuer, "reader@example.com");
    const answer = await get<object>(`${app.url}/notes`, accessToken);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ subject: user.id, scopes: ["notes:read"] });
    const without = await get(`${app.url}/notes`);
    expect([without.status, without.body.error, without.headers.get("www-authenticate")]).toEqual([
      401,
      "missing_token",
      "Bearer",
    ]);
  });

  it("lets only admins delete; who becomes one beside the running process refreshes, and may", async () => {
    const before = await signup(app.issuer, "admin@example.com");
    const refused = await call("DELETE", `${app.url}/notes/1`, { bearer: before.accessToken });
    expect([refused.status, refused.body.error]).toEqual([403, "insufficient_role"]);

    await runOstiary(["users", "set-role", "admin@example.com", "user", "admin"], app);
    await until("the app has seen it", async () => (await get(`${app.url}/notes`, before.accessToken)).status === 401);
    expect((await get(`${app.url}/notes`, before.accessToken)).body.reason).toBe("token_stale");

    const { body: after } = await refresh(app.issuer, before.refreshToken);
    const deleted = await call<object>("DELETE", `${app.url}/notes/1`, { bearer: after.accessToken });
    expect([deleted.status, deleted.body]).toEqual([200, { message: "Deleted by an admin.", id: "1" }]);
  });

  it("refuses a session from the moment it has signed out", async () => {
    const { accessToken } = await signup(app.issuer, "leaving@example.com");
    expect((await get(`${app.url}/notes`, accessToken)).status).toBe(200);
    expect((await call("POST", `${app.issuer}/logout`, { bearer: accessToken })).status).toBe(204);
    expect((await get(`${app.url}/notes`, accessToken)).body.reason).toBe("session_revoked");
  });
});

describe("the auth server behind express.json()", () => {
  it("is found at the root of the host (RFC 8414), where everything else stays the app's", async () => {
    const metadata = await get<object>(`${app.url}/.well-known/oauth-authorization-server/auth`);
    expect(metadata.body).toMatchObject({ issuer: app.issuer, jwks_uri: `${app.issuer}/.well-known/jwks.json` });
    const other = await fetch(`${app.url}/.well-known/oauth-authorization-server/other`);
    expect(other.status).toBe(404);
    expect(await other.text()).toContain("Cannot GET");
  });

  it("reads bodies that the parser has read before it", async () => {
    const { refreshToken } = await signup(app.issuer, "zoë@example.com");
    const { body } = await refresh(app.issuer, refreshToken);
    expect(body.user.email).toBe("zoë@example.com");
    const logout = await call("POST", `${app.issuer}/logout`, { body: { refreshToken: body.refreshToken } });
    expect(logout.status).toBe(204);
  });

  it.each([
    ["JSON that is none", "application/json", `{"email":"ada@example.com","password":"${PASSWORD}"`, 400, "invalid_request"],
    ["JSON that is no object", "application/json", '"text"', 400, "invalid_request"],
    ["a list", "application/json", "[]", 400, "invalid_request"],
    ["a field too few", "application/json", '{"email":"ada@example.com"}', 400, "invalid_request"],
    ["more than we take", "application/json", JSON.stringify({ email: "a".repeat(70_000) }), 413, "body_too_large"],
    ["more than the parser takes", "application/json", JSON.stringify({ email: "a".repeat(200_000) }), 413, "body_too_large"],
    ["another charset", "application/json; charset=latin1", "{}", 415, "unsupported_media_type"],
    ["a form", "application/x-www-form-urlencoded", "email=ada", 415, "unsupported_media_type"],
    ["a text", "text/plain", "{}", 415, "unsupported_media_type"],
  ])("answers %s from the error table", async (_, type, body, status, error) => {
    const response = await fetch(`${app.issuer}/login`, { method: "POST", headers: { "content-type": type }, body });
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/json"]);
    expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) as unknown });
  });

  it("answers for paths and methods that are not there", async () => {
    const [path, method] = [await get(`${app.issuer}/nothing`), await get(`${app.issuer}/login`)];
    expect([path.status, path.body.error]).toEqual([404, "not_found"]);
    expect([method.status, method.body.error, method.headers.get("allow")]).toEqual([405, "method_not_allowed", "POST"]);
  });
});

async function runShell(script: string): Promise<string> {
  const shell = launch("bash", [], { cwd: app.folder });
  shell.end(`${script.replaceAll("localhost:3000", `localhost:${app.port}`)}\n`);
  expect(await shell.ended).toMatchObject({ code: 0 });
  return shell.stdout;
}

describe("the README of the example", () => {
  it("has commands that work as they stand", async () => {
    const block = (start: string): string => fencedBlocks(README, "sh").find((text) => text.startsWith(start)) ?? "";
    const asUser = await runShell(`${block("TOKENS=")}\necho "|$REFRESH"`);
    const [answers = "", refreshToken = ""] = asUser.split("|");
    expect(answers).toMatch(/^\{"message":"Signed in\.".*\}\{"error":"insufficient_role".*\}$/);
    const roles = await runOstiary(block("npx ostiary").split(" ").slice(2), app);
    expect(roles).toContain("ada@example.com  [user, admin]");
    const asAdmin = await runShell(`REFRESH=${refreshToken.trim()}\n${block("ACCESS=")}`);
    expect(asAdmin).toBe('{"message":"Deleted by an admin.","id":"1"}');
  });
});

describe("the example, after all of this", () => {
  it("has nothing to complain of, and ends cleanly", async () => {
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(app.process.stderr).toBe("");
  });
});
