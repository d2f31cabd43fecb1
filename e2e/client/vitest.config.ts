import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { NameFlaky } from "../../scripts/name-flaky.ts";

const report = process.env["TEST_REPORT"];

/** What needs a browser: `npm run test:e2e`. Each file starts its own servers; the browser is one. */
export default defineConfig({
  root: join(import.meta.dirname, ".."),
  test: {
    globalSetup: ["./client/find-chromium.ts"],
    // Ten tabs on two slow cores take their time; a test that hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The default is a second, which a busy machine may need for one request.
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
    // Files share the modules and the browser of one process: servers and tools are loaded once.
    isolate: false,
    allowOnly: false,
    // See vitest.config.ts.
    retry: Number(process.env["TEST_RETRIES"] ?? 0),
    reporters: [
      "default",
      new NameFlaky(),
      ...(report === undefined ? [] : [["json", { outputFile: report }] as ["json", object]]),
    ],
    projects: [
      // What two tabs or two requests may do to each other.
      { extends: true, test: { name: "client", include: ["client/**/*.test.ts"], sequence: { groupOrder: 0 } } },
      // What people see and click.
      {
        extends: true,
        test: { name: "pages", include: ["pages/**/*.test.ts", "console/**/*.test.ts"], sequence: { groupOrder: 1 } },
      },
    ],
  },
});
