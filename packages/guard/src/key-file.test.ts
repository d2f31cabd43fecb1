import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKey } from "@ostiary/jwt";
import { expect, onTestFinished, test } from "vitest";
import { AUDIENCE, refusalOf, startIssuer } from "../test/issuer.ts";
import { createGuard } from "./index.ts";
import { openKeyFile } from "./key-file.ts";

const NOW = 1_800_000_000_000;
const DAY = 24 * 3_600_000;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "made", "on demand");
}

async function setUp() {
  const issuer = await startIssuer();
  const folder = await temporaryFolder();
  const warnings: string[] = [];
  const time = { now: NOW };
  const start = () => {
    const guard = createGuard({
      issuer: issuer.url,
      audience: AUDIENCE,
      keyCacheFolder: folder,
      clock: () => time.now,
      onWarning: (message) => void warnings.push(message),
    });
    onTestFinished(() => guard.close());
    return guard;
  };
  const goDown = () => {
    issuer.answer = (_, response) => void response.destroy();
  };
  const file = async () => join(folder, (await readdir(folder))[0] ?? "");
  return { issuer, folder, warnings, time, start, goDown, file };
}

test("a guard that is restarted while its issuer is down goes on working", async () => {
  const our = await setUp();
  await our.start().ready();
  our.goDown();
  const again = our.start();
  await again.ready();
  expect((await again.verify(our.issuer.token({}, our.time.now))).subject).toBe("user-1");
  expect(again.status().keys).toMatchObject({ count: 1, fetchedAt: new Date(NOW).toISOString(), lastError: expect.any(String) as string });
  expect(our.warnings.at(-1)).toContain(`are those saved at ${new Date(NOW).toISOString()}`);
});

test("the issuer's word counts as soon as it is back", async () => {
  const our = await setUp();
  await our.start().ready();
  our.goDown();
  const again = our.start();
  const token = our.issuer.token({}, our.time.now);
  await again.verify(token);
  our.issuer.answer = undefined;
  our.issuer.keys = [generateKey("ES256")];
  our.time.now += 5000;
  await again.verify(our.issuer.token({}, our.time.now));
  expect((await refusalOf(again.verify(token))).reason).toBe("signature_invalid");
});

test("saved keys are trusted for a day since they were fetched, as any, and not from the future", async () => {
  for (const [age, status] of [[DAY, undefined], [DAY + 1, 503], [-300_000, undefined], [-300_001, 503]] as const) {
    const our = await setUp();
    await our.start().ready();
    our.goDown();
    our.time.now += age;
    const again = our.start();
    const token = our.issuer.token({}, our.time.now);
    if (status === undefined) await again.verify(token);
    else expect((await refusalOf(again.verify(token))).status).toBe(status);
  }
});

test("the file is for its owner alone, and holds nothing but what is public", async () => {
  const our = await setUp();
  await our.start().ready();
  const path = await our.file();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(our.folder)).mode & 0o777).toBe(0o700);
  const { d, ...own } = our.issuer.keys[0]!.privateJwk() as unknown as Record<string, string>;
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ issuer: our.issuer.url, fetchedAt: NOW, document: { keys: [own] } });
  expect(d).toBeDefined();
});

test.each([
  ["empty", () => ""],
  ["cut short", (text: string) => text.slice(0, -5)],
  ["a list", () => "[]"],
  ["null", () => "null"],
  ["without keys", (text: string) => text.replace(/"keys":\[.*\]/, '"keys":[]')],
  ["another issuer's", (text: string) => text.replace("http://127", "http://128")],
  ["of no time", (text: string) => text.replace(/"fetchedAt":\d+/, '"fetchedAt":null')],
  ["huge", () => "[".repeat(2_000_000)],
])("a file that is %s is as good as none, and mended by the next fetch", async (_, change) => {
  const our = await setUp();
  await our.start().ready();
  const path = await our.file();
  const whole = await readFile(path, "utf8");
  await writeFile(path, change(whole));
  our.goDown();
  const again = our.start();
  expect((await refusalOf(again.verify(our.issuer.token({}, our.time.now)))).status).toBe(503);
  our.issuer.answer = undefined;
  our.time.now += 1000;
  await again.verify(our.issuer.token({}, our.time.now));
  expect(await readFile(path, "utf8")).toBe(whole.replace(String(NOW), String(our.time.now)));
});

test("a private key in the file verifies nothing", async () => {
  const our = await setUp();
  await our.start().ready();
  const path = await our.file();
  const saved = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...saved, document: { keys: [our.issuer.keys[0]!.privateJwk()] } }));
  our.goDown();
  expect((await refusalOf(our.start().verify(our.issuer.token({}, our.time.now)))).status).toBe(503);
});

test("a folder that cannot be written to is told once, and harms nothing", async () => {
  const our = await setUp();
  await mkdir(join(our.folder, ".."), { recursive: true });
  await writeFile(our.folder, "not a folder");
  const guard = our.start();
  await guard.ready();
  await guard.verify(our.issuer.token({}, our.time.now));
  our.time.now += 600_000;
  our.issuer.keys.push(generateKey("ES256"));
  await guard.verify(our.issuer.token({}, our.time.now));
  expect(our.warnings.filter((message) => message.includes("cannot be saved"))).toHaveLength(1);
});

test("many processes that write at once leave one whole file", async () => {
  const folder = await temporaryFolder();
  const warnings: string[] = [];
  const writers = Array.from({ length: 20 }, (_, i) => {
    const file = openKeyFile(folder, "https://auth.example", (message) => void warnings.push(message));
    return file.write({ fetchedAt: NOW + i, document: { keys: [{ pad: "x".repeat(1000 * i) }] } });
  });
  await Promise.all(writers);
  expect(await readdir(folder)).toHaveLength(1);
  const saved = await openKeyFile(folder, "https://auth.example", () => {}).read();
  expect(saved?.fetchedAt).toBeGreaterThanOrEqual(NOW);
  expect(warnings).toEqual([]);
});
