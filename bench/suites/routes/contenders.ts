/** The auth server and the floor, on databases of their own with the same users and sessions. */
import { writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { hash as hashPassword } from "@node-rs/argon2";
import { type AuthServer, startAuthServer } from "../../apis/auth-server.ts";
import { insertRows } from "../../databases/databases.ts";
import { seededUser } from "../../databases/seed.ts";
import { FLOOR_TABLE } from "../../floors/swap.ts";
import { freePort, MEASURED, startChild, untilAnswered } from "../../processes/child.ts";
import type { Contender } from "../../processes/take-turns.ts";
import { type FloorOptions, type Material, PASSWORD } from "./messages.ts";

const SESSIONS = 1000;
/** As the server's, by default. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const here = (name: string): string => join(import.meta.dirname, name);

/** The server first. */
export async function startContenders(folder: string, nodeFlags: readonly string[] = []): Promise<[Contender, Contender]> {
  const passwordHash = await hashPassword(PASSWORD, ARGON2ID);
  const auth = await startAuthServer(folder, SESSIONS, { passwordHash, nodeFlags });
  const port = await freePort();
  const file = join(folder, "floor.db");
  await seedFloor(file, auth, passwordHash);
  const options: FloorOptions = {
    port,
    issuer: auth.issuer,
    file,
    ...auth.keys,
    clientId: auth.clientId,
    clientSecret: auth.clientSecret,
  };
  const floor = startChild([...MEASURED, here("floor.ts"), JSON.stringify(options)]);
  const issuer = `http://127.0.0.1:${port}/auth`;
  await untilAnswered(`${issuer}/.well-known/jwks.json`);
  return [
    { name: "ostiary", server: auth.process, load: await startLoad(folder, "server", auth, auth.issuer) },
    { name: "floor", server: floor, load: await startLoad(folder, "floor", auth, issuer) },
  ];
}

async function startLoad(folder: string, name: string, auth: AuthServer, issuer: string) {
  const each = <Value>(of: (i: number) => Value): Value[] => Array.from({ length: SESSIONS }, (_, i) => of(i));
  const { clientId, clientSecret } = auth;
  const material: Material = { issuer, accessTokens: each(auth.accessToken), refreshTokens: each(auth.refreshToken), clientId, clientSecret };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(material));
  return startChild([here("load.ts"), file]);
}

async function seedFloor(file: string, auth: AuthServer, passwordHash: string): Promise<void> {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; ${FLOOR_TABLE("blob")};
    create table floor_users (id text primary key, email text not null unique, name text, password_hash text not null)`);
  database.close();
  await insertRows(`sqlite:${file}`, "floor_users", SESSIONS, (i) => {
    const { id, email, name } = seededUser(i);
    return { id, email, name, password_hash: passwordHash };
  });
  await insertRows(`sqlite:${file}`, "floor_sessions", SESSIONS, (i) => {
    const { id, userId, secret, generation, rotatedAt } = auth.session(i);
    return { id, user_id: userId, secret, generation, rotated_at: rotatedAt };
  });
}
