import { openBlocklist } from "./blocklist/blocklist.ts";
import { createPasswords } from "./password.ts";
import type { Passwords } from "./password.ts";

export interface PasswordSettings {
  readonly issuer: string;
  readonly passwordMinLength: number;
  readonly passwordPepper: readonly string[];
  readonly breachedPasswords?: string | undefined;
  readonly onError: (error: unknown) => void;
}

export interface OpenPasswords extends Passwords {
  close(): Promise<void>;
}

/** Passwords by the settings. Throws a StartError if the file of breached ones cannot be read. */
export async function openPasswords(settings: PasswordSettings): Promise<OpenPasswords> {
  const words = ["ostiary", new URL(settings.issuer).hostname];
  const blocklist = await openBlocklist({ words, breachedFile: settings.breachedPasswords });
  const passwords = createPasswords({
    minLength: settings.passwordMinLength,
    peppers: settings.passwordPepper,
    isCommon: (password, context) => blocklist.has(password, context),
    onError: settings.onError,
  });
  return { ...passwords, close: () => blocklist.close() };
}
