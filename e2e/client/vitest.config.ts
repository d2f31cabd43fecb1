import { join } from "node:path";
import { defineConfig } from "vitest/config";

const report = process.env["TEST_REPORT"];

/** What needs a browser: `npm run test:e2e`. Each file starts its own servers and its own Chromium. */
export default defineConfig({
  root: join(import.meta.dirname, ".."),
  test: {
    include: ["client/**/*.test.ts", "pages/**/*.test.ts", "console/**/*.test.ts"],
    globalSetup: ["./client/find-chromium.ts"],
    // Ten tabs on two slow cores take their time; a test that hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    allowOnly: false,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
