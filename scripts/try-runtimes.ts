/**
 * The guard where there is no Node: the programs of docs/runtimes.md on Deno, on Bun and on workerd, the runtime of Cloudflare
 * Workers, beside `ostiary start`: without a token, with one, and after its session was signed out.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { rolldown } from "rolldown";
import { firstAnswer, freePort, signIn, startPrograms } from "./programs.ts";
import type { Program, Programs } from "./programs.ts";

const RUNTIMES = ["deno@2.9.6", "bun@1.4.5", "workerd@1.20261117.1"];
const PATIENCE_MS = 20_000;

interface Setting {
  readonly folder: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

type Start = (code: string, setting: Setting, programs: Programs) => Promise<{ url: string; program: Program }>;

/** Tries them in `project`, where our packages are installed. Gives what is wrong, a sentence each. */
export async function tryRuntimes(repository: string, project: string): Promise<string[]> {
  const folder = join(project, "runtimes");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", ...RUNTIMES], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) return [`the runtimes cannot be installed: ${stderr}`];

  const programs = startPrograms();
  const failures: string[] = [];
  try {
    const setting = { folder, ...(await startServer(project, programs)) };
    const guide = readFileSync(join(repository, "docs/runtimes.md"), "utf8");
    for (const [name, start] of Object.entries({ Deno: startDeno, Bun: startBun, "Cloudflare Workers": startWorker })) {
      try {
        const code = new RegExp(`^## ${name}\\n[\\s\\S]*?^\`\`\`ts\\n([\\s\\S]*?)\\n\`\`\`$`, "m").exec(guide)?.[1];
        if (code === undefined) throw new Error("docs/runtimes.md has no program for it.");
        await tryOne(await start(code, setting, programs), setting);
        console.log(`The guard works on ${name}.`);
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    programs.end();
  }
  return failures;
}

async function startServer(project: string, programs: Programs): Promise<Omit<Setting, "folder">> {
  const port = await freePort();
  const folder = join(project, "runtimes/auth");
  const server = programs.start(process.execPath, [join(project, "node_modules/ostiary/dist/cli/main.js"), "start"], folder, {
    OSTIARY_PORT: String(port),
  });
  await firstAnswer(`http://localhost:${port}/readyz`, server);
  const client = await patiently("the credentials for development", () =>
    readFileSync(join(folder, ".ostiary/development-guard.json"), "utf8"),
  );
  return { issuer: `http://localhost:${port}/auth`, ...(JSON.parse(client) as { clientId: string; clientSecret: string }) };
}

const startDeno = startFile("deno", ["run", "--allow-net", "--allow-env", "--node-modules-dir=manual"]);
const startBun = startFile("bun", []);

function startFile(command: string, args: readonly string[]): Start {
  return async (code, { folder, issuer, clientId, clientSecret }, programs) => {
    const port = await freePort();
    const file = join(folder, `${command}.ts`);
    // The ports of the text may be somebody else's here.
    writeFileSync(file, code.replaceAll("http://localhost:4000/auth", issuer).replaceAll("3000", String(port)));
    const env = { OSTIARY_CLIENT_ID: clientId, OSTIARY_CLIENT_SECRET: clientSecret };
    const program = programs.start(join(folder, "node_modules/.bin", command), [...args, file], folder, env);
    return { url: `http://localhost:${port}`, program };
  };
}

/** As `wrangler` does it: one file, and Node's modules left to the runtime. */
const startWorker: Start = async (code, { folder, issuer, clientId, clientSecret }, programs) => {
  const port = await freePort();
  writeFileSync(join(folder, "worker.ts"), code);
  const bundle = await rolldown({ input: join(folder, "worker.ts"), platform: "node", logLevel: "silent" });
  await bundle.write({ file: join(folder, "worker.js"), format: "esm" });
  const bindings = Object.entries({ OSTIARY_ISSUER: issuer, OSTIARY_CLIENT_ID: clientId, OSTIARY_CLIENT_SECRET: clientSecret });
  writeFileSync(
    join(folder, "workerd.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "localhost:${port}", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [${bindings.map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`).join(", ")}]
);
`,
  );
  const program = programs.start(join(folder, "node_modules/.bin/workerd"), ["serve", "workerd.capnp"], folder);
  return { url: `http://localhost:${port}`, program };
};

async function tryOne({ url, program }: { url: string; program: Program }, { issuer }: Setting): Promise<void> {
  const missing = await firstAnswer(url, program);
  if (missing.status !== 401) throw new Error(`no token is answered ${missing.status}.\n${program.printed()}`);
  const { accessToken } = await signIn(issuer);
  const headers = { authorization: `Bearer ${accessToken}` };
  const good = await fetch(url, { headers });
  if (good.status !== 200) throw new Error(`a good token is answered ${good.status}: ${await good.text()}\n${program.printed()}`);
  const forged = await fetch(url, { headers: { authorization: `Bearer ${accessToken.slice(0, -6)}AAAAAA` } });
  if (forged.status !== 401) throw new Error(`a forged token is answered ${forged.status}.\n${program.printed()}`);
  await fetch(`${issuer}/logout`, { method: "POST", headers });
  await patiently("the sign-out", async () => {
    const { reason } = (await (await fetch(url, { headers })).json()) as { reason?: string };
    if (reason !== "session_revoked") throw new Error(`after a sign-out the reason is ${reason}.\n${program.printed()}`);
  });
}

async function patiently<Value>(what: string, attempt: () => Value | Promise<Value>): Promise<Value> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`${what}: ${String(error)}`, { cause: error });
      await pause(50);
    }
  }
}
