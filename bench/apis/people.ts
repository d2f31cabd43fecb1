/** Who uses the APIs under test: sessions of one auth server, and the keys that others sign the same claims with. */
import { createPublicKey, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKey, importSecret, type Key } from "@ostiary/jwt";
import { redisBinary, startRedisServer } from "../../packages/server/test/redis-server.ts";
import { stopAll } from "../processes/child.ts";
import { type AuthServer, startAuthServer } from "./auth-server.ts";

export interface People {
  readonly auth: AuthServer;
  /** So many of the auth server's sessions are signed in, from the first on. */
  readonly count: number;
  /** The session after them, which is signed out. */
  readonly signedOut: number;
  /** As it stands in the environment of guides. */
  readonly secret: string;
  readonly hs256: Key;
  readonly rs256: Key;
  readonly rs256Pem: string;
  /** Empty where there is no Redis. */
  readonly redisUrl: string;
  readonly folder: string;
}

/** The auth server has more sessions than `count`: of these the first is signed out, the others as the suite likes. */
export async function withPeople<Result>(count: number, more: number, work: (people: People) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-bench-"));
  const redis = redisBinary() === undefined ? null : await startRedisServer();
  const secret = randomBytes(64).toString("hex");
  const rs256 = generateKey("RS256");
  try {
    const auth = await startAuthServer(folder, count + more);
    try {
      await auth.signOut(count, count + 1);
      return await work({
        auth,
        count,
        signedOut: count,
        secret,
        hs256: importSecret(Buffer.from(secret), { algorithm: "HS256" }),
        rs256,
        rs256Pem: createPublicKey({ key: rs256.publicJwk(), format: "jwk" }).export({ type: "spki", format: "pem" }) as string,
        redisUrl: redis?.url ?? "",
        folder,
      });
    } finally {
      // Redis is the last to go: its clients complain if it is not.
      await stopAll();
    }
  } finally {
    await redis?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
