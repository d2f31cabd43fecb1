import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { DAY, SECRET, START, startTestServer, temporaryFile } from "../../../test/test-server.ts";
import { wrong } from "../../../test/wrong-findings.ts";
import { resolveSettings } from "../../config.ts";
import { readDatabaseFacts } from "../../stores/read-facts.ts";
import { checkKeyRing } from "./check-key-ring.ts";

/** What is found in the database of a server that ran at START, with these settings. */
async function examined(config: { secret?: string; dataDir?: string; clock?: () => number }) {
  const path = temporaryFile();
  const databaseUrl = `sqlite:${path}`;
  await (await startTestServer({ databaseUrl })).close();
  const { ring } = await readDatabaseFacts(databaseUrl, Date.now);
  const settings = resolveSettings({ inCode: { clock: () => START, ...config }, environment: {} });
  return checkKeyRing(settings, ring);
}

it("finds nothing wrong with keys that open and are not due", async () => {
  expect(wrong(await examined({ secret: SECRET }))).toEqual([]);
  expect(wrong(await examined({ secret: SECRET, clock: () => START + 90 * DAY }))).toEqual([]);
});

it("finds another secret, and does not say what it is", async () => {
  const other = `${SECRET}, but another`;
  const findings = await examined({ secret: other });
  expect(wrong(findings)).toEqual(["error keys.secret"]);
  expect(JSON.stringify(findings)).not.toContain(other);
});

it("finds that there is no secret, and makes none", async () => {
  const dataDir = dirname(temporaryFile());
  expect(wrong(await examined({ dataDir }))).toEqual(["error keys.secret"]);
  expect(existsSync(join(dataDir, "secret"))).toBe(false);
});

it("finds a key that nobody has replaced in time", async () => {
  expect(wrong(await examined({ secret: SECRET, clock: () => START + 91 * DAY }))).toEqual(["warning keys.rotation"]);
});

it("leaves a schema alone that is not ours", () => {
  expect(checkKeyRing(resolveSettings({ environment: {} }), null)).toEqual([]);
});
