import { defineConfig } from "vitest/config";

/** A file for the results as JSON, beside what is printed. */
const report = process.env["TEST_REPORT"];

/** `npm run test:node22`: the packages that promise to run on Node 22, there. */
export default defineConfig({
  test: {
    include: ["packages/{protocol,jwt,guard}/{src,test}/**/*.test.ts"],
    testTimeout: 20_000,
    allowOnly: false,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
