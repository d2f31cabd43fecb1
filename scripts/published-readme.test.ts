import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readmeProblems } from "./published-readme.ts";
import { publicPackages } from "./tarballs.ts";

it("every package says how it is installed, shows a program, and leads on", () => {
  const packages = publicPackages(join(import.meta.dirname, ".."));
  expect(packages.length).toBeGreaterThan(4);
  for (const { folder, manifest } of packages) {
    expect(readmeProblems(manifest.name, readFileSync(join(folder, "README.md"), "utf8"))).toEqual([]);
  }
});

it("what is missing is told, each in a sentence", () => {
  expect(readmeProblems("ostiary", undefined)).toEqual(["ostiary: README.md is missing"]);
  expect(readmeProblems("ostiary", "# @ostiary/guard\n\n```sh\nnpm install @ostiary/guard\n```")).toEqual([
    "ostiary: README.md does not begin with the package's name",
    "ostiary: README.md does not say `npm install ostiary`",
    "ostiary: README.md has no program",
    "ostiary: README.md leads nowhere",
  ]);
});
