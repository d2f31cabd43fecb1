import { join } from "node:path";
import { defineConfig } from "vitest/config";

const report = process.env["TEST_REPORT"];

/** The Next app of the examples, as in production: `npm run test:next`. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ["*.test.ts"],
    globalSetup: [join(import.meta.dirname, "../client/find-chromium.ts"), "./build-example.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    allowOnly: false,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
