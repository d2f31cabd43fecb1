// Prints "passed failed" for one run of vitest, from its JSON report and the exit code of the command that ran it.
// Plain CommonJS, because it has to work when the install before it failed and only the machine's own Node is there.
const { existsSync, readFileSync } = require("node:fs");

const [report, exitCode] = process.argv.slice(2);

if (existsSync(report)) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  const isFailed = ({ status }) => status === "failed";
  const brokenFiles = testResults.filter((file) => isFailed(file) && !file.assertionResults.some(isFailed)).length;
  const failed = numFailedTests + brokenFiles;
  const brokeOff = exitCode !== "0" && failed === 0;
  console.log(`${numPassedTests} ${failed + (brokeOff ? 1 : 0)}`);
} else {
  console.log("0 1");
}
