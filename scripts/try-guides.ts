/**
 * The complete programs of the guides, as their readers would use them: taken out of the text, compiled strictly against the
 * packages as published, started beside `ostiary start`, and asked with and without an access token. What needs no more than a
 * guard is started by the oldest Node that a guard takes, too. Programs that nobody can ask, such as those for browsers, are
 * compiled.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstAnswer, freePort, signIn, startPrograms } from "./programs.ts";
import type { Program } from "./programs.ts";

export const GUIDES = [
  "README.md",
  "packages/guard/README.md",
  "packages/server/README.md",
  "docs/guard.md",
  "docs/nestjs.md",
  "docs/trpc.md",
  "docs/own-users.md",
  "docs/migration/from-other-libraries.md",
];
/** All of whose blocks that begin with their imports are compiled, whether they listen or not. */
export const COMPILED = ["README.md", "packages/*/README.md", "docs/client.md", "docs/react.md", "docs/oauth.md"];
/** Those whose programs with a guard alone are started on Node 22, too. */
const ON_NODE_22 = ["README.md", "docs/guard.md"];
const NODE_22 = `node-linux-${process.arch}@22.23.3`;

/** What the programs import, beside what is ours. */
const PACKAGES = {
  express: "5.3.0",
  fastify: "5.12.8",
  hono: "4.13.19",
  "@hono/node-server": "2.1.8",
  ws: "8.23.0",
  "@types/ws": "8.18.1",
  "@types/express": "5.0.6",
  "@nestjs/common": "12.5.1",
  "@nestjs/core": "12.5.1",
  "@nestjs/platform-express": "12.5.1",
  "reflect-metadata": "0.2.2",
  rxjs: "7.8.2",
  "@trpc/server": "11.25.2",
  "openid-client": "6.8.9",
  react: "19.3.1",
  "react-dom": "19.3.1",
  "@types/react": "19.3.0",
  "@types/react-dom": "19.3.0",
};

/** What they read of their environment. */
const ENVIRONMENT = { OLD_ACCESS_TOKEN_SECRET: randomBytes(32).toString("hex") };

interface Guide {
  /** Where it stands. */
  readonly file: string;
  readonly name: string;
  readonly code: string;
}

