import { copyFileSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, it } from "vitest";
import { get, refresh, signup } from "./call.ts";
import { freePort, launch, REPOSITORY, temporaryFolder, until } from "./launch.ts";
import { fencedBlocks } from "./printed-blocks.ts";
import { ostiary, runOstiary, startOstiary } from "./start-ostiary.ts";

const GUIDE = readFileSync(join(REPOSITORY, "docs/operations/backup.md"), "utf8");
const [backUp = "", restore = ""] = fencedBlocks(GUIDE, "sh").filter((block) => block.includes("ostiary-backup.db"));

it("a backup of a running server, restored as printed, is the state of its moment", async () => {
  const server = await startOstiary({ folder: temporaryFolder({ packages: true }) });
  const [before, other] = [await signup(server.issuer, "ada@example.com"), await signup(server.issuer, "grace@example.com")];
  await inShell(server.folder, backUp);
  const { body: rotated } = await refresh(server.issuer, before.refreshToken);
  const after = await signup(server.issuer, "late@example.com");
  await fetch(`${server.issuer}/logout`, { method: "POST", headers: { authorization: `Bearer ${other.accessToken}` } });
  await server.stop();

  await inShell(server.folder, restore);
  const restored = await startOstiary(server);
  // Nobody is signed out: neither who has refreshed since, nor, and that is what a restore brings back, who had signed out.
  expect((await refresh(restored.issuer, rotated.refreshToken)).status).toBe(200);
  expect((await refresh(restored.issuer, other.refreshToken)).status).toBe(200);
  expect((await refresh(restored.issuer, after.refreshToken)).status).toBe(401);
  expect((await get(`${restored.issuer}/me`, before.accessToken)).status).toBe(200);

  // Everybody signs in again once the refresh keys are taken out.
  const keys = (await runOstiary(["keys", "list", "--json"], restored))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { kid: string; purpose: string });
  for (const { kid } of keys.filter(({ purpose }) => purpose === "refresh")) {
    await runOstiary(["keys", "retire", kid, "--compromised"], restored);
  }
  await until(
    "the server knows of it",
    async () => (await refresh(restored.issuer, other.refreshToken)).body.reason === "signature_invalid",
  );
});

it("does not open with another secret, and says so", async () => {
  const server = await startOstiary({ folder: temporaryFolder({ packages: true }) });
  await inShell(server.folder, backUp);
  const stranger = await startOstiary();
  await stranger.stop();
  copyFileSync(join(server.folder, "ostiary-backup.db"), join(stranger.folder, ".ostiary/ostiary.db"));
  const doctor = ostiary(["doctor", "--store"], { folder: stranger.folder, env: { OSTIARY_PORT: String(await freePort()) } });
  expect((await doctor.ended).code).toBe(1);
  expect(doctor.stdout).toMatch(/encrypted under another secret/);
});

async function inShell(folder: string, block: string): Promise<void> {
  const shell = launch("bash", ["-e"], {
    cwd: folder,
    env: { PATH: join(REPOSITORY, "node_modules/.bin") + delimiter + (process.env["PATH"] ?? "") },
  });
  shell.end(`${block}\n`);
  expect([await shell.ended, shell.stderr]).toMatchObject([{ code: 0 }, expect.anything()]);
}
