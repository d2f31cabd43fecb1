import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorBody, TokenResponse, UserResponse } from "@ostiary/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { get, refresh, signup } from "./call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "./launch.ts";
import { fencedBlocks, outdented, printedBlocks } from "./printed-blocks.ts";
import { startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

const README = readFileSync(join(REPOSITORY, "README.md"), "utf8");

let server: RunningServer;
beforeAll(async () => {
  server = await startOstiary();
  await server.process.says(/openapi\.json/);
});

describe("`ostiary start` in an empty folder", () => {
  it("makes .ostiary, which only its owner can look into", () => {
    const data = join(server.folder, ".ostiary");
    expect(readdirSync(server.folder)).toEqual([".ostiary"]);
    expect(modeOf(data)).toBe("700");
    expect(readdirSync(data)).toEqual(expect.arrayContaining(["ostiary.db", "secret"]));
    for (const file of readdirSync(data)) expect([file, modeOf(join(data, file))]).toEqual([file, "600"]);
  });

  it("prints where it is, a walk-through and a guarded app, and nothing on standard error", () => {
    expect(server.process.stdout).toContain(`Ostiary is ready at ${server.issuer}\n`);
    const [walkThrough, app, ...others] = printedBlocks(server.process.stdout);
    expect(others).toEqual([]);
    expect(walkThrough).toContain(`AUTH=${server.issuer}`);
    expect(app).toContain("createGuard");
    expect(server.process.stderr).toBe("");
  });

  it("prints a walk-through that works as printed, and works again", async () => {
    const [walkThrough = ""] = printedBlocks(server.process.stdout);
    const [signedUp, ...first] = await runWalkThrough(walkThrough);
    expect((signedUp as TokenResponse).user.email).toBe("ada@example.com");
    expectWalk(first);
    const [taken, ...second] = await runWalkThrough(walkThrough);
    expect((taken as ErrorBody).error).toBe("email_taken");
    expectWalk(second);
  });

  it("prints mails, links included, where there is no mail server", async () => {
    await signup(server.issuer, "mail@example.com");
    const mail = /Mail to mail@example\.com\n[^]*\/auth\/verify-email\?ui_locales=en#[\w-]{43}\n/;
    await server.process.says(mail);
    expect(server.process.stdout).toMatch(mail);
  });

  it("prints the walk-through that the README has", () => {
    const [walkThrough = ""] = printedBlocks(server.process.stdout);
    const ofReadme = fencedBlocks(README, "sh").find((block) => block.startsWith("AUTH="));
    expect(ofReadme).toBe(outdented(walkThrough).replaceAll(server.issuer, "http://localhost:4000/auth"));
  });

  it("prints an Express app that runs as printed and lets in who is signed in", async () => {
    const [, app = ""] = printedBlocks(server.process.stdout);
    const url = await runApp(outdented(app));
    const { accessToken, user } = await signup(server.issuer, "express@example.com");
    expect((await get(`${url}/hello`)).status).toBe(401);
    expect((await get<object>(`${url}/hello`, accessToken)).body).toEqual({ hello: user.id });
    expect((await get(`${url}/admin`, accessToken)).body.error).toBe("insufficient_role");
  });
});

describe("the code in the README", () => {
  it("guards an app of its own", async () => {
    const code = appOfReadme("createGuard").replaceAll("http://localhost:4000/auth", server.issuer);
    const url = await runApp(code);
    const { accessToken, user } = await signup(server.issuer, "readme@example.com");
    expect((await get<object>(`${url}/hello`, accessToken)).body).toEqual({ hello: user.id });
    expect((await get(`${url}/orders`, accessToken)).body.error).toBe("insufficient_scope");
  });

  it("puts the auth server into the app", async () => {
    const url = await runApp(appOfReadme("createOstiary"));
    const { accessToken, user } = await signup(`${url}/auth`, "embedded@example.com");
    expect((await get<object>(`${url}/hello`, accessToken)).body).toEqual({ hello: user.id });
  });
});

describe("`ostiary start` on a folder that is in use already", () => {
  it("has everything still: users, sessions, and tokens that were made before", async () => {
    const first = await startOstiary();
    const tokens = await signup(first.issuer, "ada@example.com");
    const gone = await signup(first.issuer, "gone@example.com");
    await fetch(`${first.issuer}/logout`, { method: "POST", headers: { authorization: `Bearer ${gone.accessToken}` } });
    expect(await first.stop()).toEqual({ code: 0, signal: null });

    const second = await startOstiary(first);
    const me = await get<UserResponse>(`${second.issuer}/me`, tokens.accessToken);
    expect(me.body.user).toEqual(tokens.user);
    expect((await refresh(second.issuer, tokens.refreshToken)).status).toBe(200);
    expect((await get(`${second.issuer}/me`, gone.accessToken)).body.reason).toBe("session_revoked");
  });

  it("may be started twice at once: both serve the same users with the same keys", async () => {
    const folder = temporaryFolder();
    const OSTIARY_ISSUER = "http://localhost:4000/auth";
    const [one, other] = await Promise.all([
      startOstiary({ folder, env: { OSTIARY_ISSUER } }),
      startOstiary({ folder, env: { OSTIARY_ISSUER } }),
    ]);
    const { accessToken } = await signup(one.issuer, "ada@example.com");
    expect((await get(`${other.issuer}/me`, accessToken)).status).toBe(200);
  });
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** Pasted into a shell; what it printed, line by line. */
async function runWalkThrough(block: string): Promise<unknown[]> {
  const shell = launch("bash", [], { cwd: temporaryFolder() });
  shell.end(`${block}\n`);
  const { code } = await shell.ended;
  expect([code, shell.stderr]).toEqual([0, ""]);
  return shell.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as unknown);
}

function expectWalk(answers: unknown[]): void {
  expect(answers).toEqual([
    { user: expect.objectContaining({ email: "ada@example.com" }) as unknown },
    expect.objectContaining({ accessToken: expect.any(String) as unknown, refreshToken: expect.any(String) as unknown }),
    expect.objectContaining({ error: "invalid_token", reason: "session_revoked" }),
  ]);
}

function appOfReadme(word: string): string {
  return fencedBlocks(README, "ts").find((block) => block.includes(word)) ?? "";
}

/** In a folder that has the workspace's packages; only the port is another one. */
async function runApp(code: string): Promise<string> {
  const port = await freePort();
  expect(code).toContain("app.listen(3000)");
  const folder = temporaryFolder({ packages: true });
  writeFileSync(join(folder, "app.ts"), code.replaceAll("3000", String(port)));
  const app = launch(process.execPath, ["app.ts"], { cwd: folder });
  const url = `http://localhost:${port}`;
  await until("the app listens", () => {
    if (app.hasEnded) throw new Error(`The app ended: ${app.stderr}`);
    return fetch(url).then(
      () => true,
      () => false,
    );
  });
  return url;
}
