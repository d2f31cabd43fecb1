import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TokenResponse } from "@ostiary/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.ts";
import { SECRET } from "../../test/test-server.ts";
import { toNodeHandler } from "../http/node-handler.ts";
import { createOstiary } from "../server.ts";
import type { Ostiary } from "../ostiary.ts";

const UNSIGNED = `${base64url({ alg: "none" })}.${base64url({ sub: "ada", exp: 1_700_000_000 })}.`;

let server: Server;
let ostiary: Ostiary;
let issuer: string;
let good: string;
let expired: string;
beforeAll(async () => {
  server = createServer().listen(0);
  issuer = `http://localhost:${(server.address() as AddressInfo).port}/auth`;
  let now = Date.now() - 7_200_000;
  const clock = (): number => now;
  ostiary = await createOstiary({ issuer, databaseUrl: "sqlite::memory:", secret: SECRET, clock });
  const handle = toNodeHandler(ostiary.fetch, () => {});
  server.on("request", (request, response) => void handle(request, response));
  expired = await accessTokenOf("expired@example.com");
  now = Date.now();
  good = await accessTokenOf("good@example.com");
});
afterAll(async () => {
  server.close();
  await ostiary.close();
});

describe("ostiary inspect", () => {
  it("shows header, claims and times, and says that it has not verified them", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", good]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Header\n\{\n {2}"alg": "ES256",\n/);
    expect(stdout).toMatch(new RegExp(`\\n\\nClaims\\n\\{[^}]*"iss": "${issuer}"`));
    expect(stdout).toMatch(/\n\nTimes\n {2}issued \d{4}-\S+ \([^)]+\)\n {2}expires \d{4}-\S+ \(in 1[45] minutes\)\n {2}signed in \d{4}-\S+ \([^)]+\)\n\n/);
    expect(stdout).toMatch(/\n\nFindings\n {2}Nothing is wrong on its face\.\n\nNot verified: anyone can write such a token\./);
  });

  it("reads the token from standard input, also as it stands in a header", async () => {
    for (const stdin of [`${expired}\n`, `Bearer ${expired}\r\n`]) {
      const { code, stdout } = await runCli(["inspect", "-"], { stdin });
      expect([code, stdout]).toEqual([0, (await runCli(["inspect", expired])).stdout]);
    }
  });

  it("says what is wrong on the face of it", async () => {
    const { code, stdout } = await runCli(["inspect", expired]);
    expect(code).toBe(0);
    expect(stdout).toContain("\nFindings\n  exp: the token expired 2 hours ago.\n");
  });

  it("shows what an unsigned token says, and what that is worth", async () => {
    const { code, stdout } = await runCli(["inspect", UNSIGNED]);
    expect(code).toBe(0);
    expect(stdout).toContain('"sub": "ada"');
    expect(stdout).toContain("  alg: none, so anyone can have written this token.\n");
  });

  it.each([
    ["nothing", ""],
    ["a word", "nonsense"],
    ["two parts", "a.b"],
    ["four parts", "a.b.c.d"],
    ["no algorithm at all", "e30.e30.AA"],
    ["too much", `${"a".repeat(70_000)}.e30.AA`],
  ])("says of %s that it is no token", async (_, text) => {
    const { code, stdout, stderr } = await runCli(["inspect", "-"], { stdin: text });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^This is not a token: [^\n]+\.\n$/);
  });

  it("lets no claim act on the terminal", async () => {
    const token = `${base64url({ alg: "ES256" })}.${base64url({ "password\u001b[2J": "\u009b31m" })}.AAAA`;
    const { stdout } = await runCli(["inspect", token]);
    expect(stdout).not.toMatch(/[\u001b\u009b]/); // oxlint-disable-line no-control-regex
    expect(stdout).toContain("password\\u001b[2J: looks like a secret");
  });
});

describe("ostiary inspect --issuer", () => {
  it("verifies with the keys of a running server", async () => {
    const { code, stdout, stderr } = await runCli(["inspect", good, "--issuer", issuer]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`\nVerified: signed by ${issuer} and in force. Whether it was revoked, only the issuer knows.\n`);
  });

  it.each([
    ["an expired token", () => expired, "Refused (token_expired): The access token has expired."],
    ["a changed token", () => changed(good), "Refused (signature_invalid): The access token was not signed by a key trusted here."],
    ["an unsigned token", () => UNSIGNED, "Refused (token_malformed): The access token is malformed."],
  ])("refuses %s with 1", async (_, token, verdict) => {
    const { code, stdout, stderr } = await runCli(["inspect", token(), "--issuer", issuer]);
    expect([code, stderr]).toEqual([1, `${verdict}\n`]);
    expect(stdout).toMatch(/^Header\n/);
  });

  it("says that it could not verify where the issuer cannot be asked", async () => {
    const nobody = createServer().listen(0);
    const gone = `http://localhost:${(nobody.address() as AddressInfo).port}/auth`;
    await new Promise((resolve) => nobody.close(resolve));
    const { code, stderr } = await runCli(["inspect", good, "--issuer", gone]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^Not verified: the keys of ${gone} cannot be had \\([^\\n]+\\)\\.\\n$`));
  });

  it.each(["nonsense", "http://id.example.com", "https://id.example.com?a=b"])("takes %s for wrong use", async (url) => {
    const { code, stdout, stderr } = await runCli(["inspect", good, "--issuer", url]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: option '--issuer <url>' argument '.*' is invalid\. issuer must /);
  });
});

describe("ostiary inspect --json", () => {
  it.each([
    ["nobody is asked", () => [good], { verified: null, findings: [], code: 0 }],
    ["it is verified", () => [good, "--issuer", issuer], { verified: true, findings: [], code: 0 }],
    ["it is refused", () => [expired, "--issuer", issuer], { verified: false, findings: ["exp: the token expired 2 hours ago."], code: 1 }],
  ])("says the same for programs where %s", async (_, args, { code, ...expected }) => {
    const run = await runCli(["inspect", ...args(), "--json"]);
    expect(run.code).toBe(code);
    expect(JSON.parse(run.stdout)).toEqual({
      header: expect.objectContaining({ alg: "ES256", typ: "at+jwt" }) as unknown,
      claims: expect.objectContaining({ iss: issuer }) as unknown,
      verdict: expect.any(String) as unknown,
      ...expected,
    });
  });
});

async function accessTokenOf(email: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ email, password: "correct horse battery staple" });
  const response = await ostiary.fetch(new Request(`${issuer}/signup`, { method: "POST", headers, body }));
  return ((await response.json()) as TokenResponse).accessToken;
}

function changed(token: string): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  return [header, base64url({ ...claims, roles: ["admin"] }), signature].join(".");
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
