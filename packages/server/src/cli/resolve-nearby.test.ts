import { describe, expect, it } from "vitest";
import { nearby } from "./resolve-nearby.ts";

const SRC = "file:///app/ostiary/src/";
const KYSELY = "file:///app/node_modules/kysely/dist/";
const FOLDERS = [SRC, KYSELY];

describe("a relative import between files that are known to be ES modules", () => {
  it.each([
    ["./b.ts", `${SRC}cli/a.ts`, `${SRC}cli/b.ts`, "module-typescript"],
    ["../../b.js", `${KYSELY}x/y/a.js`, `${KYSELY}b.js`, "module"],
  ])("%s in %s is at %s", (specifier, parent, url, format) => {
    expect(nearby(specifier, parent, FOLDERS)).toEqual({ url, format });
  });
});

describe("Node looks up", () => {
  it.each([
    ["a package", "kysely", `${SRC}a.ts`],
    ["what only looks like a file", "b.js", `${SRC}a.ts`],
    ["an address", "file:///app/ostiary/src/b.ts", `${SRC}a.ts`],
    ["what may be no ES module", "./b.cjs", `${KYSELY}a.js`],
    ["what is no module", "./b.json", `${SRC}a.ts`],
    ["a file without its extension", "./b", `${SRC}a.ts`],
    ["what an application's configuration imports", "./b.ts", "file:///app/ostiary.config.ts"],
    ["what is imported from beyond", "../../b.ts", `${SRC}a.ts`],
    ["the first file", "./main.ts", undefined],
  ])("%s", (_, specifier, parent) => {
    expect(nearby(specifier, parent, FOLDERS)).toBeNull();
  });
});
