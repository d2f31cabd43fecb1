import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Names the tests that passed only when they were tried again, after all else, and why: each of them is a bug to be found. */
export class NameFlaky implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const flaky = modules.flatMap((module) =>
      Array.from(module.children.allTests())
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => `${module.relativeModuleId} > ${test.fullName}\n${failuresOf(test)}`),
    );
    if (flaky.length === 0) return;
    const lines = flaky.join("").trimEnd().replaceAll(/^/gm, "!!   ");
    process.stderr.write(`\n!! FLAKY: failed first, passed when tried again:\n${lines}\n`);
  }
}

/** What was thrown, and where in our own files. */
function failuresOf(test: TestCase): string {
  const errors = test.result().errors ?? [];
  const lines = errors.flatMap(({ message, stack = message }) => stack.split("\n"));
  return lines.filter((line) => !line.includes("node_modules")).map((line) => `  ${line}\n`).join("");
}
