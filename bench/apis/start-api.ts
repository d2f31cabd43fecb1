/** An API under test, and who asks it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, freePort, MEASURED, startChild, untilAnswered } from "../processes/child.ts";
import type { Contender } from "../processes/take-turns.ts";
import { signIn } from "./credentials.ts";
import type { People } from "./people.ts";
import type { ApiKind, ApiSettings } from "./settings.ts";

const here = (name: string): string => join(import.meta.dirname, name);

export interface RunningApi {
  readonly kind: ApiKind;
  readonly origin: string;
  readonly server: Child;
}

export async function startApi(kind: ApiKind, people: People, nodeFlags: readonly string[] = []): Promise<RunningApi> {
  const port = await freePort();
  const { issuer, clientId, clientSecret } = people.auth;
  const settings: ApiSettings = {
    kind,
    port,
    issuer,
    clientId,
    clientSecret,
    secret: people.secret,
    publicPem: people.rs256Pem,
    redisUrl: people.redisUrl,
    folder: people.folder,
  };
  const server = startChild([...MEASURED, ...nodeFlags, here("api.ts"), JSON.stringify(settings)], {
    env: { NODE_ENV: "production" },
    // It warns of its memory store.
    quiet: kind === "express-session",
  });
  await untilAnswered(`http://127.0.0.1:${port}/health`);
  return { kind, origin: `http://127.0.0.1:${port}`, server };
}

/** Signs everybody in, and starts who asks for them. */
export async function startLoad(name: string, api: RunningApi, people: People): Promise<Contender> {
  const file = credentialsFile(people, api.kind);
  await writeFile(file, JSON.stringify(await signIn(people, api)));
  return { name, server: api.server, load: startChild([here("load.ts"), `${api.origin}/orders`, file]) };
}

/** Who has signed in at this kind of API. */
export function credentialsFile({ folder, count }: People, kind: ApiKind): string {
  return join(folder, `${kind}-${count}.json`);
}
