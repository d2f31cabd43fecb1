/** The last good keys of an issuer on disk, so that an API that is restarted while its issuer is down goes on working. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface SavedKeys {
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
  /** The JWK Set as it was published: public keys only. */
  readonly document: unknown;
}

export interface KeyFile {
  /** Undefined when there is none, or none that can be read. */
  read(): Promise<SavedKeys | undefined>;
  /** Never rejects: an API does not fail because its disk is full. */
  write(keys: SavedKeys): Promise<void>;
}

/** Keys that have not changed are saved again after this long, for the sake of their time; in milliseconds. */
const REWRITE_AFTER = 10 * 60_000;

const MAX_LENGTH = 1024 * 1024;

/**
 * The folder holds one file per issuer. Whoever can write there can choose whom this API believes: it is made for this
 * user alone, and should stay so.
 */
export function openKeyFile(folder: string, issuer: string, onWarning: (message: string) => void): KeyFile {
  const path = join(folder, `${createHash("sha256").update(issuer).digest("hex").slice(0, 32)}.json`);
  let written = { fetchedAt: -Infinity, text: "" };
  let warned = false;

  return {
    async read() {
      const text = await readFile(path, "utf8").catch(() => "");
      if (text.length > MAX_LENGTH) return undefined;
      return parse(text, issuer);
    },

    async write({ fetchedAt, document }) {
      const text = JSON.stringify(document);
      if (text === written.text && Math.abs(fetchedAt - written.fetchedAt) < REWRITE_AFTER) return;
      const draft = `${path}.${randomUUID()}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(draft, JSON.stringify({ issuer, fetchedAt, document }), { mode: 0o600 });
        // Whole or not at all, also when several processes write at once.
        await rename(draft, path);
        written = { fetchedAt, text };
        warned = false;
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        if (!warned) onWarning(`The keys of ${issuer} cannot be saved in ${folder}: ${String(error)}`);
        warned = true;
      }
    },
  };
}

function parse(text: string, issuer: string): SavedKeys | undefined {
  try {
    const { issuer: owner, fetchedAt, document } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (owner !== issuer || typeof fetchedAt !== "number" || typeof document !== "object") return undefined;
    return { fetchedAt, document };
  } catch {
    return undefined;
  }
}
