import { readFileSync } from "node:fs";
import type { ClientCredentials } from "../clients/client.ts";
import { parseCredentials } from "../clients/development-client.ts";
import type { Settings } from "../config-schema.ts";
import { developmentGuardPath } from "../data-dir.ts";

/** What `ostiary start` has kept for development; null if there is nothing of the kind. */
export function developmentGuard(settings: Settings): ClientCredentials | null {
  if (settings.production) return null;
  try {
    return parseCredentials(readFileSync(developmentGuardPath(settings), "utf8"));
  } catch {
    return null;
  }
}
