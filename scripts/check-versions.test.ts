import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { checkVersions } from "./check-versions.ts";

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

const linked = { resolved: "packages/jwt", link: true };

function problemsOf(dependencies: Record<string, string>, locked: Record<string, object> = {}): string[] {
  const root = mkdtempSync(join(tmpdir(), "check-versions-"));
  trees.push(root);
  const files = {
    "package.json": {},
    "packages/jwt/package.json": { name: "@ostiary/jwt", version: "0.2.0" },
    "packages/guard/package.json": { name: "@ostiary/guard", version: "0.2.0", dependencies },
    "package-lock.json": { packages: { "node_modules/@ostiary/jwt": linked, ...locked } },
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), JSON.stringify(content));
  }
  return checkVersions(root).map(({ file, problem }) => `${file} ${problem}`);
}

describe("accepts", () => {
  it.each(["1.2.3", "18.4.0-beta.17"])("one version: %s", (version) => {
    expect(problemsOf({ zod: version })).toEqual([]);
  });

  it("a package of the workspace at its version", () => {
    expect(problemsOf({ "@ostiary/jwt": "0.2.0" })).toEqual([]);
  });

  it("a locked package without an address", () => {
    expect(problemsOf({}, { "node_modules/zod": { version: "4.0.0" } })).toEqual([]);
  });
});

describe("refuses", () => {
  it.each(["^1.2.3", "~1.2.3", "1.2", "*", "latest", ">=1.0.0", "git+https://example.com/zod.git"])(
    "%s",
    (version) => {
      expect(problemsOf({ zod: version })).toEqual([
        `packages/guard/package.json zod is not pinned to one version: ${version}`,
      ]);
    },
  );

  it("a package of the workspace at another version", () => {
    expect(problemsOf({ "@ostiary/jwt": "0.1.0" })).toEqual([
      expect.stringContaining("is at 0.2.0 here, not at 0.1.0"),
    ]);
  });

  it("a locked package with an address", () => {
    const locked = { "node_modules/zod": { resolved: "https://mirror.example/zod.tgz" } };
    expect(problemsOf({}, locked)).toEqual([
      "package-lock.json node_modules/zod has a download address: run npm install again",
    ]);
  });
});