/** Tries them in `project`, where our packages are installed. Gives what is wrong, a sentence each. */
export async function tryGuides(repository: string, project: string): Promise<string[]> {
  const guides = GUIDES.flatMap((file) => programsOf(file, readFileSync(join(repository, file), "utf8")));
  const packages = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
  const problem =
    failureOf(project, "npm", ["install", "--strict-peer-deps", "--no-audit", "--no-fund", ...packages]) ??
    compile(project, guides) ??
    compileOthers(repository, project) ??
    compileMiddleware(repository, project);
  if (problem !== undefined) return [problem];

  const programs = startPrograms();
  const failures: string[] = [];
  try {
    const auth = await freePort();
    const bin = join(project, "node_modules/ostiary/dist/cli/main.js");
    const server = programs.start(process.execPath, [bin, "start"], join(project, "auth"), { OSTIARY_PORT: String(auth) });
    await firstAnswer(`http://localhost:${auth}/readyz`, server);
    const node22 = installNode22(project);
    for (const guide of guides) {
      const isForGuards = ON_NODE_22.includes(guide.file) && !guide.code.includes("createOstiary");
      for (const node of isForGuards && node22 !== undefined ? [process.execPath, node22] : [process.execPath]) {
        try {
          const port = await freePort();
          const file = join(project, "guides/out", `${guide.name}-at-${port}.js`);
          // The ports of the text may be somebody else's here.
          const compiled = readFileSync(join(project, "guides/out", `${guide.name}.js`), "utf8");
          writeFileSync(file, compiled.replaceAll("localhost:4000", `localhost:${auth}`).replaceAll("3000", String(port)));
          const program = programs.start(node, [file], join(project, "guides", guide.name), ENVIRONMENT);
          const issuer = `http://localhost:${guide.code.includes("createOstiary") ? port : auth}/auth`;
          await tryOne(guide, `http://localhost:${port}`, issuer, program);
          console.log(`${guide.name} works as printed${node === node22 ? " on Node 22" : ""}.`);
        } catch (error) {
          failures.push(`${guide.name} by ${node}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
  } finally {
    programs.end();
  }
  return failures;
}

/** Complete is what listens. */
function programsOf(file: string, markdown: string): Guide[] {
  const complete = blocksOf(markdown, "ts").filter((code) => /\blisten\(|\bserve\(/.test(code));
  if (complete.length === 0) throw new Error(`${file} has no complete program.`);
  return complete.map((code, index) => ({ file, name: `${asName(file)}-${index + 1}`, code }));
}

/** Those that have their imports. */
function blocksOf(markdown: string, language: "ts" | "tsx"): string[] {
  const fence = new RegExp("^```" + language + "\\n([\\s\\S]*?)\\n```$", "gm");
  return Array.from(markdown.matchAll(fence), ([, code = ""]) => code).filter((code) => /^import /m.test(code));
}

function asName(file: string): string {
  return file.replace(/\.md$/, "").replaceAll(/\W+/g, "-");
}

const STRICT = ["--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--target", "es2023", "--types", "node"];

function compile(project: string, guides: readonly Guide[]): string | undefined {
  const folder = join(project, "guides");
  mkdirSync(folder);
  for (const { name, code } of guides) writeFileSync(join(folder, `${name}.ts`), code);
  const decorators = ["--experimentalDecorators", "--emitDecoratorMetadata"];
  const files = guides.map(({ name }) => `${name}.ts`);
  return failureOf(folder, "tsc", [...STRICT, "--module", "nodenext", ...decorators, "--outDir", "out", ...files]);
}

function compileOthers(repository: string, project: string): string | undefined {
  const folder = join(project, "others");
  mkdirSync(folder);
  // As bundlers declare it.
  writeFileSync(join(folder, "styles.d.ts"), 'declare module "*.css";\n');
  const files = globSync(COMPILED, { cwd: repository }).flatMap((file) => {
    const markdown = readFileSync(join(repository, file), "utf8");
    return (["ts", "tsx"] as const).flatMap((language) =>
      blocksOf(markdown, language).map((code, index) => ({ name: `${asName(file)}-${index + 1}.${language}`, file, code })),
    );
  });
  const silent = COMPILED.filter((pattern) => !pattern.includes("*") && !files.some(({ file }) => file === pattern));
  if (silent.length > 0) return `${silent.join(", ")}: no block begins with its imports.`;
  for (const { name, code } of files) writeFileSync(join(folder, name), code);
  console.log(`Compiled besides: ${files.map(({ name }) => name).join(", ")}.`);
  const names = ["styles.d.ts", ...files.map(({ name }) => name)];
  return failureOf(folder, "tsc", [...STRICT, "--module", "nodenext", "--jsx", "react-jsx", "--noEmit", ...names]);
}

/** For the older name of `proxy.ts` there is no example: beside what the example has, it must compile. */
function compileMiddleware(repository: string, project: string): string | undefined {
  const guide = readFileSync(join(repository, "docs/nextjs.md"), "utf8");
  const middleware = /^```ts\n(\/\/ middleware\.ts\n[\s\S]*?)\n```$/m.exec(guide)?.[1];
  if (middleware === undefined) return "docs/nextjs.md has no middleware.ts.";
  const folder = join(project, "next");
  cpSync(join(repository, "examples/next-app/lib"), join(folder, "lib"), { recursive: true });
  // What Next calls, and with what.
  const use =
    'import { middleware } from "./middleware";\nimport type { NextMiddleware } from "next/server";\nexport const called: NextMiddleware = middleware;\n';
  writeFileSync(join(folder, "middleware.ts"), middleware);
  writeFileSync(join(folder, "use.ts"), use);
  const bundled = ["--module", "esnext", "--moduleResolution", "bundler", "--jsx", "react-jsx", "--noEmit"];
  return failureOf(folder, "tsc", [...STRICT, ...bundled, "use.ts"]);
}

/** Where it is; undefined where there is none to be installed. */
function installNode22(project: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  const folder = join(project, "node22");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const problem = failureOf(folder, "npm", ["install", "--no-audit", "--no-fund", NODE_22]);
  if (problem !== undefined) throw new Error(problem);
  return join(folder, "node_modules", `node-linux-${process.arch}`, "bin/node");
}

async function tryOne(guide: Guide, api: string, issuer: string, program: Program): Promise<void> {
  const path = /["']\/me["']|["']me["']|\bme:/.test(guide.code) ? "/me" : guide.code.includes('"/hello"') ? "/hello" : "/";
  const refused = await firstAnswer(api + path, program);
  if (refused.status !== 401) throw new Error(`GET ${path} without a token is answered ${refused.status}.\n${program.printed()}`);
  const { accessToken } = await signIn(issuer);
  const { status } = await fetch(api + path, { headers: { authorization: `Bearer ${accessToken}` } });
  if (status !== 200) throw new Error(`GET ${path} with a good token is answered ${status}.\n${program.printed()}`);
}

function failureOf(cwd: string, command: string, args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return status === 0 ? undefined : `${command} ${args.join(" ")} failed\n${stdout}${stderr}`;
}
