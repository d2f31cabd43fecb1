import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "./config-schema.ts";
import { StartError } from "./errors.ts";
import type { Random } from "./random.ts";

const SECRET_BYTES = 32;
const SECRET_MIN_LENGTH = 32;

/** A secret good for OSTIARY_SECRET: 256 random bits in base64url. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

/** Makes the data folder if it is not there; only its owner may look inside. Throws a StartError that names it. */
export function ensureDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StartError(`The data folder ${path} cannot be made (${messageOf(cause)}): choose another with OSTIARY_DATA_DIR.`, {
      cause,
    });
  }
}

/** The configured secret, else the one in the data folder, which is made if it is not there. */
export function readSecret({ secret, dataDir, random }: Pick<Settings, "secret" | "dataDir" | "random">): string {
  if (secret !== undefined) return secret;
  const path = join(dataDir, "secret");
  try {
    if (existsSync(path)) return readGenerated(path);
    ensureDataDir(dataDir);
    // Written whole, then linked to its name: of two processes that start at once, the second reads the first's.
    // Flushed: after a power cut, keys that are in the database must not be without the secret they are sealed under.
    const draft = `${path}.${random.uuid()}`;
    writeFileSync(draft, `${newSecret(random)}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(draft, path);
    } finally {
      rmSync(draft);
    }
    flushFolder(dataDir);
    return readGenerated(path);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    if (codeOf(cause) === "EEXIST") return readGenerated(path);
    throw new StartError(`The secret ${path} cannot be read or made (${messageOf(cause)}): check the folder's permissions.`, {
      cause,
    });
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Encrypting under half a secret would be worse than not starting. */
function readGenerated(path: string): string {
  const secret = readFileSync(path, "utf8").trim();
  if (secret.length >= SECRET_MIN_LENGTH) return secret;
  throw new StartError(`The secret ${path} is empty or cut off: restore it from a backup.`);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
