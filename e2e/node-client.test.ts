import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { PASSWORD } from "./call.ts";
import { launch, REPOSITORY, temporaryFolder } from "./launch.ts";
import { startOstiary } from "./start-ostiary.ts";
import type { RunningServer } from "./start-ostiary.ts";

const MAIN = join(REPOSITORY, "examples/node-client/src/main.ts");

let server: RunningServer;
beforeAll(async () => {
  server = await startOstiary({ env: { OSTIARY_ROTATION_GRACE: "0" } });
});

function createApp() {
  const file = join(temporaryFolder(), "session.json");
  const env = { ISSUER: server.issuer, SESSION_FILE: file, EMAIL: `app-${process.pid}@example.com`, PASSWORD };
  const run = async (command: string): Promise<string> => {
    const app = launch(process.execPath, [MAIN, command], { env });
    await app.ended;
    return app.stdout + app.stderr;
  };
  return { file, run };
}

it("an app that is no browser goes on where it was, process after process, until it signs out", async () => {
  const { file, run } = createApp();
  expect(await run("me")).toBe("Nobody is signed in (never was).\n");
  expect(await run("signup")).toMatch(/^Hello, app-\d+@example\.com\.\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const first = readFileSync(file, "utf8");
  for (let times = 0; times < 3; times++) expect(await run("me")).toMatch(/^200 \{"user":/);
  expect(readFileSync(file, "utf8")).not.toBe(first);
  expect(await run("logout")).toBe("Signed out.\n");
  expect(await run("me")).toBe("Nobody is signed in (never was).\n");
  expect(await run("login")).toMatch(/^Hello/);
});

it("what it refuses is said with its code", async () => {
  expect(await createApp().run("signup")).toMatch(/^email_taken: /);
  expect(await createApp().run("dance")).toMatch(/Say one of/);
});
