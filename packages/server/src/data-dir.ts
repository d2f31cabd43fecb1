import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Settings } from "./config-schema.ts";
import { messageOf, StartError } from "./errors.ts";
import type { Secrets } from "./keys/key-safe.ts";
import { randomText } from "./random.ts";
import type { Random } from "./random.ts";

const SECRET_BYTES = 32;
const SECRET_MIN_LENGTH = 32;
const SECRET_FILE = "secret";
const PREVIOUS_SECRET_FILE = "secret.previous";

export type SecretSettings = Pick<Settings, "secret" | "previousSecret" | "dataDir" | "random">;

/** A secret of so many random bytes in base64url; the default is good for OSTIARY_SECRET. */
export function newSecret(random: Random, bytes: number = SECRET_BYTES): string {
  return randomText(random, bytes);
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

/** The configured secrets, else those in the data folder, where one is made if there is none. */
export function readSecrets(settings: SecretSettings): Secrets {
  const { secret, previousSecret, dataDir } = settings;
  const previous = previousSecret === undefined ? [] : [previousSecret];
  if (secret !== undefined) return { current: secret, previous };
  // The one before stays beside the new one until everything has been encrypted anew.
  const before = join(dataDir, PREVIOUS_SECRET_FILE);
  if (existsSync(before)) previous.push(refuseTorn(before, readKept(before)));
  return { current: readSecret(settings), previous };
}

/**
 * Puts a new secret into the data folder, in place of the present one, which is kept beside it. Whenever this is cut off,
 * the secret that is in use is one of the two.
 */
export function replaceSecret({ dataDir, random }: SecretSettings): void {
  const path = join(dataDir, SECRET_FILE);
  const before = join(dataDir, PREVIOUS_SECRET_FILE);
  rmSync(before, { force: true });
  linkSync(path, before);
  flushFolder(dataDir);
  const draft = `${path}.${random.uuid()}`;
  writeFileSync(draft, `${newSecret(random)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, path);
  flushFolder(dataDir);
}

/** Forgets the secret before the present one. */
export function dropPreviousSecret({ dataDir }: SecretSettings): void {
  rmSync(join(dataDir, PREVIOUS_SECRET_FILE), { force: true });
}

/** The secret in the data folder, which is made if it is not there. */
function readSecret({ dataDir, random }: SecretSettings): string {
  const path = join(dataDir, SECRET_FILE);
  return refuseTorn(path, readOrKeep(path, random, () => newSecret(random)));
}

/** Encrypting under half a secret would be worse than not starting. */
function refuseTorn(path: string, secret: string): string {
  if (secret.length >= SECRET_MIN_LENGTH) return secret;
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
