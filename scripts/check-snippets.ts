/**
 * Every block of code in the documentation is held to something: TypeScript that begins with its imports compiles against the
 * workspace, other TypeScript parses, JSON parses, shell has no syntax error. What is held to more elsewhere, or to nothing,
 * is in the tables below, with the reason. The blocks of the reference are written from the code.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { report } from "./report.ts";
import type { Problem } from "./report.ts";
import { COMPILED, GUIDES } from "./try-guides.ts";

const DOCUMENTS = ["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"];

/** Languages that nothing here can read. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "": "output, for people to compare with",
  text: "output, or a formula",
  http: "an answer's headers",
  mermaid: "drawn by whoever shows the page",
  css: "variables, shown",
  html: "run by e2e/client/tutorial.test.ts",
  nginx: "run by e2e/deploying.test.ts",
  caddy: "run by e2e/deploying.test.ts",
  sql: "run by e2e/migration/postgres/printed-sql.test.ts",
  apache: "run by e2e/interop",
  haproxy: "run by e2e/interop",
  go: "run by e2e/interop",
  python: "run by e2e/interop",
  conf: "settings, shown",
};

/** Pages whose programs need more than the workspace has, or are parts of a project. */
const NOT_COMPILED: Readonly<Record<string, string>> = {
  "docs/runtimes.md": "started on Deno, Bun and workerd by scripts/try-runtimes.ts",
  "docs/nextjs.md": "parts of examples/next-app, which they are compared with (e2e/next-guide.test.ts)",
};

/** Who runs what is asked of a server by curl, or why nobody does. */
const ASKED_BY: Readonly<Record<string, string>> = {
  "README.md": "e2e/start.test.ts",
  "README.ko.md": "the same, as scripts/check-translation.ts sees to",
  "docs/tutorial.md": "e2e/client/tutorial.test.ts",
  "docs/oauth.md": "the ids are the reader's; the tests beside the routes ask the same",
  "examples/express-api/README.md": "examples/express-api/test/express-api.test.ts",
  "docs/api-keys.md": "the ids are the reader's; e2e/api-keys.test.ts asks the same",
  "examples/fastapi-api/README.md": "the token is the reader's; examples/fastapi-api/test/fastapi.test.ts asks that API",
  "examples/own-users-sql/README.md": "examples/own-users-sql/test/own-users-sql.test.ts asks the same",
};

interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** What is wrong with the snippets of the documents below `root`. */
export function checkSnippets(root: string): Problem[] {
  const blocks = globSync(DOCUMENTS, { cwd: root })
    .filter((file) => !file.startsWith("docs/reference/"))
    .toSorted()
    .flatMap((file) => blocksOf(file, readFileSync(join(root, file), "utf8")));
  const programs = blocks.filter(({ language, code }) => /^tsx?$/.test(language) && /^import /m.test(code));
  return [...blocks.flatMap(problemWith), ...compile(root, programs)];
}

function blocksOf(file: string, markdown: string): Block[] {
  return Array.from(
    markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)\n *```$/gm),
    ({ index, 1: indent = "", 2: language = "", 3: code = "" }) => ({
      file,
      line: markdown.slice(0, index).split("\n").length,
      language,
      code: code.replaceAll(new RegExp(`^ {0,${indent.length}}`, "gm"), ""),
    }),
  );
}

function problemWith({ file, line, language, code }: Block): Problem[] {
  const isNew = language === "sh" && /\bcurl\b/.test(code) && !(file in ASKED_BY);
  const problem = isNew
    ? "asks a server by curl, and nobody tries it: see scripts/check-snippets.ts"
    : syntaxProblem(language, code);
  return problem === undefined ? [] : [{ file, line, problem }];
}

function syntaxProblem(language: string, code: string): string | undefined {
  switch (language) {
    case "ts":
    case "tsx":
    case "js":
      return parseSync(`snippet.${language}`, code).errors[0]?.message;
    case "json":
      return jsonProblem(code);
    case "sh":
      return (
        spawnSync("bash", ["-n"], { input: code.replaceAll(/<[a-z][\w ]*>/g, "placeholder"), encoding: "utf8" }).stderr.trim() ||
        undefined
      );
    default:
      return language in ELSEWHERE ? undefined : `nobody knows what to hold ${language} to: add it to scripts/check-snippets.ts`;
  }
}

/** One value, or one a line. */
function jsonProblem(code: string): string | undefined {
  const wrong = isJson(code) ? undefined : code.split("\n").find((line) => !isJson(line));
  return wrong === undefined ? undefined : `is no JSON: ${wrong}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As strictly as try-guides.ts, which compiles against the packages as published what cannot be compiled here. */
function compile(root: string, programs: readonly Block[]): Problem[] {
  const folder = mkdtempSync(join(tmpdir(), "snippets-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "styles.d.ts"), 'declare module "*.css";\n');
    const problems: Problem[] = [];
    const names = new Map<string, Block>();
    for (const block of programs) {
      if (block.file in NOT_COMPILED) continue;
      const missing = packagesOf(block.code).filter((name) => !existsSync(join(root, "node_modules", name)));
      if (missing.length > 0) problems.push(...unlessTriedElsewhere(block, missing));
      else names.set(`${block.file.replaceAll(/\W+/g, "-")}-${block.line}.${block.language}`, block);
    }
    for (const [name, { code }] of names) writeFileSync(join(folder, name), code);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: OPTIONS, files: ["styles.d.ts", ...names.keys()] }),
    );
    const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "."], { cwd: folder, encoding: "utf8" });
    for (const [, name = "", line, code = "", message = ""] of stdout.matchAll(/^(\S+?)\((\d+),\d+\): error (TS\d+): (.+)$/gm)) {
      const block = names.get(name);
      // The workspace's own files are held to their own settings.
      if (block === undefined || UNKNOWN_NAMES.includes(code)) continue;
      problems.push({ file: block.file, line: block.line + Number(line), problem: message });
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the text around a block has introduced is not declared in it. */
const UNKNOWN_NAMES = ["TS2304", "TS2552", "TS18004"];

const OPTIONS = {
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  target: "es2024",
  lib: ["es2024", "dom", "dom.iterable"],
  module: "nodenext",
  jsx: "react-jsx",
  types: ["node"],
  noEmit: true,
  allowImportingTsExtensions: true,
};

function packagesOf(code: string): string[] {
  const specifiers = parseSync("snippet.tsx", code).module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  const names = specifiers
    .filter((name) => !/^(?:node:|\.)/.test(name))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  return [...new Set(names)];
}

function unlessTriedElsewhere({ file, line }: Block, missing: readonly string[]): Problem[] {
  const isTried = [...GUIDES, ...COMPILED].some((pattern) => pattern === file || globSync(pattern).includes(file));
  return isTried
    ? []
    : [
        {
          file,
          line,
          problem: `imports ${missing.join(", ")}, which is not here, and scripts/try-guides.ts does not try the page`,
        },
      ];
}

if (import.meta.main) report(checkSnippets(process.cwd()));
