/** What is in a database that an earlier version left behind, as the people and programs remember it whom it is about. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface Kept {
  readonly issuer: string;
  readonly secret: string;
  /** When all of it happened, in milliseconds since the epoch. */
  readonly now: number;
  readonly password: string;
  /** Signed in, and refreshed once since. */
  readonly ada: Remembered;
  /** Ada, where she has signed out. */
  readonly signedOut: Remembered;
  /** Disabled since. */
  readonly grace: Remembered;
  readonly guard: { readonly clientId: string; readonly clientSecret: string };
}

export interface Remembered {
  readonly email: string;
  /** Signed by a key that has retired since. */
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface KeptDatabase {
  /** The version, or the migration that was its last. */
  readonly name: string;
  readonly kept: Kept;
  /** Makes the database. */
  readonly sql: string;
}

export type Engine = "sqlite" | "postgres";

/** All that are kept beside this file, by `npm run keep-database`. */
export function keptDatabases(engine: Engine): KeptDatabase[] {
  return globSync(`*.${engine}.json`, { cwd: import.meta.dirname }).toSorted().map((file) => {
    const read = (ending: string): string => readFileSync(join(import.meta.dirname, file.replace(/json$/, ending)), "utf8");
    return { name: basename(file, `.${engine}.json`), kept: JSON.parse(read("json")) as Kept, sql: read("sql") };
  });
}
