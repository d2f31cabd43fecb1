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
