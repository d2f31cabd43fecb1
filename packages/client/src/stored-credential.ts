import { isKey } from "./credential.ts";
import type { Credential } from "./credential.ts";

/**
 * Where an app that is no browser keeps its session: one text, which is a secret. A file only its owner can read, the
 * Keychain, the Keystore. In browsers use cookies instead: every script of a page can read its storage.
 */
export interface TokenStorage {
  load(): string | null | Promise<string | null>;
  /** Resolves when the text would outlive a crash. Null removes it. */
  save(text: string | null): void | Promise<void>;
}

/** Lasts as long as the process. */
export function memoryStorage(): TokenStorage {
  let kept: string | null = null;
  return {
    load: () => kept,
    save(text) {
      kept = text;
    },
  };
}

interface Stored {
  refreshToken: string;
  key?: string;
  abandoned?: boolean;
}

/** The refresh token goes in bodies and is kept in a storage, which is read anew each time: others may share it. */
export function createStoredCredential(newKey: () => string, storage: TokenStorage): Credential {
  const load = async (): Promise<Stored | null> => parse(await storage.load());
  const save = async (stored: Stored): Promise<void> => storage.save(JSON.stringify(stored));
  const forget = async (): Promise<void> => storage.save(null);

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
    async keep({ refreshToken }) {
      await (refreshToken === undefined ? forget() : save({ refreshToken }));
    },
    forget,
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
    const stored = JSON.parse(text ?? "null") as unknown;
    return isStored(stored) ? stored : null;
  } catch {
    return null;
  }
}

function isStored(value: unknown): value is Stored {
  return typeof value === "object" && value !== null && "refreshToken" in value && typeof value.refreshToken === "string";
}
