import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { hasRedis } from "./packages/server/test/redis-server.ts";

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `The tests need Node 24 or newer, and this is ${process.version}. ` +
      "On Linux `npm test` brings its own after `npm ci`; elsewhere install Node 24.",
  );
  process.exit(1);
}

/** A file for the results as JSON, beside what is printed. */
const report = process.env["TEST_REPORT"];
/** How often each property is tried instead of its usual number: `FUZZ_RUNS=20000 npm test`. */
const fuzzRuns = process.env["FUZZ_RUNS"];

const POSTGRES_TESTS = "**/postgres/**/*.test.ts";
const REDIS_TESTS = "**/redis/**/*.test.ts";

const redis = hasRedis();
if (!redis) {
  console.warn(
    "\n!! The tests on Redis are left out: there is no redis-server here (apt install redis-server, brew install redis; " +
      "or set TEST_REDIS_URL).\n",
  );
}

export default defineConfig({
  test: {
    // Password hashes and child processes on two slow cores take seconds; a test that hangs still ends.
    testTimeout: fuzzRuns === undefined ? 60_000 : 600_000,
    hookTimeout: 120_000,
    // Many tests wait for processes and for time to pass: one worker, as on two cores by default, would wait with them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    allowOnly: false,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    setupFiles: fuzzRuns === undefined ? [] : ["scripts/fuzz-runs.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "own",
          include: [
            "packages/*/{src,test}/**/*.test.{ts,tsx}",
            "examples/*/test/**/*.test.ts",
            "e2e/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/dist/**", "e2e/client/**", "e2e/pages/**", "e2e/console/**", "e2e/next/**", "e2e/prisma/**", POSTGRES_TESTS, REDIS_TESTS],
        },
      },
      {
        extends: true,
        // A Postgres is started for these alone.
        test: { name: "postgres", include: [POSTGRES_TESTS], globalSetup: ["packages/server/test/postgres-server.ts"] },
      },
      ...(redis ? [redisProject()] : []),
    ],
  },
});

/** Redis stands beside either database, so both are started for these. */
function redisProject() {
  return {
    extends: true as const,
    test: {
      name: "redis",
      include: [REDIS_TESTS],
      globalSetup: ["packages/server/test/postgres-server.ts", "packages/server/test/redis-server.ts"],
    },
  };
}
