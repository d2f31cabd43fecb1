/** What speaks with the packages' identity at the registry. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const workflow = readFileSync(join(import.meta.dirname, "../.github/workflows/release.yml"), "utf8");
const [beforeJobs = "", jobs = ""] = workflow.split("\njobs:\n");
const [testing = "", publishing = ""] = jobs.split("\n  publish:\n");

it("publishes only after everything was tested, the packages as published too", () => {
  expect(publishing).toContain("    needs: test\n");
  for (const command of [".ci/run", "npm run test:packages"]) expect(`${testing}\n`).toContain(`- run: ${command}\n`);
  expect(publishing).toContain("npm run release -- --publish");
});

it("lets the publishing job alone speak as the publisher", () => {
  expect(publishing).toContain("id-token: write");
  expect(beforeJobs + testing).not.toContain("id-token");
  expect(beforeJobs).toContain("permissions:\n  contents: read\n");
});

it("runs no action that somebody else can change later: each is named by its commit, and says its version", () => {
  const actions = Array.from(workflow.matchAll(/uses: (.+)/g), ([, action]) => action);
  expect(actions.length).toBeGreaterThan(0);
  for (const action of actions) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
