/** The follower of the documentation, in Python, against a real server. In CI there has to be a Python. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { call, refresh, signup } from "../../../e2e/call.ts";
import type { Tokens } from "../../../e2e/call.ts";
import { launch, until } from "../../../e2e/launch.ts";
import type { Launched } from "../../../e2e/launch.ts";
import { runOstiary, startOstiary } from "../../../e2e/start-ostiary.ts";
import type { RunningServer } from "../../../e2e/start-ostiary.ts";

const MAIN = join(import.meta.dirname, "../main.py");
const python = findPython();

function findPython(): string | undefined {
  const isThere = (): boolean => spawnSync("python3", ["--version"]).status === 0;
  const isCi = process.env["CI"] === "true";
  if (!isThere() && isCi && process.getuid?.() === 0) {
    spawnSync("apt-get", ["update"]);
    spawnSync("apt-get", ["install", "-y", "--no-install-recommends", "python3"]);
  }
  if (isThere() || isCi) return "python3";
  process.stderr.write("\nNOT TESTED: the follower in Python, because there is no python3 here (apt-get install python3).\n\n");
  return undefined;
}

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

describe.runIf(python)("the follower in Python", () => {
  let server: RunningServer;
  let guard: Credentials;
  beforeAll(async () => {
    server = await startOstiary();
    await server.process.says(/The credentials are for development/);
    guard = JSON.parse(readFileSync(join(server.folder, ".ostiary/development-guard.json"), "utf8")) as Credentials;
  });

  function startFollower({ clientId, clientSecret }: Credentials, env: Record<string, string> = {}): Launched {
    return launch(python ?? "", [MAIN, server.issuer, clientId, clientSecret], { env });
  }

  it("knows of a sign-out, of changed roles and of a single token, each at once", async () => {
    const follower = startFollower(guard);
    const leaving = await signup(server.issuer, "leaving@example.com");
    const staying = await signup(server.issuer, "staying@example.com");
    await until("it has a snapshot", async () => (await verdict(follower, leaving)) === "good");

    await call("POST", `${server.issuer}/logout`, { bearer: leaving.accessToken });
    await until("it knows of the sign-out", async () => (await verdict(follower, leaving)) === "session_revoked");
    await runOstiary(["users", "set-role", "staying@example.com", "admin"], server);
    await until("it knows of the role", async () => (await verdict(follower, staying)) === "token_stale");
    const { body: fresh } = await refresh(server.issuer, staying.refreshToken);
    expect(await verdict(follower, fresh)).toBe("good");
    await runOstiary(["sessions", "revoke-token", fresh.accessToken], server);
    await until("it knows of the token", async () => (await verdict(follower, fresh)) === "token_revoked");
    expect(await verdict(follower, (await refresh(server.issuer, staying.refreshToken)).body)).toBe("good");
    expect(follower.stderr).toBe("");
    follower.end();
    expect(await follower.ended).toEqual({ code: 0, signal: null });
  });

  it("fails closed while the server is away, and misses nothing of what happened meanwhile", async () => {
    const follower = startFollower(guard, { MAX_STALENESS: "1.5" });
    const tokens = await signup(server.issuer, "meanwhile@example.com");
    const other = await signup(server.issuer, "other@example.com");
    await until("it has a snapshot", async () => (await verdict(follower, tokens)) === "good");
    await server.kill();
    await until("it is stale", async () => (await verdict(follower, other)) === "revocation_feed_stale");
    await runOstiary(["sessions", "revoke", "--user", "meanwhile@example.com"], server);
    expect(await verdict(follower, tokens)).toBe("revocation_feed_stale");
    server = await startOstiary(server);
    await until("it is back", async () => (await verdict(follower, other)) === "good");
    expect(await verdict(follower, tokens)).toBe("token_revoked");
    expect(follower.stderr).toBe("");
  });

  it("goes on where the stream is cut in the middle of a chunk", async () => {
    const { origin, pathname } = new URL(server.issuer);
    let cuts = 0;
    const proxy = createServer((client) => {
      const upstream = connect(server.port, "localhost");
      for (const socket of [client, upstream]) {
        socket.on("error", () => {}).on("close", () => void (client.destroy(), upstream.destroy()));
      }
      client.pipe(upstream);
      const isCut = cuts++ < 2;
      upstream.on("data", (bytes) => (isCut ? client.end(bytes.subarray(0, -20)) : client.write(bytes)));
    }).listen(0);
    onTestFinished(() => void proxy.close());
    const address = origin.replace(String(server.port), String((proxy.address() as AddressInfo).port)) + pathname;
    const follower = launch(python ?? "", [MAIN, address, guard.clientId, guard.clientSecret]);
    const tokens = await signup(server.issuer, "chunks@example.com");
    await until("it follows", async () => (await verdict(follower, tokens)) === "good");
    expect(cuts).toBeGreaterThan(2);
    expect(follower.stderr).toBe("");
  });

  it("lets the server stop at once", async () => {
    const follower = startFollower(guard);
    const tokens = await signup(server.issuer, "stop@example.com");
    await until("it follows", async () => (await verdict(follower, tokens)) === "good");
    const started = performance.now();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - started).toBeLessThan(8000);
    server = await startOstiary(server);
  });

  it("says so once, and ends, where its credentials are refused", async () => {
    const follower = startFollower({ ...guard, clientSecret: "wrong" });
    expect(await follower.ended).toMatchObject({ code: 1 });
    expect(follower.stderr).toMatch(/^The credentials are refused: .*invalid_client.*\n$/);
  });
});

/** What the follower says of an access token, by its claims. */
async function verdict(follower: Launched, { accessToken }: Pick<Tokens, "accessToken">): Promise<string | undefined> {
  const before = follower.stdout.split("\n").length;
  follower.write(`${Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString()}\n`);
  await until("the follower answers", () => {
    if (follower.hasEnded) throw new Error(`The follower has ended: ${follower.stderr}`);
    return follower.stdout.split("\n").length > before;
  });
  return follower.stdout.split("\n").at(-2);
}
