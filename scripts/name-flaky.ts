import type { Reporter, TestModule } from "vitest/node";

/** Names the tests that passed only when they were tried again, after all else: each of them is a bug to be found. */
export class NameFlaky implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const flaky = modules.flatMap((module) =>
      Array.from(module.children.allTests())
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => `${module.relativeModuleId} > ${test.fullName}`),
    );
    if (flaky.length === 0) return;
    process.stderr.write(`\n!! FLAKY: failed first, passed when tried again:\n${flaky.map((name) => `!!   ${name}\n`).join("")}`);
  }
}
