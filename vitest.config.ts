import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { hasRedis } from "./packages/server/test/redis-server.ts";
import { NameFlaky } from "./scripts/name-flaky.ts";
import { SlowFirst } from "./scripts/slow-first.ts";

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

// For the processes in which the tests run, most of them one file each: Node compiles the same modules for all of them.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "node_modules/.cache/compiled");

const POSTGRES_TESTS = "**/postgres/**/*.test.ts";
const REDIS_TESTS = "**/redis/**/*.test.ts";
/**
 * What makes servers of its own and stubs nothing that others see: these share the modules of their worker, which loads the
 * server once and not for each file. Whoever stubs the environment, a clock or a global belongs elsewhere: see STUBBING.
 */
const TESTS_OF_REQUESTS = [
  "packages/server/src/{api-keys,audit,clients,doctor,federation,fetching,http,keys,monitoring,oauth,pages,revocation,sessions,tokens,users}/**/*.test.ts",
  "packages/server/src/stores/{sql,sqlite}/**/*.test.ts",
  "packages/{client,guard,jwt,protocol}/{src,test}/**/*.test.ts",
];
/** Exceptions: their stubs would be seen by others, or they count what others do as well. */
const STUBBING = [
  "packages/client/src/dpop/dpop.test.ts",
  "packages/client/src/passkeys/passkeys.test.ts",
  "packages/guard/src/{introspector,key-cache,revocation-follower}.test.ts",
  "packages/guard/test/{api-keys,process-life}.test.ts",
  "packages/jwt/test/interop/processes.test.ts",
  "packages/server/src/stores/sqlite/query-plans.test.ts",
];

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
    testTimeout: fuzzRuns === undefined ? 120_000 : 600_000,
    hookTimeout: 120_000,
    // The default is a second, which a busy machine may need for one request.
    expect: { poll: { timeout: 30_000 } },
    // Many tests wait for processes and for time to pass: one worker, as on two cores by default, would wait with them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: SlowFirst },
    allowOnly: false,
    // What a process, a browser or a slow disk does next is not up to us, and a test that has not thought of it must not hold
    // up a change to something else: `.ci/run` tries it once more, and names it. The nightly run does not; it is there to find.
    retry: Number(process.env["TEST_RETRIES"] ?? 0),
    reporters: [
      "default",
      new NameFlaky(),
      ...(report === undefined ? [] : [["json", { outputFile: report }] as ["json", object]]),
    ],
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
          exclude: [
            "**/node_modules/**",
            "**/dist/**",
            "e2e/client/**",
            "e2e/pages/**",
            "e2e/console/**",
            "e2e/next/**",
            "e2e/prisma/**",
            POSTGRES_TESTS,
            REDIS_TESTS,
            ...TESTS_OF_REQUESTS,
          ],
        },
      },
      { extends: true, test: { name: "requests", include: TESTS_OF_REQUESTS, exclude: STUBBING, isolate: false } },
      { extends: true, test: { name: "stubbing", include: STUBBING } },
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
