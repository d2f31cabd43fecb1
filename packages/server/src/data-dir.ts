import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Settings } from "./config-schema.ts";
import { StartError } from "./errors.ts";
import type { Random } from "./random.ts";

const SECRET_BYTES = 32;
const SECRET_MIN_LENGTH = 32;

/** A secret good for OSTIARY_SECRET: 256 random bits in base64url. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

/** Where `ostiary start` keeps the credentials that it prints for a guard to begin with. */
export function developmentGuardPath({ dataDir }: Pick<Settings, "dataDir">): string {
  return join(dataDir, "development-guard.json");
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
  const kept = readOrKeep(path, random, () => newSecret(random));
  // Encrypting under half a secret would be worse than not starting.
  if (kept.length >= SECRET_MIN_LENGTH) return kept;
  throw new StartError(`The secret ${path} is empty or cut off: restore it from a backup.`);
}

/**
 * What a file that only its owner can read holds; if it is not there, it is made with what `make` gives.
 * Throws a StartError that names it.
 */
export function readOrKeep(path: string, random: Random, make: () => string): string {
  try {
    if (existsSync(path)) return readKept(path);
    ensureDataDir(dirname(path));
    // Written whole, then linked to its name: of two processes that start at once, the second reads the first's.
    // Flushed: after a power cut, keys that are in the database must not be without the secret they are sealed under.
    const draft = `${path}.${random.uuid()}`;
    writeFileSync(draft, `${make()}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(draft, path);
    } finally {
      rmSync(draft);
    }
    flushFolder(dirname(path));
    return readKept(path);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    if (codeOf(cause) === "EEXIST") return readKept(path);
    const name = basename(path).replaceAll("-", " ");
    throw new StartError(`The ${name} ${path} cannot be read or made (${messageOf(cause)}): check the folder's permissions.`, {
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

function readKept(path: string): string {
  return readFileSync(path, "utf8").trim();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
