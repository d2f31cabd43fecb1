/** The servers, each a process, with a load generator that is one too. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, MEASURED, startChild, untilAnswered } from "../../processes/child.ts";
import type { Child } from "../../processes/child.ts";
import type { ServerOptions } from "./messages.ts";

export interface RunningContender {
  readonly name: ContenderName;
  readonly title: string;
  readonly against: string;
  readonly server: Child;
  readonly load: Child;
}

interface Contender {
  readonly title: string;
  /** Which one it is compared with. */
  readonly against: string;
  readonly program: string;
  readonly path: string;
  readonly accessTokens: ServerOptions["accessTokens"];
  readonly database: (folder: string) => string;
}

const PATIENCE_MS = 60_000;

const here = (name: string): string => join(import.meta.dirname, name);

const ours = { program: "ostiary-server.ts", path: "/auth", accessTokens: "jwt" } as const;
const theirs = { program: "foreign-server.ts", path: "", accessTokens: "jwt", database: () => "" } as const;
const inFile = (name: string) => (folder: string) => `sqlite:${join(folder, name)}`;
/** Each is compared with the one of the other kind that keeps what it knows in the same way. */
export const CONTENDERS = {
  "ours-sqlite": { ...ours, title: "ostiary, SQLite file", database: inFile("ours.db"), against: "theirs-sqlite" },
  "theirs-sqlite": { ...theirs, title: "node-oidc-provider, SQLite file", database: inFile("theirs.db"), against: "theirs-sqlite" },
  "ours-memory": { ...ours, title: "ostiary, SQLite in memory", database: () => "sqlite::memory:", against: "theirs-memory" },
  "theirs-memory": { ...theirs, title: "node-oidc-provider, maps in memory", against: "theirs-memory" },
  "theirs-opaque": { ...theirs, title: "the same, opaque access tokens", accessTokens: "opaque", against: "theirs-memory" },
} satisfies Record<string, Contender>;
export type ContenderName = keyof typeof CONTENDERS;

export async function startContender(name: ContenderName, folder: string, nodeFlags: readonly string[]): Promise<RunningContender> {
  const { title, against, program, path, accessTokens, database } = CONTENDERS[name];
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}${path}`;
  const credentialsFile = join(folder, `${name}.json`);
  const options: ServerOptions = { port, issuer, credentialsFile, accessTokens, databaseUrl: database(folder) };
  const server = startChild([...MEASURED, ...nodeFlags, here(program), JSON.stringify(options)]);
  for (const deadline = performance.now() + PATIENCE_MS; !existsSync(credentialsFile); await pause(50)) {
    if (performance.now() > deadline) throw new Error(`${program} does not start.`);
  }
  await untilAnswered(`${issuer}/.well-known/openid-configuration`);
  return { name, title, against, server, load: startChild([here("load.ts"), issuer, credentialsFile]) };
}
