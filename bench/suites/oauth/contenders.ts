/** The servers, each a process, with a load generator that is one too. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, startChild, untilAnswered } from "../../processes/child.ts";
import type { Child } from "../../processes/child.ts";
import type { ServerOptions } from "./messages.ts";

export interface RunningContender {
  readonly title: string;
  readonly server: Child;
  readonly load: Child;
}

interface Contender {
  readonly title: string;
  readonly program: string;
  readonly path: string;
  readonly accessTokens: ServerOptions["accessTokens"];
  readonly database: (folder: string) => string;
}

const PATIENCE_MS = 60_000;

const here = (name: string): string => join(import.meta.dirname, name);
const MEASURED = ["--expose-gc", "--import", here("../../processes/answer-usage.ts")];

const ours = { program: "ostiary-server.ts", path: "/auth", accessTokens: "jwt" } as const;
const theirs = { program: "foreign-server.ts", path: "", database: () => "" } as const;
/** The last one is what the others are compared with. */
export const CONTENDERS = {
  "ours-sqlite": { ...ours, title: "ostiary, SQLite in a file", database: (folder: string) => `sqlite:${join(folder, "ostiary.db")}` },
  "ours-memory": { ...ours, title: "ostiary, SQLite in memory", database: () => "sqlite::memory:" },
  "theirs-opaque": { ...theirs, title: "node-oidc-provider, in memory, opaque access tokens", accessTokens: "opaque" },
  "theirs-jwt": { ...theirs, title: "node-oidc-provider, in memory, JWT access tokens", accessTokens: "jwt" },
} satisfies Record<string, Contender>;
export type ContenderName = keyof typeof CONTENDERS;

export async function startContender(name: ContenderName, folder: string, nodeFlags: readonly string[]): Promise<RunningContender> {
  const { title, program, path, accessTokens, database } = CONTENDERS[name];
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}${path}`;
  const credentialsFile = join(folder, `${name}.json`);
  const options: ServerOptions = { port, issuer, credentialsFile, accessTokens, databaseUrl: database(folder) };
  const server = startChild([...MEASURED, ...nodeFlags, here(program), JSON.stringify(options)]);
  for (const deadline = performance.now() + PATIENCE_MS; !existsSync(credentialsFile); await pause(50)) {
    if (performance.now() > deadline) throw new Error(`${program} does not start.`);
  }
  await untilAnswered(`${issuer}/.well-known/openid-configuration`);
  return { title, server, load: startChild([here("load.ts"), issuer, credentialsFile]) };
}
