/**
 * The complete programs of the guides, as their readers would use them: taken out of the text, compiled strictly against the
 * packages as published, started beside `ostiary start`, and asked with and without an access token.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { firstAnswer, freePort, signIn, startPrograms } from "./programs.ts";
import type { Program } from "./programs.ts";

const GUIDES = ["README.md", "docs/guard.md", "docs/nestjs.md", "docs/trpc.md", "docs/own-users.md", "docs/migration/from-other-libraries.md"];

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
};

/** What they read of their environment. */
const ENVIRONMENT = { OLD_ACCESS_TOKEN_SECRET: randomBytes(32).toString("hex") };

interface Guide {
  readonly name: string;
  readonly code: string;
}

/** Tries them in `project`, where our packages are installed. Gives what is wrong, a sentence each. */
export async function tryGuides(repository: string, project: string): Promise<string[]> {
  const guides = GUIDES.flatMap((file) => programsOf(basename(file, ".md"), readFileSync(join(repository, file), "utf8")));
  const packages = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
  const problem =
    failureOf(project, "npm", ["install", "--strict-peer-deps", "--no-audit", "--no-fund", ...packages]) ??
    compile(project, guides);
  if (problem !== undefined) return [problem];

  const programs = startPrograms();
  const failures: string[] = [];
  try {
    const auth = await freePort();
    const bin = join(project, "node_modules/ostiary/dist/cli/main.js");
    const server = programs.start(process.execPath, [bin, "start"], join(project, "auth"), { OSTIARY_PORT: String(auth) });
    await firstAnswer(`http://localhost:${auth}/readyz`, server);
    for (const guide of guides) {
      try {
        const port = await freePort();
        const file = join(project, "guides/out", `${guide.name}.js`);
        // The ports of the text may be somebody else's here.
        const moved = readFileSync(file, "utf8").replaceAll("localhost:4000", `localhost:${auth}`).replaceAll("3000", String(port));
        writeFileSync(file, moved);
        const program = programs.start(process.execPath, [file], join(project, "guides", guide.name), ENVIRONMENT);
        const issuer = `http://localhost:${guide.code.includes("createOstiary") ? port : auth}/auth`;
        await tryOne(guide, `http://localhost:${port}`, issuer, program);
        console.log(`${guide.name} works as printed.`);
      } catch (error) {
        failures.push(`${guide.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    programs.end();
  }
  return failures;
}

/** Complete is what listens. */
function programsOf(name: string, markdown: string): Guide[] {
  const blocks = Array.from(markdown.matchAll(/^```ts\n([\s\S]*?)\n```$/gm), ([, code = ""]) => code);
  const complete = blocks.filter((code) => /^import /m.test(code) && /\blisten\(|\bserve\(/.test(code));
  if (complete.length === 0) throw new Error(`${name} has no complete program.`);
  return complete.map((code, index) => ({ name: `${name}-${index + 1}`, code }));
}

function compile(project: string, guides: readonly Guide[]): string | undefined {
  const folder = join(project, "guides");
  mkdirSync(folder);
  for (const { name, code } of guides) writeFileSync(join(folder, `${name}.ts`), code);
  const strict = ["--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--module", "nodenext", "--target", "es2023"];
  const decorators = ["--experimentalDecorators", "--emitDecoratorMetadata"];
  const files = guides.map(({ name }) => `${name}.ts`);
  return failureOf(folder, "tsc", [...strict, ...decorators, "--types", "node", "--outDir", "out", ...files]);
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
