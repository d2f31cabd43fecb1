import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { table } from "./check-imports.ts";
import { checkTree } from "./imports/check-tree.ts";

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

/** Files every tree has, so that a test only names the file it is about. */
const skeleton = {
  "protocol/package.json": `{ "exports": { ".": "./src/index.ts" } }`,
  "protocol/src/index.ts": "export type Claims = object;",
  "jwt/package.json": `{ "exports": { ".": "./src/index.ts" } }`,
  "jwt/src/index.ts": "export const sign = 1;",
  "guard/package.json": `{ "exports": { ".": "./src/index.ts", "./express": "./src/adapters/express.ts" } }`,
  "guard/src/index.ts": "export const guard = 1;",
  "server/src/index.ts": `export * from "./server.ts";`,
  "server/src/server.ts": "export const server = 1;",
  "server/src/wiring/open-keys.ts": "export const keys = 1;",
  "server/src/users/user.ts": "export interface User {}",
  "server/src/http/router.ts": "export const router = 1;",
  "server/src/stores/sqlite/open.ts": "export const open = 1;",
  "server/src/cli/main.ts": "export const main = 1;",
  "server/src/pages/account.ts": "export const account = 1;",
};

/** Writes a tree of packages and returns the problems found in it, one line each. */
function problemsOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), "check-imports-"));
  trees.push(root);
  for (const [name, text] of Object.entries({ ...skeleton, ...files })) {
    const path = join(root, "packages", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return checkTree(root, table).map(({ file, problem }) => `${file} ${problem}`);
}

describe("accepts", () => {
  it.each<[string, Record<string, string>]>([
    [
      "the table's own imports",
      { "guard/src/a.ts": `import "@ostiary/jwt"; import type { C } from "@ostiary/protocol";` },
    ],
    ["node:crypto in jwt", { "jwt/src/a.ts": `import { sign } from "node:crypto";` }],
    ["an exported subpath", { "server/src/http/a.ts": `import "@ostiary/guard/express";` }],
    ["the types of protocol in client", { "client/src/a.ts": `import type { C } from "@ostiary/protocol";` }],
    ["inline types of protocol in client", { "client/src/a.ts": `import { type C } from "@ostiary/protocol";` }],
    ["a route that uses a domain", { "server/src/http/a.ts": `import "../users/user.ts";` }],
    ["a store that implements a domain's interface", { "server/src/stores/a.ts": `import "../users/user.ts";` }],
    ["databases in stores", { "server/src/stores/a.ts": `import "kysely"; import "node:sqlite";` }],
    ["the command line starting the server", { "server/src/cli/a.ts": `import "../server.ts";` }],
    ["the environment in config.ts", { "server/src/config.ts": "export const env = process.env;" }],
    ["a computed import in the command line", { "server/src/cli/a.ts": "await import(path);" }],
    ["test tools in a test", { "protocol/src/a.test.ts": `import "vitest"; import "./index.ts";` }],
    [
      "a real store in a domain's test",
      { "server/src/users/a.test.ts": `import "../stores/sqlite/open.ts"; import "kysely";` },
    ],
    ["the rest of node:process", { "server/src/users/a.ts": `import { hrtime } from "node:process";` }],
    ["the environment in a test", { "server/src/users/a.test.ts": "process.env.TEST_POSTGRES_URL;" }],
    ["an import that is only text", { "protocol/src/a.ts": `export const s = 'import "hono"'; // import "hono"` }],
  ])("%s", (_, files) => {
    expect(problemsOf(files)).toEqual([]);
  });
});

describe("refuses, in protocol and jwt,", () => {
  it.each([
    ["a package", "protocol/src/a.ts", `import { z } from "zod";`],
    ["a built-in module", "protocol/src/a.ts", `import "node:crypto";`],
    ["a type", "protocol/src/a.ts", `import type { z } from "zod";`],
    ["a re-export", "protocol/src/a.ts", `export * from "zod";`],
    ["a named re-export", "protocol/src/a.ts", `export { z } from "zod";`],
    ["a dynamic import", "protocol/src/a.ts", `export const z = () => import("zod");`],
    ["a dynamic import in a template", "protocol/src/a.ts", "export const z = () => import(`zod`);"],
    ["a computed import", "protocol/src/a.ts", "export const z = (name: string) => import(name);"],
    ["an import type", "protocol/src/a.ts", `export type Z = import("zod").Z;`],
    ["require", "protocol/src/a.ts", `require("zod");`],
    ["getBuiltinModule", "protocol/src/a.ts", `process.getBuiltinModule("node:fs");`],
    ["another package of the workspace", "protocol/src/a.ts", `import "@ostiary/jwt";`],
    ["another built-in module than node:crypto", "jwt/src/a.ts", `import "node:fs";`],
    ["the wire types", "jwt/src/a.ts", `import type { C } from "@ostiary/protocol";`],
  ])("%s", (_, file, text) => {
    expect(problemsOf({ [file]: text })).toEqual([expect.stringContaining(`packages/${file}`)]);
  });
});

describe("refuses, between packages,", () => {
  it.each([
    ["a package against the table", "guard/src/a.ts", `import "ostiary";`, "guard may not import server"],
    [
      "values of protocol in client",
      "client/src/a.ts",
      `import { c } from "@ostiary/protocol";`,
      "other than its types",
    ],
    [
      "a relative path into another package",
      "guard/src/a.ts",
      `import "../../jwt/src/index.ts";`,
      "outside its package",
    ],
    ["a deep path into another package", "guard/src/a.ts", `import "@ostiary/jwt/src/index.ts";`, "does not export"],
    ["a deep path, in a test", "guard/src/a.test.ts", `import "../../jwt/src/index.ts";`, "outside its package"],
    ["the package itself by name", "jwt/src/a.ts", `import "@ostiary/jwt";`, "use a relative path"],
    ["a package that is not in the table", "extra/src/a.ts", `import "@ostiary/jwt";`, "not in the import table"],
    ["an unexpected framework", "guard/src/a.ts", `import "koa";`, "from outside"],
    ["the environment", "guard/src/a.ts", "export const url = process.env.URL;", "reads the environment"],
  ])("%s", (_, file, text, problem) => {
    expect(problemsOf({ [file]: text })).toEqual([expect.stringContaining(problem)]);
  });
});

describe("refuses, in the server,", () => {
  const domains = ["users", "sessions", "keys", "tokens", "revocation", "limits", "audit", "mail", "oauth"];
  const outer = ["http/router.ts", "stores/sqlite/open.ts", "cli/main.ts", "pages/account.ts"];

  it.each(domains.flatMap((domain) => outer.map((file) => [domain, file])))("%s importing %s", (domain, file) => {
    const problems = problemsOf({ [`server/src/${domain}/a.ts`]: `import type { X } from "../${file}";` });
    expect(problems).toEqual([expect.stringContaining("a domain knows neither requests nor databases")]);
  });

  it.each([
    ["a store that sees a route", "stores/a.ts", `import "../http/router.ts";`, "only implements the interfaces"],
    ["a route that sees a store", "http/a.ts", `import "../stores/sqlite/open.ts";`, "routes go through the domains"],
    ["a page that sees a store", "pages/a.ts", `import "../stores/sqlite/open.ts";`, "routes go through the domains"],
    [
      "a route that sees the wiring",
      "http/a.ts",
      `import type { S } from "../server.ts";`,
      "not a module to build on",
    ],
    ["a route that sees a step of it", "http/a.ts", `import "../wiring/open-keys.ts";`, "not a module to build on"],
    ["kysely outside stores", "users/a.ts", `import type { Kysely } from "kysely";`, "only stores/ knows a database"],
    ["node:sqlite outside stores", "server.ts", `import "node:sqlite";`, "only stores/ knows a database"],
    ["hono in a domain", "users/a.ts", `import type { Context } from "hono";`, "never sees a Request"],
    ["a test file", "users/a.ts", `import "./user.test.ts";`, "imports the test file"],
    ["the conformance suite", "stores/a.ts", `import "./conformance/sessions.ts";`, "imports the test file"],
    ["a computed import", "users/a.ts", "await import(path);", "computed path"],
  ])("%s", (_, file, text, problem) => {
    const targets = { "server/src/users/user.test.ts": "", "server/src/stores/conformance/sessions.ts": "" };
    expect(problemsOf({ ...targets, [`server/src/${file}`]: text })).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    "process.env.PORT;",
    `process["env"];`,
    "globalThis.process.env;",
    "const { env } = process;",
    "const { ...all } = process;",
    "process.loadEnvFile();",
    `import { env } from "node:process";`,
    `import process from "node:process";`,
  ])("the environment read by %s", (text) => {
    expect(problemsOf({ "server/src/users/a.ts": text })).toEqual([expect.stringContaining("reads the environment")]);
  });

  it("an import of a file that does not exist", () => {
    expect(problemsOf({ "server/src/users/a.ts": `import "./b.ts";` })).toEqual([
      expect.stringContaining("does not exist"),
    ]);
  });
});

describe("refuses import cycles", () => {
  it("of two files, through types alone", () => {
    const problems = problemsOf({
      "jwt/src/a.ts": `import type { B } from "./b.ts"; export type A = 1;`,
      "jwt/src/b.ts": `export type B = import("./a.ts").A;`,
    });
    expect(problems).toEqual([
      expect.stringContaining("jwt/src/a.ts → packages/jwt/src/b.ts → packages/jwt/src/a.ts"),
    ]);
  });

  it("of three files, through re-exports and dynamic imports", () => {
    const problems = problemsOf({
      "jwt/src/a.ts": `export * from "./b.ts";`,
      "jwt/src/b.ts": `export const c = () => import("./c.ts");`,
      "jwt/src/c.ts": `import "./a.ts";`,
    });
    expect(problems).toEqual([expect.stringContaining("import cycle")]);
  });

  it("but not a file reached by two ways", () => {
    const files = { "jwt/src/a.ts": `import "./b.ts"; import "./index.ts";`, "jwt/src/b.ts": `import "./index.ts";` };
    expect(problemsOf(files)).toEqual([]);
  });
});
