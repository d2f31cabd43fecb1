import { isKey } from "./credential.ts";
import type { Credential } from "./credential.ts";
import type { TokenStorage } from "./token-storage.ts";

interface Stored {
  refreshToken: string;
  key?: string | undefined;
  abandoned?: boolean;
}

/** The refresh token goes in bodies and is kept in a storage, which is read anew each time: others may share it. */
export function createStoredCredential(newKey: () => string, storage: TokenStorage): Credential {
  const load = async (): Promise<Stored | null> => parse(await storage.load());
  const save = async (stored: Stored | null): Promise<void> => storage.save(stored && JSON.stringify(stored));

  return {
    async proof() {
      const stored = await load();
      return stored === null ? null : { body: { refreshToken: stored.refreshToken } };
    },
    async key() {
      const stored = await load();
      if (isKey(stored?.key)) return stored.key;
      const key = newKey();
      if (stored !== null) await save({ ...stored, key });
      return key;
    },
    async keep(answer, spent) {
      const stored = await load();
      if (spent !== undefined && stored?.refreshToken !== spent?.body?.refreshToken) return false;
      const refreshToken = answer?.refreshToken;
      // What was abandoned stays so when it has been renewed by then; a sign-in begins anew.
      const next = refreshToken === undefined ? null : { ...(spent && stored), refreshToken, key: undefined };
      if (next ?? stored) await save(next);
      return true;
    },
    async abandon() {
      const stored = await load();
      if (stored !== null) await save({ ...stored, abandoned: true });
    },
    async isAbandoned() {
      return (await load())?.abandoned === true;
    },
    hasChanged: () => false,
  };
}

function parse(text: string | null): Stored | null {
  try {
    const stored = JSON.parse(text ?? "null") as Partial<Stored> | null;
    return typeof stored?.refreshToken === "string" ? (stored as Stored) : null;
  } catch {
    return null;
  }
}
