import { defineConfig } from "vitest/config";

const report = process.env["TEST_REPORT"];

/** The example of an application that keeps its users by Prisma: `npm run test:prisma`. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ["*.test.ts"],
    globalSetup: ["./generate-client.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: false,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
