import { readFile, rename, rm, writeFile } from "node:fs/promises";
import type { TokenStorage } from "@ostiary/client";

/** Keeps a session in a file that only its owner can read; replaced in one step, so that a crash leaves an old or a new one. */
export function fileStorage(path: string): TokenStorage {
  return {
    async load() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      }
    },
    async save(text) {
      if (text === null) return rm(path, { force: true });
      await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    },
  };
}
